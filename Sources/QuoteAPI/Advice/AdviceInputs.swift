import Documents
import Marketplace
import MarketplaceStore
import Money
import Pricing
import Synchronization

/// Everything that one advice is made from: the public listing, the operator's reference requests, the provider's own
/// records, and the quotes of which `AcceptanceEvidence` lets through what the guardrails allow.
struct AdviceInputs: Sendable {
    /// Days of the provider's own measurements that count.
    static let measuredDays = 400

    let catalog: Catalog
    let requests: [NamedRequest]
    let own: OwnRecords
    let history: QuoteHistory?
    let day: CalendarDay
    /// The hash of all of it, and of the question.
    let hash: String

    /// Gathers the inputs for `provider` as of `now`.
    init(
        _ provider: String, _ query: AdviceQuery, requests all: [NamedRequest], history: StoredHistory.State,
        market: Market, store: MarketplaceDatabase, now: Int
    ) throws {
        catalog = market.catalog
        day = UTCTime.day(now)
        let catalog = catalog
        // A reference request may name what is no longer for sale.
        requests = all.filter { (try? $0.request.validate(against: catalog)) != nil }
        let document = try store.costs(of: provider)
        let costs = try document.map {
            try CostFile(parsing: Array($0.utf8), document: "costs").ownCosts(
                rates: market.rates, on: UTCTime.day(now), platformFee: query.terms.platformFee)
        }
        var measurements: [Marketplace.Measurement] = []
        // By the hour, as everything that is measured while others ask would make every answer another one.
        let end = Market.hour(now) * 3600
        try store.forEachMeasurement(from: end - Self.measuredDays * 86_400, until: end) {
            if $0.offer.hasPrefix(provider + "/") { measurements.append($0) }
        }
        own = OwnRecords(
            provider: provider, costs: costs, capacityGB: query.freeCapacityGB, measurements: measurements)
        self.history = history.history
        let parts =
            [
                provider, "\(query)", catalog.version, "\(day)", document ?? "", history.hash,
                measurements.map { "\($0.time) \($0.region) \($0.offer) \($0.metric.rawValue) \($0.value)" }
                    .joined(separator: "\n")
            ] + requests.map { $0.name + $0.request.json.text() }
        hash = AuditRecord.digest(of: parts.map { AuditRecord.digest(of: $0.utf8) }.joined(separator: "\n").utf8)
    }
}

extension CostFile {
    /// The costs in USD by rates of up to three months ago: costs are planned by the year.
    func ownCosts(
        rates: [ExchangeRate], on day: CalendarDay, platformFee: Double, source: String? = nil
    ) throws -> OwnRecords.Costs {
        var rate = 1.0
        if currency != .usd {
            let million = Amount(minor: 1_000_000 * currency.unit, currency)
            do throws(MoneyError) {
                rate =
                    try ExchangeRates(rates, asOf: day).convert(million, to: .usd, maximumAgeDays: 91)
                    .to.doubleValue / 1e6
            } catch {
                throw InputError(
                    "", [InputIssue("/currency", "\(currency.code): \(error)", remedy: "give the costs in USD")])
            }
        }
        return OwnRecords.Costs(
            try costs(usdPerUnit: rate, platformFee: platformFee),
            source: source ?? "what the provider stated for \(asOf)",
            isAssumption: isAssumption)
    }
}

/// What the store's quotes came to: whether users accepted them. Read once an hour.
final class StoredHistory: Sendable {
    /// The most quotes that are read.
    static let most = 20_000

    /// The quotes before an hour.
    struct State: Sendable {
        /// Nil when none was decided that tells what its user compared it with.
        let history: QuoteHistory?
        let hash: String
        let hour: Int
    }

    private let last = Mutex<State?>(nil)

    /// The quotes that were made before the hour of `now`, as they stand. O(quotes) once an hour.
    func state(_ store: MarketplaceDatabase, now: Int) throws(StoreError) -> State {
        let hour = Market.hour(now)
        return try last.withLock { last throws(StoreError) in
            if let last, last.hour == hour { return last }
            let history = try Self.read(store, before: hour * 3600, now: now)
            let words = history.map { "\($0.quotes)" } ?? ""
            let new = State(history: history, hash: AuditRecord.digest(of: words.utf8), hour: hour)
            last = new
            return new
        }
    }

    private static func read(
        _ store: MarketplaceDatabase, before time: Int, now: Int
    ) throws(StoreError) -> QuoteHistory? {
        var (users, quotes): ([String: Int], [QuoteHistory.Quote]) = ([:], [])
        try store.forEachQuote(before: time, limit: most) { quote in
            let isAccepted: Bool
            switch quote.status(at: now) {
            case .open, .cancelled: return
            case .declined, .expired: isAccepted = false
            case .accepted, .active, .completed, .terminated, .breached: isAccepted = true
            }
            guard let document = try? JSONValue(parsing: quote.document.utf8) else { return }
            let user = users[quote.user] ?? users.count
            users[quote.user] = user
            if let one = QuoteHistory.Quote(
                document: document, user: user, createdAt: quote.createdAt, isAccepted: isAccepted)
            {
                quotes.append(one)
            }
        }
        return quotes.isEmpty ? nil : QuoteHistory(quotes.reversed(), source: "the marketplace's quotes")
    }
}
