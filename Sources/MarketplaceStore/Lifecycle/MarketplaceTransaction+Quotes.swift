import GRDB
import Money

extension MarketplaceTransaction {
    /// Keeps a new quote of the caller's tenant. Keeping the same quote again changes nothing, even when its status has
    /// moved on since.
    ///
    /// A quote that revises another is its next version; the other, if still open, is cancelled with it.
    ///
    /// - Throws: ``StoreError/quoteExists(id:)`` when another quote has its ID; ``StoreError/unknownQuote(id:)`` and
    ///   ``StoreError/revised(id:)`` for what cannot be revised.
    public func open(_ quote: StoredQuote) throws(StoreError) {
        try named { () throws in
            if let known = try StoredQuote.fetch(db, quote.id, path) {
                guard known.isSame(as: quote), known.tenant == caller.tenant else {
                    throw StoreError.quoteExists(id: quote.id)
                }
                return
            }
            var version = 1
            if let id = quote.revisionOf {
                let old = try self.quote(id)
                guard try String.fetchOne(db, sql: "SELECT id FROM quote WHERE revisionOf = ?", arguments: [id]) == nil
                else { throw StoreError.revised(id: id) }
                version = old.version + 1
                switch old.status(at: time) {
                case .open: try move(old, to: .cancelled)
                case .declined, .cancelled, .expired: break
                case let status: throw StoreError.illegalTransition(id: id, from: status, to: .cancelled)
                }
            }
            try db.execute(
                sql: "INSERT INTO quote (\(StoredQuote.columns)) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                arguments: [
                    quote.id, quote.user, quote.createdAt, quote.expiresAt, quote.status.rawValue, quote.inputHash,
                    quote.document, caller.tenant, version, quote.revisionOf, quote.firstProvider
                ])
            try step(quote.id, quote.status, number: 1)
            try record("quote." + quote.status.rawValue, of: quote.id)
        }
    }

    /// The caller's quote of that ID.
    /// - Throws: ``StoreError/unknownQuote(id:)`` when there is none, or it is another tenant's.
    public func quote(_ id: String) throws(StoreError) -> StoredQuote {
        try named { () throws in
            guard let quote = try StoredQuote.fetch(db, id, path), quote.tenant == caller.tenant else {
                throw StoreError.unknownQuote(id: id)
            }
            return quote
        }
    }

    /// When a quote came into which status, and by whom, in order.
    public func steps(of id: String) throws(StoreError) -> [QuoteStep] {
        try named { () throws in try QuoteStep.fetch(db, id, path) }
    }

    /// Accepts the caller's quote: it becomes an SLA, and holds `commitment` from now on.
    ///
    /// Of several callers that accept at once exactly one succeeds; of several quotes for the last capacity, too.
    ///
    /// - Throws: ``StoreError/unknownQuote(id:)``, ``StoreError/quoteExpired(id:at:)`` by ``time``,
    ///   ``StoreError/illegalTransition(id:from:to:)``, ``StoreError/noCapacity(offer:free:needed:)``,
    ///   ``StoreError/withdrawn(offer:)``, ``StoreError/noCredit(provider:free:needed:)``.
    @discardableResult
    public func accept(_ id: String, holding commitment: Commitment) throws(StoreError) -> StoredQuote {
        let quote = try quote(id)
        // Whether or not anybody wrote it down.
        if quote.status(at: time) == .expired {
            throw .quoteExpired(id: id, at: quote.expiresAt)
        }
        let accepted = try move(quote, to: .accepted)
        try hold(commitment, for: quote)
        return accepted
    }

    /// Moves the caller's quote on. What a quote that has ended holds is free again.
    ///
    /// - Throws: ``StoreError/unknownQuote(id:)``, ``StoreError/illegalTransition(id:from:to:)``; accepting is
    ///   ``accept(_:holding:)``'s.
    @discardableResult
    public func advance(_ id: String, to status: QuoteStatus) throws(StoreError) -> StoredQuote {
        let quote = try quote(id)
        guard status != .accepted else { throw .illegalTransition(id: id, from: quote.status, to: status) }
        let moved = try move(quote, to: status)
        if [.terminated, .breached, .completed].contains(status) { try release(id) }
        return moved
    }

    /// Writes one step of a quote that is the caller's.
    @discardableResult
    private func move(_ quote: StoredQuote, to status: QuoteStatus) throws(StoreError) -> StoredQuote {
        let now = quote.status(at: time)
        let isLate = quote.status == .open && status == .expired && now == .expired
        guard isLate || now.successors.contains(status) else {
            throw .illegalTransition(id: quote.id, from: now, to: status)
        }
        return try named { () throws in
            try db.execute(
                sql: "UPDATE quote SET status = ? WHERE id = ?", arguments: [status.rawValue, quote.id])
            let steps = try Int.fetchOne(
                db, sql: "SELECT MAX(number) FROM quoteStep WHERE quote = ?", arguments: [quote.id])
            try step(quote.id, status, number: (steps ?? 0) + 1)
            try record("quote." + status.rawValue, of: quote.id)
            return quote.with(status)
        }
    }

    private func step(_ id: String, _ status: QuoteStatus, number: Int) throws {
        try db.execute(
            sql: "INSERT INTO quoteStep (quote, number, status, time, actor) VALUES (?, ?, ?, ?, ?)",
            arguments: [id, number, status.rawValue, time, caller.actor])
    }

    /// Gives what SQLite reports our name.
    func named<Value>(_ body: () throws -> Value) throws(StoreError) -> Value {
        do { return try body() } catch { throw StoreError(error, path: path) }
    }
}

extension StoredQuote {
    /// The quote with another status.
    func with(_ status: QuoteStatus) -> StoredQuote {
        StoredQuote(
            id: id, user: user, createdAt: createdAt, expiresAt: expiresAt, status: status, inputHash: inputHash,
            document: document, tenant: tenant, version: version, revisionOf: revisionOf, firstProvider: firstProvider)
    }

    /// Whether both are one quote, whatever became of it.
    func isSame(as other: StoredQuote) -> Bool {
        user == other.user && createdAt == other.createdAt && expiresAt == other.expiresAt
            && inputHash == other.inputHash && document == other.document && revisionOf == other.revisionOf
    }

    static let columns =
        "id, user, createdAt, expiresAt, status, inputHash, document, tenant, version, revisionOf, firstProvider"

    static func fetch(_ db: Database, _ id: String, _ path: String) throws -> StoredQuote? {
        try Row.fetchOne(db, sql: "SELECT \(columns) FROM quote WHERE id = ?", arguments: [id])
            .map { try StoredQuote($0, path) }
    }

    init(_ row: Row, _ path: String) throws {
        guard let status = QuoteStatus(rawValue: row[4]) else {
            throw StoreError.corrupt(path: path, detail: "the status of quote \(row[0] as String)")
        }
        self.init(
            id: row[0], user: row[1], createdAt: row[2], expiresAt: row[3], status: status, inputHash: row[5],
            document: row[6], tenant: row[7], version: row[8], revisionOf: row[9],
            firstProvider: row[10])
    }
}
