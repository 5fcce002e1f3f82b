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
        case .availability:
            return try mostReliable(relaxing: kind, clock).map { "an availability of \(Self.floored($0.availability))" }
        case .durability:
            let nines = try mostReliable(relaxing: kind, clock)?.durabilityNines ?? 0
            return "\(Int(max(0, nines.rounded(.down)))) nines of durability"
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
        case .egressLimit: return "read less than is stored"
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

    /// What the most reliable placement that was found achieves: of the cheapest one and of the one whose offers promise
    /// the most. The latter is the best under independence, so more may be possible where causes are shared.
    private func mostReliable(
        relaxing kind: ConstraintKind, _ clock: Stopwatch
    ) throws(AllocationError) -> Achievement? {
        var candidates = try optimizer.mostAvailable(problem, relaxing: kind, clock: clock)
        var timing = Allocation.Timing()
        for scheme in problem.schemes {
            candidates.append(
                try optimizer.cheapest(problem, scheme, relaxed: [kind], clock: clock, timing: &timing))
        }
        let achieved = candidates.filter(\.isFound).map {
            Achievement(problem: problem, scheme: $0.scheme, offers: $0.legs.map(\.offer))
        }
        return achieved.max {
            kind == .availability ? $0.availability < $1.availability : $0.durabilityNines < $1.durabilityNines
        }
    }

    /// The least budget, as its exact bill; what rounding may add is allowed for when the bill alone is too tight.
    private func budgetRemedy(_ clock: Stopwatch) throws(AllocationError) -> String? {
        guard let budget = problem.request.budget else { return nil }
        var timing = Allocation.Timing()
        var least: Amount?
        for scheme in problem.schemes {
            let outcome = try optimizer.thriftiest(problem, scheme, clock: clock, timing: &timing)
            guard outcome.isFound else { continue }
            let bill = try AllocationPlan(problem: problem, scheme: scheme, legs: outcome.legs).bill()
            let needed = bill.needed(for: budget.period)
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
        guard let asked = problem.request.qos.latencyMs?.doubleValue else { return nil }
        let candidates = Set(problem.latencies.flatMap { $0.compactMap { $0 } }).filter { $0 > asked }.sorted()
        var (low, high) = (0, candidates.count - 1)
        guard high >= 0, try isFeasible(latencyBound: candidates[high], clock) else { return nil }
        while low < high {
            let middle = (low + high) / 2
            if try isFeasible(latencyBound: candidates[middle], clock) { high = middle } else { low = middle + 1 }
        }
        return "a latency bound of \(Self.text((candidates[low] * 10).rounded(.up) / 10, digits: 1)) ms"
    }

    /// The smallest share that works, of those that whole shards make.
    private func shareRemedy(_ clock: Stopwatch) throws(AllocationError) -> String? {
        guard let asked = problem.request.maxProviderShare?.doubleValue else { return nil }
        let shares = problem.schemes.flatMap { scheme in
            (1...scheme.shards).map { Double($0) / Double(scheme.shards) }
        }
        // Rounded up, as a share that is cut short would allow one shard less.
        let candidates = Set(shares.map { ($0 * 1e4).rounded(.up) / 1e4 }).filter { $0 > asked }.sorted()
        for share in candidates {
            let text = Self.text(share, digits: 4)
            guard let value = try? ExactDecimal(text) else { continue }
            if try isFeasible(problem.asking({ $0.maxProviderShare = value }), clock) {
                return "allow a share of \(text)"
            }
        }
        return nil
    }

    /// The largest volume that works, of those that fill an offer.
    private func capacityRemedy(_ clock: Stopwatch) throws(AllocationError) -> String? {
        let request = problem.request
        let growth = Double(request.peakLogicalBytes) / Double(max(1, request.logicalBytes))
        let volumes = problem.schemes.flatMap { scheme in
            problem.offers.compactMap(\.capacityBytes).map { Double($0) * Double(scheme.data) / growth }
        }
        let gigabytes = Set(volumes.map { ($0 / 1e6).rounded(.down) / 1e3 })
            .filter { $0 > 0 && $0 * 1e9 < Double(request.logicalBytes) }
        for volume in gigabytes.sorted(by: >).prefix(32) {
            let asking = problem.asking { $0.logicalBytes = Int((volume * 1e9).rounded(.down)) }
            if try isFeasible(asking, clock) { return "store at most \(Self.text(volume, digits: 3)) GB" }
        }
        return nil
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
