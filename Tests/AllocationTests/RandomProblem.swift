import Allocation
import Marketplace
import Money
import TestSupport

extension SeededGenerator {
    /// A decimal of `units` / 10^`scale`, `units` within the range.
    mutating func decimal(_ units: ClosedRange<Int>, scale: Int) -> ExactDecimal {
        (try? ExactDecimal(significand: Int128(int(units)), scale: scale)) ?? .zero
    }
}

/// A small instance with everything that tariffs and requests can have, drawn from a seed.
struct RandomProblem {
    let catalog: Catalog
    /// The offers that may serve the request: most of the catalogue's.
    let offers: [Offer]
    let request: SLARequest
    let preferences: [String: Double]
    let charges: PlatformCharges
    let failures: FailureModel
    let smallestLeg: Double

    static let regions = ["north", "south", "west"]
    static let metros = ["m0", "m1", "m2", "m3", "m4"]
    static let providers = ["p0", "p1", "p2", "p3"]

    /// An instance of `offers` offers.
    init(seed: UInt64, auto: Bool = false, offers sizes: ClosedRange<Int>? = nil) {
        var random = SeededGenerator(seed: seed)
        let count = random.int(sizes ?? (auto ? 3...6 : 3...8))
        var offers = (0..<count).map { Self.offer($0, &random) }
        var latencies: [String: [String: Latency]] = [:]
        for region in Self.regions {
            for metro in Self.metros where random.chance(0.95) {
                latencies[region, default: [:]][metro] = Latency(
                    milliseconds: Double(random.int(50...2000)) / 10, measured: true)
            }
        }
        let providers = Self.providers.map {
            Provider(
                id: $0, name: $0, kind: "cloud", country: "DE", apis: ["s3"], features: [], certifications: [],
                assumedAvailability: random.pick([Self.decimal("0.99"), Self.decimal("0.999")]), reputation: 50)
        }
        var liking: [String: Double] = [:]
        for offer in offers { liking[offer.id] = Double(random.int(0...20)) / 20 }
        preferences = liking
        var charges = PlatformCharges()
        charges.feeBasisPoints = random.pick([0, 200, 350])
        charges.gatewayPerGB = random.pick([.zero, Self.decimal("0.01")])
        self.charges = charges
        failures = Self.failures(&random)
        smallestLeg = random.pick([0.05, 0.05, 0.02, 0.2])
        var request = Self.request(offers, auto: auto, &random)
        Self.addDates(&offers, &request, seed)
        self.request = request
        catalog = Catalog(
            version: "seed \(seed)", offers: offers, providers: providers,
            metros: Self.metros.map {
                Metro(id: $0, name: $0, country: "DE", continent: "EU", jurisdictions: ["DE"], coordinates: nil)
            },
            readerRegions: Self.regions.map { ReaderRegion(id: $0, name: $0, metro: "m0") }, latencies: latencies,
            register: [])
        let isLeftOut = offers.map { _ in random.chance(0.05) }
        self.offers = zip(offers, isLeftOut).filter { !$0.1 }.map(\.0)
    }

    static let schemes = [(1, 1), (1, 2), (1, 3), (2, 3), (2, 4)].compactMap {
        RedundancyScheme(data: $0.0, shards: $0.1)
    }

    /// The problem without some of its constraints, and with a request that was changed.
    func problem(
        without kinds: Set<ConstraintKind> = [], _ change: (inout SLARequest) -> Void = { _ in }
    ) throws -> AllocationProblem {
        var request = request
        var offers = offers
        for kind in kinds {
            switch kind {
            case .budget: request.budget = nil
            case .latency: request.qos.latencyMs = nil
            case .availability: request.qos.availability = nil
            case .durability: request.qos.durabilityNines = nil
            case .toleratedProviders: request.toleratedProviders = 0
            case .toleratedRegions: request.toleratedRegions = 0
            case .maxProviderShare: request.maxProviderShare = nil
            case .minProviders: request.minProviders = 1
            case .capacity: for index in offers.indices { offers[index].capacityBytes = nil }
            case .egressLimit:
                for index in offers.indices {
                    offers[index].tariff = Self.unlimited(offers[index].tariff)
                    offers[index].changes = offers[index].changes.map {
                        PriceChange(from: $0.from, tariff: Self.unlimited($0.tariff))
                    }
                }
            case .eligibility: break
            }
        }
        change(&request)
        return try AllocationProblem(
            request: request, offers: offers, catalog: catalog, preferences: preferences, failures: failures,
            charges: charges, schemes: Self.schemes, smallestLeg: smallestLeg)
    }

    private static func unlimited(_ tariff: Tariff) -> Tariff {
        guard let egress = tariff.egress else { return tariff }
        var tariff = tariff
        tariff.egress = EgressTariff(tiers: egress.tiers, allowance: egress.allowance)
        return tariff
    }

    static func decimal(_ text: String) -> ExactDecimal { (try? ExactDecimal(text)) ?? .zero }

    // MARK: Offers

    private static func failures(_ random: inout SeededGenerator) -> FailureModel {
        var failures = random.chance(0.15) ? FailureModel.independent : FailureModel()
        if random.chance(0.3) { failures.regionCauseShare = random.pick([0, 0.1, 0.9]) }
        if random.chance(0.3) { failures.providerCauseShare = random.pick([0, 0.3, 1]) }
        if random.chance(0.2) { failures.providerExitPerYear = random.pick([0, 1e-2]) }
        return failures
    }

    private static func offer(_ index: Int, _ random: inout SeededGenerator) -> Offer {
        let provider = random.pick(providers)
        let metro = random.pick(metros)
        // A metro may hold several regions of one provider, and two providers may name their regions alike.
        let region = metro + random.pick(["", "", "-2"])
        return Offer(
            id: "\(provider)/\(region)/\(index)", provider: provider, region: region, storageClass: "c\(index)",
            metro: metro, tariff: tariff(&random),
            availability: random.chance(0.7) ? decimal(random.pick(["0.99", "0.995", "0.999", "0.9999"])) : nil,
            durabilityNines: random.chance(0.6) ? random.pick([2, 4, 9, 11]) : nil,
            access: random.chance(0.08) ? .archive : .online,
            capacityBytes: random.chance(0.15) ? random.int(100...3000) * 1_000_000_000 : nil)
    }

    private static func tariff(_ random: inout SeededGenerator) -> Tariff {
        let unit: VolumeUnit = random.chance(0.5) ? .gigabyte : .gibibyte
        var tariff = Tariff(unit: unit, storage: tiers(&random, 5...30, scale: 3, ends: [50, 200, 600, 1200]))
        if random.chance(0.96) {
            tariff.egress = EgressTariff(
                tiers: tiers(&random, 0...120, scale: 3, ends: [20, 80, 150, 400, 700]),
                allowance: random.pick([
                    nil, nil, .fixed(random.decimal(10...100, scale: 0)),
                    .multipleOfStored(random.decimal(1...8, scale: 1))
                ]),
                limitMultipleOfStored: random.chance(0.1) ? random.decimal(2...15, scale: 1) : nil)
        }
        if random.chance(0.97) { tariff.writesPer1000 = random.decimal(0...10, scale: 3) }
        if random.chance(0.97) { tariff.readsPer1000 = random.decimal(0...10, scale: 4) }
        if random.chance(0.97) { tariff.retrieval = random.chance(0.3) ? random.decimal(1...30, scale: 3) : .zero }
        if random.chance(0.25) { tariff.monthlyFee = random.decimal(100...900, scale: 2) }
        if random.chance(0.25) { tariff.monthlyMinimum = random.decimal(500...3000, scale: 2) }
        if random.chance(0.3) { tariff.minimumDays = random.pick([30, 90, 180, 365]) }
        if random.chance(0.25) { tariff.minimumObjectBytes = random.pick([131_072, 4_000_000]) }
        if random.chance(0.2) { tariff.objectOverheadBytes = random.pick([8_192, 40_960]) }
        return tariff
    }

    /// One to three steps that fall, rise, rise and then fall, or fall and then rise.
    private static func tiers(
        _ random: inout SeededGenerator, _ prices: ClosedRange<Int>, scale: Int, ends: [Int]
    ) -> [Tier] {
        let ends = Array(ends.shuffled(using: &random).prefix(random.int(0...2))).sorted()
        var values = (0...ends.count).map { _ in random.int(prices) }
        switch random.int(0...3) {
        case 0: values.sort(by: >)
        case 1: values.sort()
        default: break
        }
        return values.enumerated().map { index, value in
            Tier(
                upTo: index < ends.count ? ExactDecimal(ends[index]) : nil,
                price: (try? ExactDecimal(significand: Int128(value), scale: scale)) ?? .zero)
        }
    }

    // MARK: Requests

    private static func request(_ offers: [Offer], auto: Bool, _ random: inout SeededGenerator) -> SLARequest {
        let shards = random.pick([1, 2, 2, 3, 3, 3, 4, 4, 5])
        let scheme = RedundancyScheme(data: random.int(1...shards), shards: shards)
        var request = SLARequest(
            user: "u", logicalBytes: random.int(20...1500) * 1_000_000_000,
            start: CalendarDay(ordinal: random.int(20_000...21_000)), months: random.int(1...5),
            redundancy: auto ? .auto : scheme.map { .fixed($0) } ?? .auto)
        request.meanObjectBytes = random.pick([200_000, 1_000_000, 10_000_000])
        if random.chance(0.3) { request.monthlyGrowth = random.decimal(-5...10, scale: 2) }
        for region in regions.prefix(random.int(1...3)) {
            request.traffic.append(
                SLARequest.Traffic(
                    region: region, egressBytes: random.pick([0, 1, 1, 1]) * random.int(1...900) * 1_000_000_000,
                    reads: random.pick([0, 1, 1]) * random.int(0...3_000_000), writes: random.int(0...500_000)))
        }
        if let scheme, !auto, scheme.parity > 0 {
            request.toleratedProviders = min(scheme.parity, random.pick([0, 0, 1, 2]))
            request.toleratedRegions = min(scheme.parity, random.pick([0, 0, 1, 2]))
        } else if auto {
            request.toleratedProviders = random.pick([0, 0, 1])
            request.toleratedRegions = random.pick([0, 0, 1])
        }
        if random.chance(0.4) { request.qos.latencyMs = random.decimal(300...1800, scale: 1) }
        if random.chance(0.4) {
            request.qos.availability = decimal(random.pick(["0.99", "0.999", "0.9999", "0.99999", "0.9999999"]))
        }
        if random.chance(0.3) { request.qos.durabilityNines = random.pick([2, 3, 5, 8]) }
        if random.chance(0.35) {
            let month = random.chance(0.5)
            request.budget = SLARequest.Budget(
                amount: Amount(minor: Int128(random.int(1_000...(month ? 30_000 : 90_000))), .usd),
                period: month ? .month : .term)
        }
        if random.chance(0.3) { request.maxProviderShare = decimal(random.pick(["0.34", "0.5", "0.67", "0.75"])) }
        if random.chance(0.3) { request.minProviders = random.int(2...3) }
        for _ in 0..<random.pick([0, 0, 1, 2, 3]) {
            let expires = request.start.addingMonths(random.int(0...6))
            request.credits.append(
                SLARequest.Credit(
                    provider: random.pick(providers),
                    amount: Amount(minor: Int128(random.int(100...20_000)), .usd), expires: expires))
        }
        for _ in 0..<random.pick([0, 0, 0, 1, 2]) {
            let offer = random.pick(offers)
            let tariff = offer.tariff
            guard tariff.egress != nil, tariff.retrieval != nil, tariff.readsPer1000 != nil else { continue }
            request.current.append(
                SLARequest.Holding(offer: offer.id, logicalBytes: random.int(10...500) * 1_000_000_000))
        }
        request.recommendedPreference = random.chance(0.5) ? random.decimal(1...30, scale: 2) : .zero
        return request
    }

    // MARK: Dates

    /// Announced price changes within the term, and since when the data lies where it is: from a generator of their own,
    /// so that the rest of an instance is the same without them.
    private static func addDates(_ offers: inout [Offer], _ request: inout SLARequest, _ seed: UInt64) {
        var random = SeededGenerator(seed: seed ^ 0x5EED_DA7E)
        for index in request.current.indices where random.chance(0.5) {
            request.current[index].since = CalendarDay(ordinal: request.start.ordinal - random.int(0...200))
        }
        guard random.chance(0.4) else { return }
        for index in offers.indices where random.chance(0.35) {
            for _ in 0..<random.int(1...2) {
                let from = CalendarDay(ordinal: request.start.ordinal + random.int(1...140))
                guard !offers[index].changes.contains(where: { $0.from == from }) else { continue }
                offers[index].changes.append(PriceChange(from: from, tariff: tariff(&random)))
            }
        }
    }
}
