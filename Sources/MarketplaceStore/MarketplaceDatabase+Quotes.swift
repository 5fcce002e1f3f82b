import GRDB

extension MarketplaceDatabase {
    private static let columns = "id, user, createdAt, expiresAt, status, inputHash, document, firstProvider"

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
                sql: "INSERT INTO quote (\(Self.columns)) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                arguments: [
                    quote.id, quote.user, quote.createdAt, quote.expiresAt, quote.status.rawValue, quote.inputHash,
                    quote.document, quote.firstProvider
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

    /// The provider that stood first in the newest ranking of each user, among the `limit` newest quotes made before
    /// `time`; newest first. A user counts once, however often it asks. O(limit).
    ///
    /// Quotes of the past do not change, so that neither does the answer for a time that is past.
    public func firstPlaces(before time: Int, limit: Int = 1000) throws(StoreError) -> [String] {
        try read { db in
            let rows = try Row.fetchCursor(
                db,
                sql: """
                    SELECT user, firstProvider FROM quote WHERE createdAt < ? AND firstProvider IS NOT NULL
                    ORDER BY createdAt DESC, id LIMIT ?
                    """, arguments: [time, max(0, limit)])
            var (seen, places): (Set<String>, [String]) = ([], [])
            while let row = try rows.next() { if seen.insert(row[0]).inserted { places.append(row[1]) } }
            return places
        }
    }

    /// Gives the document of each user's newest quote made before `time` to `body`, by user; one at a time.
    public func forEachLatestQuote(
        before time: Int, _ body: (_ user: String, _ document: String) -> Void
    ) throws(StoreError) {
        try read { db in
            let rows = try Row.fetchCursor(
                db, sql: "SELECT user, document FROM quote WHERE createdAt < ? ORDER BY user, createdAt DESC, id",
                arguments: [time])
            var last: String?
            while let row = try rows.next() {
                let user: String = row[0]
                if user != last { body(user, row[1]) }
                last = user
            }
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
            document: row[6], firstProvider: row[7])
    }
}
