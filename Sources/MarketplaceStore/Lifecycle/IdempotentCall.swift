import Documents
import Foundation
import GRDB

/// A call that its sender may repeat: by its key it is known again.
public struct IdempotentCall: Sendable, Hashable {
    /// The sender's key, unique within the tenant.
    public let key: String
    /// What identifies the request: a hash over its method, path and body.
    public let fingerprint: String

    /// A call of `key`.
    public init(key: String, fingerprint: String) {
        self.key = key
        self.fingerprint = fingerprint
    }
}

/// An answer as it was given.
public struct StoredResponse: Sendable, Hashable {
    /// The HTTP status.
    public let status: Int
    /// Header fields by name.
    public let headers: [String: String]
    /// The body, byte for byte.
    public let body: [UInt8]
    /// Whether it was given before, to the same call.
    public let isRepeated: Bool

    /// An answer.
    public init(status: Int, headers: [String: String] = [:], body: [UInt8], isRepeated: Bool = false) {
        self.status = status
        self.headers = headers
        self.body = body
        self.isRepeated = isRepeated
    }
}

extension MarketplaceTransaction {
    func answer(to call: IdempotentCall) throws -> StoredResponse? {
        let row = try Row.fetchOne(
            db, sql: "SELECT fingerprint, status, headers, body FROM answeredCall WHERE tenant = ? AND key = ?",
            arguments: [caller.tenant, call.key])
        guard let row else { return nil }
        guard row[0] == call.fingerprint else { throw StoreError.reusedKey(call.key) }
        let headers = try JSONValue(parsing: (row[2] as String).utf8, document: "answeredCall")
        guard case .object(let members) = headers else {
            throw StoreError.corrupt(path: path, detail: "the answer to the call '\(call.key)'")
        }
        return StoredResponse(
            status: row[1],
            headers: members.compactMapValues { if case .string(let text) = $0 { text } else { nil } },
            body: Array(row[3] as Data), isRepeated: true)
    }

    func keep(_ response: StoredResponse, for call: IdempotentCall) throws {
        try db.execute(
            sql:
                "INSERT INTO answeredCall (tenant, key, fingerprint, status, headers, body, time) VALUES (?, ?, ?, ?, ?, ?, ?)",
            arguments: [
                caller.tenant, call.key, call.fingerprint, response.status,
                JSONValue.object(response.headers.mapValues { .string($0) }).text(), Data(response.body), time
            ])
    }
}
