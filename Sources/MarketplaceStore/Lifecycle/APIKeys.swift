import Crypto
import Documents
import Foundation
import GRDB

/// What the holder of an API key may do, and for whom. The key itself is not kept, only its hash.
public struct APIKey: Sendable, Hashable, Identifiable {
    /// What names the key in lists and in the audit log; not secret.
    public let id: String
    /// Whose records it opens.
    public let tenant: String
    /// What its owner calls it.
    public let name: String
    /// What it may do.
    public let scopes: Set<String>
    /// Seconds since 1970.
    public let createdAt: Int
    /// From this second on it opens nothing; nil for never.
    public let expiresAt: Int?
    /// When it was revoked; nil while it was not.
    public let revokedAt: Int?
    /// The provider that its holder speaks for; nil for none.
    public let provider: String?

    /// Whether it opens anything at `now`.
    public func isValid(at now: Int) -> Bool { revokedAt == nil && expiresAt.map { now < $0 } ?? true }
}

extension MarketplaceTransaction {
    /// Makes a key for `tenant`; the text that is returned is shown once and kept nowhere.
    ///
    /// - Parameters:
    ///   - provider: the provider that its holder speaks for; nil for none.
    ///   - generator: where the secret comes from; the system's, which is fit for cryptography, unless given.
    /// - Throws: ``StoreError/unknownReference(detail:)`` when there is no such provider.
    public func createKey(
        for tenant: String, name: String, scopes: Set<String>, provider: String? = nil, expiresAt: Int? = nil,
        using generator: inout some RandomNumberGenerator
    ) throws(StoreError) -> (key: APIKey, text: String) {
        let id = (0..<2).map { _ in String(UInt32.random(in: 0 ... .max, using: &generator), radix: 36) }.joined()
        let secret = (0..<4).map { _ in
            let word = String(generator.next() as UInt64, radix: 16)
            return String(repeating: "0", count: 16 - word.count) + word
        }.joined()
        let key = APIKey(
            id: id, tenant: tenant, name: name, scopes: scopes, createdAt: time, expiresAt: expiresAt, revokedAt: nil,
            provider: provider)
        try named { () throws in
            try db.execute(
                sql:
                    "INSERT INTO apiKey (id, hash, tenant, name, scopes, createdAt, expiresAt, provider) "
                    + "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                arguments: [
                    id, APIKey.hash(secret), tenant, name, scopes.sorted().joined(separator: " "), time, expiresAt,
                    provider
                ])
            try record(
                "key.created", of: id,
                JSONValue(members: [
                    ("tenant", .string(tenant)), ("name", .string(name)), ("provider", provider.map { .string($0) })
                ]))
        }
        return (key, "fbk_\(id)_\(secret)")
    }

    /// Revokes a key for good. Revoking it again changes nothing.
    /// - Throws: ``StoreError/unknownKey(id:)``.
    public func revokeKey(_ id: String) throws(StoreError) {
        try named { () throws in
            guard let revoked = try Row.fetchOne(db, sql: "SELECT revokedAt FROM apiKey WHERE id = ?", arguments: [id])
            else { throw StoreError.unknownKey(id: id) }
            guard (revoked[0] as Int?) == nil else { return }
            try db.execute(sql: "UPDATE apiKey SET revokedAt = ? WHERE id = ?", arguments: [time, id])
            try record("key.revoked", of: id)
        }
    }
}

extension MarketplaceDatabase {
    /// The key whose text is `text`, if there is one, valid or not. O(log n), in a time that does not depend on how much
    /// of the secret is right.
    public func key(_ text: String) throws(StoreError) -> APIKey? {
        let parts = text.split(separator: "_", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == "fbk" else { return nil }
        let row = try read { db in
            let statement = try db.cachedStatement(
                sql: "SELECT \(APIKey.columns), hash FROM apiKey WHERE id = ?")
            return try Row.fetchOne(statement, arguments: [String(parts[1])])
        }
        guard let row else { return nil }
        let (known, given) = (Array((row["hash"] as String).utf8), Array(APIKey.hash(String(parts[2])).utf8))
        guard known.count == given.count, zip(known, given).reduce(0, { $0 | ($1.0 ^ $1.1) }) == 0 else { return nil }
        return APIKey(row)
    }

    /// All keys, the newest first.
    public func keys() throws(StoreError) -> [APIKey] {
        try read { db in
            try Row.fetchAll(db, sql: "SELECT \(APIKey.columns) FROM apiKey ORDER BY createdAt DESC, id").map(
                APIKey.init)
        }
    }
}

extension APIKey {
    static let columns = "id, tenant, name, scopes, createdAt, expiresAt, revokedAt, provider"

    /// A secret of 256 random bits needs no slow hash: nobody can try them all.
    static func hash(_ secret: String) -> String {
        SHA256.hash(data: Data(secret.utf8)).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }

    init(_ row: Row) {
        self.init(
            id: row[0], tenant: row[1], name: row[2],
            scopes: Set((row[3] as String).split(separator: " ").map(String.init)),
            createdAt: row[4], expiresAt: row[5], revokedAt: row[6], provider: row[7])
    }
}
