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
/// at which the search for placements sees them.
struct ShareProgram {
    let model: TermModel
    let node: ShareNode
    let objective: ShareObjective
    /// Money is counted in this unit, so that all numbers are near 1.
    let unit: Double
    /// Whether it is the violation of constraints that is minimised.
    let seeksFeasibility: Bool

    var program = KeyedProgram()
    var shares: [Variable] = []
    var elastic = LinearExpression()

    init(
        _ model: TermModel, _ node: ShareNode, _ objective: ShareObjective, unit: Double, seeksFeasibility: Bool = false
    ) {
        self.model = model
        self.node = node
        self.objective = objective
        self.unit = unit
        self.seeksFeasibility = seeksFeasibility
    }

    /// Solves the program over `columns`; not feasible when no division of the data over them meets every constraint.
    ///
    /// - Parameter start: where an earlier program ended; where this one ends, afterwards.
    mutating func solve(
        _ columns: [ShareColumn], _ session: HiGHSSession, from start: inout KeyedBasis
    ) throws(ProgrammingError) -> ShareSolution {
        program = KeyedProgram()
        elastic = LinearExpression()
        shares = columns.enumerated().map { index, column in
            // No bound of 1: its dual value would be missing from the prices.
            program.addVariable(
                ProgramKey(.column, index), upper: column.members.contains(where: node.out.contains) ? 0 : .infinity)
        }
        let whole = program.addRow(ProgramKey(.whole), lower: 1, upper: 1, shares.map { Term($0, 1) })
        let loads = columns.map { column in column.members.map { model.load($0, column) } }

        // Charges by group of providers and class.
        let groups = model.groups
        let ends = model.classes.count
        var charges = groups.indices.map { _ in (0...ends).map { _ in LinearExpression() } }
        var metered: [Int: MeterRows] = [:]
        let claims = addClaims(columns)
        for (c, column) in columns.enumerated() {
            for (position, j) in column.members.enumerated() {
                let load = loads[c][position]
                if model.isMetered(j, node) {
                    metered[j, default: MeterRows(j, self)].read(shares[c], column.scheme, load)
                } else {
                    let group = model.group(j)
                    for v in 0...ends {
                        let charge = model.linearCharge(j, column.scheme, load, v)
                        if charge != 0 { charges[group][v] += (charge / unit) * shares[c] }
                    }
                }
            }
        }
        for j in metered.keys.sorted() {
            metered[j]?.close(claims.variables[j], seeksFeasibility: seeksFeasibility, &program)
            guard let rows = metered[j] else { continue }
            let group = model.group(j)
            for v in 0...ends { charges[group][v] += rows.charges[v] }
            for slack in rows.slacks { elastic += Term(slack, 1) }
        }
        var totals: [[Variable]] = []
        var chargeRows: [[Constraint]] = []
        for group in groups.indices {
            var variables: [Variable] = []
            var rows: [Constraint] = []
            for v in 0...ends {
                let total = program.addVariable(ProgramKey(.total, group, v), lower: -.infinity)
                var terms = [Term(total, 1)]
                for term in charges[group][v].terms { terms.append(Term(term.variable, -term.coefficient)) }
                rows.append(
                    program.addRow(
                        ProgramKey(.total, group, v), lower: charges[group][v].constant,
                        upper: charges[group][v].constant, terms))
                variables.append(total)
            }
            totals.append(variables)
            chargeRows.append(rows)
        }
        var cost = termCost(totals)
        addCredits(totals, &cost)
        let staying = addStaying(columns, &cost)
        addBudget(totals, cost)
        let volume = addVolumes(columns)
        let counted = addCounting(columns)
        let required = addRequired(columns)
        try setObjective(columns, cost, totals)

        let solution = try program.solve(session, from: &start)
        guard solution.status == .optimal, solution.isDecided, let value = solution.objective else {
            return ShareSolution(isFeasible: false, isDecided: solution.isDecided)
        }
        var result = ShareSolution(isFeasible: true, value: value)
        result.shares = shares.map { solution[$0] }
        result.prices.whole = solution.duals[whole.index]
        result.prices.charge = chargeRows.map { $0.map { solution.duals[$0.index] } }
        for (j, rows) in metered {
            result.prices.meters[j] = rows.prices(solution, charge: result.prices.charge[model.group(j)])
            result.charges[j] = rows.charges.map { $0.value(solution) * unit }
        }
        for (provider, row) in claims.rows { result.prices.claim[provider] = -solution.duals[row.index] }
        for (provider, row) in volume { result.prices.volume[provider] = -solution.duals[row.index] }
        for (provider, entry) in counted {
            result.prices.counted[provider] = -solution.duals[entry.row.index]
            result.counted[provider] = solution[entry.variable]
        }
        for (provider, row) in required { result.prices.required[provider] = -solution.duals[row.index] }
        for (j, row) in staying.unread { result.prices.unread[j] = solution.duals[row.index] }
        for (j, row) in staying.kept { result.prices.kept[j] = solution.duals[row.index] }
        return result
    }
}
