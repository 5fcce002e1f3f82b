import MathematicalProgramming
import TestSupport
import Testing

/// Statuses, limits, kinds, degenerate models and parameters.
@Suite struct SolverBehaviourTests {
    @Test func emptyModelsAreOptimal() throws {
        let empty = MathematicalProgram(objectiveOffset: 7)
        let solution = try HiGHSSolver().solve(empty)
        #expect(solution.status == .optimal)
        #expect(solution.objective == 7)
        #expect(Certificate.check(empty, solution).failures == [])

        var noRows = MathematicalProgram(sense: .maximize, objectiveOffset: 1)
        noRows.addVariable(upper: 3, cost: 2)
        let bounded = try HiGHSSolver().solve(noRows)
        #expect(bounded.objective == 7)
        #expect(bounded.reducedCosts == [2])
        #expect(Certificate.check(noRows, bounded).failures == [])

        var emptyRow = MathematicalProgram()
        emptyRow.addVariable(cost: 1)
        emptyRow.addConstraint(lower: 1, terms: [])
        let impossible = try HiGHSSolver().solve(emptyRow)
        #expect(impossible.status == .infeasible)
        #expect(Certificate.check(emptyRow, impossible).failures == [])
    }

    /// Presolve sees that the costs have no bound before it asks whether there is a point at all.
    @Test(arguments: [false, true], [false, true])
    func infeasibleIsToldFromUnbounded(isFeasible: Bool, isInteger: Bool) throws {
        var model = MathematicalProgram()
        let kind: VariableKind = isInteger ? .integer : .continuous
        let x = model.addVariable("x", kind: kind, cost: -1)
        let y = model.addVariable("y", kind: kind)
        let z = model.addVariable("z", upper: 10, kind: kind)
        model.add(x - y <= 1.5)
        model.add(z + y - y + x - x >= (isFeasible ? 3 : 11))
        let solution = try HiGHSSolver().solve(model)
        #expect(solution.status == (isFeasible ? .unbounded : .infeasible))
        #expect(solution.objective == nil)
        let certificate = Certificate.check(model, solution)
        #expect(certificate.failures == (isInteger ? [.noEvidence] : []))
    }

    @Test func integerInfeasibilityIsFound() throws {
        var model = MathematicalProgram()
        let x = model.addVariable(upper: 10, kind: .integer)
        model.add(2 * x == 7)
        #expect(try HiGHSSolver().solve(model).status == .infeasible)
        #expect(try HiGHSSolver().solve(model.relaxed).status == .optimal)
    }

    @Test func timeLimitsAreLabelled() throws {
        let model = hardKnapsack(items: 400, seed: 5)
        var parameters = SolverParameters()
        parameters.relativeGap = 0
        parameters.absoluteGap = 0
        parameters.timeLimit = 0
        let none = try HiGHSSolver().solve(model, parameters)
        #expect(none.limit == .time)
        #expect(none.status == .timeLimit || none.status == .feasible)
        #expect((none.status == .feasible) == (none.objective != nil))

        parameters.timeLimit = 1.5
        let some = try HiGHSSolver().solve(model, parameters)
        #expect(some.status == .feasible)
        #expect(some.limit == .time)
        let objective = try #require(some.objective)
        let bound = try #require(some.bound)
        #expect(bound >= objective)
        #expect(try #require(some.gap) > 0)
        let certificate = Certificate.check(model, some)
        #expect(certificate.claim == .feasible)
        #expect(certificate.failures == [])
    }

    @Test func nodeLimitsAndTargetsAreLabelled() throws {
        let model = hardKnapsack(items: 60, seed: 6)
        var parameters = SolverParameters()
        parameters.relativeGap = 0
        parameters.nodeLimit = 1
        let stopped = try HiGHSSolver().solve(model, parameters)
        #expect(stopped.limit == .nodes)
        #expect(stopped.status == .feasible)

        let objective = try #require(stopped.objective)
        for (sense, sign) in [(ObjectiveSense.maximize, 1.0), (.minimize, -1)] {
            var signed = model
            signed.sense = sense
            for variable in model.variables {
                try signed.setCost(sign * model.objectiveCoefficients[variable.index], of: variable)
            }
            var targeted = SolverParameters()
            targeted.relativeGap = 0
            targeted.objectiveTarget = sign * objective * 0.9
            let hit = try HiGHSSolver().solve(signed, targeted)
            #expect(hit.status == .feasible)
            #expect(hit.limit == .target)
            #expect(sign * (hit.objective ?? 0) * 1.000001 >= objective * 0.9)
            #expect(Certificate.check(signed, hit).failures == [])
        }
    }

    @Test func iterationLimitsAreLabelled() throws {
        var generator = SeededGenerator(seed: 3)
        var model = MathematicalProgram()
        let variables = (0..<40).map { _ in
            model.addVariable(cost: Double.random(in: 1...2, using: &generator))
        }
        for _ in 0..<30 {
            model.addConstraint(
                lower: 5, terms: variables.map { Term($0, Double.random(in: 0...1, using: &generator)) })
        }
        var parameters = SolverParameters()
        parameters.presolve = false
        parameters.iterationLimit = 2
        let stopped = try HiGHSSolver().solve(model, parameters)
        #expect(stopped.status == .otherLimit)
        #expect(stopped.limit == .iterations)
        #expect(stopped.values.isEmpty)
        #expect(Certificate.check(model, stopped).failures == [.noEvidence])
    }

    /// At least half a disk or none: 3.2 needed, one disk of 2…3 at 1, another of 1…5 at 2.
    @Test func semicontinuousVariablesAreZeroOrWithinBounds() throws {
        var model = MathematicalProgram()
        let cheap = model.addVariable("cheap", lower: 2, upper: 3, kind: .semiContinuous, cost: 1)
        let dear = model.addVariable("dear", lower: 1, upper: 5, kind: .semiContinuous, cost: 2)
        let need = model.add(cheap + dear >= 3.2)
        let both = try HiGHSSolver().solve(model)
        #expect(agree(both.objective, 2.2 + 2))
        #expect(agree(both.values, [2.2, 1]))
        try model.setBounds(of: need, lower: 1.5, upper: .infinity)
        let one = try HiGHSSolver().solve(model)
        // The bound of an implied binary is met to the integrality tolerance.
        #expect(agree(one.values, [2, 0], 1e-6))
        try model.setBounds(of: need, lower: 0, upper: 1.7)
        model.sense = .maximize
        let least = try HiGHSSolver().solve(model)
        #expect(agree(least.values, [0, 1.7]))
        #expect(Certificate.check(model, least).failures == [])
        try model.setKind(.semiInteger, of: dear)
        let whole = try HiGHSSolver().solve(model)
        #expect(agree(whole.values, [0, 1]))
    }

    @Test func parametersAreChecked() {
        func expectRefused(_ name: String, _ change: (inout SolverParameters) -> Void) {
            var parameters = SolverParameters()
            change(&parameters)
            #expect {
                try HiGHSSolver().solve(wyndor(), parameters)
            } throws: { error in
                if case .invalidParameter(name, _)? = error as? ProgrammingError { true } else { false }
            }
        }
        expectRefused("timeLimit") { $0.timeLimit = -1 }
        expectRefused("timeLimit") { $0.timeLimit = .nan }
        expectRefused("relativeGap") { $0.relativeGap = -0.1 }
        expectRefused("absoluteGap") { $0.absoluteGap = .nan }
        expectRefused("threads") { $0.threads = -1 }
        expectRefused("seed") { $0.seed = -5 }
        expectRefused("seed") { $0.seed = Int.max }
        expectRefused("primalFeasibilityTolerance") { $0.primalFeasibilityTolerance = 0 }
        expectRefused("objectiveTarget") { $0.objectiveTarget = .infinity }
        expectRefused("nodeLimit") { $0.nodeLimit = -1 }
    }
}
