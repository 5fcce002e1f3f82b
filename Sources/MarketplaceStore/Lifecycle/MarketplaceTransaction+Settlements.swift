import Documents
import GRDB
import Money

/// What was reported of one leg of an SLA for one settlement period.
public struct SettlementReport: Sendable, Hashable {
    /// The leg's offer.
    public let offer: String
    /// The first day.
    public let start: CalendarDay
    /// The day after the last one.
    public let end: CalendarDay
    /// Usage and QoS, as JSON text.
    public let document: String

    /// A report of given parts.
    public init(offer: String, start: CalendarDay, end: CalendarDay, document: String) {
        self.offer = offer
        self.start = start
        self.end = end
        self.document = document
    }

    static func fetch(_ db: Database, _ quote: String) throws -> [SettlementReport] {
        try Row.fetchAll(
            db, sql: "SELECT offer, start, end, document FROM settlementReport WHERE quote = ? ORDER BY offer, start",
            arguments: [quote]
        ).map {
            SettlementReport(
                offer: $0[0], start: CalendarDay(ordinal: $0[1]), end: CalendarDay(ordinal: $0[2]), document: $0[3])
        }
    }
}

extension MarketplaceTransaction {
    /// What was reported of an SLA of the caller's tenant, by offer and start.
    public func settlements(of id: String) throws(StoreError) -> [SettlementReport] {
        _ = try quote(id)
        return try named { () throws in try SettlementReport.fetch(db, id) }
    }

    /// Keeps reports of an SLA of the caller's tenant; returns how many were new. The same report again changes nothing.
    ///
    /// - Throws: ``StoreError/settlementOrder(quote:detail:)`` when a period overlaps one that was reported otherwise, or
    ///   leaves a gap behind the last one; the first one begins at `start`.
    public func report(_ reports: [SettlementReport], of id: String, from start: CalendarDay) throws(StoreError) -> Int
    {
        var known = try settlements(of: id)
        var count = 0
        for report in reports where !known.contains(report) {
            let next = known.filter { $0.offer == report.offer }.map(\.end).max() ?? start
            guard report.start == next else {
                let order = report.start < next ? "was reported otherwise, or overlaps what was" : "leaves a gap"
                throw .settlementOrder(
                    quote: id,
                    detail:
                        "the period from \(report.start) of '\(report.offer)' \(order); the next one begins at \(next)")
            }
            try named { () throws in
                try db.execute(
                    sql: """
                        INSERT INTO settlementReport (quote, offer, start, end, document, time, actor)
                        VALUES (?, ?, ?, ?, ?, ?, ?)
                        """,
                    arguments: [
                        id, report.offer, report.start.ordinal, report.end.ordinal, report.document, time, caller.actor
                    ])
            }
            known.append(report)
            count += 1
        }
        if count > 0 { try record("sla.settled", of: id, ["periods": JSONValue(count)]) }
        return count
    }
}

extension MarketplaceDatabase {
    /// What was reported of an SLA of a tenant, by offer and start.
    /// - Throws: ``StoreError/unknownQuote(id:)`` when it is another tenant's.
    public func settlements(of id: String, by caller: Caller) throws(StoreError) -> [SettlementReport] {
        try read { try MarketplaceTransaction(caller: caller, time: 0, db: $0, path: path).settlements(of: id) }
    }
}
