import GRDB

extension MarketplaceDatabase {
    /// Keeps a quote of the machine's own, made at its creation.
    ///
    /// - Throws: as ``MarketplaceTransaction/open(_:)``.
    public func save(_ quote: StoredQuote) throws(StoreError) {
        try named { try transact(by: .machine, at: quote.createdAt) { try $0.open(quote) } }
    }

    private func named<Value>(_ body: () throws -> Value) throws(StoreError) -> Value {
        do { return try body() } catch { throw StoreError(error, path: path) }
    }

    /// The quote of that ID, whosever it is; nil when there is none. O(log n).
    public func quote(id: String) throws(StoreError) -> StoredQuote? {
        try read { try StoredQuote.fetch($0, id, path) }
    }

    /// The newest quotes of a tenant (nil for all), of one of its users (nil for all), newest first, `limit` at most.
    ///
    /// - Parameters:
    ///   - state: those alone that stand so at `now`.
    ///   - last: the last quote of the page before, to go on behind it.
    public func quotes(
        of user: String? = nil, tenant: String? = nil, state: QuoteStatus? = nil, now: Int = 0,
        after last: (createdAt: Int, id: String)? = nil, limit: Int = 100
    ) throws(StoreError) -> [StoredQuote] {
        try read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT \(StoredQuote.columns) FROM quote
                    WHERE (?1 IS NULL OR user = ?1) AND (?2 IS NULL OR tenant = ?2)
                        AND (?3 IS NULL OR createdAt < ?3 OR (createdAt = ?3 AND id > ?4))
                        AND (?6 IS NULL OR ?6 = CASE WHEN status = 'open' AND expiresAt <= ?7 THEN 'expired' ELSE status END)
                    ORDER BY createdAt DESC, id LIMIT ?5
                    """,
                arguments: [user, tenant, last?.createdAt, last?.id, max(0, limit), state?.rawValue, now]
            ).map { try StoredQuote($0, path) }
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

    /// When a quote came into which status, and by whom, in order.
    public func steps(of id: String) throws(StoreError) -> [QuoteStep] {
        try read { try QuoteStep.fetch($0, id, path) }
    }

    /// Marks the open quotes whose time has come; returns how many. Nothing depends on it: expiry is judged wherever a
    /// quote is read or accepted.
    @discardableResult
    public func expireQuotes(now: Int) throws(StoreError) -> Int {
        let late = try read { db in
            try Row.fetchAll(
                db, sql: "SELECT id, tenant FROM quote WHERE status = 'open' AND expiresAt <= ? ORDER BY expiresAt, id",
                arguments: [now]
            ).map { (id: $0[0] as String, tenant: $0[1] as String) }
        }
        for quote in late {
            do throws(StoreError) {
                _ = try named {
                    try transact(by: Caller(tenant: quote.tenant, actor: "clock"), at: now) {
                        try $0.advance(quote.id, to: .expired)
                    }
                }
            } catch .illegalTransition {
                // Somebody was faster.
            }
        }
        return late.count
    }
}

/// When a quote came into a status.
public struct QuoteStep: Sendable, Hashable {
    /// The status.
    public let status: QuoteStatus
    /// Seconds since 1970.
    public let time: Int
    /// Who did it.
    public let actor: String

    static func fetch(_ db: Database, _ id: String, _ path: String) throws -> [QuoteStep] {
        try Row.fetchAll(
            db, sql: "SELECT status, time, actor FROM quoteStep WHERE quote = ? ORDER BY number", arguments: [id]
        ).map { row in
            guard let status = QuoteStatus(rawValue: row[0]) else {
                throw StoreError.corrupt(path: path, detail: "a step of quote \(id)")
            }
            return QuoteStep(status: status, time: row[1], actor: row[2])
        }
    }
}
