import GRDB

/// How much the store holds.
public struct StoreCounts: Sendable, Hashable {
    /// Metropolitan areas.
    public let metros: Int
    /// Providers' regions.
    public let providerRegions: Int
    /// Reader regions.
    public let readerRegions: Int
    /// Round-trip times.
    public let latencies: Int
    /// Dated exchange rates.
    public let exchangeRates: Int
    /// Providers.
    public let providers: Int
    /// Entries of the registers.
    public let registerEntries: Int
    /// Offers that are listed.
    public let offers: Int
    /// Offers that were listed once.
    public let delistedOffers: Int
    /// Interactions.
    public let interactions: Int
    /// Users with interactions.
    public let users: Int
    /// Measurements.
    public let measurements: Int
    /// Quotes by status; a status that no quote has is absent.
    public let quotes: [QuoteStatus: Int]
}

extension MarketplaceDatabase {
    /// How much the store holds, counted in one consistent state. O(size).
    public func counts() throws(StoreError) -> StoreCounts {
        try read { db in
            func count(_ table: String) throws -> Int {
                try Int.fetchOne(db, sql: "SELECT COUNT(*) FROM \(table)") ?? 0
            }
            var quotes: [QuoteStatus: Int] = [:]
            for row in try Row.fetchAll(db, sql: "SELECT status, COUNT(*) FROM quote GROUP BY status") {
                if let status = QuoteStatus(rawValue: row[0]) { quotes[status] = row[1] }
            }
            return StoreCounts(
                metros: try count("metro"), providerRegions: try count("providerRegion"),
                readerRegions: try count("readerRegion"), latencies: try count("latency"),
                exchangeRates: try count("exchangeRate"), providers: try count("provider"),
                registerEntries: try count("registerEntry"), offers: try count("offer WHERE listed = 1"),
                delistedOffers: try count("offer WHERE listed = 0"), interactions: try count("interaction"),
                users: try count("(SELECT DISTINCT user FROM interaction)"), measurements: try count("measurement"),
                quotes: quotes)
        }
    }

    /// The newest import of each kind that changed something.
    public func latestImports() throws(StoreError) -> [ImportKind: ImportRecord] {
        try read { db in
            var records: [ImportKind: ImportRecord] = [:]
            let rows = try Row.fetchCursor(
                db,
                sql: """
                    SELECT kind, document, rows, fingerprint, time FROM importLog
                    WHERE id IN (SELECT MAX(id) FROM importLog GROUP BY kind)
                    """)
            while let row = try rows.next() {
                guard let kind = ImportKind(rawValue: row[0]) else { continue }
                records[kind] = ImportRecord(
                    kind: kind, document: row[1], rows: row[2], fingerprint: row[3], time: row[4])
            }
            return records
        }
    }
}
