import MathematicalProgramming

/// The constraints that hold for an allocation as a whole.
extension ShareProgram {
    /// Adds a constraint that may not be met: with a slack that is minimised while feasibility is sought.
    @discardableResult
    func addHard(
        _ key: ProgramKey, lower: Double = -.infinity, upper: Double = .infinity, terms: [Term], scale: Double = 1
    ) -> Constraint {
        guard seeksFeasibility else { return program.addRow(key, lower: lower, upper: upper, terms) }
        let slack = program.addVariable(ProgramKey(.slack, Int(key.part.rawValue), key.a, key.b), cost: 1)
        return program.addRow(
            key, lower: lower, upper: upper, terms + [Term(slack, upper < .infinity ? -scale : scale)])
    }

    /// Whether offer `j` claims its account's free volumes, of whose claims there may be one; nil where it has none.
    func addClaim(_ j: Int) -> Variable? {
        guard model.costs[j].hasClaim else { return nil }
        let fixed = node.claims[j]
        let claim = program.addVariable(
            ProgramKey(.claim, j), lower: fixed == true ? 1 : 0, upper: fixed == false ? 0 : 1)
        let provider = model.costs[j].provider
        if let row = claims[provider] {
            program.add(1, of: claim, to: row)
        } else {
            claims[provider] = program.addRow(ProgramKey(.claim, -1, number(j)), upper: 1, [Term(claim, 1)])
        }
        return claim
    }

    func termCost(_ totals: [[Variable]]) -> LinearExpression {
        var cost = LinearExpression([], constant: model.gateway * Double(model.request.months) / unit)
        for total in totals { for variable in total { cost += model.fee * variable } }
        return cost
    }

    /// Data that stays where it is need not be read out if it is a single copy, nor be paid to the end of a minimum
    /// duration if it is a copy among others.
    func addStaying(_ cost: inout LinearExpression) {
        for holding in model.leaving {
            unread[holding.offer ?? -1] = addStaying(holding, holding.reading, 0, &cost)
            kept[holding.offer ?? -1] = addStaying(holding, holding.early, 1, &cost)
        }
    }

    /// One part of what leaving a holding costs, but for the share that stays; nil when none of it can.
    private func addStaying(
        _ holding: AllocationProblem.Leaving, _ price: Double, _ part: Int, _ cost: inout LinearExpression
    ) -> Constraint? {
        let whole = model.fee * price / unit
        cost.constant += whole
        guard let j = holding.offer, whole > 0 else { return nil }
        let staying = program.addVariable(ProgramKey(.staying, j, part), upper: holding.share)
        cost += (-whole / holding.share) * staying
        return program.addRow(ProgramKey(.staying, j, part), upper: 0, [Term(staying, 1)])
    }

    /// What of a column's share stays where it is.
    func stay(_ column: ShareColumn, _ share: Variable) {
        for (j, row) in unread where model.staysUnread(column, j) { program.add(-1, of: share, to: row) }
        for (j, row) in kept where model.stays(column, j) { program.add(-1, of: share, to: row) }
    }

    /// Credits pay charges of their provider in the months before they expire, until they run out.
    func addCredits(_ totals: [[Variable]], _ cost: inout LinearExpression) {
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

    func addBudget(_ totals: [[Variable]], _ cost: LinearExpression) {
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

    /// Rows for the share of the raw volume that each provider of a column may hold; call it before the column is added.
    func openVolumes(_ column: ShareColumn) {
        guard let most = mostOfVolume else { return }
        for j in column.members where volumes[number(j)] == nil {
            let terms = zip(columns, shares).map { Term($1, -most * model.scheme($0).overhead) }
            volumes[number(j)] = (
                model.costs[j].provider, addHard(ProgramKey(.volume, number(j)), upper: 0, terms: terms)
            )
        }
    }

    func fillVolumes(_ column: ShareColumn, _ share: Variable) {
        guard let most = mostOfVolume else { return }
        let scheme = model.scheme(column)
        for (provider, entry) in volumes {
            let held = Double(column.members.count { number($0) == provider }) / Double(scheme.data)
            program.add(held - most * scheme.overhead, of: share, to: entry.row)
        }
    }

    private var mostOfVolume: Double? {
        model.holds(.maxProviderShare) ? model.request.maxProviderShare?.doubleValue : nil
    }

    func addCounting() {
        guard model.request.minProviders > 1, model.holds(.minProviders) else { return }
        var sum: [Term] = []
        for (name, number) in model.providerNumbers {
            let fixed = node.counted[name]
            let counts = program.addVariable(
                ProgramKey(.counted, number), lower: fixed == true ? 1 : 0, upper: fixed == false ? 0 : 1)
            sum.append(Term(counts, 1))
            counted[number] = (
                name, addHard(ProgramKey(.counted, number), lower: 0, terms: [Term(counts, -1)]), counts
            )
        }
        addHard(ProgramKey(.counting), lower: Double(model.request.minProviders), terms: sum)
    }

    func addRequired() {
        for (name, number) in node.required.isEmpty ? [] : model.providerNumbers where node.required.contains(name) {
            required[number] = (
                name, addHard(ProgramKey(.required, number), lower: model.problem.smallestLeg, terms: [])
            )
        }
    }

    /// Counts a column for the providers that must hold something.
    func count(_ column: ShareColumn, _ share: Variable) {
        guard !(counted.isEmpty && required.isEmpty) else { return }
        for j in column.members {
            if let entry = counted[number(j)] {
                program.add(1 / model.problem.smallestLeg, of: share, to: entry.row)
            }
            if let entry = required[number(j)] { program.add(1, of: share, to: entry.row) }
        }
    }

    func setObjective(_ cost: LinearExpression, _ totals: [[Variable]]) throws(ProgrammingError) {
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
        }
        // While feasibility is sought, slacks have their costs and nothing else has.
        if !seeksFeasibility { try program.minimize(goal) }
    }

    /// What a unit of a column's share adds to the objective directly.
    func worth(_ column: ShareColumn) -> Double {
        if case .liking = objective, !seeksFeasibility { return -model.liking(column) }
        return 0
    }

    /// The number of an offer's provider, the same in every program of a search.
    func number(_ j: Int) -> Int { model.problem.rows[j].provider }

    /// How much liking a saving of the whole cost weighs.
    static let tieBreak = 1e-6
}
