import Marketplace
import Money

/// What one request stores, reads and writes, in double precision: all that its costs depend on beside tariffs.
struct FleetDemand {
    /// Months between which neither credits expire nor the order of things changes: a run of month classes.
    struct Segment {
        var classes: Range<Int>
        var months: Double
        /// The first day: what prices are in force then bill all of it.
        let firstDay: CalendarDay
        /// Indices of the request's credits that pay in it.
        var credits: [Int]
        /// Means over its months.
        var logical: Double
        var objects: Double
    }

    let request: SLARequest
    /// By month class.
    let months: [Double]
    let logical: [Int]
    let objects: [Double]
    let credits: [[Int]]
    let firstDays: [CalendarDay]
    let segments: [Segment]
    /// By reader of the profile: bytes and operations read a month.
    let egress: [Double]
    let reads: [Double]
    let writes: Double
    let egressSum: Double
    let peak: Int
    let least: Int
    let most: Double
    let mostObjects: Double
    let gateway: Double
    /// Moving away from where the data is: the offer, the share of the data there, what reading all of it out costs, and
    /// what giving it up before its minimum duration is over does.
    let leaving: [(offer: String, share: Double, reading: Double, early: Double)]
    /// By credit: the provider's number and the amount.
    let creditProviders: [Int]
    let creditAmounts: [Double]

    init(
        _ request: SLARequest, _ profile: FleetProfile, _ problem: FleetProblem, _ market: FleetMarket
    ) throws(AllocationError) {
        self.request = request
        let classes = request.monthClasses(profile.changing)
        months = classes.map { Double($0.months.count) }
        logical = classes.map(\.logicalBytes)
        let size = max(1, request.meanObjectBytes)
        objects = classes.map { Double(($0.logicalBytes - 1) / size + 1) }
        credits = classes.map(\.credits)
        let breaks = profile.changing.isEmpty ? [] : request.monthsOfChange(profile.changing)
        firstDays = classes.map(\.firstDay)
        var segments: [Segment] = []
        for v in classes.indices {
            if let last = segments.last, last.credits == classes[v].credits,
                !breaks.contains(classes[v].months.first ?? 0)
            {
                segments[segments.count - 1].classes = last.classes.lowerBound..<(v + 1)
            } else {
                segments.append(
                    Segment(
                        classes: v..<(v + 1), months: 0, firstDay: classes[v].firstDay, credits: classes[v].credits,
                        logical: 0,
                        objects: 0))
            }
            segments[segments.count - 1].months += months[v]
            segments[segments.count - 1].logical += months[v] * Double(logical[v])
            segments[segments.count - 1].objects += months[v] * objects[v]
        }
        for g in segments.indices {
            segments[g].logical /= segments[g].months
            segments[g].objects /= segments[g].months
        }
        self.segments = segments
        egress = profile.readers.map { Double(request.traffic[$0].egressBytes) }
        reads = profile.readers.map { Double(request.traffic[$0].reads) }
        writes = request.traffic.reduce(0) { $0 + Double($1.writes) }
        egressSum = request.traffic.reduce(0) { $0 + Double($1.egressBytes) }
        peak = request.peakLogicalBytes
        least = logical.min() ?? request.logicalBytes
        most = Double(peak)
        mostObjects = objects.max() ?? 1
        gateway = problem.charges.gatewayPerGB.doubleValue * egressSum / 1e9
        leaving = request.current.isEmpty ? [] : try Self.leaving(request, problem.catalog)
        creditProviders = request.credits.map { market.providerNumbers[$0.provider] ?? -1 }
        creditAmounts = request.credits.map(\.amount.doubleValue)
    }

    private static func leaving(
        _ request: SLARequest, _ catalog: Catalog
    ) throws(AllocationError) -> [(offer: String, share: Double, reading: Double, early: Double)] {
        let charges = try Migration.charges(request, catalog)
        var held: [String: Int] = [:]
        for holding in request.current { held[holding.offer, default: 0] += holding.logicalBytes }
        let whole = max(held.values.reduce(0.0) { $0 + Double($1) }, Double(request.logicalBytes))
        return held.sorted { $0.key < $1.key }.map { id, bytes in
            func cost(_ isOf: (ChargeKind) -> Bool) -> Double {
                charges.reduce(0) { $0 + ($1.offer == id && isOf($1.kind) ? $1.amount.doubleValue : 0) }
            }
            return (id, Double(bytes) / whole, cost { $0 != .minimumDuration }, cost { $0 == .minimumDuration })
        }
    }

    /// Raw bytes of a shard of everything when k is `data`.
    func raw(_ v: Int, _ data: Int) -> Double { Double((logical[v] - 1) / data + 1) }

    /// Raw bytes that a shard reserves: of the largest month.
    func reserved(_ data: Int) -> Double { Double((peak - 1) / data + 1) }

    /// How much of the last month's storage a minimum duration charges once more.
    func earlyShare(_ tariff: CompiledTariff) -> Double {
        let lacking = tariff.minimumDays - request.termDays
        return lacking > 0 ? Double(lacking) / 30 : 0
    }
}
