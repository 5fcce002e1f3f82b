import Marketplace
import MathematicalProgramming

/// Solves an ``AllocationProblem`` by listing every placement: the reference that the optimizer must agree with.
///
/// Every constraint on a placement is checked from its definition. One mixed-integer program then divides the data over
/// all placements that stand, with every step of every tariff as a binary (``EnumeratedProgram``). Nothing is shared
/// with the optimizer but the problem itself, the failure model and the exact bill. For small instances.
public struct AllocationEnumeration: Sendable {
    let problem: AllocationProblem
    /// How many placements are listed at most.
    public var placementLimit = 20_000

    /// An enumeration of `problem`.
    public init(_ problem: AllocationProblem) { self.problem = problem }

    /// The cheapest allocation, or with a preference the most liked of those that cost little more.
    ///
    /// Conflicts are not explained, and of the answer only the objectives are filled in.
    ///
    /// - Throws: ``AllocationError/tooLarge(placements:limit:)``; ``AllocationError/solver(_:)``.
    public func solve() throws(AllocationError) -> Allocation {
        let placements = try admissible()
        guard !placements.isEmpty else { return Allocation(status: .infeasible) }
        let program = EnumeratedProgram(problem, placements)
        guard let cheapest = try program.solve(mostLikedWithin: nil) else { return Allocation(status: .infeasible) }
        var answer = cheapest
        let tolerance = problem.request.recommendedPreference.doubleValue
        if tolerance > 0, let liked = try program.solve(mostLikedWithin: (1 + tolerance) * cheapest.cost) {
            answer = liked
        }
        return Allocation(
            status: .optimal, placements: answer.placements, claimants: answer.claimants, objective: answer.cost,
            cheapest: cheapest.cost, bound: cheapest.cost, gap: 0, preference: answer.liking,
            cheapestPreference: cheapest.liking)
    }

    /// Every placement that meets every constraint on placements.
    func admissible() throws(AllocationError) -> [EnumeratedPlacement] {
        var count = 0.0
        for scheme in problem.schemes { count += Self.binomial(problem.offers.count, scheme.shards) }
        guard count <= Double(placementLimit) else {
            throw .tooLarge(placements: count, limit: placementLimit)
        }
        var found: [EnumeratedPlacement] = []
        for scheme in problem.schemes where scheme.shards <= problem.offers.count {
            var placement = Array(0..<scheme.shards)
            repeat {
                if isAdmissible(scheme, placement) {
                    found.append(EnumeratedPlacement(scheme: scheme, offers: placement))
                }
            } while Self.advance(&placement, below: problem.offers.count)
        }
        return found
    }

    // MARK: Constraints on a placement, from their definitions

    private func isAdmissible(_ scheme: RedundancyScheme, _ placement: [Int]) -> Bool {
        let request = problem.request
        let offers = placement.map { problem.offers[$0] }
        let writes = request.traffic.contains { $0.writes > 0 }
        let free = placement.contains { j in problem.monthlyTariffs(j).contains { $0.writesPer1000 == nil } }
        if writes, free { return false }
        // An offer that has no room for a shard of one object holds nothing.
        let object = (min(request.meanObjectBytes, request.peakLogicalBytes) - 1) / scheme.data + 1
        guard offers.allSatisfy({ $0.capacityBytes.map { object <= $0 } ?? true }) else { return false }
        guard survives(request.toleratedProviders, of: offers.map(\.provider), scheme),
            survives(request.toleratedRegions, of: offers.map(\.metro), scheme)
        else { return false }
        for u in request.traffic.indices {
            let bound = request.qos.latencyMs?.doubleValue
            let part = request.traffic[u]
            guard bound != nil || part.egressBytes > 0 || part.reads > 0 else { continue }
            if placement.count(where: { problem.mayServe($0, u) }) < scheme.data { return false }
        }
        return isReliable(scheme, placement)
    }

    /// Whether `data` shards remain whichever `lost` of the groups are lost.
    private func survives(_ lost: Int, of groups: [String], _ scheme: RedundancyScheme) -> Bool {
        guard lost > 0 else { return true }
        let names = Set(groups).sorted()
        guard names.count > lost else { return false }
        var choice = Array(0..<lost)
        repeat {
            let gone = Set(choice.map { names[$0] })
            if groups.count(where: { !gone.contains($0) }) < scheme.data { return false }
        } while Self.advance(&choice, below: names.count)
        return true
    }

    private func isReliable(_ scheme: RedundancyScheme, _ placement: [Int]) -> Bool {
        let leaves = placement.map { problem.leaves[$0] }
        if let allowed = problem.allowedUnavailability,
            problem.failures.failureProbability(leaves, data: scheme.data) > allowed * (1 + 1e-9)
        {
            return false
        }
        if let asked = problem.request.qos.durabilityNines,
            problem.failures.durabilityNines(leaves, data: scheme.data) < Double(asked) - 1e-9
        {
            return false
        }
        return true
    }

    // MARK: Combinations

    /// The next combination in lexicographic order; false after the last.
    static func advance(_ combination: inout [Int], below count: Int) -> Bool {
        let size = combination.count
        guard let position = combination.indices.last(where: { combination[$0] < count - size + $0 }) else {
            return false
        }
        combination[position] += 1
        for next in combination.indices.dropFirst(position + 1) { combination[next] = combination[next - 1] + 1 }
        return true
    }

    private static func binomial(_ n: Int, _ k: Int) -> Double {
        guard k <= n else { return 0 }
        return (0..<k).reduce(1.0) { $0 * Double(n - $1) / Double($1 + 1) }
    }
}

extension AllocationProblem {
    /// The tariff that bills each month of the term.
    func monthlyTariffs(_ j: Int) -> [Tariff] {
        (0..<request.months).map { offers[j].tariff(on: request.start.addingMonths($0)) }
    }

    /// Whether an offer may serve the readers of region `u`: in time, and at published prices.
    func mayServe(_ j: Int, _ u: Int) -> Bool {
        let part = request.traffic[u]
        for tariff in monthlyTariffs(j) {
            if part.egressBytes > 0, tariff.egress == nil || tariff.retrieval == nil { return false }
            if part.reads > 0, tariff.readsPer1000 == nil { return false }
        }
        guard let bound = request.qos.latencyMs?.doubleValue else { return true }
        return latencies[j][u].map { $0 <= bound } ?? false
    }
}
