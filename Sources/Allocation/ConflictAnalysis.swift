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
            if try isFeasible(relaxed: dropped.union([kind]), clock) {
                members.append(kind)
            } else {
                dropped.insert(kind)
            }
        }
        if members.isEmpty {
            let remedy = "too few eligible offers publish the prices of the traffic asked for: relax a filter"
            return Conflict(members: [.init(constraint: .eligibility, remedy: remedy)], alternatives: [])
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
        case .egressLimit:
            return problem.offers.contains { offer in
                ([offer.tariff] + offer.changes.map(\.tariff)).contains { $0.egress?.limitMultipleOfStored != nil }
            }
        case .eligibility: return false
        }
    }

    /// Whether something meets every constraint of `problem` (the request's own if nil) that is not relaxed.
    func isFeasible(
        _ other: AllocationProblem? = nil, relaxed: Set<ConstraintKind> = [], _ clock: Stopwatch
    ) throws(AllocationError) -> Bool {
        try optimizer.find(other ?? problem, relaxed: relaxed, stopsAtFirst: true, clock: clock).best != nil
    }

    /// Whether more redundancy alone would do.
    private func alternatives(_ clock: Stopwatch) throws(AllocationError) -> [String] {
        guard case .fixed(let scheme) = problem.request.redundancy else { return [] }
        for extra in 1...3 {
            guard let more = RedundancyScheme(data: scheme.data, shards: scheme.shards + extra) else { continue }
            if try isFeasible(problem.asking { $0.redundancy = .fixed(more) }, clock) {
                return ["\(more) instead of \(scheme)"]
            }
        }
        return []
    }
}
