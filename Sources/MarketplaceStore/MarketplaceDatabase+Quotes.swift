import GRDB

extension MarketplaceDatabase {
    /// Keeps a quote of the machine's own, made at its creation.
    ///
    /// - Throws: as ``MarketplaceTransaction/open(_:)``.
    public func save(_ quote: StoredQuote) throws(StoreError) {
        try transact(by: .machine, at: quote.createdAt) { try $0.open(quote) }
    }

    /// The quote of that ID, whosever it is; nil when there is none. O(log n).
    public func quote(id: String) throws(StoreError) -> StoredQuote? {
        try read { try StoredQuote.fetch($0, id, path) }
    }

    /// The newest quotes of a tenant (nil for all), of one of its users (nil for all), newest first, `limit` at most.
    ///
    /// - Parameter last: the last quote of the page before, to go on behind it.
    public func quotes(
        of user: String? = nil, tenant: String? = nil, after last: (createdAt: Int, id: String)? = nil, limit: Int = 100
    ) throws(StoreError) -> [StoredQuote] {
        try read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT \(StoredQuote.columns) FROM quote
                    WHERE (?1 IS NULL OR user = ?1) AND (?2 IS NULL OR tenant = ?2)
                        AND (?3 IS NULL OR createdAt < ?3 OR (createdAt = ?3 AND id > ?4))
                    ORDER BY createdAt DESC, id LIMIT ?5
                    """, arguments: [user, tenant, last?.createdAt, last?.id, max(0, limit)]
            ).map { try StoredQuote($0, path) }
        }
    }

    /// When a quote came into which status, and by whom, in order.
    public func steps(of id: String) throws(StoreError) -> [QuoteStep] {
        try read { db in
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
                try transact(by: Caller(tenant: quote.tenant, actor: "clock"), at: now) {
                    try $0.advance(quote.id, to: .expired)
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
}
