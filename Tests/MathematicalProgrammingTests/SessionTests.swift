import MathematicalProgramming
import TestSupport
import Testing

/// Sessions must answer as a fresh solve of the changed model would.
@Suite struct SessionTests {
    @Test(arguments: UInt64(1)...20)
    func changesAgreeWithFreshSolves(seed: UInt64) throws {
        var generator = SeededGenerator(seed: 3000 + seed)
        let kinds: [VariableKind] = seed.isMultiple(of: 2) ? [.continuous] : [.integer, .semiContinuous]
        let start = EnumerationTests.randomModel(kinds: kinds, variables: 6, constraints: 4, &generator)
        let session = try HiGHSSession(start)
        let solver = HiGHSSolver()
        for _ in 0..<12 {
            let variable = Variable(index: Int.random(in: 0..<session.model.variableCount, using: &generator))
            let constraint = Constraint(index: Int.random(in: 0..<session.model.constraintCount, using: &generator))
            let number = Double(Int.random(in: -4...6, using: &generator))
            switch Int.random(in: 0..<7, using: &generator) {
            case 0: try session.setCost(number, of: variable)
            case 1: try session.setBounds(of: variable, lower: 0, upper: abs(number))
            case 2: try session.setBounds(of: constraint, lower: -.infinity, upper: number + 5)
            case 3: try session.setCoefficient(number, of: variable, in: constraint)
            case 4: try session.addConstraint(lower: -8, terms: session.model.variables.map { Term($0, number) })
            case 5:
                try session.addVariable(
                    lower: 1, upper: 3, kind: kinds[0], cost: number, column: [ColumnEntry(constraint, 1)])
            default: try session.setObjective(sense: number > 0 ? .minimize : .maximize, offset: number)
            }
            let warm = try session.solve()
            let cold = try solver.solve(session.model)
            #expect(warm.status == cold.status)
            if let objective = cold.objective { #expect(agree(warm.objective, objective, 1e-6)) }
            if cold.status == .optimal || !session.model.isMixedInteger {
                #expect(Certificate.check(session.model, warm).failures == [])
            }
        }
    }

    @Test("A model that grew in a session has the optimum that it has when it is passed whole")
    func growing() throws {
        var generator = SeededGenerator(seed: 11)
        for _ in 0..<20 {
            var model = MathematicalProgram()
            let first = model.addVariable(upper: 4, cost: -1)
            let row = model.addConstraint(upper: 9, terms: [Term(first, 1)])
            let session = try HiGHSSession(model)
            for _ in 0..<6 {
                _ = try session.solve()
                // A row over what is there, then a variable in both rows.
                let cut = model.addConstraint(
                    upper: Double(generator.int(2...8)), terms: model.variables.map { Term($0, 1) })
                let variable = model.addVariable(upper: 3, cost: -Double(generator.int(1...5)))
                model.add(Double(generator.int(1...3)), of: variable, to: row)
                model.add(2, of: variable, to: cut)
                try session.extend(to: model)
                let grown = try session.solve()
                #expect(session.model == model)
                #expect(agree(grown.objective, try #require(try HiGHSSolver().solve(model).objective)))
                #expect(Certificate.check(model, grown).isVerified)
            }
        }
        let session = try HiGHSSession(MathematicalProgram())
        var lesser = MathematicalProgram()
        _ = lesser.addConstraint(upper: 1, terms: [Term(Variable(index: 3), 1)])
        #expect(throws: ProgrammingError.self) { try session.extend(to: lesser) }
    }

    @Test func aWarmBasisSavesIterations() throws {
        var generator = SeededGenerator(seed: 11)
        var model = MathematicalProgram()
        let variables = (0..<120).map { _ in
            model.addVariable(cost: Double.random(in: 1...2, using: &generator))
        }
        for _ in 0..<80 {
            model.addConstraint(
                lower: 5, terms: variables.map { Term($0, Double.random(in: 0...1, using: &generator)) })
        }
        var parameters = SolverParameters()
        parameters.presolve = false
        let session = try HiGHSSession(model, parameters)
        let cold = try session.solve()
        try session.setBounds(of: Constraint(index: 3), lower: 5.1, upper: .infinity)
        let warm = try session.solve()
        #expect(warm.status == .optimal)
        #expect(warm.simplexIterations < cold.simplexIterations / 2)
        #expect(Certificate.check(session.model, warm).isVerified)

        // The basis of one session starts another at its optimum.
        let second = try HiGHSSession(session.model, parameters)
        try second.setBasis(try #require(warm.basis))
        let third = try second.solve()
        #expect(third.simplexIterations == 0)
        #expect(agree(third.objective, try #require(warm.objective)))
        try second.reset()
        #expect(try second.solve().simplexIterations > 0)
    }

    @Test func aStartIsTaken() throws {
        let model = hardKnapsack(items: 120, seed: 21)
        var parameters = SolverParameters()
        parameters.timeLimit = 1
        let first = try HiGHSSolver().solve(model, parameters)
        let objective = try #require(first.objective)
        parameters.timeLimit = .infinity
        parameters.nodeLimit = 0
        let session = try HiGHSSession(model, parameters)
        try session.setStart(first.values)
        let complete = try session.solve()
        #expect(try #require(complete.objective) >= objective * (1 - 1e-9))
        let named = try HiGHSSession(model, parameters)
        try named.setStart(Dictionary(uniqueKeysWithValues: zip(model.variables, first.values)))
        #expect(try #require(try named.solve().objective) >= objective * (1 - 1e-9))
    }

    @Test func refusedChangesLeaveNoTrace() throws {
        let session = try HiGHSSession(wyndor())
        let before = session.model
        let x = Variable(index: 0)
        let row = Constraint(index: 0)
        let stranger = Variable(index: 9)
        #expect(throws: ProgrammingError.self) { try session.setCost(.nan, of: x) }
        #expect(throws: ProgrammingError.self) { try session.setCosts([1]) }
        #expect(throws: ProgrammingError.self) { try session.setCosts([1, .infinity]) }
        #expect(throws: ProgrammingError.self) { try session.setObjective(sense: .minimize, offset: .nan) }
        #expect(throws: ProgrammingError.self) { try session.setBounds(of: x, lower: 3, upper: 2) }
        #expect(throws: ProgrammingError.self) { try session.setBounds(of: row, lower: .nan, upper: 2) }
        #expect(throws: ProgrammingError.self) { try session.setCoefficient(1e20, of: x, in: row) }
        #expect(throws: ProgrammingError.self) { try session.setCoefficient(1, of: stranger, in: row) }
        #expect(throws: ProgrammingError.self) { try session.addConstraint(terms: [Term(stranger, 1)]) }
        #expect(throws: ProgrammingError.self) { try session.addConstraint(terms: [Term(x, .nan)]) }
        #expect(throws: ProgrammingError.self) { try session.addVariable(lower: .infinity, column: []) }
        #expect(throws: ProgrammingError.self) { try session.addVariable(column: [ColumnEntry(row, .infinity)]) }
        #expect(throws: ProgrammingError.self) { try session.setStart([1]) }
        #expect(throws: ProgrammingError.self) { try session.setStart([stranger: 1]) }
        #expect(throws: ProgrammingError.self) { try session.setBasis(Basis(variables: [], constraints: [])) }
        #expect(session.model == before)
        #expect(agree(try session.solve().objective, 36))
        try session.setCosts([5, 3])
        #expect(agree(try session.solve().objective, 20 + 9))
    }

    @Test func aSessionTakesOtherModels() throws {
        var generator = SeededGenerator(seed: 77)
        let session = try HiGHSSession(wyndor())
        for round in 0..<30 {
            let kinds: [VariableKind] = round.isMultiple(of: 3) ? [.integer] : [.continuous]
            let model = EnumerationTests.randomModel(
                kinds: kinds, variables: 3 + round % 4, constraints: 1 + round % 5, &generator)
            try session.load(model)
            session.parameters.presolve = round.isMultiple(of: 2)
            let found = try session.solve()
            let expected = try HiGHSSolver().solve(model)
            #expect(found.status == expected.status)
            if let objective = expected.objective { #expect(agree(found.objective, objective)) }
        }
        var wrong = wyndor()
        wrong.addVariable(lower: 2, upper: 1)
        let before = session.model
        #expect(throws: ProgrammingError.self) { try session.load(wrong) }
        #expect(session.model == before)
    }
}
