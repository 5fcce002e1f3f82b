import Marketplace
import Money
import Pricing
import TestSupport

/// `units` / 10^`scale`.
func decimal(_ units: Int, _ scale: Int) -> ExactDecimal {
    (try? ExactDecimal(significand: Int128(units), scale: scale)) ?? .zero
}

/// Markets of a few offers in one country whose providers are all certified.
enum SmallMarket {
    static let day = CalendarDay(ordinal: 20_788)
    static let metros = ["m0", "m1", "m2"]
    static let regions = ["north", "south"]

    static func catalog(_ offers: [Offer], latency: (String, String) -> Double? = { _, _ in 20 }) -> Catalog {
        var latencies: [String: [String: Latency]] = [:]
        for region in regions {
            for metro in metros {
                latencies[region, default: [:]][metro] = latency(region, metro).map {
                    Latency(milliseconds: $0, measured: true)
                }
            }
        }
        let providers = Set(offers.map(\.provider)).sorted()
        return Catalog(
            version: "small", offers: offers,
            providers: providers.map {
                Provider(
                    id: $0, name: $0, kind: "cloud", country: "DE", apis: ["s3"], features: [], certifications: [],
                    assumedAvailability: decimal(999, 3), reputation: 50)
            },
            metros: metros.map {
                Metro(id: $0, name: $0, country: "DE", continent: "EU", jurisdictions: ["DE"], coordinates: nil)
            },
            readerRegions: regions.map { ReaderRegion(id: $0, name: $0, metro: "m0") }, latencies: latencies,
            register: providers.map {
                RegisterEntry(
                    kind: "storage-provider", participant: $0, status: "certified", since: CalendarDay(ordinal: 0),
                    until: nil, evidence: "test")
            })
    }

    /// An offer with one storage price in 10⁻⁶ USD and one egress price in 10⁻⁴ USD.
    static func offer(
        _ provider: String, _ metro: String = "m0", storage: Int, egress: Int = 0, unit: VolumeUnit = .gigabyte
    ) -> Offer {
        Offer(
            id: "\(provider)/\(metro)/hot", provider: provider, region: metro, storageClass: "hot", metro: metro,
            tariff: Tariff(
                unit: unit, storage: [Tier(price: decimal(storage, 6))],
                egress: EgressTariff(tiers: [Tier(price: decimal(egress, 4))]), writesPer1000: .zero,
                readsPer1000: .zero, retrieval: .zero),
            availability: decimal(9995, 4), durabilityNines: 11)
    }

    /// A request for `gigabytes` in `copies` over `months`, read from the north.
    static func request(_ gigabytes: Int, copies: Int = 1, months: Int = 12, egressGB: Int = 0) -> SLARequest {
        var request = SLARequest(
            user: "test", logicalBytes: gigabytes * 1_000_000_000, start: CalendarDay(ordinal: 20_788), months: months,
            redundancy: RedundancyScheme(data: 1, shards: copies).map { .fixed($0) } ?? .auto)
        if egressGB > 0 {
            request.traffic = [.init(region: "north", egressBytes: egressGB * 1_000_000_000, reads: 0, writes: 0)]
        }
        return request
    }
}

/// A market and requests with most of what tariffs and requests can have, drawn from a seed.
struct RandomMarket {
    let catalog: Catalog
    let offer: Offer
    let requests: [NamedRequest]

    static let schemes = [(1, 1), (1, 2), (2, 3)].compactMap { RedundancyScheme(data: $0.0, shards: $0.1) }

    init(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let offers = (0..<random.int(4...6)).map { Self.offer($0, &random) }
        var latencies: [String: Double] = [:]
        for region in SmallMarket.regions {
            for metro in SmallMarket.metros { latencies[region + metro] = Double(random.int(5...120)) }
        }
        catalog = SmallMarket.catalog(offers) { latencies[$0 + $1] }
        offer = offers[0]
        requests = (0..<2).map { NamedRequest(name: "request \($0)", request: Self.request(offers, &random)) }
    }

    private static func offer(_ index: Int, _ random: inout SeededGenerator) -> Offer {
        let metro = random.pick(SmallMarket.metros)
        let provider = index == 0 ? "p0" : random.pick(["p0", "p1", "p2", "p3"])
        var tiers = [Tier(price: decimal(random.int(2000...25_000), 6))]
        if random.chance(0.3) {
            tiers.insert(
                Tier(upTo: ExactDecimal(random.int(100...3000)), price: decimal(random.int(0...30_000), 6)), at: 0)
        }
        var egress = EgressTariff(tiers: [Tier(price: decimal(random.int(0...900), 4))])
        if random.chance(0.3) {
            egress = EgressTariff(
                tiers: egress.tiers, allowance: .multipleOfStored(random.pick([decimal(5, 1), .one, ExactDecimal(3)])))
        } else if random.chance(0.2) {
            egress = EgressTariff(tiers: egress.tiers, limitMultipleOfStored: .one)
        }
        return Offer(
            id: "\(provider)/\(metro)/class\(index)", provider: provider, region: metro,
            storageClass: "class\(index)", metro: metro,
            tariff: Tariff(
                unit: random.pick([.gigabyte, .gibibyte]), storage: tiers, egress: egress,
                writesPer1000: decimal(random.int(0...6), 3), readsPer1000: decimal(random.int(0...5), 4),
                retrieval: random.chance(0.2) ? decimal(1, 2) : .zero,
                monthlyFee: random.chance(0.2) ? ExactDecimal(random.int(1...5)) : .zero,
                monthlyMinimum: random.chance(0.2) ? ExactDecimal(random.int(1...8)) : .zero,
                minimumDays: random.pick([0, 0, 30, 90, 180]),
                minimumObjectBytes: random.chance(0.2) ? 131_072 : 0),
            availability: random.pick([decimal(999, 3), decimal(9995, 4), decimal(9999, 4)]), durabilityNines: 11,
            capacityBytes: random.chance(0.15) ? random.int(200...3000) * 1_000_000_000 : nil)
    }

    private static func request(_ offers: [Offer], _ random: inout SeededGenerator) -> SLARequest {
        var request = SLARequest(
            user: "test", logicalBytes: random.int(50...4000) * 1_000_000_000, start: SmallMarket.day,
            months: random.pick([1, 3, 6, 12]),
            redundancy: random.chance(0.4) ? .auto : .fixed(random.pick(schemes)))
        request.meanObjectBytes = random.pick([100_000, 1_000_000, 20_000_000])
        if random.chance(0.4) { request.monthlyGrowth = decimal(random.int(1...8), 2) }
        request.traffic = SmallMarket.regions.map {
            .init(
                region: $0, egressBytes: random.int(0...1500) * 1_000_000_000, reads: random.int(0...200_000),
                writes: random.int(0...20_000))
        }
        if random.chance(0.3), request.redundancy != .fixed(schemes[0]) { request.minProviders = 2 }
        if random.chance(0.3) { request.qos.latencyMs = ExactDecimal(random.int(40...120)) }
        if random.chance(0.2) { request.qos.availability = decimal(999, 3) }
        if random.chance(0.3) {
            request.credits = [
                .init(
                    provider: random.pick(["p1", "p2"]), amount: Amount(minor: Int128(random.int(500...9000)), .usd),
                    expires: request.start.addingMonths(random.int(1...8)))
            ]
        }
        if random.chance(0.2) {
            request.current = [.init(offer: random.pick(offers).id, logicalBytes: request.logicalBytes)]
        }
        if random.chance(0.6) {
            let monthly = Double(request.logicalBytes) / 1e9 * Double(random.int(8...60)) / 1000 + 20
            let period = random.pick(SLARequest.BudgetPeriod.allCases)
            let dollars = monthly * (period == .term ? Double(request.months) : 1)
            request.budget = .init(amount: Amount(minor: Int128(dollars * 100), .usd), period: period)
        }
        return request
    }
}
