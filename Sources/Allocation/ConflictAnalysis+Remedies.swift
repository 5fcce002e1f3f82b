import Foundation
import Marketplace
import Money

/// What change of one constraint, all others kept, makes the request feasible.
extension ConflictAnalysis {
    /// The change in words; nil when none was found.
    func remedy(_ kind: ConstraintKind, _ clock: Stopwatch) throws(AllocationError) -> String? {
        guard try isFeasible(relaxed: [kind], clock) else { return nil }
        let request = problem.request
        switch kind {
        case .budget: return try budgetRemedy(clock)
        case .latency: return try latencyRemedy(clock)
        case .availability: return try availabilityRemedy(clock)
        case .durability:
            return try largest(below: request.qos.durabilityNines ?? 0, clock) { $0.qos.durabilityNines = $1 }
                .map { "\($0) nines of durability" }
        case .toleratedProviders:
            return try largest(below: request.toleratedProviders, clock) { $0.toleratedProviders = $1 }
                .map { "tolerate the loss of \($0) providers" }
        case .toleratedRegions:
            return try largest(below: request.toleratedRegions, clock) { $0.toleratedRegions = $1 }
                .map { "tolerate the loss of \($0) regions" }
        case .maxProviderShare: return try shareRemedy(clock)
        case .minProviders:
            return try largest(below: request.minProviders, from: 1, clock) { $0.minProviders = $1 }
                .map { "be content with \($0) providers" }
        case .capacity: return try capacityRemedy(clock)
        case .egressLimit: return try egressRemedy(clock)
        case .eligibility: return nil
        }
    }

    /// The largest value below `asked` with which the request is feasible.
    private func largest(
        below asked: Int, from least: Int = 0, _ clock: Stopwatch, _ set: (inout SLARequest, Int) -> Void
    ) throws(AllocationError) -> Int? {
        for value in stride(from: asked - 1, through: least, by: -1) {
            if try isFeasible(problem.asking { set(&$0, value) }, clock) { return value }
        }
        return nil
    }

    /// The highest availability that works: what an allocation was found to achieve, raised until nothing achieves more.
    private func availabilityRemedy(_ clock: Stopwatch) throws(AllocationError) -> String? {
        guard let asked = problem.allowedUnavailability else { return nil }
        func achieved(_ found: (model: TermModel, best: ShareCandidate?)) -> Double? {
            guard let best = found.best else { return nil }
            return found.model.placements(best).map { placement in
                let leaves = placement.legs.compactMap { leg in
                    problem.offers.firstIndex { $0.id == leg.offer.id }.map { problem.leaves[$0] }
                }
                return problem.failures.failureProbability(leaves, data: placement.scheme.data)
            }
            .max()
        }
        guard
            var failing = achieved(
                try optimizer.find(problem, relaxed: [.availability], stopsAtFirst: true, clock: clock))
        else { return nil }
        // Between what is asked, which does not work, and what was found, by halves of the logarithm; then step by step.
        var low = log(max(asked, 1e-18))
        for _ in 0..<200 {
            let target = log(failing) - low > 1e-3 ? (log(failing) + low) / 2 : log(failing * (1 - 1e-4))
            guard target > low else { break }
            let asking = problem.allowing(unavailability: exp(target))
            if let better = achieved(try optimizer.find(asking, stopsAtFirst: true, clock: clock)), better < failing {
                failing = better
            } else {
                if log(failing) - low <= 1e-3 { break }
                low = target
            }
        }
        return "an availability of \(Self.floored(failing: failing))"
    }

    /// The least budget, as its exact bill; what rounding may add is allowed for when the bill alone is too tight.
    private func budgetRemedy(_ clock: Stopwatch) throws(AllocationError) -> String? {
        guard let budget = problem.request.budget else { return nil }
        var least: Amount?
        for objective in budget.period == .term ? [ShareObjective.cost] : [.largestMonth, .cost] {
            let found = try optimizer.find(problem, objective, relaxed: [.budget], clock: clock)
            guard let best = found.best else { continue }
            let needed = try found.model.plan(best).bill().needed(for: budget.period)
            if needed.minor < least?.minor ?? .max { least = needed }
        }
        guard let least else { return nil }
        for cents in [0, 10, 100] {
            let amount = Amount(minor: least.minor + Int128(cents), least.asset)
            let asking = problem.asking { $0.budget = SLARequest.Budget(amount: amount, period: budget.period) }
            if try isFeasible(asking, clock) { return "a budget of \(amount) per \(budget.period.rawValue)" }
        }
        return nil
    }

    /// The smallest latency bound that works, by bisection over the latencies that occur.
    private func latencyRemedy(_ clock: Stopwatch) throws(AllocationError) -> String? {
        guard let asked = problem.request.qos.latencyMs else { return nil }
        let occurring = problem.latencies.flatMap { $0.compactMap { $0 } }
        let tenths = Set(occurring.map { Int(min($0, 1e6) * 10 + 0.999_999) })
        let candidates = tenths.filter { Double($0) / 10 > asked.doubleValue }.sorted()
        return try smallest(of: candidates, clock) { request, tenth in
            request.qos.latencyMs = try? ExactDecimal(significand: Int128(tenth), scale: 1)
        }
        .map { "a latency bound of \(Self.text(Double($0) / 10, digits: 1)) ms" }
    }

    /// The smallest share that works, to a hundredth of a percent.
    private func shareRemedy(_ clock: Stopwatch) throws(AllocationError) -> String? {
        guard let asked = problem.request.maxProviderShare?.doubleValue else { return nil }
        let candidates = Array((Int((asked * 1e4).rounded(.down)) + 1)...max(10_000, Int(asked * 1e4) + 1))
        return try smallest(of: candidates, clock) { request, share in
            request.maxProviderShare = try? ExactDecimal(significand: Int128(share), scale: 4)
        }
        .map { "allow a share of \(Self.text(Double($0) / 1e4, digits: 4))" }
    }

    /// The largest volume that works, to a hundred thousandth of what is asked.
    private func capacityRemedy(_ clock: Stopwatch) throws(AllocationError) -> String? {
        let step = max(1_000_000, problem.request.logicalBytes / 100_000)
        let candidates = Array((1...max(1, problem.request.logicalBytes / step)).reversed())
        return try smallest(of: candidates, clock) { $0.logicalBytes = $1 * step }
            .map { "store at most \(Self.text(Double($0 * step) / 1e9, digits: 3)) GB" }
    }

    /// The largest part of the egress that works, in percent.
    private func egressRemedy(_ clock: Stopwatch) throws(AllocationError) -> String? {
        try smallest(of: Array((0...99).reversed()), clock) { request, percent in
            for u in request.traffic.indices {
                request.traffic[u].egressBytes = request.traffic[u].egressBytes / 100 * percent
            }
        }
        .map { "read at most \($0)% of the egress asked for" }
    }

    /// The first of `candidates` that works, by bisection: if one works, so do all after it.
    private func smallest(
        of candidates: [Int], _ clock: Stopwatch, _ set: (inout SLARequest, Int) -> Void
    ) throws(AllocationError) -> Int? {
        func works(_ index: Int) throws(AllocationError) -> Bool {
            try isFeasible(problem.asking { set(&$0, candidates[index]) }, clock)
        }
        var (low, high) = (0, candidates.count - 1)
        guard high >= 0, try works(high) else { return nil }
        while low < high {
            let middle = (low + high) / 2
            if try works(middle) { high = middle } else { low = middle + 1 }
        }
        return candidates[low]
    }

    /// 1 − a probability of failing, rounded down to three digits that are not nines.
    static func floored(failing: Double) -> String {
        let nines = max(0, Int(-log10(max(failing, 1e-17)) + 1e-12))
        let digits = min(18, nines + 3)
        // Rounded up as a whole number of the last digit: a difference from 1 would lose the digits that matter.
        let units = Int128((failing * pow(10, Double(digits)) * (1 - 1e-12)).rounded(.up))
        var one: Int128 = 1
        for _ in 0..<digits { one *= 10 }
        guard let value = try? ExactDecimal(significand: one - units, scale: digits) else { return "0" }
        return "\(value)"
    }

    static func text(_ value: Double, digits: Int) -> String { String(format: "%.\(digits)f", value) }
}

extension AllocationProblem {
    /// The problem with another availability asked for, given as the probability that is allowed to fail.
    func allowing(unavailability: Double) -> AllocationProblem {
        asking { request in
            var one: Int128 = 1
            for _ in 0..<18 { one *= 10 }
            let units = Int128((unavailability * 1e18).rounded())
            request.qos.availability = try? ExactDecimal(significand: max(0, one - units), scale: 18)
        }
    }
}
