import MathematicalProgramming
import Testing

/// Building, changing and validating models.
@Suite struct ModelTests {
    @Test func expressionsBecomeRows() throws {
        var model = MathematicalProgram()
        let x = model.addVariable("x")
        let y = model.addVariable("y")
        let z = model.addVariable("z")
        model.add(3 * z + 2 * x - y + 4 + x <= 10, name: "mixed")
        model.add(x + y >= z + 1)
        model.add(-(x + y) == -2)
        model.add(x - x <= 1)
        #expect(model.rows[0] == [Term(x, 3), Term(y, -1), Term(z, 3)])
        #expect(model.constraintUpperBounds[0] == 6)
        #expect(model.constraintLowerBounds[0] == -.infinity)
        #expect(model.rows[1] == [Term(x, 1), Term(y, 1), Term(z, -1)])
        #expect(model.constraintLowerBounds[1] == 1)
        #expect(model.rows[2] == [Term(x, -1), Term(y, -1)])
        #expect(model.constraintLowerBounds[2] == -2 && model.constraintUpperBounds[2] == -2)
        #expect(model.rows[3].isEmpty)
        #expect(model.nonzeroCount == 8)
        try model.setObjective(.maximize, 2 * x + 5 * y + 2 * x + 1)
        #expect(model.objectiveCoefficients == [4, 5, 0])
        #expect(model.objectiveOffset == 1)
        #expect(try model.objectiveValue(at: [1, 2, 3]) == 15)
        #expect(try model.activities(at: [1, 2, 3]) == [10, 0, -3, 0])
    }

    @Test func columnsEnterRows() throws {
        var model = MathematicalProgram()
        let first = model.addConstraint(lower: 1, terms: [])
        let second = model.addConstraint(lower: 1, terms: [])
        let x = try model.addVariable(
            cost: 1, column: [ColumnEntry(first, 2), ColumnEntry(second, 0), ColumnEntry(first, 1)])
        #expect(model.rows == [[Term(x, 3)], []])
        #expect(throws: ProgrammingError.unknownConstraint(index: 2, count: 2)) {
            try model.addVariable(column: [ColumnEntry(Constraint(index: 2), 1)])
        }
        #expect(model.variableCount == 1)
        try model.setCoefficient(5, of: x, in: second)
        try model.setCoefficient(0, of: x, in: first)
        #expect(model.rows == [[], [Term(x, 5)]])
    }

    @Test func handlesOfOtherModelsAreRefused() {
        var model = wyndor()
        let stranger = Variable(index: 7)
        let unknown = ProgrammingError.unknownVariable(index: 7, count: 2)
        #expect(throws: unknown) { try model.setCost(1, of: stranger) }
        #expect(throws: unknown) { try model.setBounds(of: stranger, lower: 0, upper: 1) }
        #expect(throws: unknown) { try model.setKind(.integer, of: stranger) }
        #expect(throws: unknown) { try model.setObjective(.minimize, stranger) }
        #expect(throws: ProgrammingError.unknownConstraint(index: -1, count: 3)) {
            try model.setBounds(of: Constraint(index: -1), lower: 0, upper: 1)
        }
        #expect(throws: ProgrammingError.wrongCount(item: "the point", expected: 2, found: 1)) {
            try model.objectiveValue(at: [1])
        }
        model.addConstraint("foreign", upper: 1, terms: [Term(stranger, 1)])
        #expect(throws: unknown) { try HiGHSSolver().solve(model) }
    }

    @Test func defectsAreNamed() {
        func expect(_ error: ProgrammingError, _ build: (inout MathematicalProgram) -> Void) {
            var model = MathematicalProgram()
            build(&model)
            #expect(throws: error) { try model.validate() }
            #expect(throws: error) { try HiGHSSolver().solve(model) }
            #expect(Certificate.check(model, Solution(status: .optimal)).failures == [.invalidModel])
            #expect(!error.description.isEmpty)
        }
        expect(.notFinite(item: "the objective's offset")) { $0.objectiveOffset = .nan }
        expect(.notFinite(item: "the cost of variable gold")) { $0.addVariable("gold", cost: .infinity) }
        expect(.notFinite(item: "a bound of variable x0")) { $0.addVariable(lower: .nan) }
        expect(.crossingBounds(item: "variable x0", lower: 2, upper: 1)) { $0.addVariable(lower: 2, upper: 1) }
        expect(.infiniteBound(item: "variable x0")) { $0.addVariable(lower: .infinity) }
        expect(.infiniteBound(item: "variable x0")) { $0.addVariable(lower: -1e30, upper: -1e25) }
        expect(.crossingBounds(item: "constraint cap", lower: 2, upper: 1)) {
            $0.addConstraint("cap", lower: 2, upper: 1, terms: [])
        }
        expect(.notFinite(item: "a bound of constraint r0")) { $0.addConstraint(upper: .nan, terms: []) }
        expect(.semicontinuousBounds(item: "variable x0", lower: 1, upper: .infinity)) {
            $0.addVariable(lower: 1, kind: .semiContinuous)
        }
        expect(.semicontinuousBounds(item: "variable x0", lower: -1, upper: 4)) {
            $0.addVariable(lower: -1, upper: 4, kind: .semiInteger)
        }
        expect(.semicontinuousBounds(item: "variable x0", lower: 0, upper: 2e5)) {
            $0.addVariable(upper: 2e5, kind: .semiContinuous)
        }
        expect(.notFinite(item: "the coefficient of variable x0 in constraint r0")) {
            let x = $0.addVariable()
            $0.addConstraint(upper: 1, terms: [Term(x, .nan)])
        }
        expect(.coefficientTooLarge(item: "constraint r0", value: 1e16)) {
            let x = $0.addVariable()
            $0.addConstraint(upper: 1, terms: [Term(x, 1e16)])
        }
    }
}
