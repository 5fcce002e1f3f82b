import Foundation
import Marketplace
import MathematicalProgramming

/// Finds the cheapest allocation of a request, or says what stands in the way.
///
/// Shares over placements are found by branch and price (``ShareOptimizer``); a preference is a second search, for the
/// allocation that the recommender likes best among those that cost little more. Every answer carries a proven lower
/// bound and passes ``AllocationCheck``, which shares nothing with the search.
public struct AllocationOptimizer: Sendable {
    /// Seconds for the whole answer.
    public var timeLimit: Double
    /// How far from the optimum an answer may be and still count as optimal.
    public var relativeGap: Double

    /// An optimizer with limits.
    public init(timeLimit: Double = 30, relativeGap: Double = 1e-6) {
        self.timeLimit = timeLimit
        self.relativeGap = relativeGap
    }

    /// The gap that is used: what is no number, infinite or negative is none to aim at.
    private var usedGap: Double { relativeGap.isFinite && relativeGap >= 0 ? relativeGap : 1e-6 }

    /// Solves `problem`. Deterministic unless the time limit strikes.
    ///
    /// - Throws: ``AllocationError/solver(_:)``, and ``AllocationError/checkFailed(_:)`` should an answer not hold.
    public func solve(_ problem: AllocationProblem) throws(AllocationError) -> Allocation {
        let clock = Stopwatch()
        var timing = Allocation.Timing()
        let model = TermModel(problem)
        timing.modelling = clock.milliseconds
        let (cheapest, columns) = try search(model, .cost, clock: clock, timing: &timing)
        guard let least = cheapest.best else {
            if !cheapest.isComplete {
                let bound = cheapest.bound.isFinite ? cheapest.bound : nil
                return Allocation(status: .timeLimit, bound: bound, timing: timing)
            }
            let start = clock.milliseconds
            let conflict = try ConflictAnalysis(problem: problem, optimizer: self).conflict()
            timing.explaining = clock.milliseconds - start
            return Allocation(status: .infeasible, conflict: conflict, timing: timing)
        }
        var answer = least
        let tolerance = problem.request.recommendedPreference.doubleValue
        var isComplete = cheapest.isComplete
        // Where all are liked alike there is nothing to choose.
        if tolerance > 0, isComplete, Set(problem.preferences).count > 1 {
            let most = (1 + tolerance) * least.cost
            let liked = try search(model, .liking(most: most), columns: columns, clock: clock, timing: &timing).0
            isComplete = liked.isComplete
            if let found = liked.best, found.liking > least.liking + 1e-9 { answer = found }
        }
        let start = clock.milliseconds
        let placements = model.placements(answer)
        let claimants = model.claimants(answer)
        let faults = AllocationCheck(problem: problem, placements: placements, claimants: claimants).faults()
        guard faults.isEmpty else { throw .checkFailed(faults) }
        timing.checking = clock.milliseconds - start
        let gap = max(0, least.cost - cheapest.bound) / max(1, abs(least.cost))
        return Allocation(
            status: gap <= max(usedGap, 1e-6) && isComplete ? .optimal : .feasible, placements: placements,
            claimants: claimants, objective: answer.cost, cheapest: least.cost, bound: cheapest.bound, gap: gap,
            preference: answer.liking, cheapestPreference: least.liking, timing: timing)
    }

    /// One search over the placements of `model`, and the columns it came to know.
    func search(
        _ model: TermModel, _ objective: ShareObjective, columns: [ShareColumn] = [], stopsAtFirst: Bool = false,
        clock: Stopwatch, timing: inout Allocation.Timing
    ) throws(AllocationError) -> (ShareOptimizer.Result, [ShareColumn]) {
        // What is no number, or negative, is no time at all.
        let limit = timeLimit > 0 ? timeLimit * 1000 : 0
        do throws(ProgrammingError) {
            let optimizer = ShareOptimizer(
                model, objective, relativeGap: usedGap, columns: columns, deadline: { clock.milliseconds > limit })
            optimizer.stopsAtFirst = stopsAtFirst
            let start = clock.milliseconds
            let result = try optimizer.run()
            timing.searching += clock.milliseconds - start - optimizer.programming
            timing.programming += optimizer.programming
            timing.nodes += optimizer.nodes
            timing.programs += optimizer.programs
            timing.columns += optimizer.columns.count
            return (result, optimizer.columns)
        } catch {
            throw .solver(error)
        }
    }

    /// The cheapest allocation of `problem` without some of its constraints, or any allocation at all.
    func find(
        _ problem: AllocationProblem, _ objective: ShareObjective = .cost, relaxed: Set<ConstraintKind> = [],
        stopsAtFirst: Bool = false, clock: Stopwatch
    ) throws(AllocationError) -> (model: TermModel, best: ShareCandidate?, bound: Double, isComplete: Bool) {
        let model = TermModel(problem, relaxed: relaxed)
        var timing = Allocation.Timing()
        let result = try search(model, objective, stopsAtFirst: stopsAtFirst, clock: clock, timing: &timing).0
        return (model, result.best, result.bound, result.isComplete)
    }
}

extension TermModel {
    /// A candidate's placements: columns of the same offers together, the largest share first.
    func placements(_ candidate: ShareCandidate) -> [Placement] {
        struct Key: Hashable {
            let scheme: Int
            let members: [Int]
        }
        var order: [Key] = []
        var shares: [Key: Double] = [:]
        var fetched: [Key: [[Double]]] = [:]
        for (column, share) in candidate.columns {
            let key = Key(scheme: column.scheme, members: column.members)
            if shares[key] == nil {
                order.append(key)
                fetched[key] = column.members.map { _ in [Double](repeating: 0, count: request.traffic.count) }
            }
            shares[key, default: 0] += share
            for (u, offers) in column.fetched.enumerated() {
                for (leg, j) in column.members.enumerated() where offers.contains(j) {
                    fetched[key]?[leg][u] += share
                }
            }
        }
        let placements = order.map { key in
            let share = shares[key] ?? 0
            let legs = key.members.enumerated().map { leg, j in
                PlannedLeg(
                    offer: problem.offers[j],
                    readShares: (fetched[key]?[leg] ?? []).map { min(1, max(0, $0 / share)) })
            }
            return Placement(scheme: spaces[key.scheme].scheme, share: share, legs: legs)
        }
        return keepingCapacities(placements).sorted { $0.share > $1.share }
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
