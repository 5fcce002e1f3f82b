import Crypto
import Documents
import Foundation
import GRDB
import Marketplace
import Money

extension MarketplaceDatabase {
    /// Everything that is listed, with the geography it refers to.
    ///
    /// Its version is the SHA-256 of what is stored, so that equal contents have equal versions whatever the order of
    /// the imports. O(size); hold on to the value and read it again when ``revision()`` has changed.
    ///
    /// - Throws: ``StoreError/noCatalog(path:)`` when no offer is listed.
    public func catalog() throws(StoreError) -> Catalog {
        try read { db in
            var reader = CatalogReader(path: path)
            let offers = try reader.offers(db)
            guard !offers.isEmpty else { throw StoreError.noCatalog(path: path) }
            let metros = try reader.metros(db)
            let regions = try reader.readerRegions(db)
            let latencies = try reader.latencies(db)
            let providers = try reader.providers(db)
            let register = try reader.register(db)
            try reader.include("SELECT * FROM providerRegion ORDER BY provider, region", db) { _ in }
            return Catalog(
                version: reader.version, offers: offers, providers: providers, metros: metros, readerRegions: regions,
                latencies: latencies, register: register)
        }
    }

    /// Rises with every import that changed something; 0 for a database without imports. O(1).
    public func revision() throws(StoreError) -> Int {
        try read { try Int.fetchOne($0, sql: "SELECT MAX(id) FROM importLog") ?? 0 }
    }

    /// All rates, by date, then base, then quote.
    public func exchangeRates() throws(StoreError) -> [ExchangeRate] {
        try read { db in
            let rows = try Row.fetchCursor(
                db, sql: "SELECT base, quote, rate, date, source FROM exchangeRate ORDER BY date, base, quote")
            var rates: [ExchangeRate] = []
            while let row = try rows.next() {
                guard let base = try? Asset.named(row[0]), let quote = try? Asset.named(row[1]),
                    let rate = try? ExactDecimal(row[2] as String), let date = try? CalendarDay(row[3] as String)
                else { throw StoreError.corrupt(path: path, detail: "an exchange rate of \(row[3] as String)") }
                rates.append(ExchangeRate(base: base, quote: quote, rate: rate, date: date, source: row[4]))
            }
            return rates
        }
    }
}

/// Reads the parts of a catalogue and hashes every row that it reads.
private struct CatalogReader {
    let path: String
    private var hash = SHA256()

    init(path: String) { self.path = path }

    /// The hash of all rows so far.
    var version: String { Fingerprint.text(hash.finalize()) }

    /// Gives every row of the query to `body`, and its columns to the hash. Separators keep `ab, c` from `a, bc`.
    mutating func include(_ sql: String, _ db: Database, _ body: (Row) throws -> Void) throws {
        let rows = try Row.fetchCursor(db, sql: sql)
        hash.update(data: Data(sql.utf8))
        while let row = try rows.next() {
            for value in row.databaseValues { hash.update(data: Data("\(value)\u{1F}".utf8)) }
            hash.update(data: Data([0x1E]))
            try body(row)
        }
    }

    /// What was read, or a report of what is damaged.
    func sound<Value>(_ value: Value?, _ what: @autoclosure () -> String) throws -> Value {
        guard let value else { throw StoreError.corrupt(path: path, detail: what()) }
        return value
    }

    private func list(_ text: String) -> [String] { text.split(separator: "|").map(String.init) }

    mutating func offers(_ db: Database) throws -> [Offer] {
        var offers: [Offer] = []
        let reader = self
        try include("SELECT id, document FROM offer WHERE listed = 1 ORDER BY id", db) { row in
            let document: String = row[1]
            let offer = (try? JSONValue(parsing: document.utf8)).flatMap { Offer($0, log: IssueLog()) }
            offers.append(try reader.sound(offer, "offer \(row[0] as String)"))
        }
        return offers
    }

    mutating func metros(_ db: Database) throws -> [Metro] {
        var metros: [Metro] = []
        let reader = self
        try include(
            "SELECT id, name, country, continent, jurisdictions, latitude, longitude FROM metro ORDER BY id", db
        ) { row in
            var coordinates: Coordinates?
            if let latitude = row[5] as Double?, let longitude = row[6] as Double? {
                coordinates = Coordinates(latitude: latitude, longitude: longitude)
            }
            metros.append(
                Metro(
                    id: row[0], name: row[1], country: row[2], continent: row[3], jurisdictions: reader.list(row[4]),
                    coordinates: coordinates))
        }
        return metros
    }

    mutating func readerRegions(_ db: Database) throws -> [ReaderRegion] {
        var regions: [ReaderRegion] = []
        try include("SELECT id, name, metro FROM readerRegion ORDER BY id", db) { row in
            regions.append(ReaderRegion(id: row[0], name: row[1], metro: row[2]))
        }
        return regions
    }

    mutating func latencies(_ db: Database) throws -> [String: [String: Latency]] {
        var latencies: [String: [String: Latency]] = [:]
        try include(
            "SELECT region, metro, milliseconds, kind, source, asOf FROM latency ORDER BY region, metro", db
        ) { row in
            latencies[row[0], default: [:]][row[1]] = Latency(
                milliseconds: row[2], measured: row[3] as String == "measured")
        }
        return latencies
    }

    mutating func providers(_ db: Database) throws -> [Provider] {
        var providers: [Provider] = []
        let reader = self
        try include(
            """
            SELECT id, name, kind, country, apis, features, certifications, assumedAvailability, reputation, source, asOf
            FROM provider ORDER BY id
            """, db
        ) { row in
            let availability = try reader.sound(try? ExactDecimal(row[7] as String), "provider \(row[0] as String)")
            providers.append(
                Provider(
                    id: row[0], name: row[1], kind: row[2], country: row[3], apis: reader.list(row[4]),
                    features: reader.list(row[5]), certifications: reader.list(row[6]),
                    assumedAvailability: availability, reputation: row[8]))
        }
        return providers
    }

    mutating func register(_ db: Database) throws -> [RegisterEntry] {
        var entries: [RegisterEntry] = []
        let reader = self
        try include(
            """
            SELECT kind, participant, status, since, until, evidence FROM registerEntry
            ORDER BY kind, participant, since
            """, db
        ) { row in
            let name = "the register entry of \(row[1] as String)"
            let until = try (row[4] as String?).map { try reader.sound(try? CalendarDay($0), name) }
            entries.append(
                RegisterEntry(
                    kind: row[0], participant: row[1], status: row[2],
                    since: try reader.sound(try? CalendarDay(row[3] as String), name), until: until, evidence: row[5]))
        }
        // Registers that nobody has administered keep the version that they have without these tables.
        if try RegisterParticipant.isAdministered(db) {
            try include("SELECT * FROM suspension ORDER BY kind, participant, number", db) { _ in }
            try include("SELECT * FROM standing ORDER BY kind, participant, number", db) { _ in }
            entries += try RegisterParticipant.exclusions(db, path)
        }
        return entries
    }
}
