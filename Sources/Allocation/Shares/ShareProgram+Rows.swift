import MathematicalProgramming

/// The constraints that hold for an allocation as a whole.
extension ShareProgram {
    /// Adds a constraint that may not be met: with a slack that is minimised while feasibility is sought.
    @discardableResult
    mutating func addHard(
        _ key: ProgramKey, lower: Double = -.infinity, upper: Double = .infinity, terms: [Term], scale: Double = 1
    ) -> Constraint {
        guard seeksFeasibility else { return program.addRow(key, lower: lower, upper: upper, terms) }
        let slack = program.addVariable(ProgramKey(.slack, Int(key.part.rawValue), key.a, key.b))
        elastic += Term(slack, 1)
        return program.addRow(
            key, lower: lower, upper: upper, terms + [Term(slack, upper < .infinity ? -scale : scale)])
    }

    mutating func addClaims(
        _ columns: [ShareColumn]
    ) -> (variables: [Int: Variable], rows: [String: Constraint]) {
        var variables: [Int: Variable] = [:]
        let used = Set(columns.flatMap(\.members)).sorted()
        for j in used where model.isMetered(j, node) && model.costs[j].hasClaim {
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

    func termCost(_ totals: [[Variable]]) -> LinearExpression {
        var cost = LinearExpression([], constant: model.gateway * Double(model.request.months) / unit)
        for total in totals { for variable in total { cost += model.fee * variable } }
        return cost
    }

    /// Data that stays where it is need not be read out if it is a single copy, nor be paid to the end of a minimum
    /// duration if it is a copy among others.
    mutating func addStaying(
        _ columns: [ShareColumn], _ cost: inout LinearExpression
    ) -> (unread: [Int: Constraint], kept: [Int: Constraint]) {
        var (unread, kept): ([Int: Constraint], [Int: Constraint]) = ([:], [:])
        for holding in model.leaving {
            unread[holding.offer ?? -1] = addStaying(holding, holding.reading, 0, columns, &cost, model.staysUnread)
            kept[holding.offer ?? -1] = addStaying(holding, holding.early, 1, columns, &cost, model.stays)
        }
        return (unread, kept)
    }

    /// One part of what leaving a holding costs, but for the share that stays; nil when none of it can.
    private mutating func addStaying(
        _ holding: AllocationProblem.Leaving, _ price: Double, _ part: Int, _ columns: [ShareColumn],
        _ cost: inout LinearExpression, _ stays: (ShareColumn, Int) -> Bool
    ) -> Constraint? {
        let whole = model.fee * price / unit
        cost.constant += whole
        guard let j = holding.offer, whole > 0 else { return nil }
        let staying = program.addVariable(ProgramKey(.staying, j, part), upper: holding.share)
        cost += (-whole / holding.share) * staying
        var terms = [Term(staying, 1)]
        for (c, column) in columns.enumerated() where stays(column, j) { terms.append(Term(shares[c], -1)) }
        return program.addRow(ProgramKey(.staying, j, part), upper: 0, terms)
    }

    /// Credits pay charges of their provider in the months before they expire, until they run out.
    mutating func addCredits(_ totals: [[Variable]], _ cost: inout LinearExpression) {
        let credits = model.request.credits
        var spent: [[Term]] = credits.map { _ in [] }
        let last = model.classes.count - 1
        for (group, provider) in model.groups.enumerated() {
            for (p, part) in parts[group].enumerated() where part[0] <= last {
                let indices = model.classes[part[0]].credits.filter { credits[$0].provider == provider }
                guard !indices.isEmpty else { continue }
                var row = [Term(totals[group][p], -1)]
                if part.contains(last) { row.append(Term(totals[group][totals[group].count - 1], -1)) }
                for index in indices {
                    let used = program.addVariable(ProgramKey(.credit, index, part[0]))
                    spent[index].append(Term(used, 1))
                    row.append(Term(used, 1))
                    cost += (-model.fee) * used
                }
                _ = program.addRow(ProgramKey(.credit, -1, part[0], group), upper: 0, row)
            }
        }
        for (index, terms) in spent.enumerated() where !terms.isEmpty {
            _ = program.addRow(ProgramKey(.spent, index), upper: credits[index].amount.doubleValue / unit, terms)
        }
    }

    /// What a month of class `v` costs before credits; nil where it is not summed apart.
    func month(_ totals: [[Variable]], _ v: Int, withEnd: Bool = false) -> LinearExpression? {
        var month = LinearExpression([], constant: model.gateway / unit)
        for (group, total) in totals.enumerated() {
            guard let p = parts[group].firstIndex(of: [v]) else { return nil }
            month += (model.fee / model.months(v)) * total[p]
            if withEnd { month += model.fee * total[total.count - 1] }
        }
        return month
    }

    mutating func addBudget(_ totals: [[Variable]], _ cost: LinearExpression) {
        guard let budget = model.request.budget, model.holds(.budget) else { return }
        if case .largestMonth = objective { return }
        let most = (budget.amount.doubleValue - node.tightening) / unit
        let scale = max(1e-6, most)
        switch budget.period {
        case .term: addHard(ProgramKey(.budget), upper: most - cost.constant, terms: cost.terms, scale: scale)
        case .month:
            for v in model.classes.indices {
                guard let month = month(totals, v) else { continue }
                addHard(ProgramKey(.budget, v), upper: most - month.constant, terms: month.terms, scale: scale)
            }
            guard let last = month(totals, model.classes.count - 1, withEnd: true) else { return }
            addHard(
                ProgramKey(.budget, model.classes.count), upper: most - last.constant, terms: last.terms, scale: scale)
        }
    }

    mutating func addVolumes(_ columns: [ShareColumn]) -> [String: Constraint] {
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

    mutating func addCounting(
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

    mutating func addRequired(_ columns: [ShareColumn]) -> [String: Constraint] {
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

    mutating func setObjective(
        _ columns: [ShareColumn], _ cost: LinearExpression, _ totals: [[Variable]]
    ) throws(ProgrammingError) {
        var goal: LinearExpression
        switch objective {
        case .cost: goal = cost
        case .largestMonth:
            let largest = program.addVariable(ProgramKey(.largest), lower: -.infinity)
            for v in 0...model.classes.count {
                let isEnd = v == model.classes.count
                guard let month = month(totals, isEnd ? v - 1 : v, withEnd: isEnd) else { continue }
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

    /// The number of the provider of some offer, the same in every program of a search.
    func number(_ provider: String) -> Int {
        model.costs.firstIndex { $0.provider == provider }.map { model.problem.rows[$0].provider } ?? -1
    }

    /// How much liking a saving of the whole cost weighs.
    static let tieBreak = 1e-6
}
