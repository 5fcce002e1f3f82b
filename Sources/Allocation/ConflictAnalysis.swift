import Marketplace

/// Finds a smallest set of constraints that cannot hold together, and what change of each would help.
///
/// It asks the optimizer again and again whether something meets a changed request, all within its time limit. An
/// answer that was cut short proves nothing: what rests on it is labelled.
struct ConflictAnalysis {
    let problem: AllocationProblem
    let optimizer: AllocationOptimizer
    let clock = Stopwatch()

    /// Whether something meets a changed request.
    enum Verdict: Sendable {
        case feasible
        /// Proven.
        case infeasible
        /// The search was cut short.
        case unknown
    }

    /// A value that works, and whether the next smaller change is proven not to.
    struct Least<Value> {
        var value: Value?
        var isProven: Bool
    }

    /// Deletion filter (Chinneck, *Feasibility and Infeasibility in Optimization*, 2008): drop constraints one by one
    /// and keep those whose absence makes the rest feasible, or might.
    func conflict() throws(AllocationError) -> Conflict {
        guard problem.schemes.contains(where: { $0.shards <= problem.offers.count }) else {
            let needed = problem.schemes.map(\.shards).min() ?? 1
            return tooFewOffers("\(problem.offers.count) offers are eligible, \(needed) are needed: relax a filter")
        }
        var dropped: Set<ConstraintKind> = []
        var members: [ConstraintKind] = []
        var isProven = true
        for kind in ConstraintKind.allCases where isAsked(kind) {
            switch try verdict(relaxed: dropped.union([kind])) {
            case .infeasible: dropped.insert(kind)
            case .feasible: members.append(kind)
            case .unknown:
                members.append(kind)
                isProven = false
            }
        }
        if members.isEmpty {
            return tooFewOffers("too few eligible offers publish the prices of the traffic asked for: relax a filter")
        }
        var explained: [Conflict.Member] = []
        for kind in members {
            let least = try remedy(kind)
            explained.append(
                Conflict.Member(
                    constraint: kind, remedy: least.value.map { "\($0)" }, change: least.value, isProven: least.isProven
                ))
        }
        return Conflict(members: explained, alternatives: try alternatives(), isProven: isProven)
    }

    private func tooFewOffers(_ remedy: String) -> Conflict {
        let member = Conflict.Member(constraint: .eligibility, remedy: remedy, change: nil, isProven: true)
        return Conflict(members: [member], alternatives: [], isProven: true)
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
        case .egressLimit:
            return problem.offers.contains { offer in
                ([offer.tariff] + offer.changes.map(\.tariff)).contains { $0.egress?.limitMultipleOfStored != nil }
            }
        case .eligibility: return false
        }
    }

    /// Whether something meets every constraint of `problem` (the request's own if nil) that is not relaxed.
    func verdict(
        _ other: AllocationProblem? = nil, relaxed: Set<ConstraintKind> = []
    ) throws(AllocationError) -> Verdict {
        let found = try optimizer.find(other ?? problem, relaxed: relaxed, stopsAtFirst: true, clock: clock)
        if found.best != nil { return .feasible }
        return found.isComplete ? .infeasible : .unknown
    }

    /// The same of the request with a change.
    func verdict(_ change: Conflict.Change) throws(AllocationError) -> Verdict {
        try verdict(problem.asking { $0 = change.applied(to: $0) })
    }

    /// Whether more redundancy alone would do.
    private func alternatives() throws(AllocationError) -> [String] {
        guard case .fixed(let scheme) = problem.request.redundancy else { return [] }
        for extra in 1...3 {
            guard let more = RedundancyScheme(data: scheme.data, shards: scheme.shards + extra) else { continue }
            if try verdict(problem.asking { $0.redundancy = .fixed(more) }) == .feasible {
                return ["\(more) instead of \(scheme)"]
            }
        }
        return []
    }
}
