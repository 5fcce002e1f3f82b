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
    /// By group of providers: the parts of the term whose charges are summed together.
    var parts: [[[Int]]] = []

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

        // Charges by group of providers and part of the term.
        let groups = model.groups
        let ends = model.classes.count
        parts = groups.indices.map { model.parts($0, objective, everyMonth: node.everyMonth) }
        var charges = parts.map { $0.map { _ in LinearExpression() } }
        var metered: [Int: MeterRows] = [:]
        let claims = addClaims(columns)
        for (c, column) in columns.enumerated() {
            for (position, j) in column.members.enumerated() {
                let load = loads[c][position]
                if model.isMetered(j, node) {
                    metered[j, default: MeterRows(j, self)].read(shares[c], column.scheme, load)
                } else {
                    let group = model.group(j)
                    for (p, part) in parts[group].enumerated() {
                        let charge = part.reduce(0) { sum, v in
                            sum + model.months(v) * model.linearCharge(j, column.scheme, load, v)
                        }
                        if charge != 0 { charges[group][p] += (charge / unit) * shares[c] }
                    }
                }
            }
        }
        for j in metered.keys.sorted() {
            metered[j]?.close(claims.variables[j], seeksFeasibility: seeksFeasibility, &program)
            guard let rows = metered[j] else { continue }
            let group = model.group(j)
            for (p, part) in parts[group].enumerated() { charges[group][p] += rows.charge(part) }
            for slack in rows.slacks { elastic += Term(slack, 1) }
        }
        var totals: [[Variable]] = []
        var chargeRows: [[Constraint]] = []
        for group in groups.indices {
            var variables: [Variable] = []
            var rows: [Constraint] = []
            for (p, charge) in charges[group].enumerated() {
                // By its first class, so that a start fits where parts are divided further.
                let key = ProgramKey(.total, group, parts[group][p][0])
                let total = program.addVariable(key, lower: -.infinity)
                var terms = [Term(total, 1)]
                for term in charge.terms { terms.append(Term(term.variable, -term.coefficient)) }
                rows.append(program.addRow(key, lower: charge.constant, upper: charge.constant, terms))
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
        result.prices.charge = groups.indices.map { group in
            var prices = [Double](repeating: 0, count: ends + 1)
            for (part, row) in zip(parts[group], chargeRows[group]) {
                for v in part { prices[v] = model.months(v) * solution.duals[row.index] }
            }
            return prices
        }
        for (j, rows) in metered {
            result.prices.meters[j] = rows.prices(solution, charge: result.prices.charge[model.group(j)])
            result.charges[j] = (0...ends).map { rows.charge($0, solution) * unit }
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
