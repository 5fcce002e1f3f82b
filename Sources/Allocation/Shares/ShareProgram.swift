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

/// What a node of the search has decided.
struct ShareNode: Sendable {
    /// Offers that hold nothing.
    var out: Set<Int> = []
    /// Offers that are used: their base fee and minimum are paid in full, and they hold what is worth a leg.
    var inUse: Set<Int> = []
    /// By offer and month class: bounds of the bytes billed beyond the free volume, and of those read.
    var storage: [Int: [ClosedRange<Double>?]] = [:]
    var egress: [Int: [ClosedRange<Double>?]] = [:]
    /// Which legs claim their account's free volumes.
    var claims: [Int: Bool] = [:]
    /// Providers that hold what is worth a leg, all their offers together.
    var required: Set<String> = []
    /// Providers that count towards `minProviders`, or do not.
    var counted: [String: Bool] = [:]
    /// How far a budget is tightened for the rounding of its lines.
    var tightening = 0.0
    /// No allocation within the node costs less.
    var bound = -Double.infinity

    /// Whether offer `j` is treated in another way than at the root.
    func refines(_ j: Int) -> Bool {
        inUse.contains(j) || storage[j] != nil || egress[j] != nil || claims[j] != nil
    }
}

/// What the dual values of a share program make of prices.
struct SharePrices: Sendable {
    /// The value of the data as a whole.
    var whole = 0.0
    /// By group of providers and month class (the last for what is charged at the end): the price of a unit of money.
    var charge: [[Double]] = []
    /// By offer with rows of its own: prices of what it carries.
    var meters: [Int: Meters] = [:]
    /// By provider: the price of its free volumes.
    var claim: [String: Double] = [:]
    /// By provider: the price of its share of the raw volume, and of counting it.
    var volume: [String: Double] = [:]
    var counted: [String: Double] = [:]
    /// By provider that must be used: the price of a shard there.
    var required: [String: Double] = [:]
    /// By offer: the price of a single copy that stays there.
    var staying: [Int: Double] = [:]

    /// Prices of what one offer carries, in units of money.
    struct Meters: Sendable {
        /// For the share of the data that has a shard there.
        var share = 0.0
        /// By month class: a byte billed, where storage has rows of its own.
        var billed: [Double]
        /// 1/k of the data, raw.
        var raw = 0.0
        /// A byte read a month.
        var egress = 0.0
        /// By month class, and at the end: money that is linear in the share.
        var money: [Double]
    }
}

/// What a share program came to.
struct ShareSolution {
    var isFeasible: Bool
    var value = 0.0
    var shares: [Double] = []
    var prices = SharePrices()
    /// By offer with rows of its own and month class: the relaxed charges; the last for what is charged at the end.
    var charges: [Int: [Double]] = [:]
    /// By provider: how far it counts.
    var counted: [String: Double] = [:]
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

    private var program = KeyedProgram()
    private var shares: [Variable] = []
    private var elastic = LinearExpression()

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
        guard solution.status == .optimal, let value = solution.objective else {
            return ShareSolution(isFeasible: false)
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
        for (j, row) in staying { result.prices.staying[j] = solution.duals[row.index] }
        return result
    }

    // MARK: Rows

    /// Adds a constraint that may not be met: with a slack that is minimised while feasibility is sought.
    @discardableResult
    private mutating func addHard(
        _ key: ProgramKey, lower: Double = -.infinity, upper: Double = .infinity, terms: [Term], scale: Double = 1
    ) -> Constraint {
        guard seeksFeasibility else { return program.addRow(key, lower: lower, upper: upper, terms) }
        let slack = program.addVariable(ProgramKey(.slack, Int(key.part.rawValue), key.a, key.b))
        elastic += Term(slack, 1)
        return program.addRow(
            key, lower: lower, upper: upper, terms + [Term(slack, upper < .infinity ? -scale : scale)])
    }

    private mutating func addClaims(
        _ columns: [ShareColumn]
    ) -> (variables: [Int: Variable], rows: [String: Constraint]) {
        var variables: [Int: Variable] = [:]
        let used = Set(columns.flatMap(\.members)).sorted()
        for j in used where model.isMetered(j, node) && model.costs[j].hasFree && !model.costs[j].feeIncludesFree {
            let fixed = node.claims[j]
            variables[j] = program.addVariable(
                ProgramKey(.claim, j), lower: fixed == true ? 1 : 0, upper: fixed == false ? 0 : 1)
        }
        var rows: [String: Constraint] = [:]
        let byProvider = Dictionary(grouping: variables.keys) { model.costs[$0].provider }
        for (provider, offers) in byProvider.sorted(by: { $0.key < $1.key }) {
            rows[provider] = program.addRow(
                ProgramKey(.claim, -1, number(provider)), upper: 1,
                offers.sorted().compactMap { variables[$0].map { Term($0, 1) } })
        }
        return (variables, rows)
    }

    private func termCost(_ totals: [[Variable]]) -> LinearExpression {
        var cost = LinearExpression([], constant: model.gateway * Double(model.request.months) / unit)
        for total in totals {
            for (v, variable) in total.enumerated() { cost += (model.fee * model.months(v)) * variable }
        }
        return cost
    }

    /// Data that stays where it is as a single copy need not be read out.
    private mutating func addStaying(_ columns: [ShareColumn], _ cost: inout LinearExpression) -> [Int: Constraint] {
        var rows: [Int: Constraint] = [:]
        for holding in model.leaving {
            let whole = model.fee * holding.cost / unit
            cost.constant += whole
            guard let j = holding.offer, whole > 0 else { continue }
            let stays = program.addVariable(ProgramKey(.staying, j), upper: holding.share)
            cost += (-whole / holding.share) * stays
            var terms = [Term(stays, 1)]
            for (c, column) in columns.enumerated() where column.members == [j] { terms.append(Term(shares[c], -1)) }
            rows[j] = program.addRow(ProgramKey(.staying, j), upper: 0, terms)
        }
        return rows
    }

    /// Credits pay charges of their provider in the months before they expire, until they run out.
    private mutating func addCredits(_ totals: [[Variable]], _ cost: inout LinearExpression) {
        let credits = model.request.credits
        var spent: [[Term]] = credits.map { _ in [] }
        let ends = model.classes.count
        for (v, monthClass) in model.classes.enumerated() {
            for (provider, indices) in Dictionary(grouping: monthClass.credits, by: { credits[$0].provider })
                .sorted(by: { $0.key < $1.key })
            {
                guard let group = model.groups.firstIndex(of: provider) else { continue }
                var row = [Term(totals[group][v], -model.months(v))]
                if v == ends - 1 { row.append(Term(totals[group][ends], -1)) }
                for index in indices {
                    let used = program.addVariable(ProgramKey(.credit, index, v))
                    spent[index].append(Term(used, 1))
                    row.append(Term(used, 1))
                    cost += (-model.fee) * used
                }
                _ = program.addRow(ProgramKey(.credit, -1, v, group), upper: 0, row)
            }
        }
        for (index, terms) in spent.enumerated() where !terms.isEmpty {
            _ = program.addRow(ProgramKey(.spent, index), upper: credits[index].amount.doubleValue / unit, terms)
        }
    }

    private func month(_ totals: [[Variable]], _ v: Int, withEnd: Bool = false) -> LinearExpression {
        var month = LinearExpression([], constant: model.gateway / unit)
        for total in totals {
            month += model.fee * total[v]
            if withEnd { month += model.fee * total[model.classes.count] }
        }
        return month
    }

    private mutating func addBudget(_ totals: [[Variable]], _ cost: LinearExpression) {
        guard let budget = model.request.budget, model.holds(.budget) else { return }
        if case .largestMonth = objective { return }
        let most = (budget.amount.doubleValue - node.tightening) / unit
        let scale = max(1e-6, most)
        switch budget.period {
        case .term: addHard(ProgramKey(.budget), upper: most - cost.constant, terms: cost.terms, scale: scale)
        case .month:
            for v in model.classes.indices {
                let month = month(totals, v)
                addHard(ProgramKey(.budget, v), upper: most - month.constant, terms: month.terms, scale: scale)
            }
            let last = month(totals, model.classes.count - 1, withEnd: true)
            addHard(
                ProgramKey(.budget, model.classes.count), upper: most - last.constant, terms: last.terms, scale: scale)
        }
    }

    private mutating func addVolumes(_ columns: [ShareColumn]) -> [String: Constraint] {
        guard let most = model.request.maxProviderShare?.doubleValue, model.holds(.maxProviderShare) else { return [:] }
        var rows: [String: Constraint] = [:]
        for provider in Set(columns.flatMap(\.members).map { model.costs[$0].provider }).sorted() {
            var terms: [Term] = []
            for (c, column) in columns.enumerated() {
                let held = Double(column.members.count { model.costs[$0].provider == provider })
                let scheme = model.scheme(column)
                let excess = (held - most * Double(scheme.shards)) / Double(scheme.data)
                if excess != 0 { terms.append(Term(shares[c], excess)) }
            }
            rows[provider] = addHard(ProgramKey(.volume, number(provider)), upper: 0, terms: terms)
        }
        return rows
    }

    private mutating func addCounting(
        _ columns: [ShareColumn]
    ) -> [String: (row: Constraint, variable: Variable)] {
        guard model.request.minProviders > 1, model.holds(.minProviders) else { return [:] }
        var rows: [String: (row: Constraint, variable: Variable)] = [:]
        var sum: [Term] = []
        for provider in Set(model.costs.map(\.provider)).sorted() {
            let fixed = node.counted[provider]
            let counts = program.addVariable(
                ProgramKey(.counted, number(provider)), lower: fixed == true ? 1 : 0, upper: fixed == false ? 0 : 1)
            sum.append(Term(counts, 1))
            var terms = [Term(counts, -1)]
            for (c, column) in columns.enumerated() {
                let held = Double(column.members.count { model.costs[$0].provider == provider })
                if held > 0 { terms.append(Term(shares[c], held / model.problem.smallestLeg)) }
            }
            rows[provider] = (addHard(ProgramKey(.counted, number(provider)), lower: 0, terms: terms), counts)
        }
        addHard(ProgramKey(.counting), lower: Double(model.request.minProviders), terms: sum)
        return rows
    }

    private mutating func addRequired(_ columns: [ShareColumn]) -> [String: Constraint] {
        var rows: [String: Constraint] = [:]
        for provider in node.required.sorted() {
            var terms: [Term] = []
            for (c, column) in columns.enumerated() {
                let held = Double(column.members.count { model.costs[$0].provider == provider })
                if held > 0 { terms.append(Term(shares[c], held)) }
            }
            rows[provider] = addHard(
                ProgramKey(.required, number(provider)), lower: model.problem.smallestLeg, terms: terms)
        }
        return rows
    }

    private mutating func setObjective(
        _ columns: [ShareColumn], _ cost: LinearExpression, _ totals: [[Variable]]
    ) throws(ProgrammingError) {
        var goal: LinearExpression
        switch objective {
        case .cost: goal = cost
        case .largestMonth:
            let largest = program.addVariable(ProgramKey(.largest), lower: -.infinity)
            for v in 0...model.classes.count {
                let month = v < model.classes.count ? month(totals, v) : month(totals, v - 1, withEnd: true)
                _ = program.addRow(
                    ProgramKey(.largest, v), upper: -month.constant, month.terms + [Term(largest, -1)])
            }
            goal = LinearExpression([Term(largest, 1)])
        case .liking(let most):
            addHard(
                ProgramKey(.liking), upper: most / unit - cost.constant, terms: cost.terms,
                scale: max(1e-6, most / unit))
            goal = Self.tieBreak * unit / max(most, 1e-9) * cost
            for (c, column) in columns.enumerated() { goal += (-model.liking(column)) * shares[c] }
        }
        try program.minimize(seeksFeasibility ? elastic : goal)
    }

    private func number(_ provider: String) -> Int { model.providerNumbers[provider] ?? -1 }

    /// How much liking a saving of the whole cost weighs.
    static let tieBreak = 1e-6
}
