import Allocation
import Foundation
import Marketplace
import MathematicalProgramming
import Money
import Testing

/// The exported program, written to a file, read back and solved by stock HiGHS.
@Suite struct ExportTests {
    /// The optimum of the program after its way through a file; nil when there is none.
    static func optimum(_ program: MathematicalProgram) throws -> Double? {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).mps")
        defer { try? FileManager.default.removeItem(at: file) }
        try ModelFile.write(program, to: file)
        var parameters = SolverParameters(timeLimit: 60, relativeGap: 1e-8)
        parameters.wantsRays = false
        parameters.primalFeasibilityTolerance = 1e-9
        let solution = try HiGHSSolver().solve(ModelFile.read(file), parameters)
        return solution.status == .optimal ? solution.objective : nil
    }

    @Test(arguments: 0..<4) func theSolvedModelHasOurObjective(_ block: Int) throws {
        var compared = 0
        for seed in 0..<15 {
            let seed = UInt64(70_000 + block * 15 + seed)
            let problem = try RandomProblem(seed: seed, auto: seed % 4 == 0).problem { $0.budget = nil }
            let answer = try AllocationOptimizer().solve(problem)
            guard let cheapest = answer.cheapest else { continue }
            let program = try #require(try AllocationOptimizer().solvedModel(problem), "seed \(seed)")
            let optimum = try #require(try Self.optimum(program), "seed \(seed)")
            #expect(OracleTests.agree(optimum, cheapest), "seed \(seed): \(optimum), not \(cheapest)")
            compared += 1
        }
        #expect(compared > 3)
    }

    @Test(arguments: ["global-delivery", "expiring-credits", "move-away-from-one-cloud"])
    func onTheRealCatalogueToo(_ name: String) throws {
        let catalog = try CatalogFixture.catalog()
        var request = try CatalogFixture.request(name)
        request.budget = nil
        let problem = try CatalogFixture.problem(request, catalog)
        let cheapest = try #require(try AllocationOptimizer().solve(problem).cheapest)
        let program = try #require(try AllocationOptimizer().solvedModel(problem))
        let optimum = try #require(try Self.optimum(program))
        #expect(OracleTests.agree(optimum, cheapest), "\(optimum), not \(cheapest)")
    }

    @Test func nothingIsWrittenWhereNothingIsKnown() throws {
        let problem = try AllocationProblem(
            request: InputEdgeTests.request(), offers: [], catalog: InputEdgeTests.catalog([]))
        #expect(try AllocationOptimizer().solvedModel(problem) == nil)
    }
}
