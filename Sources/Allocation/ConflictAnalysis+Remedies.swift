import Foundation
import Marketplace
import Money

/// The least change of one constraint, all others kept, that makes the request feasible.
extension ConflictAnalysis {
    typealias Change = Conflict.Change

    func remedy(_ kind: ConstraintKind) throws(AllocationError) -> Least<Change> {
        switch try verdict(relaxed: [kind]) {
        case .feasible: break
        case .infeasible: return Least(value: nil, isProven: true)
        case .unknown: return Least(value: nil, isProven: false)
        }
        let request = problem.request
        switch kind {
        case .budget: return try budgetRemedy()
        case .latency: return try latencyRemedy()
        case .availability: return try availabilityRemedy()
        case .durability: return try largest(below: request.qos.durabilityNines ?? 0) { .durability(nines: $0) }
        case .toleratedProviders: return try largest(below: request.toleratedProviders) { .toleratedProviders($0) }
        case .toleratedRegions: return try largest(below: request.toleratedRegions) { .toleratedRegions($0) }
        case .maxProviderShare: return try shareRemedy()
        case .minProviders: return try largest(below: request.minProviders, from: 1) { .minProviders($0) }
        case .capacity: return try volumeRemedy()
        case .egressLimit:
            return try smallest(of: 101) { .egress(percent: 100 - $0) }
        case .eligibility: return Least(value: nil, isProven: true)
        }
    }

    /// The largest number below `asked` with which the request is feasible.
    private func largest(
        below asked: Int, from least: Int = 0, _ change: (Int) -> Change
    ) throws(AllocationError) -> Least<Change> {
        var isProven = true
        for value in stride(from: asked - 1, through: least, by: -1) {
            switch try verdict(change(value)) {
            case .feasible: return Least(value: change(value), isProven: isProven)
            case .infeasible: isProven = true
            case .unknown: isProven = false
            }
        }
        return Least(value: nil, isProven: isProven)
    }

    /// The first of the changes 1, 2, … `count` − 1 that works, by bisection, where number 0 is known not to: if one
    /// works, so do all after it.
    private func smallest(of count: Int, _ change: (Int) -> Change?) throws(AllocationError) -> Least<Change> {
        func verdict(at index: Int) throws(AllocationError) -> Verdict {
            guard let change = change(index) else { return .unknown }
            return try self.verdict(change)
        }
        guard count > 1 else { return Least(value: nil, isProven: true) }
        var (low, high) = (0, count - 1)
        var isProven = true
        let last = try verdict(at: high)
        guard last == .feasible else { return Least(value: nil, isProven: last == .infeasible) }
        while high - low > 1 {
            let middle = low + (high - low) / 2
            switch try verdict(at: middle) {
            case .feasible: high = middle
            case .infeasible: (low, isProven) = (middle, true)
            case .unknown: (low, isProven) = (middle, false)
            }
        }
        return Least(value: change(high), isProven: isProven)
    }

    // MARK: Budget

    /// The least budget, to the cent. A budget holds for the charges before their rounding and for the bill.
    private func budgetRemedy() throws(AllocationError) -> Least<Change> {
        guard let budget = problem.request.budget else { return Least(value: nil, isProven: true) }
        var most: Int128?
        var least = budget.amount.minor
        let objectives: [ShareObjective] = budget.period == .term ? [.cost] : [.largestMonth, .cost]
        for (number, objective) in objectives.enumerated() {
            let found = try optimizer.find(problem, objective, relaxed: [.budget], clock: clock)
            guard let best = found.best, let bill = try? found.model.plan(best).bill() else { continue }
            let needed = budget.period == .month ? best.largestMonth : best.cost
            let cents = max(bill.needed(for: budget.period).minor, Self.cents(needed, .up))
            most = min(most ?? cents, cents)
            // The first objective is what the budget bounds: below its bound no budget can do.
            if number == 0 {
                least = max(least, Self.cents(found.bound - 1e-6 * max(1, abs(found.bound)), .down))
            }
        }
        guard var high = most else { return Least(value: nil, isProven: false) }
        func change(_ minor: Int128) -> Change { .budget(Amount(minor: minor, budget.amount.asset), budget.period) }
        // The bill of what was found is one way of rounding; a search may end at another one.
        var step: Int128 = 1
        while try verdict(change(high)) != .feasible {
            guard step < 1 << 16 else { return Least(value: nil, isProven: false) }
            high += step
            step *= 2
        }
        var low = min(least, high - 1)
        var isProven = true
        while high - low > 1 {
            let middle = low + (high - low) / 2
            switch try verdict(change(middle)) {
            case .feasible: high = middle
            case .infeasible: (low, isProven) = (middle, true)
            case .unknown: (low, isProven) = (middle, false)
            }
        }
        return Least(value: change(high), isProven: isProven)
    }

    /// An amount as whole cents; what no amount can be is zero.
    private static func cents(_ amount: Double, _ rule: FloatingPointRoundingRule) -> Int128 {
        Int128(exactly: (amount * 100).rounded(rule)) ?? 0
    }

    // MARK: Quality of service

    /// The highest availability that works, to three digits that are not nines: what an allocation was found to achieve,
    /// raised until nothing achieves more.
    private func availabilityRemedy() throws(AllocationError) -> Least<Change> {
        guard let asked = problem.allowedUnavailability,
            var failing = achieved(
                try optimizer.find(problem, relaxed: [.availability], stopsAtFirst: true, clock: clock))
        else { return Least(value: nil, isProven: false) }
        // Between what is asked, which does not work, and what was found, by halves of the logarithm; then by digits.
        var low = log(max(asked, 1e-18))
        while log(failing) - low > 1e-3 {
            let target = (log(failing) + low) / 2
            let better = try optimizer.find(
                problem.allowing(unavailability: exp(target)), stopsAtFirst: true, clock: clock)
            if let found = achieved(better), found < failing { failing = found } else { low = target }
        }
        while true {
            guard let (value, unit) = Self.floored(failing: failing), let next = try? value.adding(unit) else {
                return Least(value: nil, isProven: false)
            }
            // What is asked for does not work, nor does more.
            if problem.request.qos.availability.map({ next >= $0 }) ?? true {
                return Least(value: .availability(value), isProven: true)
            }
            let better = try optimizer.find(
                problem.asking { $0.qos.availability = next }, stopsAtFirst: true, clock: clock)
            guard let found = achieved(better), found < failing else {
                return Least(value: .availability(value), isProven: better.best == nil && better.isComplete)
            }
            failing = found
        }
    }

    /// The probability of failing of the worst placement of an allocation that was found.
    private func achieved(
        _ found: (model: TermModel, best: ShareCandidate?, bound: Double, isComplete: Bool)
    ) -> Double? {
        guard let best = found.best else { return nil }
        return best.columns.map { column, _ in
            problem.failures.failureProbability(
                column.members.map { problem.leaves[$0] }, data: found.model.scheme(column).data)
        }
        .max()
    }

    /// 1 − a probability of failing, in words: rounded down to three digits that are not nines.
    static func availability(failing: Double) -> String { floored(failing: failing).map { "\($0.value)" } ?? "0" }

    /// 1 − a probability of failing, rounded down to three digits that are not nines, and a unit of its last digit.
    static func floored(failing: Double) -> (value: ExactDecimal, unit: ExactDecimal)? {
        let nines = max(0, Int(-log10(max(failing, 1e-17)) + 1e-12))
        let digits = min(18, nines + 3)
        // Rounded up as a whole number of the last digit: a difference from 1 would lose the digits that matter.
        let units = Int128((failing * pow(10, Double(digits)) * (1 - 1e-12)).rounded(.up))
        var one: Int128 = 1
        for _ in 0..<digits { one *= 10 }
        guard let value = try? ExactDecimal(significand: max(0, one - units), scale: digits),
            let unit = try? ExactDecimal(significand: 1, scale: digits)
        else { return nil }
        return (value, unit)
    }

    /// The smallest latency bound that works, to a tenth of a millisecond, among the latencies that occur.
    private func latencyRemedy() throws(AllocationError) -> Least<Change> {
        guard let asked = problem.request.qos.latencyMs else { return Least(value: nil, isProven: true) }
        var tenths: Set<Int> = []
        for row in problem.latencies {
            for case let latency? in row where latency > asked.doubleValue {
                tenths.insert(Int((min(latency, 1e12) * 10).rounded(.up)))
            }
        }
        let candidates = tenths.sorted()
        return try smallest(of: candidates.count + 1) { index in
            guard index > 0 else { return nil }
            return (try? ExactDecimal(significand: Int128(candidates[index - 1]), scale: 1)).map { .latency($0) }
        }
    }

    // MARK: Volumes

    /// The smallest share that works, to a hundredth of a percent.
    private func shareRemedy() throws(AllocationError) -> Least<Change> {
        guard let asked = problem.request.maxProviderShare,
            let start = try? asked.scaled(by: 10_000, rounding: .down), start < 10_000
        else { return Least(value: nil, isProven: true) }
        return try smallest(of: Int(10_000 - start) + 1) { index in
            (try? ExactDecimal(significand: start + Int128(index), scale: 4)).map { .maxProviderShare($0) }
        }
    }

    /// The largest volume that works, in steps of a power of ten between a millionth and a hundred thousandth of what
    /// is asked.
    ///
    /// Less volume is not always easier: what may be read free, or at all, is often a multiple of it. Where the least
    /// does not work, a first one that does is looked for in steps of a twentieth.
    private func volumeRemedy() throws(AllocationError) -> Least<Change> {
        let asked = problem.request.logicalBytes
        var step = 1
        while step <= asked / 1_000_000 { step *= 10 }
        let steps = (asked - 1) / step
        func change(_ index: Int) -> Change { .volume((steps + 1 - index) * step) }
        let least = try smallest(of: steps + 1, change)
        if least.value != nil || steps < 20 { return least }
        var failed = 0
        for twentieth in 1..<20 {
            let index = steps * twentieth / 20
            if try verdict(change(index)) == .feasible {
                return try smallest(of: index - failed + 1) { change(failed + $0) }
            }
            failed = index
        }
        return Least(value: nil, isProven: false)
    }
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
