import MathematicalProgramming
import TestSupport
import Testing

/// Duals, reduced costs and ranges against textbook values and against re-solved neighbours.
@Suite struct SensitivityTests {
    @Test func wyndorHasThePublishedDualsAndRanges() throws {
        var parameters = SolverParameters()
        parameters.wantsRanging = true
        let solution = try HiGHSSolver().solve(wyndor(), parameters)
        #expect(agree(solution.objective, 36))
        #expect(agree(solution.values, [2, 6]))
        #expect(agree(solution.duals, [0, 1.5, 1]))
        let ranging = try #require(solution.ranging)
        #expect(agree(ranging.costs.map(\.lower), [0, 2]))
        #expect(agree(ranging.costs.map(\.upper), [7.5, .infinity]))
        #expect(agree(ranging.costs[0].objectiveAtLower, 30))
        #expect(agree(ranging.costs[0].objectiveAtUpper, 45))
        #expect(agree(ranging.constraintBounds.map(\.lower), [0, 6, 12]))
        #expect(agree(ranging.constraintBounds[1].upper, 18))
        #expect(agree(ranging.constraintBounds[2].upper, 24))
        #expect(agree(ranging.constraintBounds[1].objectiveAtUpper, 45))
    }

    /// The diet of two foods: minimize 0.6x + 0.35y, 5x + 7y ≥ 8, 4x + 2y ≥ 15, 2x + y ≥ 3 has x = 3.75, y = 0.
    @Test func minimizationHasNonnegativeDualsAtLowerBounds() throws {
        var model = MathematicalProgram()
        let x = model.addVariable("x", cost: 0.6)
        let y = model.addVariable("y", cost: 0.35)
        model.add(5 * x + 7 * y >= 8)
        model.add(4 * x + 2 * y >= 15)
        model.add(2 * x + y >= 3)
        let solution = try HiGHSSolver().solve(model)
        #expect(agree(solution.objective, 2.25))
        #expect(agree(solution.duals, [0, 0.15, 0]))
        #expect(agree(solution.reducedCosts, [0, 0.05]))
        #expect(solution.basis?.variables == [.basic, .atLower])
        #expect(solution[x] == solution.values[0])
        #expect(solution.reducedCost(of: y) == solution.reducedCosts[1])
        #expect(solution.dual(of: Constraint(index: 9)).isNaN)
    }

    @Test(arguments: [ObjectiveSense.minimize, .maximize], UInt64(1)...12)
    func dualsAreDerivativesAndRangesHold(sense: ObjectiveSense, seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var model = MathematicalProgram(sense: sense)
        let sign: Double = sense == .minimize ? 1 : -1
        for _ in 0..<5 {
            let cost = sign * Double.random(in: 1...9, using: &generator)
            model.addVariable(upper: Double.random(in: 2...6, using: &generator), cost: cost)
        }
        for _ in 0..<3 {
            let terms = model.variables.map { Term($0, Double.random(in: 0.5...3, using: &generator)) }
            model.addConstraint(lower: Double.random(in: 3...12, using: &generator), terms: terms)
        }
        var parameters = SolverParameters()
        parameters.wantsRanging = true
        let solver = HiGHSSolver()
        let solution = try solver.solve(model, parameters)
        #expect(solution.status == .optimal)
        #expect(Certificate.check(model, solution).failures == [])
        let objective = try #require(solution.objective)
        let ranging = try #require(solution.ranging)
        for constraint in model.constraints where solution.basis?.constraints[constraint.index] == .atLower {
            let range = ranging.constraintBounds[constraint.index]
            let lower = model.constraintLowerBounds[constraint.index]
            for end in [(range.lower, range.objectiveAtLower), (range.upper, range.objectiveAtUpper)] {
                guard end.0.isFinite else { continue }
                var moved = model
                try moved.setBounds(of: constraint, lower: end.0, upper: .infinity)
                let neighbour = try solver.solve(moved)
                #expect(agree(neighbour.objective, end.1, 1e-6))
                let predicted = objective + solution.dual(of: constraint) * (end.0 - lower)
                #expect(agree(neighbour.objective, predicted, 1e-6))
            }
        }
        for variable in model.variables {
            let range = ranging.costs[variable.index]
            for end in [(range.lower, range.objectiveAtLower), (range.upper, range.objectiveAtUpper)] {
                guard end.0.isFinite else { continue }
                var moved = model
                try moved.setCost(end.0, of: variable)
                #expect(agree(try solver.solve(moved).objective, end.1, 1e-6))
                #expect(agree(try moved.objectiveValue(at: solution.values), end.1, 1e-6))
            }
        }
    }
}
