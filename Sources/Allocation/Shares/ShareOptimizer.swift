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
    private(set) var columns: [ShareColumn] = []
    private(set) var nodes = 0
    private(set) var programs = 0
    private var known: Set<ShareColumn> = []
    private var multipliers: [Int: PlacementSearch.Multipliers] = [:]
    private var best: ShareCandidate?
    private var unit = 1.0
    private var isComplete = true
    private let session: HiGHSSession
    private var basis = KeyedBasis()
    /// Milliseconds in each phase.
    private(set) var phases = (searching: 0.0, programming: 0.0)
    private let clock = Stopwatch()

    /// Whether any allocation will do.
    var stopsAtFirst = false
    static let nodeLimit = 4_000

    init(
        _ model: TermModel, _ objective: ShareObjective = .cost, relativeGap: Double = 1e-6,
        columns: [ShareColumn] = [], deadline: @escaping () -> Bool = { false }
    ) throws(ProgrammingError) {
        self.model = model
        self.objective = objective
        self.relativeGap = relativeGap
        self.deadline = deadline
        var parameters = SolverParameters()
        parameters.primalFeasibilityTolerance = 1e-9
        parameters.dualFeasibilityTolerance = 1e-9
        parameters.wantsRays = false
        // The programs are small and start from a basis: presolve would only lose it.
        parameters.presolve = false
        session = try HiGHSSession(MathematicalProgram(), parameters)
        for column in columns { insert(column) }
    }

    /// Runs the search.
    func run() throws(ProgrammingError) -> Result {
        if columns.isEmpty { begin() }
        guard !columns.isEmpty else { return Result(bound: isComplete ? .infinity : floor, isComplete: isComplete) }
        for column in columns { consider([(column, 1)]) }
        unit = max(1e-3, best?.cost ?? model.evaluate([(columns[0], 1)]).cost)
        var open = [ShareNode(bound: floor)]
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

    // MARK: Columns

    @discardableResult
    private func insert(_ column: ShareColumn) -> Bool {
        guard known.insert(column).inserted else { return false }
        columns.append(column)
        return true
    }

    private func column(_ s: Int, _ placement: PricedPlacement) -> ShareColumn {
        let space = model.spaces[s]
        var fetched = [[Int]](repeating: [], count: model.request.traffic.count)
        for (row, u) in space.readers.enumerated() {
            let part = model.request.traffic[u]
            guard part.egressBytes > 0 || part.reads > 0 else { continue }
            fetched[u] = placement.served[row].map { space.offers[$0] }
        }
        return ShareColumn(scheme: s, members: placement.members.map { space.offers[$0] }, fetched: fetched)
    }

    /// First columns: the best placement of each scheme at what offers cost when they hold all data.
    private func begin() {
        var least = Double.infinity
        var begun: [(Int, PricedPlacement)] = []
        for (s, space) in model.spaces.enumerated() {
            let prices = typicalPrices(s)
            let search = PlacementSearch(
                space, prices, cutoff: least < .infinity ? least * 1.25 : .infinity, relativeTolerance: 1e-4,
                shouldStop: deadline)
            let result = clocked { search.run() }
            isComplete = isComplete && result.isComplete
            multipliers[s] = search.multipliers
            guard let found = result.best else { continue }
            least = min(least, found.cost)
            begun.append((s, found))
        }
        for (s, found) in begun where found.cost <= least * 1.25 { insert(column(s, found)) }
    }

    private func typicalPrices(_ s: Int) -> PlacementPrices {
        let space = model.spaces[s]
        let k = Double(space.scheme.data)
        let months = Double(model.request.months)
        var prices = PlacementPrices(hold: [], read: space.readers.map { _ in [] })
        for j in space.offers {
            let cost = model.costs[j]
            var load = OfferLoad(classes: model.classes.count)
            load.billed = cost.billed[s]
            load.raw = model.raw[s]
            load.operations = cost.writes
            let charges = cost.charges(load, claims: true)
            prices.hold.append(
                model.classes.indices.reduce(charges.early) { $0 + model.months($1) * charges.monthly[$1] })
            let most = model.mostEgress(j)
            let free = cost.freeEgress + cost.freeMultiple * (load.raw.first ?? 0)
            let egress = most > 0 ? cost.egress(max(0, most - free)) / most : 0
            for (row, u) in space.readers.enumerated() {
                let bytes = model.demand[u] / k
                prices.read[row].append(months * ((egress + cost.retrieval) * bytes + cost.reads[u]))
            }
        }
        return prices
    }

    /// Adds the columns that `duals` undervalue; the least reduced cost that any column may have.
    private func price(
        _ node: ShareNode, _ duals: SharePrices, seeksFeasibility: Bool = false
    ) -> (added: Bool, least: Double) {
        let pricing = ColumnPricing(model: model, node: node, objective: objective, unit: unit)
        let threshold = seeksFeasibility ? 1e-9 : 1e-8
        var least = 0.0
        var found: [(column: ShareColumn, cost: Double)] = []
        for (s, space) in model.spaces.enumerated() {
            let (prices, constant) = pricing.prices(s, duals, seeksFeasibility: seeksFeasibility)
            let search = PlacementSearch(
                space, prices, cutoff: -constant - threshold, start: multipliers[s], shouldStop: deadline)
            let result = clocked { search.run() }
            multipliers[s] = search.multipliers
            isComplete = isComplete && result.isComplete
            if let placement = result.best { found.append((column(s, placement), placement.cost + constant)) }
            least = min(least, result.bound + constant)
        }
        // Schemes that are far from competing would only burden the program.
        var added = false
        for (column, cost) in found where cost <= 0.5 * least { added = insert(column) || added }
        if !added { for (column, _) in found { added = insert(column) || added } }
        return (added, least)
    }

    private func clocked<Value>(_ body: () -> Value) -> Value {
        let start = clock.milliseconds
        defer { phases.searching += clock.milliseconds - start }
        return body()
    }

    // MARK: Relaxation

    /// The linear program over all placements; nil when its constraints cannot be met, or when that is not known and
    /// the search is no longer complete.
    private func relax(_ node: ShareNode) throws(ProgrammingError) -> (solution: ShareSolution, bound: Double)? {
        var bound = node.bound
        var isAssured = false
        while true {
            let solution = try solve(node)
            guard solution.isFeasible else {
                guard !isAssured else {
                    isComplete = false
                    return nil
                }
                guard try makeFeasible(node) else { return nil }
                isAssured = true
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
    private func makeFeasible(_ node: ShareNode) throws(ProgrammingError) -> Bool {
        while true {
            if deadline() {
                isComplete = false
                return false
            }
            let solution = try solve(node, seeksFeasibility: true)
            guard solution.isFeasible else {
                // Not even with slacks: only placements are missing, or rows of an offer exclude all columns.
                if !price(node, SharePrices.bare(model), seeksFeasibility: true).added { return false }
                continue
            }
            if solution.value <= 1e-8 { return true }
            if !price(node, solution.prices, seeksFeasibility: true).added { return false }
        }
    }

    private func solve(_ node: ShareNode, seeksFeasibility: Bool = false) throws(ProgrammingError) -> ShareSolution {
        programs += 1
        let start = clock.milliseconds
        defer { phases.programming += clock.milliseconds - start }
        var program = ShareProgram(model, node, objective, unit: unit, seeksFeasibility: seeksFeasibility)
        return try program.solve(columns, session, from: &basis)
    }

    // MARK: Candidates

    /// The solution's shares, cleared of the solver's tolerance.
    private func divided(_ solution: ShareSolution) -> [(column: ShareColumn, share: Double)] {
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

    /// Whether the exact bill keeps the budget, and the cost the ceiling of a preference.
    private func keepsCeilings(_ candidate: ShareCandidate) -> Bool {
        if case .liking(let most) = objective, candidate.cost > most * (1 + 1e-9) + 1e-9 { return false }
        return model.budgetExcess(candidate) == nil
    }

    // MARK: Branching

    /// Parts of a node that leave out its solution; nil when no part can be told apart.
    private func branch(_ node: ShareNode, _ solution: ShareSolution) -> [ShareNode]? {
        let division = divided(solution)
        let candidate = model.evaluate(division)
        if candidate.missed.contains(.minProviders),
            let provider = solution.counted.filter({ $0.value > 1e-6 && $0.value < 1 - 1e-6 })
                .max(by: { ($0.value, $1.key) < ($1.value, $0.key) })?.key
        {
            var (counts, not) = (node, node)
            counts.counted[provider] = true
            not.counted[provider] = false
            return [counts, not]
        }
        let loads = model.loads(division)
        if let children = branch(node, slivers: candidate.slivers, loads) { return children }
        let gaps = loads.keys.sorted().map { j in (offer: j, gap: relaxed(j, loads, division, solution, candidate)) }
        for (j, _) in gaps.sorted(by: { ($0.gap, $1.offer) > ($1.gap, $0.offer) }) {
            guard let load = loads[j] else { continue }
            if let children = branch(node, j, load, candidate, loads) { return children }
        }
        // Nothing is relaxed any more: what is left is the rounding of the bill's lines.
        guard let excess = model.budgetExcess(candidate), excess > 0, node.tightening < 100 * excess else { return nil }
        var tightened = node
        tightened.tightening += excess
        return [tightened]
    }

    /// Uses an offer that holds too little, or its whole provider, in earnest, or not at all.
    private func branch(_ node: ShareNode, slivers: [Int], _ loads: [Int: OfferLoad]) -> [ShareNode]? {
        guard let j = slivers.min(by: { loads[$0]?.share ?? 0 < loads[$1]?.share ?? 0 }) else { return nil }
        let provider = model.costs[j].provider
        let together = loads.keys.sorted().filter { model.costs[$0].provider == provider }
            .reduce(0) { $0 + (loads[$1]?.share ?? 0) }
        var (used, out) = (node, node)
        if together < model.problem.smallestLeg * (1 - 1e-6), !node.required.contains(provider) {
            used.required.insert(provider)
            out.out.formUnion(model.costs.indices.filter { model.costs[$0].provider == provider })
        } else {
            used.inUse.insert(j)
            out.out.insert(j)
        }
        return [used, out]
    }

    /// How much more an offer charges in truth than in the relaxation.
    private func relaxed(
        _ j: Int, _ loads: [Int: OfferLoad], _ division: [(column: ShareColumn, share: Double)],
        _ solution: ShareSolution, _ candidate: ShareCandidate
    ) -> Double {
        guard let load = loads[j] else { return 0 }
        let truth = model.costs[j].charges(load, claims: candidate.claimants.contains(j))
        let ends = model.classes.count
        var gap = 0.0
        for v in 0...ends {
            let charged: Double
            if let charges = solution.charges[j] {
                charged = charges[v]
            } else {
                charged = division.reduce(0) { sum, part in
                    guard part.column.members.contains(j) else { return sum }
                    return sum + part.share * model.linearCharge(j, part.column.scheme, model.load(j, part.column), v)
                }
            }
            gap += model.months(v) * ((v < ends ? truth.monthly[v] : truth.early) - charged)
        }
        return gap
    }

    private func branch(
        _ node: ShareNode, _ j: Int, _ load: OfferLoad, _ candidate: ShareCandidate, _ loads: [Int: OfferLoad]
    ) -> [ShareNode]? {
        let cost = model.costs[j]
        if cost.fee > 0 || cost.minimum > 0, !node.inUse.contains(j), load.share < 1 - 1e-9 {
            var (out, used) = (node, node)
            out.out.insert(j)
            used.inUse.insert(j)
            return [used, out]
        }
        if cost.hasFree, !cost.feeIncludesFree, node.claims[j] == nil {
            let rivals = loads.keys.count {
                model.costs[$0].provider == cost.provider && model.costs[$0].hasFree
            }
            if rivals > 1 {
                var (claims, not) = (node, node)
                claims.claims[j] = true
                not.claims[j] = false
                return [claims, not]
            }
        }
        let free = cost.feeIncludesFree || candidate.claimants.contains(j)
        var widest: (gap: Double, children: [ShareNode])?
        func split(
            _ price: GraduatedCost, _ volume: Double, _ most: Double,
            _ path: WritableKeyPath<ShareNode, [Int: [ClosedRange<Double>?]]>,
            _ v: Int
        ) {
            let range = node[keyPath: path][j]?[v] ?? 0...most
            let envelope = price.envelope(within: range).map { $0.slope * volume + $0.constant }.max() ?? 0
            let gap = price(volume) - envelope
            guard gap > widest?.gap ?? 0,
                let end = price.pieces.map(\.end)
                    .filter({ $0 > range.lowerBound * (1 + 1e-12) && $0 < range.upperBound * (1 - 1e-12) })
                    .min(by: { abs($0 - volume) < abs($1 - volume) })
            else { return }
            let open = [ClosedRange<Double>?](repeating: nil, count: model.classes.count)
            var (below, above) = (node, node)
            below[keyPath: path][j, default: open][v] = range.lowerBound...end
            above[keyPath: path][j, default: open][v] = end...range.upperBound
            widest = (gap, [below, above])
        }
        for v in model.classes.indices {
            let most = cost.billed.map { $0[v] }.max() ?? 0
            split(cost.storage, max(0, load.billed[v] - (free ? cost.freeStorage : 0)), most, \.storage, v)
            guard v == 0 || cost.freeMultiple > 0 else { continue }
            let read = load.egress - (free ? cost.freeEgress : 0) - cost.freeMultiple * load.raw[v]
            split(cost.egress, max(0, read), model.mostEgress(j), \.egress, v)
        }
        return widest?.children
    }
}

extension SharePrices {
    /// Prices at which every placement is worth having, to find any that a node admits.
    static func bare(_ model: TermModel) -> SharePrices {
        var prices = SharePrices()
        prices.whole = 1
        prices.charge = model.groups.map { _ in [Double](repeating: 0, count: model.classes.count + 1) }
        return prices
    }
}

extension TermModel {
    /// How far a candidate's exact bill exceeds the budget; nil when it does not.
    func budgetExcess(_ candidate: ShareCandidate) -> Double? {
        guard let budget = request.budget, holds(.budget) else { return nil }
        let legs = Set(candidate.columns.flatMap(\.column.members)).count
        let needed = budget.period == .term ? candidate.cost : candidate.largestMonth
        if needed <= budget.amount.doubleValue - roundingSlack(budget.period, legs) { return nil }
        guard
            let plan = try? AllocationPlan(
                problem: problem, placements: placements(candidate),
                claimants: Set(candidate.claimants.map { problem.offers[$0].id })),
            let bill = try? plan.bill()
        else { return .infinity }
        let excess = bill.needed(for: budget.period).minor - budget.amount.minor
        return excess > 0 ? Double(excess) / 100 : nil
    }
}
