import Foundation
import Marketplace
import Money

/// What each constraint costs.
extension Explanation {
    mutating func explainConstraints(
        _ explainer: Explainer, _ progress: (String) -> Void
    ) throws(AllocationError) {
        let (problem, base) = (explainer.problem, explainer.base)
        let achievement = Achievement(problem: problem, placements: base.placements)
        // First what all of them cost; then, as far as time goes, where the next steps are.
        var cheaper: [Int: Oracle.Optimum] = [:]
        let kinds = ConstraintKind.allCases.filter(problem.request.asks)
        for (index, kind) in kinds.enumerated() {
            progress("what \(kind.label) costs")
            var effect = Effect(
                subject: .constraint(kind), asked: problem.request.asked(kind),
                achieved: try explainer.achieved(kind, achievement))
            let relaxed = try optimum("what \(kind.label) costs", explainer, &effect, problem, relaxed: [kind])
            if effect.isBinding == true { cheaper[index] = relaxed }
            effects.append(effect)
        }
        for (index, kind) in kinds.enumerated() {
            let what = kind.label
            progress("the next values of \(what)")
            if let relaxed = cheaper[index] {
                effects[index].price = try attempt("the price of \(what)") { () throws(Interruption) in
                    try explainer.price(kind)
                }
                effects[index].looser = try attempt("the next looser value of \(what)") { () throws(Interruption) in
                    try explainer.looser(kind, relaxed)
                }
            }
            effects[index].stricter = try attempt("the next stricter value of \(what)") { () throws(Interruption) in
                try explainer.stricter(kind, achievement)
            }
        }
        try explainScheme(explainer, progress)
    }

    /// The optimum without a constraint, and what that makes of its effect. Where it was not proven, a cheaper allocation
    /// that was found shows what the constraint costs at least, and the bound what it costs at most.
    mutating func optimum(
        _ what: String, _ explainer: Explainer, _ effect: inout Effect, _ problem: AllocationProblem,
        relaxed: Set<ConstraintKind> = []
    ) throws(AllocationError) -> Oracle.Optimum? {
        do {
            guard let found = try explainer.oracle.optimum(problem, relaxed: relaxed, part: Oracle.longPart) else {
                return nil
            }
            let saving = max(0, -explainer.difference(found))
            (effect.cost, effect.isBinding) = (saving, saving > 0)
            return found
        } catch {
            switch error {
            case .failed(let failure): throw failure
            case .outOfTime(let found, let bound):
                unfinished.append(what)
                guard let found, explainer.base.cost - explainer.base.gap > found.cost else { return nil }
                (effect.cost, effect.isBinding) = (explainer.base.cost - found.cost, true)
                effect.costAtMost = explainer.base.cost - max(0, bound)
                return nil
            }
        }
    }

    /// One shard more or less of a scheme that was given.
    private mutating func explainScheme(
        _ explainer: Explainer, _ progress: (String) -> Void
    ) throws(AllocationError) {
        guard case .fixed(let scheme) = explainer.problem.request.redundancy else { return }
        progress("what \(scheme) cost")
        func step(_ shards: Int) throws(Interruption) -> Step? {
            guard let other = RedundancyScheme(data: scheme.data, shards: shards) else { return nil }
            let found = try explainer.oracle.optimum(explainer.problem.asking { $0.redundancy = .fixed(other) })
            return Step(value: "\(other)", change: found.map(explainer.difference))
        }
        var effect = Effect(subject: .shards, asked: "\(scheme)", achieved: nil)
        effect.looser = try attempt("one shard less") { () throws(Interruption) in try step(scheme.shards - 1) }
        effect.stricter = try attempt("one shard more") { () throws(Interruption) in try step(scheme.shards + 1) }
        effects.append(effect)
    }

    /// How far the budget holds the recommender's liking down.
    mutating func explainLiking(
        _ problem: AllocationProblem, _ allocation: Allocation, _ optimizer: AllocationOptimizer, _ oracle: Oracle
    ) throws(AllocationError) {
        let request = problem.request
        guard request.budget != nil, request.recommendedPreference.doubleValue > 0, let liking = allocation.preference
        else { return }
        guard oracle.secondsLeft > 0 else {
            unfinished.append("what the budget takes from the recommender's choice")
            return
        }
        var optimizer = optimizer
        optimizer.timeLimit = min(optimizer.timeLimit, oracle.secondsLeft * 2 * Oracle.longPart)
        let free = try optimizer.solve(problem.asking { $0.budget = nil })
        // Likings that are closer cannot be told apart.
        if free.status == .optimal, let without = free.preference, without > liking + 1e-3 {
            likingWithoutBudget = without
        }
    }
}

extension SLARequest {
    /// Whether a constraint of the request as a whole is asked; those of single offers are told apart by offer.
    func asks(_ kind: ConstraintKind) -> Bool {
        switch kind {
        case .budget: budget != nil
        case .latency: qos.latencyMs != nil
        case .availability: qos.availability != nil
        case .durability: qos.durabilityNines != nil
        case .toleratedProviders: toleratedProviders > 0
        case .toleratedRegions: toleratedRegions > 0
        case .maxProviderShare: maxProviderShare != nil
        case .minProviders: minProviders > 1
        case .capacity, .egressLimit, .eligibility: false
        }
    }

    /// What is asked, as text.
    func asked(_ kind: ConstraintKind) -> String {
        switch kind {
        case .budget: budget.map { "\($0.amount) a \($0.period.rawValue)" } ?? ""
        case .latency: "\(qos.latencyMs ?? .zero) ms"
        case .availability: "\(qos.availability ?? .zero)"
        case .durability: "\(qos.durabilityNines ?? 0) nines"
        case .toleratedProviders: "\(toleratedProviders)"
        case .toleratedRegions: "\(toleratedRegions)"
        case .maxProviderShare: Explainer.percent(maxProviderShare?.doubleValue ?? 1)
        case .minProviders: "\(minProviders)"
        case .capacity, .egressLimit, .eligibility: ""
        }
    }
}

extension ConstraintKind {
    /// The constraint in words.
    var label: String {
        switch self {
        case .budget: "the budget"
        case .latency: "the latency bound"
        case .availability: "the availability"
        case .durability: "the durability"
        case .toleratedProviders: "tolerating the loss of providers"
        case .toleratedRegions: "tolerating the loss of regions"
        case .maxProviderShare: "the largest share of a provider"
        case .minProviders: "the least number of providers"
        case .capacity: "what the offers can take"
        case .egressLimit: "egress limits"
        case .eligibility: "the filters on offers"
        }
    }
}

extension Explainer {
    static func percent(_ share: Double) -> String {
        let text = String(format: "%.2f", share * 100)
        return (text.hasSuffix(".00") ? String(text.dropLast(3)) : text) + "%"
    }

    static func milliseconds(_ value: Double) -> String {
        (value == value.rounded() ? String(format: "%.0f", value) : String(format: "%.1f", value)) + " ms"
    }

    /// What the explained allocation has where `kind` asks for something.
    func achieved(_ kind: ConstraintKind, _ achievement: Achievement) throws(AllocationError) -> String? {
        switch kind {
        case .budget:
            guard let budget = problem.request.budget else { return nil }
            let plan = try AllocationPlan(
                problem: problem, placements: base.placements, claimants: base.claimants)
            return "\(try plan.bill().needed(for: budget.period))"
        case .latency: return slowest.map(Self.milliseconds)
        case .availability: return worstFailing(base.placements).map(ConflictAnalysis.availability(failing:))
        case .durability: return String(format: "%.1f nines", achievement.durabilityNines)
        case .toleratedProviders: return "\(achievement.toleratedProviders)"
        case .toleratedRegions: return "\(achievement.toleratedRegions)"
        case .maxProviderShare: return Self.percent(achievement.largestProviderShare)
        case .minProviders: return "\(achievement.providers)"
        case .capacity, .egressLimit, .eligibility: return nil
        }
    }

    /// The slowest round trip of a read, or of the k-th nearest shard where nothing is read, in milliseconds.
    private var slowest: Double? {
        let nearest = Achievement(problem: problem, placements: base.placements).latencies.compactMap(\.self)
        let served = base.placements.flatMap(\.legs).flatMap { leg in
            leg.readShares.indices.filter { leg.readShares[$0] > 0 }.compactMap { problem.latency(of: leg.offer, $0) }
        }
        return (nearest + served).max()
    }

    /// The largest probability, over the placements in use, that data cannot be read.
    func worstFailing(_ placements: [Placement]) -> Double? {
        let positions = Dictionary(problem.offers.enumerated().map { ($1.id, $0) }) { first, _ in first }
        return placements.map { placement in
            let leaves = placement.legs.compactMap { leg in positions[leg.offer.id].map { problem.leaves[$0] } }
            return problem.failures.failureProbability(leaves, data: placement.scheme.data)
        }
        .max()
    }
}
