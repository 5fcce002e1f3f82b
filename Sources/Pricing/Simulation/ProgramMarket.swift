import Allocation
import Foundation
import Marketplace
import Money
import Recommendation

/// One market drawn from a scenario in which the allocation optimizer decides who stores what, and the user accepts or
/// refuses the total.
///
/// Every provider has one offer. Prices and costs are in USD per terabyte and month as in other markets; the offers'
/// tariffs are per gigabyte. Egress is sold at cost.
struct ProgramMarket: Sendable {
    let scenario: Scenario
    /// Offers' IDs, by provider.
    let offers: [String]
    /// The catalogue; its prices are replaced by the week's.
    private let catalog: Catalog
    /// Mean costs, by provider.
    let costs: [Double]
    /// Markups over cost in the history, by provider, as shares of it.
    let markups: [Double]
    /// The weeks of the history, and last the one that is decided for.
    let weeks: [ChoiceMarket.Week]

    static let day = CalendarDay(ordinal: 20_788)
    private static let metros = ["metro0", "metro1", "metro2"]
    private static let regions = ["region0", "region1", "region2", "region3"]
    /// The highest price that replays look at, in USD per terabyte and month.
    let highestPrice: Double

    /// The market of a replication: independent of every other's, the same every time.
    init(_ scenario: Scenario, replication: Int) {
        var random = SyntheticRandom(seed: scenario.seed, stream: ChoiceMarket.stream(replication, 0))
        let supply = scenario.supply
        self.scenario = scenario
        let names = (0..<scenario.providers).map { $0 < 10 ? "p0\($0)" : "p\($0)" }
        costs = names.map { _ in random.uniform(supply.cost.lowerBound, supply.cost.upperBound) }
        markups = names.map { _ in random.uniform(supply.markup.lowerBound, supply.markup.upperBound) }
        let places = names.indices.map { Self.metros[$0 % Self.metros.count] }
        let listed = names.indices.map { index in
            Self.offer(names[index], places[index], egress: random.uniform(0, 0.01))
        }
        offers = listed.map(\.id)
        catalog = Self.catalog(names, listed, &random)
        weeks = Self.weeks(scenario, costs, markups, &random)
        highestPrice = 3 * (weeks.last?.prices.max() ?? 1)
    }

    private static func weeks(
        _ scenario: Scenario, _ costs: [Double], _ markups: [Double], _ random: inout SyntheticRandom
    ) -> [ChoiceMarket.Week] {
        let supply = scenario.supply
        return (0...scenario.weeks).map { _ in
            var week = ChoiceMarket.Week(costs: [], shifters: [], qualities: [], prices: [])
            for (mean, markup) in zip(costs, markups) {
                let shifter = supply.shifter * random.normal()
                let cost = max(0.1 * mean, mean + shifter)
                week.costs.append(cost)
                week.shifters.append(shifter)
                week.qualities.append(0)
                week.prices.append(max(0.05 * mean, cost * (1 + markup) + supply.noise * random.normal()))
            }
            return week
        }
    }

    /// The week that is decided for.
    var decision: ChoiceMarket.Week {
        weeks.last ?? ChoiceMarket.Week(costs: [], shifters: [], qualities: [], prices: [])
    }

    // MARK: The listing

    /// A decimal of nine places, at least zero.
    static func decimal(_ value: Double) -> ExactDecimal {
        (try? ExactDecimal(significand: Int128((max(0, min(value, 1e6)) * 1e9).rounded()), scale: 9)) ?? .zero
    }

    private static func offer(_ provider: String, _ metro: String, egress: Double) -> Offer {
        Offer(
            id: "\(provider)/\(metro)/hot", provider: provider, region: metro, storageClass: "hot", metro: metro,
            tariff: Tariff(
                unit: .gigabyte, storage: [Tier(price: .zero)],
                egress: EgressTariff(tiers: [Tier(price: decimal(egress))]), writesPer1000: .zero,
                readsPer1000: .zero, retrieval: .zero),
            availability: try? ExactDecimal(significand: 9995, scale: 4), durabilityNines: 11)
    }

    private static func catalog(_ names: [String], _ offers: [Offer], _ random: inout SyntheticRandom) -> Catalog {
        var latencies: [String: [String: Latency]] = [:]
        for region in regions {
            for metro in metros {
                latencies[region, default: [:]][metro] = Latency(
                    milliseconds: random.uniform(5, 120), measured: true)
            }
        }
        return Catalog(
            version: "simulated", offers: offers,
            providers: names.map {
                Provider(
                    id: $0, name: $0, kind: "cloud", country: "DE", apis: ["s3"], features: [], certifications: [],
                    assumedAvailability: decimal(0.9995), reputation: 50)
            },
            metros: metros.map {
                Metro(id: $0, name: $0, country: "DE", continent: "EU", jurisdictions: ["DE"], coordinates: nil)
            },
            readerRegions: regions.map { ReaderRegion(id: $0, name: $0, metro: metros[0]) }, latencies: latencies,
            register: names.map {
                RegisterEntry(
                    kind: "storage-provider", participant: $0, status: "certified", since: CalendarDay(ordinal: 0),
                    until: nil, evidence: "simulation")
            })
    }

    /// The listing at `prices`, by provider.
    func listing(_ prices: [Double]) -> Catalog {
        let priced = zip(offers, prices).compactMap { id, price -> Offer? in
            guard var offer = catalog.offer(id) else { return nil }
            offer.tariff.storage = [Tier(price: Self.decimal(price / 1000))]
            return offer
        }
        return catalog.listing(priced, version: "simulated")
    }

    // MARK: Requests

    /// A request, drawn: its size, copies, term, and where it is read from.
    static func request(_ random: inout SyntheticRandom) -> SLARequest {
        let gigabytes = min(max(random.logNormal(median: 10_000, sigma: 1), 100), 1_000_000)
        let copies = [1, 1, 2, 2, 3][Int(random.uniform() * 5)]
        var request = SLARequest(
            user: "simulated", logicalBytes: Int(gigabytes) * 1_000_000_000, start: day,
            months: [1, 3, 6, 12][Int(random.uniform() * 4)],
            redundancy: RedundancyScheme(data: 1, shards: copies).map { .fixed($0) } ?? .auto)
        let region = regions[Int(random.uniform() * Double(regions.count))]
        let egress = gigabytes * random.uniform(0, 0.6)
        request.traffic = [.init(region: region, egressBytes: Int(egress) * 1_000_000_000, reads: 0, writes: 0)]
        let cap = Int(random.uniform(60, 130))
        if random.uniform() < 0.5 { request.qos.latencyMs = ExactDecimal(cap) }
        return request
    }

    /// `count` requests of their own stream.
    func requests(_ count: Int, stream: UInt64) -> [NamedRequest] {
        var random = SyntheticRandom(seed: scenario.seed, stream: stream)
        return (0..<count).map { NamedRequest(name: "request \($0)", request: Self.request(&random)) }
    }

    /// What a request would cost at the reference price without egress, in USD: the unit of totals.
    func referenceTotal(_ request: SLARequest) -> Double {
        var copies = 1.0
        if case .fixed(let scheme) = request.redundancy { copies = Double(scheme.shards) / Double(scheme.data) }
        return Double(request.logicalBytes) / 1e9 * copies * Double(request.months) * scenario.acceptance.referencePrice
    }

    /// The true probability that a user accepts `total` (in units of the reference total).
    func acceptance(_ total: Double) -> Double {
        1 / (1 + exp(scenario.acceptance.slope * total - scenario.acceptance.intercept))
    }

    /// The cheapest total of a request in a listing, in USD; nil when nothing meets it.
    func total(_ request: SLARequest, in listing: Catalog) throws(PricingError) -> Double? {
        do throws(AllocationError) {
            let problem = try AllocationProblem(request: request, offers: listing.offers, catalog: listing)
            return try AllocationOptimizer(relativeGap: 1e-9).solve(problem).objective
        } catch {
            throw .allocation(request: "simulated", error)
        }
    }

    // MARK: History

    /// One quote of the history that could be met.
    struct Quote: Sendable {
        let week: Int
        let request: NamedRequest
        /// In units of the reference total.
        let total: Double
        let isAccepted: Bool
    }

    /// The history: as many requests a week as go, each allocated at the week's prices; those that nothing meets are left out.
    ///
    /// - Throws: ``PricingError/allocation(request:_:)``.
    func history(_ replication: Int) throws(PricingError) -> [Quote] {
        let requests = requests(scenario.quotes, stream: ChoiceMarket.stream(replication, 1))
        let listings = weeks.map { listing($0.prices) }
        var random = SyntheticRandom(seed: scenario.seed, stream: ChoiceMarket.stream(replication, 2))
        var quotes: [Quote] = []
        for (number, request) in requests.enumerated() {
            let week = number * scenario.weeks / scenario.quotes
            let draw = random.uniform()
            guard let cost = try total(request.request, in: listings[week]) else { continue }
            let total = cost / referenceTotal(request.request)
            quotes.append(Quote(week: week, request: request, total: total, isAccepted: draw < acceptance(total)))
        }
        return quotes
    }
}
