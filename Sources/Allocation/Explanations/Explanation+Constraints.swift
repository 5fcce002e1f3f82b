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
        for kind in ConstraintKind.allCases where problem.request.asks(kind) {
            progress("what \(kind.label) costs")
            var effect = Effect(
                subject: .constraint(kind), asked: problem.request.asked(kind),
                achieved: try explainer.achieved(kind, achievement))
            let what = kind.label
            let relaxed = try attempt(
                "what \(what) costs",
                { () throws(Interruption) in
                    try explainer.oracle.optimum(problem, relaxed: [kind])
                }
            ).flatMap(\.self)
            if let relaxed {
                let saving = max(0, explainer.settled(base.cost - relaxed.cost))
                (effect.cost, effect.isBinding) = (saving, saving > 0)
                if saving > 0 {
                    effect.looser = try attempt(
                        "the next looser value of \(what)",
                        { () throws(Interruption) in
                            try explainer.looser(kind, relaxed)
                        }
                    ).flatMap(\.self)
                    effect.price = try attempt(
                        "the price of \(what)",
                        { () throws(Interruption) in
                            try explainer.price(kind)
                        }
                    ).flatMap(\.self)
                }
            }
            effect.stricter = try attempt(
                "the next stricter value of \(what)",
                { () throws(Interruption) in
                    try explainer.stricter(kind, achievement)
                }
            ).flatMap(\.self)
            effects.append(effect)
        }
        try explainScheme(explainer, progress)
        try explainLimits(explainer, progress)
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
            return Step(value: "\(other)", change: found.map { explainer.settled($0.cost - explainer.base.cost) })
        }
        var effect = Effect(subject: .shards, asked: "\(scheme)", achieved: nil)
        effect.looser = try attempt("one shard less", { () throws(Interruption) in try step(scheme.shards - 1) })
            .flatMap(\.self)
        effect.stricter = try attempt("one shard more", { () throws(Interruption) in try step(scheme.shards + 1) })
            .flatMap(\.self)
        effects.append(effect)
    }

    /// How far the budget holds the recommender's liking down.
    mutating func explainLiking(
        _ problem: AllocationProblem, _ allocation: Allocation, _ optimizer: AllocationOptimizer, _ oracle: Oracle
    ) throws(AllocationError) {
        let request = problem.request
        guard request.budget != nil, request.recommendedPreference.doubleValue > 0, let liking = allocation.preference
        else { return }
        guard !oracle.isOver else {
            unfinished.append("what the budget takes from the recommender's choice")
            return
        }
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
        case .latency: return achievement.latencies.compactMap(\.self).max().map(Self.milliseconds)
        case .availability: return worstFailing(base.placements).map(ConflictAnalysis.floored)
        case .durability: return String(format: "%.1f nines", achievement.durabilityNines)
        case .toleratedProviders: return "\(achievement.toleratedProviders)"
        case .toleratedRegions: return "\(achievement.toleratedRegions)"
        case .maxProviderShare: return Self.percent(achievement.largestProviderShare)
        case .minProviders: return "\(achievement.providers)"
        case .capacity, .egressLimit, .eligibility: return nil
        }
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
