import Allocation
import Marketplace
import Money
import TestSupport

/// A market as in the measurements of peers: offers of random prices and latencies, one request for (6, 9) shards that
/// is read from six regions within 120 ms and survives the loss of any provider.
struct GeneratedMarket {
    let catalog: Catalog
    let request: SLARequest

    init(offers count: Int, seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let regions = (0..<6).map { "r\($0)" }
        let providers = (0..<max(10, count / 8)).map { "p\($0)" }
        var latencies: [String: [String: Latency]] = [:]
        var offers: [Offer] = []
        for index in 0..<count {
            let provider = random.pick(providers)
            var tariff = Tariff(
                storage: [Tier(price: random.decimal(4_000...26_000, scale: 6))],
                egress: EgressTariff(tiers: [Tier(price: random.pick(Self.egressPrices))]), writesPer1000: .zero,
                readsPer1000: .zero, retrieval: .zero)
            if random.chance(0.25) { tariff.monthlyFee = Self.fee }
            offers.append(
                Offer(
                    id: "\(provider)/\(index)", provider: provider, region: "\(index)", storageClass: "s",
                    metro: "m\(index)", tariff: tariff))
            for region in regions {
                latencies[region, default: [:]]["m\(index)"] = Latency(
                    milliseconds: Double(random.int(50...2_500)) / 10, measured: false)
            }
        }
        catalog = Catalog(
            version: "generated \(count) \(seed)", offers: offers,
            providers: providers.map {
                Provider(
                    id: $0, name: $0, kind: "cloud", country: "DE", apis: [], features: [], certifications: [],
                    assumedAvailability: .one, reputation: 50)
            },
            metros: (0..<count).map {
                Metro(
                    id: "m\($0)", name: "\($0)", country: "DE", continent: "EU", jurisdictions: [], coordinates: nil)
            },
            readerRegions: regions.map { ReaderRegion(id: $0, name: $0, metro: "m0") }, latencies: latencies,
            register: [])
        var request = SLARequest(
            user: "u", logicalBytes: 100_000 * 1_000_000_000, start: CalendarDay(ordinal: 20_500), months: 1,
            redundancy: RedundancyScheme(data: 6, shards: 9).map { .fixed($0) } ?? .auto)
        request.traffic = regions.map {
            .init(region: $0, egressBytes: random.int(0...50_000) * 1_000_000_000, reads: 0, writes: 0)
        }
        request.qos.latencyMs = ExactDecimal(120)
        request.toleratedProviders = 1
        self.request = request
    }

    private static let egressPrices = ["0", "0.01", "0.05", "0.087", "0.12"].compactMap { try? ExactDecimal($0) }
    private static let fee = (try? ExactDecimal("5.99")) ?? .zero

    func problem() throws -> AllocationProblem {
        try AllocationProblem(request: request, offers: catalog.offers, catalog: catalog)
    }
}

extension SeededGenerator {
    /// A decimal of `units` / 10^`scale`, `units` within the range.
    mutating func decimal(_ units: ClosedRange<Int>, scale: Int) -> ExactDecimal {
        (try? ExactDecimal(significand: Int128(int(units)), scale: scale)) ?? .zero
    }
}
