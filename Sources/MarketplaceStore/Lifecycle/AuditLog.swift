import Crypto
import Documents
import Foundation
import GRDB
import Marketplace

/// One line of the audit log: who did what to which thing, and the hash that chains it to all lines before.
public struct AuditEntry: Sendable, Hashable {
    /// From 1, without gaps.
    public let number: Int
    /// Seconds since 1970.
    public let time: Int
    /// Whose it is.
    public let tenant: String
    /// Who acted.
    public let actor: String
    /// What was done, e.g. `quote.accepted`.
    public let action: String
    /// To what: an ID.
    public let subject: String
    /// What else is worth knowing, as JSON text.
    public let detail: String
    /// The hash of the line before; empty for the first.
    public let previous: String
    /// SHA-256 of all the above, in hexadecimal.
    public let hash: String

    /// What the hash of these parts is.
    var computedHash: String {
        let parts: JSONValue = [
            "number": JSONValue(number), "time": JSONValue(time), "tenant": .string(tenant), "actor": .string(actor),
            "action": .string(action), "subject": .string(subject), "detail": .string(detail),
            "previous": .string(previous)
        ]
        return SHA256.hash(data: Data(parts.text().utf8))
            .map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }
}

/// The end of the audit log: whoever keeps it elsewhere notices when later lines are cut off or written anew.
public struct AuditTip: Sendable, Hashable {
    /// How many lines there are.
    public let count: Int
    /// The last line's hash; empty when there is none.
    public let hash: String

    /// The end of a log of `count` lines.
    public init(count: Int, hash: String) {
        self.count = count
        self.hash = hash
    }
}

extension MarketplaceTransaction {
    /// Adds a line to the audit log.
    public func record(_ action: String, of subject: String, _ detail: JSONValue = [:]) throws(StoreError) {
        do {
            let last = try Row.fetchOne(db, sql: "SELECT number, hash FROM audit ORDER BY number DESC LIMIT 1")
            func entry(_ hash: String) -> AuditEntry {
                AuditEntry(
                    number: (last?[0] ?? 0) + 1, time: time, tenant: caller.tenant, actor: caller.actor, action: action,
                    subject: subject, detail: detail.text(), previous: last?[1] ?? "", hash: hash)
            }
            let new = entry("")
            try db.execute(
                sql: "INSERT INTO audit (number, time, tenant, actor, action, subject, detail, previous, hash) "
                    + "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                arguments: [
                    new.number, time, new.tenant, new.actor, action, subject, new.detail, new.previous, new.computedHash
                ])
        } catch {
            throw StoreError(error, path: path)
        }
    }
}

extension MarketplaceDatabase {
    /// Gives every line of the audit log to `body`, in order; those of one tenant when it is named.
    public func forEachAuditEntry(of tenant: String? = nil, _ body: (AuditEntry) throws -> Void) throws(StoreError) {
        try read { db in
            let rows = try Row.fetchCursor(
                db,
                sql: """
                    SELECT number, time, tenant, actor, action, subject, detail, previous, hash FROM audit
                    WHERE ?1 IS NULL OR tenant = ?1 ORDER BY number
                    """, arguments: [tenant])
            while let row = try rows.next() {
                try body(
                    AuditEntry(
                        number: row[0], time: row[1], tenant: row[2], actor: row[3], action: row[4], subject: row[5],
                        detail: row[6], previous: row[7], hash: row[8]))
            }
        }
    }

    /// Goes through the whole log and gives its end.
    ///
    /// - Parameter known: an end that was seen before, which must still be in the chain.
    /// - Throws: ``StoreError/brokenAudit(number:detail:)`` at the first line that is not what was written.
    public func verifyAudit(containing known: AuditTip? = nil) throws(StoreError) -> AuditTip {
        var tip = AuditTip(count: 0, hash: "")
        var isFound = known.map { $0.count == 0 } ?? true
        try forEachAuditEntry { entry in
            guard entry.number == tip.count + 1 else {
                throw StoreError.brokenAudit(number: tip.count + 1, detail: "the line is missing")
            }
            guard entry.previous == tip.hash else {
                throw StoreError.brokenAudit(number: entry.number, detail: "it does not follow the line before")
            }
            guard entry.hash == entry.computedHash else {
                throw StoreError.brokenAudit(number: entry.number, detail: "its content is not what was written")
            }
            tip = AuditTip(count: entry.number, hash: entry.hash)
            if tip == known { isFound = true }
        }
        if let known, !isFound {
            throw .brokenAudit(number: known.count, detail: "the line with the hash \(known.hash) is no longer there")
        }
        return tip
    }
}
