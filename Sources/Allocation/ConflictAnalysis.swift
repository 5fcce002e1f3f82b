import Foundation
import Marketplace

/// Finds a smallest set of constraints that cannot hold together, and what change of each would help.
struct ConflictAnalysis {
    let problem: AllocationProblem
    let optimizer: AllocationOptimizer

    /// Deletion filter (Chinneck, *Feasibility and Infeasibility in Optimization*, 2008): drop constraints one by one
    /// and keep those whose absence makes the rest feasible.
    func conflict() throws(AllocationError) -> Conflict {
        let clock = Stopwatch()
        guard problem.schemes.contains(where: { $0.shards <= problem.offers.count }) else {
            let needed = problem.schemes.map(\.shards).min() ?? 1
            let remedy = "\(problem.offers.count) offers are eligible, \(needed) are needed: relax a filter"
            return Conflict(members: [.init(constraint: .eligibility, remedy: remedy)], alternatives: [])
        }
        var dropped: Set<ConstraintKind> = []
        var members: [ConstraintKind] = []
        for kind in ConstraintKind.allCases where isAsked(kind) {
            if try isFeasible(dropped.union([kind]), clock) {
                members.append(kind)
            } else {
                dropped.insert(kind)
            }
        }
        var explained: [Conflict.Member] = []
        for kind in members { explained.append(.init(constraint: kind, remedy: try remedy(kind, clock))) }
        return Conflict(members: explained, alternatives: try alternatives(clock))
    }

    private func isAsked(_ kind: ConstraintKind) -> Bool {
        let request = problem.request
        switch kind {
        case .budget: return request.budget != nil
        case .latency: return request.qos.latencyMs != nil
        case .availability: return request.qos.availability != nil
        case .durability: return request.qos.durabilityNines != nil
        case .toleratedProviders: return request.toleratedProviders > 0
        case .toleratedRegions: return request.toleratedRegions > 0
        case .maxProviderShare: return request.maxProviderShare != nil
        case .minProviders: return request.minProviders > 1
        case .capacity: return problem.offers.contains { $0.capacityBytes != nil }
        case .egressLimit: return problem.offers.contains { $0.tariff.egress?.limitMultipleOfStored != nil }
        case .eligibility: return false
        }
    }

    private func isFeasible(
        _ relaxed: Set<ConstraintKind>, latencyBound: Double? = nil, _ clock: Stopwatch
    ) throws(AllocationError) -> Bool {
        try cheapest(problem, relaxed, latencyBound: latencyBound, clock) != nil
    }

    /// The cheapest outcome over all schemes with some constraints left out.
    private func cheapest(
        _ problem: AllocationProblem, _ relaxed: Set<ConstraintKind>, latencyBound: Double? = nil, _ clock: Stopwatch
    ) throws(AllocationError) -> AllocationOptimizer.Outcome? {
        var best: AllocationOptimizer.Outcome?
        var timing = Allocation.Timing()
        for scheme in problem.schemes {
            let outcome = try optimizer.cheapest(
                problem, scheme, relaxed: relaxed, latencyBound: latencyBound, clock: clock, timing: &timing)
            if outcome.isFound, outcome.objective < best?.objective ?? .infinity { best = outcome }
        }
        return best
    }

    /// The change of one constraint, all others kept, that makes the request feasible.
    private func remedy(_ kind: ConstraintKind, _ clock: Stopwatch) throws(AllocationError) -> String? {
        let request = problem.request
        guard let outcome = try cheapest(problem, [kind], clock) else { return nil }
        let achieved = Achievement(problem: problem, scheme: outcome.scheme, offers: outcome.legs.map(\.offer))
        switch kind {
        case .budget: return try budgetRemedy(outcome)
        case .latency: return try latencyRemedy(achieved, clock)
        case .availability, .durability:
            let best = try mostReliable(relaxing: kind, outcome, clock)
            return kind == .availability
                ? "an availability of \(Self.floored(best.availability))"
                : "\(Int(best.durabilityNines)) nines of durability"
        case .toleratedProviders: return "tolerate the loss of \(achieved.toleratedProviders) providers"
        case .toleratedRegions: return "tolerate the loss of \(achieved.toleratedRegions) regions"
        case .maxProviderShare: return "allow a share of \(Self.text(achieved.largestProviderShare, digits: 4))"
        case .minProviders: return "be content with \(achieved.providers) providers"
        case .capacity: return "store less than \(Self.text(Double(request.logicalBytes) / 1e9, digits: 0)) GB"
        case .egressLimit: return "read less than is stored"
        case .eligibility: return nil
        }
    }

    /// What the most reliable placement that was found achieves: of the cheapest one and of the one whose offers promise
    /// the most. The latter is the best under independence, so more may be possible where causes are shared.
    private func mostReliable(
        relaxing kind: ConstraintKind, _ outcome: AllocationOptimizer.Outcome, _ clock: Stopwatch
    ) throws(AllocationError) -> Achievement {
        let candidates = try optimizer.mostAvailable(problem, relaxing: kind, clock: clock) + [outcome]
        let achieved = candidates.map { Achievement(problem: problem, scheme: $0.scheme, offers: $0.legs.map(\.offer)) }
        let best = achieved.max {
            kind == .availability ? $0.availability < $1.availability : $0.durabilityNines < $1.durabilityNines
        }
        return best ?? Achievement(problem: problem, scheme: outcome.scheme, offers: outcome.legs.map(\.offer))
    }

    private func budgetRemedy(_ outcome: AllocationOptimizer.Outcome) throws(AllocationError) -> String? {
        guard let budget = problem.request.budget else { return nil }
        let plan = try AllocationPlan(problem: problem, scheme: outcome.scheme, legs: outcome.legs)
        let needed = try plan.bill().needed(for: budget.period)
        return "a budget of \(needed) per \(budget.period.rawValue)"
    }

    /// The smallest latency bound that works, by bisection over the latencies that occur.
    private func latencyRemedy(_ reached: Achievement, _ clock: Stopwatch) throws(AllocationError) -> String? {
        guard let asked = problem.request.qos.latencyMs?.doubleValue else { return nil }
        let candidates = Set(problem.latencies.flatMap { $0.compactMap { $0 } }).filter { $0 > asked }.sorted()
        var (low, high) = (0, candidates.count - 1)
        guard high >= 0, try isFeasible([], latencyBound: candidates[high], clock) else { return nil }
        while low < high {
            let middle = (low + high) / 2
            if try isFeasible([], latencyBound: candidates[middle], clock) { high = middle } else { low = middle + 1 }
        }
        return "a latency bound of \(Self.text((candidates[low] * 10).rounded(.up) / 10, digits: 1)) ms"
    }

    /// Whether more redundancy alone would do.
    private func alternatives(_ clock: Stopwatch) throws(AllocationError) -> [String] {
        guard case .fixed(let scheme) = problem.request.redundancy else { return [] }
        for extra in 1...3 {
            guard let more = RedundancyScheme(data: scheme.data, shards: scheme.shards + extra) else { continue }
            var timing = Allocation.Timing()
            let outcome = try optimizer.cheapest(problem, more, clock: clock, timing: &timing)
            if outcome.isFound { return ["\(more) instead of \(scheme)"] }
        }
        return []
    }

    /// A probability rounded down after its first digit that is not a nine.
    static func floored(_ probability: Double) -> String {
        let nines = max(0, Int(-log10(max(1 - probability, 1e-16))))
        let digits = min(15, nines + 1)
        let scale = pow(10, Double(digits))
        return text((probability * scale).rounded(.down) / scale, digits: digits)
    }

    static func text(_ value: Double, digits: Int) -> String { String(format: "%.\(digits)f", value) }
}
