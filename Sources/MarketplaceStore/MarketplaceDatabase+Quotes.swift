import GRDB

extension MarketplaceDatabase {
    private static let columns = "id, user, createdAt, expiresAt, status, inputHash, document"

    /// Keeps a quote. Keeping the same quote again changes nothing, even when its status has moved on since.
    ///
    /// - Throws: ``StoreError/quoteExists(id:)`` when another quote has its ID.
    public func save(_ quote: StoredQuote) throws(StoreError) {
        try write { db in
            if let known = try fetch(db, quote.id) {
                let same =
                    known.user == quote.user && known.createdAt == quote.createdAt
                    && known.expiresAt == quote.expiresAt && known.inputHash == quote.inputHash
                    && known.document == quote.document
                guard same else { throw StoreError.quoteExists(id: quote.id) }
                return
            }
            try db.execute(
                sql: "INSERT INTO quote (\(Self.columns)) VALUES (?, ?, ?, ?, ?, ?, ?)",
                arguments: [
                    quote.id, quote.user, quote.createdAt, quote.expiresAt, quote.status.rawValue, quote.inputHash,
                    quote.document
                ])
        }
    }

    /// The quote of that ID; nil when there is none. O(log n).
    public func quote(id: String) throws(StoreError) -> StoredQuote? {
        try read { try fetch($0, id) }
    }

    /// The newest quotes of `user` (nil for everybody's), newest first, `limit` at most.
    public func quotes(of user: String? = nil, limit: Int = 100) throws(StoreError) -> [StoredQuote] {
        try read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT \(Self.columns) FROM quote WHERE ?1 IS NULL OR user = ?1
                    ORDER BY createdAt DESC, id LIMIT ?2
                    """, arguments: [user, max(0, limit)]
            ).map(decoded)
        }
    }

    /// Moves a quote on, in one transaction: of several callers that accept it at once, exactly one succeeds.
    ///
    /// Expiry is judged here, by `now`: an open quote whose time has come can only expire.
    ///
    /// - Throws: ``StoreError/unknownQuote(id:)``, ``StoreError/quoteExpired(id:at:)``,
    ///   ``StoreError/illegalTransition(id:from:to:)``.
    @discardableResult
    public func moveQuote(_ id: String, to status: QuoteStatus, now: Int) throws(StoreError) -> StoredQuote {
        try write { db in
            guard let quote = try fetch(db, id) else { throw StoreError.unknownQuote(id: id) }
            guard quote.status.successors.contains(status) else {
                throw StoreError.illegalTransition(id: id, from: quote.status, to: status)
            }
            if status == .accepted, now >= quote.expiresAt {
                throw StoreError.quoteExpired(id: id, at: quote.expiresAt)
            }
            try db.execute(
                sql: "UPDATE quote SET status = ? WHERE id = ?", arguments: [status.rawValue, id])
            return StoredQuote(
                id: id, user: quote.user, createdAt: quote.createdAt, expiresAt: quote.expiresAt, status: status,
                inputHash: quote.inputHash, document: quote.document)
        }
    }

    /// Marks the open quotes whose time has come; returns how many.
    @discardableResult
    public func expireQuotes(now: Int) throws(StoreError) -> Int {
        try write { db in
            try db.execute(
                sql: "UPDATE quote SET status = 'expired' WHERE status = 'open' AND expiresAt <= ?", arguments: [now])
            return db.changesCount
        }
    }

    private func fetch(_ db: Database, _ id: String) throws -> StoredQuote? {
        try Row.fetchOne(db, sql: "SELECT \(Self.columns) FROM quote WHERE id = ?", arguments: [id]).map(decoded)
    }

    private func decoded(_ row: Row) throws -> StoredQuote {
        guard let status = QuoteStatus(rawValue: row[4]) else {
            throw StoreError.corrupt(path: path, detail: "the status of quote \(row[0] as String)")
        }
        return StoredQuote(
            id: row[0], user: row[1], createdAt: row[2], expiresAt: row[3], status: status, inputHash: row[5],
            document: row[6])
    }
}
