import Marketplace
import MathematicalProgramming

/// What is minimised.
enum ShareObjective: Sendable {
    /// The cost of the term.
    case cost
    /// The liking of the recommender, negated, while the term costs at most so much; of equally liked ones the cheaper.
    case liking(most: Double)
    /// The largest month before credits and migration.
    case largestMonth
}

/// The linear program over the shares of given columns: the master of the column generation.
///
/// Costs are relaxed to their lower convex envelopes within the bounds of a node. An offer whose relaxation is linear in
/// the share enters with its price alone; the others have rows of their own ("meters"), whose dual values are the prices
/// at which the search for placements sees them. Columns are added to the program while it stands.
final class ShareProgram {
    let model: TermModel
    let node: ShareNode
    let objective: ShareObjective
    /// Money is counted in this unit, so that all numbers are near 1.
    let unit: Double
    /// Whether it is the violation of constraints that is minimised.
    let seeksFeasibility: Bool

    var program = KeyedProgram()
    private(set) var columns: [ShareColumn] = []
    private(set) var shares: [Variable] = []
    /// By group of providers: the parts of the term whose charges are summed together, and their rows.
    let parts: [[[Int]]]
    private var totalRows: [[Constraint]] = []
    private let whole: Constraint
    private var meters: [Int: MeterRows] = [:]
    var claims: [String: Constraint] = [:]
    /// By provider, as a number: its share of the raw volume.
    var volumes: [Int: (provider: String, row: Constraint)] = [:]
    var counted: [Int: (provider: String, row: Constraint, variable: Variable)] = [:]
    var required: [Int: (provider: String, row: Constraint)] = [:]
    var unread: [Int: Constraint] = [:]
    var kept: [Int: Constraint] = [:]

    init(
        _ model: TermModel, _ node: ShareNode, _ objective: ShareObjective, unit: Double, seeksFeasibility: Bool = false
    ) throws(ProgrammingError) {
        self.model = model
        self.node = node
        self.objective = objective
        self.unit = unit
        self.seeksFeasibility = seeksFeasibility
        parts = model.groups.indices.map { model.parts($0, objective, everyMonth: node.everyMonth) }
        whole = program.addRow(ProgramKey(.whole), lower: 1, upper: 1, [])
        var totals: [[Variable]] = []
        for (group, parts) in parts.enumerated() {
            // By its first class, so that a start fits where parts are divided further.
            let keys = parts.map { ProgramKey(.total, group, $0[0]) }
            totals.append(keys.map { program.addVariable($0, lower: -.infinity) })
            totalRows.append(
                zip(keys, totals[group]).map { program.addRow($0, lower: 0, upper: 0, [Term($1, 1)]) })
        }
        var cost = termCost(totals)
        addCredits(totals, &cost)
        addStaying(&cost)
        addBudget(totals, cost)
        addCounting()
        addRequired()
        try setObjective(cost, totals)
    }

    /// Adds a column. O(members × month classes).
    func add(_ column: ShareColumn) {
        for j in column.members where meters[j] == nil && model.isMetered(j, node) {
            meters[j] = MeterRows(j, self)
        }
        openVolumes(column)
        // No bound of 1: its dual value would be missing from the prices.
        let share = program.addVariable(
            ProgramKey(.column, columns.count),
            upper: column.members.contains(where: node.out.contains) ? 0 : .infinity, cost: worth(column))
        columns.append(column)
        shares.append(share)
        program.add(1, of: share, to: whole)
        for j in column.members {
            let load = model.load(j, column)
            if let rows = meters[j] {
                rows.read(share, column.scheme, load, self)
                continue
            }
            let group = model.group(j)
            for (p, part) in parts[group].enumerated() {
                let charge = part.reduce(0) { sum, v in
                    sum + model.months(v) * model.linearCharge(j, column.scheme, load, v)
                }
                program.add(-charge / unit, of: share, to: totalRows[group][p])
            }
        }
        stay(column, share)
        fillVolumes(column, share)
        count(column, share)
    }

    /// Charges an offer's group, by month class and at the end, for a share.
    func charge(_ amounts: [Double], _ share: Variable, _ j: Int) {
        let group = model.group(j)
        for (p, part) in parts[group].enumerated() {
            let sum = part.reduce(0) { $0 + model.months($1) * amounts[$1] }
            program.add(-sum, of: share, to: totalRows[group][p])
        }
    }

    /// Charges an offer's group, by month class and at the end, for what stands for rows.
    func charge(_ expressions: [LinearExpression], _ j: Int) {
        let group = model.group(j)
        for (p, part) in parts[group].enumerated() {
            var sums: [Int: Double] = [:]
            for v in part {
                for term in expressions[v].terms {
                    sums[term.variable.index, default: 0] -= model.months(v) * term.coefficient
                }
            }
            for (index, sum) in sums.sorted(by: { $0.key < $1.key }) {
                program.add(sum, of: Variable(index: index), to: totalRows[group][p])
            }
        }
    }

    /// Solves the program; not feasible when no division of the data over its columns meets every constraint.
    ///
    /// - Parameter start: where another program ended, for the first time.
    func solve(_ session: HiGHSSession, from start: KeyedBasis) throws(ProgrammingError) -> ShareSolution {
        let solution = try program.solve(session, from: start)
        guard solution.status == .optimal, solution.isDecided, let value = solution.objective else {
            return ShareSolution(isFeasible: false, isDecided: solution.isDecided)
        }
        var result = ShareSolution(isFeasible: true, value: value)
        result.shares = shares.map { solution[$0] }
        result.prices.whole = solution.duals[whole.index]
        result.prices.charge = parts.indices.map { group in
            var prices = [Double](repeating: 0, count: model.classes.count + 1)
            for (part, row) in zip(parts[group], totalRows[group]) {
                for v in part { prices[v] = model.months(v) * solution.duals[row.index] }
            }
            return prices
        }
        for (j, rows) in meters {
            result.prices.meters[j] = rows.prices(solution, charge: result.prices.charge[model.group(j)])
        }
        for (provider, row) in claims { result.prices.claim[provider] = -solution.duals[row.index] }
        for entry in volumes.values { result.prices.volume[entry.provider] = -solution.duals[entry.row.index] }
        for entry in counted.values {
            result.prices.counted[entry.provider] = -solution.duals[entry.row.index]
            result.counted[entry.provider] = solution[entry.variable]
        }
        for entry in required.values { result.prices.required[entry.provider] = -solution.duals[entry.row.index] }
        for (j, row) in unread { result.prices.unread[j] = solution.duals[row.index] }
        for (j, row) in kept { result.prices.kept[j] = solution.duals[row.index] }
        result.relaxed = RelaxedCharges(meters: meters, solution: solution, unit: unit)
        return result
    }
}

/// What offers with rows of their own are charged at a program's solution.
struct RelaxedCharges {
    fileprivate let meters: [Int: MeterRows]
    fileprivate let solution: Solution
    fileprivate let unit: Double

    /// Money by month class, the last for what is charged at the end; nil for an offer without rows.
    subscript(_ j: Int) -> [Double]? {
        meters[j].map { rows in rows.charges.indices.map { rows.charge($0, solution) * unit } }
    }
}
