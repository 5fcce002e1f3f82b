import Documents
import GRDB

extension MarketplaceTransaction {
    /// Keeps what a provider tells of its costs, in place of what it told before. The audit log notes that it did, not
    /// what it told.
    /// - Throws: ``StoreError/unknownReference(detail:)`` when there is no such provider.
    public func setCosts(_ document: String, of provider: String) throws(StoreError) {
        try named { () throws in
            try db.execute(
                sql: """
                    INSERT INTO providerCosts (provider, document, time) VALUES (?, ?, ?)
                    ON CONFLICT (provider) DO UPDATE SET document = excluded.document, time = excluded.time
                    """, arguments: [provider, document, time])
            try record("costs.stated", of: provider)
        }
    }

    /// When `action` was done to `subject` after `start`, by the audit log, whoever did it; seconds since 1970.
    public func times(of action: String, to subject: String, after start: Int) throws(StoreError) -> [Int] {
        try named { () throws in
            try Int.fetchAll(
                db, sql: "SELECT time FROM audit WHERE subject = ? AND action = ? AND time > ?",
                arguments: [subject, action, start])
        }
    }
}

extension MarketplaceDatabase {
    /// What a provider told of its costs last; nil when it told nothing.
    public func costs(of provider: String) throws(StoreError) -> String? {
        try read {
            try String.fetchOne(
                $0, sql: "SELECT document FROM providerCosts WHERE provider = ?", arguments: [provider])
        }
    }

    /// Gives the newest `limit` quotes made before `time` to `body`, newest first, one at a time.
    public func forEachQuote(before time: Int, limit: Int, _ body: (StoredQuote) -> Void) throws(StoreError) {
        try read { db in
            let rows = try Row.fetchCursor(
                db,
                sql: "SELECT \(StoredQuote.columns) FROM quote WHERE createdAt < ? ORDER BY createdAt DESC, id LIMIT ?",
                arguments: [time, max(0, limit)])
            while let row = try rows.next() { body(try StoredQuote(row, path)) }
        }
    }
}
