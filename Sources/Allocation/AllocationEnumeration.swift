import Marketplace

/// Solves an ``AllocationProblem`` by trying every placement: the reference that the optimizer must agree with.
///
/// Every constraint on a placement is checked from its definition, and the read routing of each placement that stands
/// is solved exactly (``PlacementRouting``). Nothing is shared with the optimizer's model but the problem itself and
/// the failure model. Exponential in the number of shards: for small instances.
public struct AllocationEnumeration: Sendable {
    /// A placement that meets every constraint, with its cheapest routing.
    public struct Candidate: Sendable, Hashable {
        /// The scheme.
        public let scheme: RedundancyScheme
        /// The offers and what each serves.
        public let legs: [PlannedLeg]
        /// What the term costs, in units of the tariffs' asset, before rounding.
        public let cost: Double
        /// Mean liking of the recommender over the legs, 0…1.
        public let preference: Double
    }

    let problem: AllocationProblem
    /// How many placements are tried at most.
    public var placementLimit = 100_000

    /// An enumeration of `problem`.
    public init(_ problem: AllocationProblem) { self.problem = problem }

    /// Every placement that meets every constraint, the cheapest first; ties by the offers' order.
    ///
    /// - Throws: ``AllocationError/tooLarge(placements:limit:)``; ``AllocationError/solver(_:)``.
    /// - Complexity: O(Σ over schemes (k, n) of (offers choose n)) linear programs, times the combinations of egress
    ///   tiers where a price falls.
    public func candidates() throws(AllocationError) -> [Candidate] {
        var count = 0.0
        for scheme in problem.schemes { count += Self.binomial(problem.offers.count, scheme.shards) }
        guard count <= Double(placementLimit) else {
            throw .tooLarge(placements: count, limit: placementLimit)
        }
        var found: [Candidate] = []
        for scheme in problem.schemes {
            var placement = Array(0..<scheme.shards)
            guard scheme.shards <= problem.offers.count else { continue }
            repeat {
                if let candidate = try candidate(scheme, placement) { found.append(candidate) }
            } while Self.advance(&placement, below: problem.offers.count)
        }
        return found.enumerated().sorted { ($0.element.cost, $0.offset) < ($1.element.cost, $1.offset) }
            .map(\.element)
    }

    /// The answer in the optimizer's own form: the cheapest placement, or the most liked within the preference.
    ///
    /// Conflicts are not explained.
    public func solve() throws(AllocationError) -> Allocation {
        let all = try candidates()
        guard let cheapest = all.first else { return Allocation(status: .infeasible) }
        let most = (1 + problem.request.recommendedPreference.doubleValue) * cheapest.cost
        var chosen = cheapest
        for candidate in all where candidate.cost <= most && candidate.preference > chosen.preference + 1e-9 {
            chosen = candidate
        }
        return Allocation(
            status: .optimal, scheme: chosen.scheme, legs: chosen.legs, objective: chosen.cost,
            cheapest: cheapest.cost, bound: cheapest.cost, gap: 0, preference: chosen.preference,
            cheapestPreference: cheapest.preference)
    }

    private func candidate(_ scheme: RedundancyScheme, _ placement: [Int]) throws(AllocationError) -> Candidate? {
        guard isAdmissible(scheme, placement) else { return nil }
        guard let routing = try PlacementRouting(problem, scheme, placement).cheapest() else { return nil }
        let liking = placement.reduce(0) { $0 + problem.preferences[$1] }
        return Candidate(
            scheme: scheme, legs: routing.legs, cost: routing.cost, preference: liking / Double(scheme.shards))
    }

    // MARK: Constraints on a placement, from their definitions

    private func isAdmissible(_ scheme: RedundancyScheme, _ placement: [Int]) -> Bool {
        let request = problem.request
        let offers = placement.map { problem.offers[$0] }
        let peak = (0..<request.months).map(request.logicalBytes(inMonth:)).max() ?? request.logicalBytes
        let raw = request.storedUsage(scheme, logicalBytes: peak).storedBytes
        guard offers.allSatisfy({ $0.capacityBytes.map { raw <= $0 } ?? true }) else { return false }
        guard survives(request.toleratedProviders, of: offers.map(\.provider), scheme),
            survives(request.toleratedRegions, of: offers.map(\.metro), scheme)
        else { return false }
        let providers = Set(offers.map(\.provider))
        guard providers.count >= request.minProviders else { return false }
        if let share = request.maxProviderShare?.doubleValue {
            for provider in providers {
                let held = Double(offers.count { $0.provider == provider }) / Double(scheme.shards)
                if held > share + 1e-9 { return false }
            }
        }
        if let bound = request.qos.latencyMs?.doubleValue {
            for u in request.traffic.indices {
                let near = placement.count { problem.latencies[$0][u].map { $0 <= bound } ?? false }
                if near < scheme.data { return false }
            }
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
