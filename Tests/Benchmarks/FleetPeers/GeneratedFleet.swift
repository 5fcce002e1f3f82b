import Allocation
import Marketplace
import Money
import TestSupport

/// Made-up requests of many users: a few hundred service classes, volumes over four orders of magnitude.
struct GeneratedFleet {
    let requests: [SLARequest]

    init(count: Int, classes: Int = 200, seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let classes = (0..<classes).map { _ in Self.serviceClass(&random) }
        requests = (0..<count).map { index in
            // Few classes are popular: the smaller of two draws.
            let number = min(random.int(0...(classes.count - 1)), random.int(0...(classes.count - 1)))
            return Self.request(index, classes[number], &random)
        }
    }

    private static let markets: [[String]] = [
        ["eu-west", "eu-central"], ["eu-central"], ["eu-west"], ["uk", "eu-west"], ["na-east"], ["na-east", "na-west"],
        ["na-central"], ["na-west"], ["japan"], ["ap-southeast"], ["na-east", "eu-west"], ["eu-north"],
        ["eu-west", "na-east", "ap-southeast"], ["na-east", "sa-east"]
    ]

    private static func serviceClass(_ random: inout SeededGenerator) -> SLARequest {
        let market = random.pick(markets)
        let shape: (data: Int, shards: Int)? = random.pick([
            (1, 2), (1, 2), (1, 3), (2, 3), (4, 6), (6, 9), nil, nil
        ])
        let scheme = shape.flatMap { RedundancyScheme(data: $0.data, shards: $0.shards) }
        var request = SLARequest(
            user: "", logicalBytes: 1, start: CalendarDay(ordinal: 20_788), months: 1,
            redundancy: scheme.map { .fixed($0) } ?? .auto)
        request.traffic = market.map { .init(region: $0, egressBytes: 1, reads: 1, writes: 1) }
        request.toleratedProviders = random.pick([1, 1, 1, 0])
        request.toleratedRegions = random.pick([0, 0, 1])
        request.qos.availability = random.pick([nil, decimal("0.999"), decimal("0.9999"), decimal("0.9999")])
        request.qos.latencyMs = random.pick([nil, decimal("100"), decimal("150"), decimal("200")])
        request.qos.durabilityNines = random.pick([nil, nil, 6])
        let isEuropean = market.allSatisfy { $0.hasPrefix("eu") }
        if isEuropean, random.chance(0.5) { request.eligibility.jurisdictions = ["EU"] }
        if random.chance(0.5) { request.eligibility.api = "s3" }
        if random.chance(0.2) { request.eligibility.certifications = ["ISO27001"] }
        return request
    }

    private static func request(
        _ index: Int, _ service: SLARequest, _ random: inout SeededGenerator
    ) -> SLARequest {
        var request = service
        request.user = "user-\(index)"
        // 100 GB to 1 PB, every order of magnitude alike.
        request.logicalBytes = Int(power(random.int(0...4_000), 1e11))
        request.months = random.pick([1, 3, 6, 12, 12, 24, 36])
        request.meanObjectBytes = Int(power(random.int(0...3_000), 1e5))
        if random.chance(0.4) { request.monthlyGrowth = random.decimal(1...30, scale: 3) }
        // A month's reading: 1% to 200% of what is stored.
        let read = power(random.int(0...2_300), 0.01) * Double(request.logicalBytes)
        for u in request.traffic.indices {
            let share = Double(random.int(50...150)) / 100 / Double(request.traffic.count)
            request.traffic[u].egressBytes = max(1, Int(read * share))
            request.traffic[u].reads = max(1, request.traffic[u].egressBytes / request.meanObjectBytes)
            request.traffic[u].writes = max(1, request.logicalBytes / request.meanObjectBytes / 50)
        }
        if random.chance(0.1) {
            let provider = random.pick(["aws", "gcp", "wasabi", "backblaze", "azure"])
            request.credits = [
                .init(
                    provider: provider, amount: Amount(minor: Int128(random.int(10_000...500_000)), .usd),
                    expires: request.start.addingMonths(random.int(1...24)))
            ]
        }
        return request
    }

    /// `least` · 10^(`thousandths` / 1000), by repeated multiplication, the same everywhere.
    private static func power(_ thousandths: Int, _ least: Double) -> Double {
        var result = least
        for _ in 0..<(thousandths / 1000) { result *= 10 }
        for _ in 0..<(thousandths % 1000) { result *= 1.002_305_238_077_9 }
        return result
    }

    private static func decimal(_ text: String) -> ExactDecimal? { try? ExactDecimal(text) }
}
