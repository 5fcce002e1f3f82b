import Marketplace
import MathematicalProgramming

/// Divides the data over placements at least cost, by branch and price.
///
/// A node relaxes every cost to its lower convex envelope and solves the linear program over shares of *all* placements
/// by column generation: ``ShareProgram`` over the columns at hand gives prices, ``PlacementSearch`` finds the placement
/// that these prices undervalue most, until there is none. What its solution costs in truth (``TermModel``) is an upper
/// bound. Where the two differ, the offer that differs most is branched on: whether it is used, whether it claims the
/// account's free volumes, or on which side of a tier's end its volume lies. (Barnhart et al., *Branch-and-price*, 1998.)
final class ShareOptimizer {
    struct Result {
        var best: ShareCandidate?
        /// No allocation has a lower objective.
        var bound = Double.infinity
        /// Whether the search ran to its end; if not, having found nothing proves nothing.
        var isComplete = true
    }

    let model: TermModel
    let objective: ShareObjective
    let relativeGap: Double
    let deadline: () -> Bool
    var columns: [ShareColumn] = []
    private(set) var nodes = 0
    private(set) var programs = 0
    var known: Set<ShareColumn> = []
    var multipliers: [Int: PlacementSearch.Multipliers] = [:]
    private(set) var best: ShareCandidate?
    var unit = 1.0
    var isComplete = true
    private var session: HiGHSSession?
    /// The program that the session holds, and whether the node has changed since.
    private var program: ShareProgram?
    private var isNewNode = true
    /// Milliseconds in the linear programs.
    private(set) var programming = 0.0
    private let clock = Stopwatch()

    /// Whether any allocation will do.
    var stopsAtFirst = false
    /// Keeps memory bounded; the deadline comes first.
    static let nodeLimit = 200_000

    init(
        _ model: TermModel, _ objective: ShareObjective = .cost, relativeGap: Double = 1e-6,
        columns: [ShareColumn] = [], deadline: @escaping () -> Bool = { false }
    ) {
        self.model = model
        self.objective = objective
        self.relativeGap = relativeGap
        self.deadline = deadline
        for column in columns { insert(column) }
    }

    /// The solver, made when the first program needs it.
    private func solver() throws(ProgrammingError) -> HiGHSSession {
        if let session { return session }
        var parameters = SolverParameters()
        parameters.primalFeasibilityTolerance = 1e-9
        parameters.dualFeasibilityTolerance = 1e-9
        parameters.wantsRays = false
        // The programs are small and start from a basis: presolve would only lose it.
        parameters.presolve = false
        let session = try HiGHSSession(MathematicalProgram(), parameters)
        self.session = session
        return session
    }

    /// Runs the search.
    func run() throws(ProgrammingError) -> Result {
        if columns.isEmpty { begin() }
        guard !columns.isEmpty else { return Result(bound: isComplete ? .infinity : floor, isComplete: isComplete) }
        for column in columns { consider([(column, 1)]) }
        unit = max(1e-3, best?.cost ?? model.evaluate([(columns[0], 1)]).cost)
        var open = [ShareNode(bound: boundAtListPrices())]
        var left = Double.infinity
        while let index = open.indices.min(by: { open[$0].bound < open[$1].bound }) {
            let node = open.remove(at: index)
            if node.bound >= value(best) - tolerance {
                left = min(left, node.bound)
                break
            }
            if stopsAtFirst, best != nil { break }
            if deadline() || nodes >= Self.nodeLimit {
                isComplete = false
                left = min(left, node.bound)
                continue
            }
            nodes += 1
            guard let relaxation = try relax(node) else {
                if !isComplete { left = min(left, node.bound) }
                continue
            }
            let bound = relaxation.bound
            if bound >= value(best) - tolerance {
                left = min(left, bound)
                continue
            }
            nudge(divided(relaxation.solution))
            guard let children = branch(node, relaxation.solution) else {
                left = min(left, bound)
                continue
            }
            for var child in children {
                child.bound = bound
                open.append(child)
            }
        }
        for node in open { left = min(left, node.bound) }
        return Result(best: best, bound: min(left, value(best)), isComplete: isComplete)
    }

    /// The objective of a candidate; infinite without one.
    func value(_ candidate: ShareCandidate?) -> Double {
        guard let candidate else { return .infinity }
        switch objective {
        case .cost: return candidate.cost
        case .largestMonth: return candidate.largestMonth
        case .liking(let most):
            return -candidate.liking + ShareProgram.tieBreak * candidate.cost / max(most, 1e-9)
        }
    }

    private var tolerance: Double {
        let value = value(best)
        guard value < .infinity else { return 0 }
        // Nobody can tell two likings apart that differ by less.
        if case .liking = objective { return 1e-4 }
        return 0.5 * relativeGap * max(abs(value), 1e-6)
    }

    /// What no objective is below: nobody is paid for storing.
    private var floor: Double { if case .liking = objective { -.infinity } else { 0 } }

    /// What the program's objective is multiplied by to have the objective of candidates.
    private var scale: Double { if case .liking = objective { 1 } else { unit } }

    /// A lower bound before any program is solved: every constraint that couples placements is left out, so that one
    /// placement is best and its offers cost what their tariffs ask. Where the best candidate costs no more it is optimal.
    private func boundAtListPrices() -> Double {
        guard case .cost = objective, !stopsAtFirst, model.request.credits.isEmpty,
            model.leaving.allSatisfy({ $0.reading == 0 && $0.early == 0 })
        else { return floor }
        let least = best?.cost ?? unit
        let gateway = model.gateway * Double(model.request.months)
        var prices = SharePrices()
        prices.whole = (least - gateway) / unit
        prices.charge = model.groups.map { _ in
            (0...model.classes.count).map { model.fee * model.months($0) }
        }
        let known = columns.count
        let priced = price(ShareNode(), prices)
        for column in columns[known...] { consider([(column, 1)]) }
        return isComplete ? max(floor, least + priced.least * unit) : floor
    }

    // MARK: Relaxation

    /// The linear program over all placements; nil when its constraints cannot be met, or when that is not known and
    /// the search is no longer complete.
    private func relax(_ node: ShareNode) throws(ProgrammingError) -> (solution: ShareSolution, bound: Double)? {
        isNewNode = true
        var bound = node.bound
        // What violates the constraints by no more than the first of these may still be no solution.
        var tolerances = [1e-12, 1e-8]
        while true {
            let solution = try solve(node)
            guard solution.isFeasible else {
                guard solution.isDecided, let tolerance = tolerances.popLast() else {
                    isComplete = false
                    return nil
                }
                guard try makeFeasible(node, within: tolerance) else { return nil }
                continue
            }
            let priced = price(node, solution.prices)
            bound = max(bound, (solution.value + priced.least) * scale)
            if bound >= value(best) - tolerance { return (solution, bound) }
            consider(divided(solution))
            if !priced.added || deadline() { return (solution, bound) }
        }
    }

    /// Adds columns until the node's constraints can be met; false when they cannot, or the deadline struck.
    private func makeFeasible(_ node: ShareNode, within tolerance: Double) throws(ProgrammingError) -> Bool {
        while true {
            if deadline() {
                isComplete = false
                return false
            }
            let solution = try solve(node, seeksFeasibility: true)
            guard solution.isFeasible else {
                guard solution.isDecided else {
                    isComplete = false
                    return false
                }
                // Not even with slacks: only placements are missing, or rows of an offer exclude all columns.
                if !price(node, SharePrices.bare(model), seeksFeasibility: true).added { return false }
                continue
            }
            if solution.value <= tolerance { return true }
            if !price(node, solution.prices, seeksFeasibility: true).added { return false }
        }
    }

    private func solve(_ node: ShareNode, seeksFeasibility: Bool = false) throws(ProgrammingError) -> ShareSolution {
        programs += 1
        let start = clock.milliseconds
        defer { programming += clock.milliseconds - start }
        if let last = program, !isNewNode, last.seeksFeasibility == seeksFeasibility {
            for column in columns[last.columns.count...] { last.add(column) }
            return try last.solve(solver(), from: KeyedBasis())
        }
        let basis = program?.program.end ?? KeyedBasis()
        let next = try ShareProgram(model, node, objective, unit: unit, seeksFeasibility: seeksFeasibility)
        for column in columns { next.add(column) }
        program = next
        isNewNode = false
        return try next.solve(solver(), from: basis)
    }

    // MARK: Candidates

    /// The solution's shares, cleared of the solver's tolerance.
    func divided(_ solution: ShareSolution) -> [(column: ShareColumn, share: Double)] {
        let used = columns.indices.filter { $0 < solution.shares.count && solution.shares[$0] > 1e-7 }
        let sum = used.reduce(0) { $0 + solution.shares[$1] }
        return used.map { (columns[$0], solution.shares[$0] / sum) }
    }

    private func consider(_ division: [(column: ShareColumn, share: Double)]) {
        let candidate = model.evaluate(division)
        if !candidate.slivers.isEmpty {
            let worthy = division.filter { !$0.column.members.contains(where: candidate.slivers.contains) }
            let sum = worthy.reduce(0) { $0 + $1.share }
            if sum > 0 { consider(worthy.map { ($0.column, $0.share / sum) }) }
        }
        guard candidate.stands, value(candidate) < value(best), keepsCeilings(candidate) else { return }
        best = candidate
    }

    /// Where nothing but the rounding of the bill's lines exceeds the budget, tries divisions a hair away, whose lines are
    /// rounded in other ways. O(columns) bills.
    private func nudge(_ division: [(column: ShareColumn, share: Double)]) {
        guard model.request.budget != nil, model.holds(.budget) else { return }
        let candidate = model.evaluate(division)
        let before = value(best)
        guard candidate.stands, value(candidate) < before, model.budgetExcess(candidate) ?? 0 > 0 else { return }
        for shift in [1e-5, 1e-4, 1e-3] {
            for (index, giver) in division.enumerated() where giver.share > shift {
                for taker in columns where taker != giver.column {
                    var nudged = division
                    nudged[index].share -= shift
                    if let at = nudged.firstIndex(where: { $0.column == taker }) {
                        nudged[at].share += shift
                    } else {
                        nudged.append((taker, shift))
                    }
                    consider(nudged)
                    if deadline() || value(best) < before { return }
                }
            }
        }
    }

    /// Whether the exact bill keeps the budget, and the cost the ceiling of a preference.
    private func keepsCeilings(_ candidate: ShareCandidate) -> Bool {
        if case .liking(let most) = objective, candidate.cost > most * (1 + 1e-9) + 1e-9 { return false }
        return model.budgetExcess(candidate) == nil
    }
}
