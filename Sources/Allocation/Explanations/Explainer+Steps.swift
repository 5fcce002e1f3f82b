import Foundation
import Marketplace
import Money

/// The nearest values of constraints that come in steps at which the optimum changes.
extension Explainer {
    /// The nearest looser value; nil where there is none, or the constraint has a price instead.
    ///
    /// - Parameter relaxed: the optimum without the constraint, cheaper than with it.
    func looser(_ kind: ConstraintKind, _ relaxed: Oracle.Optimum) throws(Interruption) -> Explanation.Step? {
        let request = problem.request
        switch kind {
        case .latency:
            let asked = request.qos.latencyMs?.doubleValue ?? 0
            return try step(occurringTenths.filter { Double($0) / 10 > asked }, isStricter: false, Self.tenths) {
                $0.qos.latencyMs = $1
            }
        case .availability: return try looserAvailability(relaxed)
        case .durability:
            return try step((request.qos.durabilityNines ?? 0) - 1, to: 0, { "\($0) nines" }) {
                $0.qos.durabilityNines = $1
            }
        case .toleratedProviders:
            return try step(request.toleratedProviders - 1, to: 0) { $0.toleratedProviders = $1 }
        case .toleratedRegions: return try step(request.toleratedRegions - 1, to: 0) { $0.toleratedRegions = $1 }
        case .minProviders: return try step(request.minProviders - 1, to: 1) { $0.minProviders = $1 }
        case .budget, .maxProviderShare, .capacity, .egressLimit, .eligibility: return nil
        }
    }

    /// The nearest stricter value; nil where there is none, or the constraint has a price instead.
    func stricter(_ kind: ConstraintKind, _ achievement: Achievement) throws(Interruption) -> Explanation.Step? {
        let request = problem.request
        switch kind {
        case .latency:
            let asked = request.qos.latencyMs?.doubleValue ?? 0
            // Just below a latency that occurs.
            let below = occurringTenths.map { $0 - 1 }.filter { $0 > 0 && Double($0) / 10 < asked }
            return try step(below.reversed(), isStricter: true, Self.tenths) { $0.qos.latencyMs = $1 }
        case .availability: return try stricterAvailability()
        case .durability:
            let next = max(request.qos.durabilityNines ?? 0, Int(min(achievement.durabilityNines, 300))) + 1
            return try step(next, to: next, isStricter: true, { "\($0) nines" }) { $0.qos.durabilityNines = $1 }
        case .toleratedProviders:
            let next = max(request.toleratedProviders, achievement.toleratedProviders) + 1
            return try step(next, to: next, isStricter: true) { $0.toleratedProviders = $1 }
        case .toleratedRegions:
            let next = max(request.toleratedRegions, achievement.toleratedRegions) + 1
            return try step(next, to: next, isStricter: true) { $0.toleratedRegions = $1 }
        case .minProviders:
            let next = max(request.minProviders, achievement.providers) + 1
            return try step(next, to: next, isStricter: true) { $0.minProviders = $1 }
        case .budget, .maxProviderShare, .capacity, .egressLimit, .eligibility: return nil
        }
    }

    // MARK: Whole numbers and latencies

    private func step(
        _ first: Int, to last: Int, last relaxed: Oracle.Optimum? = nil, isStricter: Bool = false,
        _ text: (Int) -> String = { "\($0)" }, _ set: (inout SLARequest, Int) -> Void
    ) throws(Interruption) -> Explanation.Step? {
        // A request that is loosened counts down, one that is made stricter does not count at all.
        let found = try firstChange(Array(stride(from: first, through: last, by: -1))) { (value) throws(Interruption) in
            // The last value is no constraint at all.
            if let relaxed, value == last { return difference(relaxed) }
            return try extraCost(of: problem.asking { set(&$0, value) }, isStricter: isStricter)
        }
        return found.map { Explanation.Step(value: text($0.value), change: $0.change) }
    }

    /// The first of `candidates`, the nearest first, that changes the optimum.
    private func step<Value>(
        _ candidates: [Int], isStricter: Bool, _ read: (Int) -> (value: Value, text: String)?,
        _ set: (inout SLARequest, Value) -> Void
    ) throws(Interruption) -> Explanation.Step? {
        let values = candidates.compactMap(read)
        let found = try firstChange(values) { (candidate) throws(Interruption) in
            try extraCost(of: problem.asking { set(&$0, candidate.value) }, isStricter: isStricter)
        }
        return found.map { Explanation.Step(value: $0.value.text, change: $0.change) }
    }

    /// Latencies that occur, rounded up to tenths of milliseconds, ascending.
    private var occurringTenths: [Int] {
        let occurring = problem.latencies.flatMap { $0.compactMap(\.self) }
        return Set(occurring.map { Int(min($0, 1e6) * 10 + 0.999_999) }).sorted()
    }

    private static func tenths(_ count: Int) -> (value: ExactDecimal, text: String)? {
        (try? ExactDecimal(significand: Int128(count), scale: 1)).map { ($0, milliseconds(Double(count) / 10)) }
    }

    // MARK: Availability

    /// The highest availability below what is asked at which the optimum is cheaper: what a cheaper allocation achieves,
    /// raised until none that achieves more is cheaper.
    private func looserAvailability(_ relaxed: Oracle.Optimum) throws(Interruption) -> Explanation.Step? {
        guard let asked = problem.allowedUnavailability, var failing = worstFailing(relaxed.placements) else {
            return nil
        }
        var saving = base.cost - relaxed.cost
        var low = log(max(asked, 1e-18))
        // A cheaper allocation for less failing: just below what was found, which ends it, or at half the logarithm.
        for round in 0..<100 {
            let high = log(failing)
            let closest = high + log1p(-1e-6)
            guard closest > low else { break }
            let target = round.isMultiple(of: 2) ? closest : (high + low) / 2
            if let better = try oracle.optimum(problem.allowing(unavailability: exp(target))),
                difference(better) < 0, let achieved = worstFailing(better.placements), achieved < failing
            {
                (failing, saving) = (achieved, base.cost - better.cost)
            } else {
                if target == closest { break }
                low = target
            }
        }
        return Explanation.Step(value: ConflictAnalysis.availability(failing: failing), change: -saving)
    }

    /// Just above the most that any of the cheapest allocations achieves.
    private func stricterAvailability() throws(Interruption) -> Explanation.Step? {
        guard var failing = worstFailing(base.placements) else { return nil }
        for _ in 0..<20 where failing > 1e-17 {
            let found = try oracle.optimum(problem.allowing(unavailability: failing * (1 - 1e-6)))
            let value = "more than \(ConflictAnalysis.availability(failing: failing))"
            guard let found else { return Explanation.Step(value: value, change: nil) }
            let change = difference(found)
            if change > 0 { return Explanation.Step(value: value, change: change) }
            guard let next = worstFailing(found.placements), next < failing else { return nil }
            failing = next
        }
        return nil
    }
}
