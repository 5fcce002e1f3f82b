import MathematicalProgramming
import TestSupport
import Testing

/// Random small programs against enumeration: every vertex of a linear program, every point of an integer program.
@Suite struct EnumerationTests {
    @Test(arguments: UInt64(1)...120)
    func linearProgramsAgreeWithTheirBestVertex(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let model = Self.randomModel(kinds: [.continuous], variables: 4, constraints: 4, &generator)
        let solution = try HiGHSSolver().solve(model)
        let best = Self.bestVertex(of: model)
        let certificate = Certificate.check(model, solution)
        #expect(certificate.failures == [])
        if let best {
            #expect(solution.status == .optimal)
            #expect(agree(solution.objective, best, 1e-7))
        } else {
            // All variables are bounded, so there is a vertex unless there is no point.
            #expect(solution.status == .infeasible)
            #expect((certificate.farkasMargin ?? 0) > 0)
        }
    }

    @Test(arguments: UInt64(1)...120)
    func mixedIntegerProgramsAgreeWithTheirBestPoint(seed: UInt64) throws {
        var generator = SeededGenerator(seed: 1000 + seed)
        let model = Self.randomModel(kinds: [.integer, .semiInteger], variables: 4, constraints: 3, &generator)
        let solution = try HiGHSSolver().solve(model)
        if let best = Self.bestPoint(of: model) {
            #expect(solution.status == .optimal)
            #expect(agree(solution.objective, best, 1e-6))
            #expect(Certificate.check(model, solution).failures == [])
        } else {
            #expect(solution.status == .infeasible)
            #expect(solution.values.isEmpty)
        }
    }

    @Test(arguments: UInt64(1)...60)
    func semicontinuousProgramsAgreeWithTheirBestBranch(seed: UInt64) throws {
        var generator = SeededGenerator(seed: 2000 + seed)
        let model = Self.randomModel(kinds: [.semiContinuous], variables: 4, constraints: 3, &generator)
        let solution = try HiGHSSolver().solve(model)
        // Each variable is zero or within its bounds: sixteen linear programs.
        var best: Double?
        for branch in 0..<16 {
            var linear = model
            for variable in model.variables {
                let isZero = branch >> variable.index & 1 == 0
                let lower = isZero ? 0 : model.variableLowerBounds[variable.index]
                let upper = isZero ? 0 : model.variableUpperBounds[variable.index]
                try linear.setKind(.continuous, of: variable)
                try linear.setBounds(of: variable, lower: lower, upper: upper)
            }
            if let value = Self.bestVertex(of: linear) {
                best = best.map { model.sense == .minimize ? min($0, value) : max($0, value) } ?? value
            }
        }
        if let best {
            #expect(solution.status == .optimal)
            #expect(agree(solution.objective, best, 1e-6))
            #expect(Certificate.check(model, solution).failures == [])
        } else {
            #expect(solution.status == .infeasible)
        }
    }

    /// A model with bounded variables, dense rows of small integers, and a mix of ≤, ≥, ranges and equations.
    static func randomModel(
        kinds: [VariableKind], variables: Int, constraints: Int, _ generator: inout SeededGenerator
    ) -> MathematicalProgram {
        var model = MathematicalProgram(
            sense: Bool.random(using: &generator) ? .minimize : .maximize,
            objectiveOffset: Double(Int.random(in: -5...5, using: &generator)))
        for _ in 0..<variables {
            let kind = kinds[Int.random(in: 0..<kinds.count, using: &generator)]
            let lower = Int.random(in: kind.isSemi ? 1...2 : -2...1, using: &generator)
            let upper = lower + Int.random(in: 0...3, using: &generator)
            model.addVariable(
                lower: Double(lower), upper: Double(upper), kind: kind,
                cost: Double(Int.random(in: -9...9, using: &generator)))
        }
        for _ in 0..<constraints {
            let terms = model.variables.map { Term($0, Double(Int.random(in: -4...4, using: &generator))) }
            let bound = Double(Int.random(in: -6...8, using: &generator))
            switch Int.random(in: 0..<8, using: &generator) {
            case 0...3: model.addConstraint(upper: bound, terms: terms)
            case 4...5: model.addConstraint(lower: bound, terms: terms)
            case 6: model.addConstraint(lower: bound - 3, upper: bound, terms: terms)
            default: model.addConstraint(lower: bound, upper: bound, terms: terms)
            }
        }
        return model
    }

    /// The best objective among the vertices: every choice of as many active bounds as there are variables.
    static func bestVertex(of model: MathematicalProgram) -> Double? {
        let count = model.variableCount
        var planes: [(normal: [Double], bound: Double)] = []
        for index in 0..<count {
            var normal = [Double](repeating: 0, count: count)
            normal[index] = 1
            for bound in Set([model.variableLowerBounds[index], model.variableUpperBounds[index]]) {
                planes.append((normal, bound))
            }
        }
        for (index, row) in model.rows.enumerated() {
            var normal = [Double](repeating: 0, count: count)
            for term in row { normal[term.variable.index] = term.coefficient }
            for bound in Set([model.constraintLowerBounds[index], model.constraintUpperBounds[index]])
            where bound.isFinite {
                planes.append((normal, bound))
            }
        }
        var best: Double?
        func choose(_ from: Int, _ chosen: [Int]) {
            if chosen.count == count {
                guard
                    let point = solveSquare(chosen.map { planes[$0].normal }, chosen.map { planes[$0].bound }),
                    isFeasible(point, model), let value = try? model.objectiveValue(at: point)
                else { return }
                best = best.map { model.sense == .minimize ? min($0, value) : max($0, value) } ?? value
                return
            }
            for next in from..<max(from, planes.count) { choose(next + 1, chosen + [next]) }
        }
        choose(0, [])
        return best
    }

    /// The best objective among all integral points.
    static func bestPoint(of model: MathematicalProgram) -> Double? {
        var best: Double?
        func extend(_ point: [Double]) {
            if point.count == model.variableCount {
                guard isFeasible(point, model), let value = try? model.objectiveValue(at: point) else { return }
                best = best.map { model.sense == .minimize ? min($0, value) : max($0, value) } ?? value
                return
            }
            let index = point.count
            var range = Set(Int(model.variableLowerBounds[index])...Int(model.variableUpperBounds[index]))
            if model.variableKinds[index].isSemi { range.insert(0) }
            for value in range { extend(point + [Double(value)]) }
        }
        extend([])
        return best
    }

    /// Whether the point is within bounds and rows; kinds aside, but for semicontinuous zeros.
    private static func isFeasible(_ point: [Double], _ model: MathematicalProgram) -> Bool {
        for (index, value) in point.enumerated() where !(model.variableKinds[index].isSemi && value == 0) {
            let lower = model.variableLowerBounds[index]
            let upper = model.variableUpperBounds[index]
            if value < lower - 1e-9 || value > upper + 1e-9 { return false }
        }
        guard let activities = try? model.activities(at: point) else { return false }
        return activities.enumerated().allSatisfy { index, value in
            value >= model.constraintLowerBounds[index] - 1e-9 && value <= model.constraintUpperBounds[index] + 1e-9
        }
    }

    /// Gaussian elimination with partial pivoting; nil if the matrix is singular.
    private static func solveSquare(_ matrix: [[Double]], _ right: [Double]) -> [Double]? {
        var rows = zip(matrix, right).map { $0 + [$1] }
        let count = rows.count
        for column in 0..<count {
            guard let pivot = (column..<count).max(by: { abs(rows[$0][column]) < abs(rows[$1][column]) }),
                abs(rows[pivot][column]) > 1e-9
            else { return nil }
            rows.swapAt(column, pivot)
            for other in 0..<count where other != column {
                let factor = rows[other][column] / rows[column][column]
                for entry in column...count { rows[other][entry] -= factor * rows[column][entry] }
            }
        }
        return (0..<count).map { rows[$0][count] / rows[$0][$0] }
    }
}
