import MathematicalProgramming
import TestSupport
import Testing

/// Solves on many threads at once answer as one after the other.
@Suite struct ConcurrencyTests {
    @Test func parallelSolvesAgreeWithSerialOnes() async throws {
        let models = (0..<64).map { index in
            var generator = SeededGenerator(seed: UInt64(4000 + index))
            return index.isMultiple(of: 8)
                ? hardKnapsack(items: 16, seed: UInt64(index))
                : EnumerationTests.randomModel(
                    kinds: index.isMultiple(of: 2) ? [.continuous] : [.integer, .semiInteger], variables: 8,
                    constraints: 6, &generator)
        }
        let solver = HiGHSSolver()
        let serial = try models.map { try Self.comparable(solver.solve($0)) }
        for _ in 0..<3 {
            let parallel = try await withThrowingTaskGroup(of: (Int, Solution).self) { group in
                for (index, model) in models.enumerated() {
                    group.addTask { (index, Self.comparable(try solver.solve(model))) }
                }
                var results = [Solution?](repeating: nil, count: models.count)
                for try await (index, solution) in group { results[index] = solution }
                return results
            }
            #expect(parallel == serial)
        }
    }

    /// A thread that has solved with one worker must be able to ask for several, and the reverse.
    @Test(arguments: [1, 2, 0, 1, 2])
    func theNumberOfThreadsMayChange(threads: Int) throws {
        var parameters = SolverParameters()
        parameters.threads = threads
        let model = hardKnapsack(items: 16, seed: 8)
        let session = try HiGHSSession(model, parameters)
        let expected = try HiGHSSolver().solve(model)
        for count in [threads, 1, 2] {
            session.parameters.threads = count
            try session.setCost(model.objectiveCoefficients[0], of: Variable(index: 0))
            let solution = try session.solve()
            #expect(solution.status == .optimal)
            #expect(agree(solution.objective, try #require(expected.objective), 1e-6))
        }
    }

    private static func comparable(_ solution: Solution) -> Solution {
        var copy = solution
        copy.solveSeconds = 0
        return copy
    }
}
