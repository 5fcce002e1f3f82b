import Marketplace
import MathematicalProgramming
import Money

/// Finds the cheapest plan over a term in which the data may be moved where something changes on a known date.
///
/// Two kinds of plans compete. Those that stay put divide the data over placements as ``AllocationOptimizer`` does. Those
/// that move keep all data under one placement of one scheme in each stage; the stages are cut by prices that change,
/// credits that expire and minimum durations that run out. The second kind is one mixed-integer program for each scheme
/// (``StagedProgram``), proven by the solver; offers whose use would cost more than staying, by the reduced costs of its
/// linear relaxation, are set aside first. Plans that divide the data and move it are not looked at.
public struct MovingOptimizer: Sendable {
    /// Seconds for staying, and as many for moving.
    public var timeLimit: Double
    /// How far from the optimum a plan may be and still count as optimal.
    public var relativeGap: Double

    /// How many sets of cuts are tried.
    private static let refinements = 3

    /// An optimizer with limits.
    public init(timeLimit: Double = 60, relativeGap: Double = 1e-6) {
        self.timeLimit = timeLimit
        self.relativeGap = relativeGap
    }

    /// Plans for `problem`, whose preference is not looked at. Deterministic unless the time limit strikes.
    ///
    /// - Throws: ``AllocationError/solver(_:)``, and ``AllocationError/checkFailed(_:)`` should a plan not hold.
    public func plan(_ problem: AllocationProblem) throws(AllocationError) -> MovingPlan {
        let problem = problem.asking { $0.recommendedPreference = .zero }
        let staying = try AllocationOptimizer(timeLimit: timeLimit, relativeGap: relativeGap).solve(problem)
        // Where minimum durations run out depends on what is used: cuts are added until the plan needs no others.
        var held = staying.offers.map { (offer: $0, since: 0) }
        var stages = MoveStages(problem.request, offers: problem.offers, held: held)
        let clock = Stopwatch()
        var search = MovingSearch(problem, stages, staying, self, clock)
        if !stages.cuts.isEmpty { try search.run() }
        for _ in 1..<Self.refinements {
            held += search.held
            let refined = MoveStages(problem.request, offers: problem.offers, held: held)
            guard refined.cuts != stages.cuts else { break }
            stages = refined
            search = MovingSearch(problem, stages, staying, self, clock)
            try search.run()
        }
        let plan = try search.plan()
        let faults = MovingCheck(problem: problem, plan: plan).faults()
        guard faults.isEmpty else { throw .checkFailed(faults) }
        return plan
    }
}

/// A search for plans that move.
struct MovingSearch {
    /// A plan that moves, with its exact bill.
    struct Found {
        let placements: [StagedPlacement]
        let offers: [Offer]
        let objective: Double
        let moves: [MovingPlan.Move?]
        /// The offers that are used, and before which month of the term data comes to them.
        let held: [(offer: Offer, since: Int)]
        let bill: Bill
    }

    private let problem: AllocationProblem
    private let stages: MoveStages
    private let staying: Allocation
    private let optimizer: MovingOptimizer
    private let clock: Stopwatch
    private var best: Found?
    /// No plan that moves costs less.
    private var bound = Double.infinity
    private var isComplete = true

    /// How often placements may prove unreliable, or bills beyond the budget, before the search is given up.
    private static let roundLimit = 200

    init(
        _ problem: AllocationProblem, _ stages: MoveStages, _ staying: Allocation, _ optimizer: MovingOptimizer,
        _ clock: Stopwatch
    ) {
        self.clock = clock
        self.problem = problem
        self.stages = stages
        self.staying = staying
        self.optimizer = optimizer
    }

    /// The offers that the best plan that moves uses, and since when.
    var held: [(offer: Offer, since: Int)] { best?.held ?? [] }

    /// What a plan must cost less than.
    private var least: Double { min(staying.objective ?? .infinity, best?.objective ?? .infinity) }

    private var tolerance: Double { least < .infinity ? 0.5 * optimizer.relativeGap * max(1, abs(least)) : 0 }

    private var secondsLeft: Double { optimizer.timeLimit - clock.milliseconds / 1000 }

    /// Searches every scheme, the most promising first.
    mutating func run() throws(AllocationError) {
        var relaxed: [(scheme: RedundancyScheme, bound: Double, useful: [[Bool]])] = []
        let ceiling = least
        for scheme in problem.schemes where scheme.shards <= problem.offers.count {
            guard secondsLeft > 0 else {
                (isComplete, bound) = (false, min(bound, 0))
                return
            }
            let program = try StagedProgram(problem, scheme, stages.stages)
            let solution = try solve(program.program.relaxed)
            switch solution.status {
            case .infeasible: continue
            case .optimal:
                let value = solution.objective ?? 0
                let useful = program.chosen.map { row in
                    row.map { variable in
                        solution[variable] > 1e-7
                            || value + solution.reducedCosts[variable.index] <= ceiling + tolerance
                    }
                }
                relaxed.append((scheme, value, useful))
            default: (isComplete, bound) = (false, min(bound, 0))
            }
        }
        for (scheme, value, useful) in relaxed.sorted(by: { $0.bound < $1.bound }) {
            guard value < least - tolerance else {
                bound = min(bound, value)
                continue
            }
            try search(scheme, value, useful, ceiling: ceiling)
        }
    }

    private func solve(_ program: MathematicalProgram) throws(AllocationError) -> Solution {
        var parameters = SolverParameters(
            timeLimit: max(0.01, secondsLeft), relativeGap: 0.5 * optimizer.relativeGap)
        parameters.absoluteGap = 1e-7
        parameters.wantsRays = false
        parameters.primalFeasibilityTolerance = 1e-9
        do throws(ProgrammingError) {
            return try HiGHSSolver().solve(program, parameters)
        } catch {
            throw .solver(error)
        }
    }

    /// Solves the program of one scheme over the offers that are useful in some stage; with others a plan costs more than
    /// the ceiling.
    private mutating func search(
        _ scheme: RedundancyScheme, _ relaxation: Double, _ useful: [[Bool]], ceiling: Double
    ) throws(AllocationError) {
        let kept = problem.offers.indices.filter { j in useful.contains { $0[j] } }
        let smaller = problem.keeping(kept)
        var tightening = 0.0
        var excluded: [[Int]] = []
        func program() throws(AllocationError) -> StagedProgram {
            var program = try StagedProgram(smaller, scheme, stages.stages, tightening: tightening)
            do throws(ProgrammingError) {
                try program.forbid { !useful[$0][kept[$1]] }
            } catch {
                throw .solver(error)
            }
            for members in excluded { program.exclude(members) }
            return program
        }
        var current = try program()
        var known = relaxation
        for _ in 0..<Self.roundLimit {
            let solution = try solve(current.program)
            if solution.status == .infeasible {
                bound = min(bound, ceiling)
                return
            }
            known = max(known, solution.bound ?? known)
            guard solution.status == .optimal || solution.status == .feasible, !solution.values.isEmpty else { break }
            let placements = current.placements(solution)
            let unreliable = Set(placements.map(\.members)).filter { !current.isReliable($0) }
            guard unreliable.isEmpty else {
                for members in unreliable.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
                    excluded.append(members)
                    current.exclude(members)
                }
                if known >= least - tolerance { break }
                continue
            }
            let found = try bill(placements, smaller, scheme, solution.objective ?? known)
            if let excess = excess(found.bill) {
                tightening += excess
                current = try program()
                continue
            }
            if found.objective < least { best = found }
            if solution.status != .optimal { isComplete = false }
            bound = min(bound, known, ceiling)
            return
        }
        if known < least - tolerance { isComplete = false }
        bound = min(bound, known, ceiling)
    }

    private func excess(_ bill: Bill) -> Double? {
        guard let budget = problem.request.budget else { return nil }
        let excess = bill.needed(for: budget.period).minor - budget.amount.minor
        return excess > 0 ? Double(excess) / 100 : nil
    }

    /// The exact bill of placements by stage.
    private func bill(
        _ placements: [StagedPlacement], _ problem: AllocationProblem, _ scheme: RedundancyScheme, _ objective: Double
    ) throws(AllocationError) -> Found {
        let costs = MoveCosts(problem: problem, scheme: scheme)
        var since: [String: Int] = [:]
        var held: [(offer: Offer, since: Int)] = []
        var moves: [MovingPlan.Move?] = []
        var billed: [TermBiller.Stage] = []
        for (s, staged) in placements.enumerated() {
            let month = stages.stages[s].lowerBound
            let offers = staged.members.map { problem.offers[$0] }
            var move: MovingPlan.Move?
            if s > 0 {
                let old = placements[s - 1].members.map { problem.offers[$0] }
                move = try costs.move(old, offers, before: month, since: { since[$0.id] ?? 0 })
            }
            let ids = Set(offers.map(\.id))
            since = since.filter { ids.contains($0.key) }
            for offer in offers where since[offer.id] == nil {
                since[offer.id] = month
                held.append((offer, month))
            }
            moves.append(move)
            let plan = try AllocationPlan(
                problem: problem, placements: [staged.placement],
                claimants: Set(staged.claimants.map { problem.offers[$0].id }))
            var stage = TermBiller.Stage(months: stages.stages[s], plan: plan, move: move)
            if s == placements.count - 1 {
                var ends: [[Charge]] = []
                for offer in plan.offers {
                    let early = try costs.early(offer, from: since[offer.id] ?? 0, to: problem.request.months)
                    ends.append(early.map { Charge(kind: $0.kind, amount: $0.amount) })
                }
                stage.ends = ends
            }
            billed.append(stage)
        }
        var biller = TermBiller(request: problem.request, charges: problem.charges, stages: billed)
        return Found(
            placements: placements, offers: problem.offers, objective: objective, moves: moves,
            held: held, bill: try biller.run())
    }

    // MARK: Result

    /// The cheaper of moving and staying, by the exact bills.
    func plan() throws(AllocationError) -> MovingPlan {
        var stayingBill: Bill?
        if !staying.placements.isEmpty {
            stayingBill = try AllocationPlan(
                problem: problem, placements: staying.placements, claimants: staying.claimants
            ).bill()
        }
        var moving = best
        if let found = best, let stayingBill {
            let parts = try joined(found).count
            if parts < 2 || found.bill.total.minor >= stayingBill.total.minor { moving = nil }
        }
        let objective = moving?.objective ?? staying.objective
        let stayingBound = staying.status == .infeasible ? Double.infinity : staying.bound ?? 0
        let least = min(stayingBound, bound)
        let isProven = isComplete && (staying.status == .optimal || staying.status == .infeasible)
        var status = AllocationStatus.infeasible
        if let objective {
            // Of two that differ by less than their lines are rounded by, the one is taken whose bill is less.
            let gap = (min(objective, best?.objective ?? .infinity) - least) / max(1, abs(objective))
            status = isProven && gap <= max(2 * optimizer.relativeGap, 2e-6) ? .optimal : .feasible
        } else if !isProven {
            status = .timeLimit
        }
        var stages = stayingBill.map { [stage(staying, $0)] } ?? []
        if let moving { stages = try joined(moving) }
        return MovingPlan(
            status: status, cuts: self.stages.cuts,
            stages: stages,
            moves: moving?.moves.compactMap { $0 } ?? [], bill: moving?.bill ?? stayingBill, objective: objective,
            bound: least < .infinity ? least : nil, staying: staying.placements.isEmpty ? nil : staying,
            stayingCost: stayingBill?.total, movingObjective: best?.objective, milliseconds: clock.milliseconds)
    }

    private func stage(_ allocation: Allocation, _ bill: Bill) -> MovingPlan.Stage {
        MovingPlan.Stage(
            months: 0..<max(0, problem.request.months), placements: allocation.placements,
            claimants: allocation.claimants, cost: bill.total)
    }

    /// The stages of a plan, those joined between which nothing is moved and no read changes its way.
    private func joined(_ found: Found) throws(AllocationError) -> [MovingPlan.Stage] {
        do throws(MoneyError) { return try stages(of: found) } catch { throw .billing(offer: "", .money(error)) }
    }

    private func stages(of found: Found) throws(MoneyError) -> [MovingPlan.Stage] {
        var result: [MovingPlan.Stage] = []
        for (s, staged) in found.placements.enumerated() {
            let months = stages.stages[s]
            let paid = try Amount.sum(months.map { found.bill.payableByMonth[$0] }, .usd)
            let cost = try paid.subtracting(found.moves[s]?.cost ?? .zero(.usd))
            let claimants = Set(staged.claimants.map { found.offers[$0].id })
            if let last = result.last, found.moves[s] == nil, last.placements == [staged.placement],
                last.claimants == claimants
            {
                result.removeLast()
                result.append(
                    MovingPlan.Stage(
                        months: last.months.lowerBound..<months.upperBound, placements: last.placements,
                        claimants: claimants, cost: try last.cost.adding(cost)))
            } else {
                result.append(
                    MovingPlan.Stage(
                        months: months, placements: [staged.placement], claimants: claimants, cost: cost))
            }
        }
        return result
    }
}
