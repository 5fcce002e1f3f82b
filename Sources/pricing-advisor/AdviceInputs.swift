import CommandSupport
import Documents
import Foundation
import Marketplace
import MarketplaceStore
import Money
import Pricing

/// Everything that one advice is made from, read and checked, with the hash of it.
struct AdviceInputs {
    let catalog: Catalog
    let requests: [NamedRequest]
    let own: OwnRecords
    let history: QuoteHistory?
    let choices: ListingChoices?
    /// The hash of all that was read, and of the options.
    let hash: String

    /// Reads what `options` name.
    ///
    /// - Throws: `CommandEnd`, `InputError` and `StoreError` that name what cannot be read and the remedy.
    init(_ options: AdviceOptions) throws {
        let database = try options.database.open()
        let catalog = try database.catalog()
        var read: [[UInt8]] = [Array("\(options.terms) \(catalog.version) \(options.time.now)".utf8)]
        func file(_ path: String?, _ standard: String, _ what: String) throws -> (path: String, bytes: [UInt8])? {
            guard let path = path ?? (FileManager.default.fileExists(atPath: standard) ? standard : nil) else {
                return nil
            }
            let bytes = try Terminal.read(path, what)
            read.append(bytes)
            return (path, bytes)
        }
        func document(_ path: String?, _ what: String) throws -> (path: String, value: JSONValue)? {
            guard let path, let file = try file(path, "", what) else { return nil }
            return (path, try JSONValue(parsing: file.bytes, document: path))
        }
        let requests = try RequestSource(path: options.requests).read(catalog).map {
            NamedRequest(name: $0.name, request: $0.request)
        }
        read += requests.map { Array(($0.name + $0.request.json.text()).utf8) }
        let terms = options.terms
        let isPlainName = options.provider.allSatisfy { $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" }
        let costs = try file(options.costs, isPlainName ? "datasets/costs/\(options.provider).json" : "", "the costs")
            .map {
                try Self.costs($0.bytes, $0.path, options, terms, database)
            }
        let choices = try file(options.choices, "", "the choices").map {
            try ListingChoices(csv: $0.bytes, document: $0.path, weekZero: options.weekZero)
        }
        var history: QuoteHistory?
        if choices == nil {
            history = try file(options.quotes, "datasets/quotes-sample.csv", "the quotes").map {
                try QuoteHistory(csv: $0.bytes, document: $0.path, weekZero: options.weekZero)
            }
        }
        if choices == nil, let stored = try Self.stored(database, before: options.time.now) {
            read.append(Array("\(stored.quotes)".utf8))
            history = history?.adding(stored) ?? stored
        }
        let bucket = try document(options.bucket, "the bucket").map { try PlatformBucket($0.value, document: $0.path) }
        let previous = try document(options.previous, "the earlier advice").map {
            try PreviousAdvice($0.value, document: $0.path)
        }
        if let previous, let offer = options.offer, previous.offer != offer {
            throw CommandEnd(
                .usage,
                "error: \(options.previous ?? "") advises on \(previous.offer); name it by --offer, or leave it out")
        }
        own = OwnRecords(
            provider: options.provider, costs: costs, capacityGB: options.freeCapacity,
            measurements: try database.measurements(until: options.time.now), bucket: bucket, previous: previous)
        self.catalog = catalog
        self.requests = requests
        self.history = history
        self.choices = choices
        hash = AuditRecord.digest(of: read.map { AuditRecord.digest(of: $0) }.joined(separator: "\n").utf8)
    }

    private static func costs(
        _ bytes: [UInt8], _ path: String, _ options: AdviceOptions, _ terms: AdviceTerms,
        _ database: MarketplaceDatabase
    ) throws -> OwnRecords.Costs {
        let file = try CostFile(parsing: bytes, document: path)
        guard file.provider == options.provider else {
            throw CommandEnd(.usage, "error: \(path) has the costs of '\(file.provider)', not of '\(options.provider)'")
        }
        return OwnRecords.Costs(
            try file.costs(
                usdPerUnit: try rate(file.currency, database, on: UTCTime.day(options.time.now)),
                platformFee: terms.platformFee), source: path, isAssumption: file.isAssumption)
    }

    /// USD for one unit of `asset`, by the database's rates of up to three months ago: costs are planned by the year.
    private static func rate(_ asset: Asset, _ database: MarketplaceDatabase, on day: CalendarDay) throws -> Double {
        guard asset != .usd else { return 1 }
        do {
            let million = Amount(minor: 1_000_000 * asset.unit, asset)
            let rates = ExchangeRates(try database.exchangeRates(), asOf: day)
            return try rates.convert(million, to: .usd, maximumAgeDays: 91).to.doubleValue / 1e6
        } catch let error as MoneyError {
            throw CommandEnd(.refused, "error: costs in \(asset.code): \(error); import rates, or give costs in USD")
        }
    }

    /// The database's quotes that were accepted or not; nil when there is none with a budget to compare with.
    private static func stored(_ database: MarketplaceDatabase, before now: Int) throws -> QuoteHistory? {
        var users: [String: Int] = [:]
        let quotes = try database.quotes(limit: 1_000_000).reversed().compactMap { quote -> QuoteHistory.Quote? in
            let isAccepted: Bool
            switch quote.status {
            case .open where quote.expiresAt > now, .cancelled: return nil
            case .open, .declined, .expired: isAccepted = false
            case .accepted, .active, .completed, .terminated, .breached: isAccepted = true
            }
            guard let document = try? JSONValue(parsing: Array(quote.document.utf8)) else { return nil }
            let user = users[quote.user] ?? users.count
            users[quote.user] = user
            return QuoteHistory.Quote(
                document: document, user: user, createdAt: quote.createdAt, isAccepted: isAccepted)
        }
        return quotes.isEmpty ? nil : QuoteHistory(quotes, source: "the database")
    }
}
