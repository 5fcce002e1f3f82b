import Marketplace

/// Presolve: offers that cannot be needed in a cheapest allocation of one scheme.
///
/// Offer a dominates b of the same provider when a costs no more than b whatever is read, serves every region that b
/// serves, has room where b has, and fails no more often. In a placement that holds b but not a, b can then be replaced
/// by a, unless the placement's other shards stand in the way. They can block only so many: at most one shard fewer
/// than the provider may hold, and where a lies in another metro, those in metros that are full. An offer with more
/// dominators than can be blocked is not needed: among cheapest placements take one whose offers come earliest in the
/// order of dominance; if it held such an offer, a replacement would come earlier and cost no more.
struct Dominance {
    private let problem: AllocationProblem
    private let scheme: RedundancyScheme
    private let profiles: [CostProfile]
    /// The most shards that one provider can hold.
    private let providerCap: Int
    private let keepsRegion: Bool

    init(_ problem: AllocationProblem, _ scheme: RedundancyScheme) {
        self.problem = problem
        self.scheme = scheme
        let request = problem.request
        let usages = request.monthClasses.map { request.storedUsage(scheme, logicalBytes: $0.logicalBytes) }
        profiles = problem.offers.indices.map { CostProfile(problem, scheme, usages, $0) }
        var cap = scheme.shards
        if request.toleratedProviders > 0 { cap = min(cap, scheme.parity) }
        if let share = request.maxProviderShare?.doubleValue {
            cap = min(cap, Int((share * Double(scheme.shards) + 1e-9).rounded(.down)))
        }
        providerCap = max(1, cap)
        // Several shards with one provider fail together more often in one region than in two.
        keepsRegion = providerCap > 1 && request.qos.availability != nil
    }

    /// The offers that may be needed, in their order. O(offers² × tiers) within each provider.
    func survivors() -> [Int] {
        let byProvider = Dictionary(grouping: problem.offers.indices) { problem.offers[$0].provider }
        let staying = problem.stayingOffer(scheme)
        return problem.offers.indices.filter { b in
            if b == staying { return true }
            let rivals = byProvider[problem.offers[b].provider] ?? []
            return !isNeedless(b, dominators: rivals.filter { $0 != b && dominates($0, b) })
        }
    }

    private func isNeedless(_ b: Int, dominators: [Int]) -> Bool {
        let metro = problem.offers[b].metro
        if dominators.count(where: { problem.offers[$0].metro == metro }) >= providerCap { return true }
        switch problem.request.toleratedRegions {
        case 0: return dominators.count >= providerCap
        case 1:
            guard scheme.parity > 0 else { return false }
            let metros = Set(dominators.map { problem.offers[$0].metro })
            return metros.count >= providerCap + (scheme.shards - 1) / scheme.parity
        default: return false
        }
    }

    /// Whether `a` is at least as good as `b` in everything but its place; of equals the earlier one.
    private func dominates(_ a: Int, _ b: Int) -> Bool {
        if keepsRegion, problem.offers[a].region != problem.offers[b].region { return false }
        let (one, other) = (problem.leaves[a], problem.leaves[b])
        guard one.unavailability == other.unavailability, one.annualLoss <= other.annualLoss else { return false }
        guard profiles[a].isAtMost(profiles[b]) else { return false }
        return a < b || !(one.annualLoss == other.annualLoss && profiles[b].isAtMost(profiles[a]))
    }
}

/// Everything that an offer costs and can do in a placement of one scheme.
private struct CostProfile {
    /// Whether it can hold a shard at all.
    let holds: Bool
    /// Whether the latency bound is met, by traffic region.
    let serves: [Bool]
    /// Money a month for holding, by month class.
    let held: [Double]
    let minimum: Double
    /// Money once for a term shorter than the minimum duration.
    let early: Double
    /// Money a month for serving all reads of a region, egress aside.
    let perRegion: [Double]
    /// The egress allowance in bytes: by month class, or one for all.
    let free: [Double]
    /// The price of egress beyond the allowance.
    let price: GraduatedCost
    /// The most bytes that may be read a month.
    let limit: Double
    /// The most bytes that the request can read from one offer in a month.
    let most: Double

    init(_ problem: AllocationProblem, _ scheme: RedundancyScheme, _ usages: [Usage], _ j: Int) {
        let (request, offer) = (problem.request, problem.offers[j])
        let tariff = offer.tariff
        let peak = request.storedUsage(scheme, logicalBytes: request.peakLogicalBytes).storedBytes
        holds = problem.publishesWrites(j) && offer.capacityBytes.map { peak <= $0 } ?? true
        let bound = request.qos.latencyMs?.doubleValue
        serves = request.traffic.indices.map { u in
            problem.publishesReads(j, u)
                && bound.map { bound in problem.latencies[j][u].map { $0 <= bound } ?? false } ?? true
        }
        let storage = GraduatedCost(tariff.storage, unit: tariff.unit)
        let writes =
            request.traffic.reduce(0) { $0 + Double($1.writes) } / 1000 * (tariff.writesPer1000?.doubleValue ?? 0)
        held = usages.map { writes + tariff.monthlyFee.doubleValue + storage(Double(tariff.billedBytes($0))) }
        minimum = tariff.monthlyMinimum.doubleValue
        let lacking = tariff.minimumDays - request.termDays
        early =
            lacking > 0 ? (usages.last.map { storage(Double(tariff.billedBytes($0))) } ?? 0) * Double(lacking) / 30 : 0
        let shards = request.traffic.map { Double($0.egressBytes) / Double(scheme.data) }
        most = shards.reduce(0, +)
        perRegion = request.traffic.enumerated().map { u, part in
            Double(part.reads) / 1000 * (tariff.readsPer1000?.doubleValue ?? 0)
                + shards[u] / Double(tariff.unit.bytes) * (tariff.retrieval?.doubleValue ?? 0)
        }
        price = GraduatedCost(tariff.egress?.tiers ?? [], unit: tariff.unit)
        switch tariff.egress?.allowance {
        case nil: free = [0]
        case .fixed(let volume): free = [volume.doubleValue * Double(tariff.unit.bytes)]
        case .multipleOfStored(let multiple): free = usages.map { multiple.doubleValue * Double($0.storedBytes) }
        }
        let least = usages.map(\.storedBytes).min() ?? 0
        limit = tariff.egress?.limitMultipleOfStored.map { $0.doubleValue * Double(least) } ?? .infinity
    }

    /// Whether this profile is never worse than `other`.
    func isAtMost(_ other: CostProfile) -> Bool {
        guard holds || !other.holds, minimum <= other.minimum, early <= other.early, limit >= min(other.limit, most),
            zip(serves, other.serves).allSatisfy({ $0 || !$1 }), zip(held, other.held).allSatisfy({ $0 <= $1 })
        else { return false }
        for u in serves.indices where other.serves[u] && perRegion[u] > other.perRegion[u] { return false }
        // Equal prices after no smaller an allowance cannot cost more; else they are compared wherever one of them bends,
        // as the difference of piecewise linear functions is largest there.
        for index in 0..<max(free.count, other.free.count) {
            let (own, others) = (free[min(index, free.count - 1)], other.free[min(index, other.free.count - 1)])
            if own >= min(others, most) && (price == other.price || own >= most) { continue }
            for bytes in [0, most] + bends(own) + other.bends(others) {
                let volume = min(bytes, most)
                if price(max(0, volume - own)) > other.price(max(0, volume - others)) + 1e-12 { return false }
            }
        }
        return true
    }

    /// Where the price bends, in bytes, when the allowance is `free`.
    private func bends(_ free: Double) -> [Double] {
        [free] + price.pieces.map { free + $0.end }.filter(\.isFinite)
    }
}
