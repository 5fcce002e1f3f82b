import Foundation
import Marketplace
import MathematicalProgramming

/// Finds the cheapest allocation of a request, or says what stands in the way.
///
/// All data lies under one placement. For each scheme, offers that others dominate are set aside (``Dominance``) and the
/// plain formulation (``AllocationModel``) over the rest goes to HiGHS;
/// placements whose exact availability or durability falls short are excluded and the model is solved again. Every
/// answer passes ``AllocationCheck``, which shares nothing with the model.
public struct AllocationOptimizer: Sendable {
    /// Seconds for the whole answer.
    public var timeLimit: Double
    /// How many placements may be excluded before the search is cut short.
    public var exclusionLimit: Int
    /// How far from the optimum an answer may be and still count as optimal.
    public var relativeGap: Double

    /// An optimizer with limits.
    public init(timeLimit: Double = 30, exclusionLimit: Int = 400, relativeGap: Double = 1e-6) {
        self.timeLimit = timeLimit
        self.exclusionLimit = exclusionLimit
        self.relativeGap = relativeGap
    }

    /// Solves `problem`. Deterministic unless the time limit strikes.
    ///
    /// - Throws: ``AllocationError/solver(_:)``, and ``AllocationError/checkFailed(_:)`` should an answer not hold.
    public func solve(_ problem: AllocationProblem) throws(AllocationError) -> Allocation {
        let clock = Stopwatch()
        var timing = Allocation.Timing()
        var best: Outcome?
        var bound = Double.infinity
        var cutShort = false
        for scheme in problem.schemes {
            let start = clock.milliseconds
            let reduced = problem.keeping(Dominance(problem, scheme).survivors())
            timing.presolving += clock.milliseconds - start
            let outcome = try cheapest(reduced, scheme, clock: clock, cutoff: best?.objective, timing: &timing)
            cutShort = cutShort || outcome.cutShort
            bound = min(bound, outcome.bound)
            if outcome.isFound, outcome.objective < best?.objective ?? .infinity { best = outcome }
        }
        guard var answer = best else {
            if cutShort { return Allocation(status: .timeLimit, bound: bound.isFinite ? bound : nil, timing: timing) }
            let start = clock.milliseconds
            let conflict = try ConflictAnalysis(problem: problem, optimizer: self).conflict()
            timing.explaining = clock.milliseconds - start
            return Allocation(status: .infeasible, conflict: conflict, timing: timing)
        }
        let cheapest = answer
        let tolerance = problem.request.recommendedPreference.doubleValue
        if tolerance > 0, !cutShort {
            let most = (1 + tolerance) * cheapest.objective
            answer = try preferred(problem, cheapest, most: most, clock: clock, timing: &timing)
        }
        let faults = AllocationCheck(problem: problem, scheme: answer.scheme, legs: answer.legs).faults()
        guard faults.isEmpty else { throw .checkFailed(faults) }
        let lower = min(bound, cheapest.objective)
        let gap = cheapest.objective == 0 ? 0 : max(0, (cheapest.objective - lower) / abs(cheapest.objective))
        return Allocation(
            status: gap <= max(relativeGap, 1e-6) && !cutShort ? .optimal : .feasible, scheme: answer.scheme,
            legs: answer.legs, objective: answer.objective, cheapest: cheapest.objective, bound: lower, gap: gap,
            preference: answer.preference, cheapestPreference: cheapest.preference, timing: timing)
    }

    /// What the search for one scheme came to.
    struct Outcome {
        var scheme: RedundancyScheme
        var legs: [PlannedLeg] = []
        var objective = Double.infinity
        /// No placement of the scheme costs less.
        var bound = Double.infinity
        var preference = 0.0
        /// Whether a limit struck before the search was complete.
        var cutShort = false

        var isFound: Bool { !legs.isEmpty }
    }

    /// The cheapest placement of one scheme.
    func cheapest(
        _ problem: AllocationProblem, _ scheme: RedundancyScheme, relaxed: Set<ConstraintKind> = [],
        latencyBound: Double? = nil, clock: Stopwatch, cutoff: Double? = nil, timing: inout Allocation.Timing
    ) throws(AllocationError) -> Outcome {
        guard problem.offers.count >= scheme.shards else { return Outcome(scheme: scheme) }
        let start = clock.milliseconds
        do throws(ProgrammingError) {
            var model = try AllocationModel(problem, scheme: scheme, relaxed: relaxed, latencyBound: latencyBound)
            if let cutoff { model.program.add(model.termCost <= cutoff, name: "cutoff") }
            timing.modelling += clock.milliseconds - start
            return try search(&model, clock: clock, timing: &timing)
        } catch {
            throw .solver(error)
        }
    }

    /// Among allocations of all schemes that cost at most `most`, the one the recommender likes best; of equally liked
    /// ones the cheapest.
    private func preferred(
        _ problem: AllocationProblem, _ cheapest: Outcome, most: Double, clock: Stopwatch,
        timing: inout Allocation.Timing
    ) throws(AllocationError) -> Outcome {
        do throws(ProgrammingError) {
            var liked: [(model: AllocationModel, liking: LinearExpression, most: Double)] = []
            for scheme in problem.schemes where problem.offers.count >= scheme.shards {
                var model = try AllocationModel(problem, scheme: scheme)
                model.program.add(model.termCost <= most, name: "preference")
                let liking = LinearExpression(
                    model.chosen.indices.map { Term(model.chosen[$0], problem.preferences[$0] / Double(scheme.shards)) }
                )
                try model.program.setObjective(.maximize, liking)
                let found = try search(&model, clock: clock, timing: &timing)
                if found.isFound { liked.append((model, liking, found.preference)) }
            }
            let best = liked.map(\.most).max() ?? 0
            guard best > cheapest.preference + 1e-9 else { return cheapest }
            var answer: Outcome?
            for case (var model, let liking, let reached) in liked where reached >= best - 1e-9 {
                model.program.add(liking >= best - 1e-7, name: "liking")
                try model.program.setObjective(.minimize, model.termCost)
                let found = try search(&model, clock: clock, timing: &timing)
                if found.isFound, found.objective < answer?.objective ?? .infinity { answer = found }
            }
            return answer ?? cheapest
        } catch {
            throw .solver(error)
        }
    }

    /// The least budget that a placement of the scheme fits into when every constraint but the budget holds.
    func thriftiest(
        _ problem: AllocationProblem, _ scheme: RedundancyScheme, clock: Stopwatch, timing: inout Allocation.Timing
    ) throws(AllocationError) -> Outcome {
        guard problem.request.budget?.period == .month else {
            return try cheapest(problem, scheme, relaxed: [.budget], clock: clock, timing: &timing)
        }
        guard problem.offers.count >= scheme.shards else { return Outcome(scheme: scheme) }
        do throws(ProgrammingError) {
            var model = try AllocationModel(problem, scheme: scheme, relaxed: [.budget])
            let largest = model.program.addVariable("largestMonth")
            for cost in model.budgetedMonths { model.program.add(cost + (-1) * largest <= 0) }
            try model.program.setObjective(.minimize, largest)
            return try search(&model, clock: clock, timing: &timing)
        } catch {
            throw .solver(error)
        }
    }

    /// For each scheme the placement whose offers promise the most, one constraint left out.
    func mostAvailable(
        _ problem: AllocationProblem, relaxing kind: ConstraintKind, clock: Stopwatch
    ) throws(AllocationError) -> [Outcome] {
        var outcomes: [Outcome] = []
        var timing = Allocation.Timing()
        for scheme in problem.schemes where problem.offers.count >= scheme.shards {
            do throws(ProgrammingError) {
                var model = try AllocationModel(problem, scheme: scheme, relaxed: [kind])
                let logs = model.chosen.indices.map {
                    Term(model.chosen[$0], log(max(problem.leaves[$0].unavailability, 1e-15)))
                }
                try model.program.setObjective(.minimize, LinearExpression(logs))
                let outcome = try search(&model, clock: clock, timing: &timing)
                if outcome.isFound { outcomes.append(outcome) }
            } catch {
                throw .solver(error)
            }
        }
        return outcomes
    }

    /// Solves the model, excluding placements that fall short of what is not linear, until one stands.
    private func search(
        _ model: inout AllocationModel, clock: Stopwatch, timing: inout Allocation.Timing
    ) throws(ProgrammingError) -> Outcome {
        var outcome = Outcome(scheme: model.scheme)
        let start = clock.milliseconds
        defer { timing.solving += clock.milliseconds - start }
        for _ in 0...exclusionLimit {
            let left = timeLimit - clock.milliseconds / 1000
            guard left > 0 else { break }
            let solution = try solution(of: model, seconds: left)
            // Costs are never negative and liking is at most 1, so the model cannot be unbounded.
            if solution.status == .infeasible || solution.status == .infeasibleOrUnbounded {
                return Outcome(scheme: model.scheme)
            }
            guard solution.isFeasible else { break }
            let chosen = model.chosen.indices.filter { solution[model.chosen[$0]] > 0.5 }
            if model.program.sense == .minimize, let bound = solution.bound { outcome.bound = bound }
            if model.isReliable(chosen), let (fitting, legs) = try fitting(solution, chosen, model, seconds: left) {
                outcome.legs = legs
                outcome.objective = model.termCost.value(fitting)
                outcome.preference = chosen.reduce(0) { $0 + model.problem.preferences[$1] } / Double(chosen.count)
                outcome.cutShort = solution.status != .optimal
                return outcome
            }
            model.exclude(chosen)
        }
        outcome.cutShort = true
        if outcome.bound == .infinity { outcome.bound = 0 }
        return outcome
    }

    private func solution(of model: AllocationModel, seconds: Double) throws(ProgrammingError) -> Solution {
        var parameters = SolverParameters(timeLimit: seconds, relativeGap: relativeGap)
        parameters.absoluteGap = 1e-9
        parameters.wantsRays = false
        return try HiGHSSolver().solve(model.program, parameters)
    }

    /// The solution and its legs if the exact bill keeps the budget; else another routing over the same placement that
    /// keeps it for certain, if there is one.
    private func fitting(
        _ solution: Solution, _ chosen: [Int], _ model: AllocationModel, seconds: Double
    ) throws(ProgrammingError) -> (Solution, [PlannedLeg])? {
        let legs = model.legs(chosen, solution)
        if model.fitsBudget(legs, solution) { return (solution, legs) }
        var tightened = model
        for j in chosen { try tightened.program.setBounds(of: tightened.chosen[j], lower: 1, upper: 1) }
        tightened.addBudget(slack: -1)
        let other = try self.solution(of: tightened, seconds: seconds)
        guard other.isFeasible else { return nil }
        let otherLegs = tightened.legs(chosen, other)
        return tightened.fitsBudget(otherLegs, other) ? (other, otherLegs) : nil
    }
}

extension AllocationModel {
    /// Whether a placement reaches the availability and durability asked for, exactly.
    func isReliable(_ placement: [Int]) -> Bool {
        let leaves = placement.map { problem.leaves[$0] }
        if holds(.availability), let allowed = problem.allowedUnavailability,
            problem.failures.failureProbability(leaves, data: scheme.data) > allowed * (1 + 1e-9)
        {
            return false
        }
        if holds(.durability), let asked = problem.request.qos.durabilityNines,
            problem.failures.durabilityNines(leaves, data: scheme.data) < Double(asked) - 1e-9
        {
            return false
        }
        return true
    }

    /// Whether the exact bill keeps the budget; the model lets half a cent a line pass.
    func fitsBudget(_ legs: [PlannedLeg], _ solution: Solution) -> Bool {
        guard let budget = problem.request.budget, holds(.budget) else { return true }
        let cost =
            budget.period == .term
            ? termCost.value(solution) : budgetedMonths.map { $0.value(solution) }.max() ?? 0
        if cost <= budget.amount.doubleValue - roundingSlack(budget.period) { return true }
        guard let plan = try? AllocationPlan(problem: problem, scheme: scheme, legs: legs), let bill = try? plan.bill()
        else { return false }
        return bill.needed(for: budget.period).minor <= budget.amount.minor
    }

    /// The legs of a solution, with read shares cleared of the solver's tolerance.
    func legs(_ placement: [Int], _ solution: Solution) -> [PlannedLeg] {
        let shares = reads.map { row -> [Double] in
            let raw = placement.map { j in row[j].map { min(1, max(0, solution[$0])) } ?? 0 }
            let clean = raw.map { $0 < 1e-7 ? 0 : ($0 > 1 - 1e-7 ? 1 : $0) }
            let sum = clean.reduce(0, +)
            return sum > 0 ? clean.map { min(1, $0 * Double(scheme.data) / sum) } : clean
        }
        return placement.enumerated().map { position, j in
            PlannedLeg(offer: problem.offers[j], readShares: shares.map { $0[position] })
        }
    }
}

extension LinearExpression {
    /// The expression at a solution.
    func value(_ solution: Solution) -> Double {
        terms.reduce(constant) { $0 + $1.coefficient * solution[$1.variable] }
    }
}

/// Elapsed time. The only clock in this module; it decides nothing but when to stop.
struct Stopwatch {
    private let start = DispatchTime.now().uptimeNanoseconds

    /// Milliseconds since the start.
    var milliseconds: Double { Double(DispatchTime.now().uptimeNanoseconds - start) / 1e6 }
}
