import MathematicalProgramming
import TestSupport
import Testing

/// Instances with published optima; every answer must carry evidence that the checker accepts.
@Suite struct PublishedOptimaTests {
    @Test(
        .enabled(if: SharedData.isPresent("lp"), Comment(rawValue: SharedData.absence)),
        arguments: [("afiro", -464.75314286), ("adlittle", 225494.96316), ("25fv47", 5501.8458883)], [true, false])
    func linear(instance: (name: String, optimum: Double), presolve: Bool) throws {
        let model = try ModelFile.read(SharedData.url("lp/\(instance.name).mps"))
        var parameters = SolverParameters()
        parameters.presolve = presolve
        parameters.wantsRanging = true
        let solution = try HiGHSSolver().solve(model, parameters)
        #expect(solution.status == .optimal)
        #expect(solution.callStatus == .ok)
        #expect(agree(solution.objective, instance.optimum, 1e-9))
        #expect(solution.gap == 0)
        #expect(solution.ranging?.costs.count == model.variableCount)
        #expect(solution.basis?.constraints.count == model.constraintCount)
        let basics = solution.basis.map { ($0.variables + $0.constraints).count { $0 == .basic } }
        #expect(basics == model.constraintCount)
        let certificate = Certificate.check(model, solution, tolerance: 1e-8)
        #expect(certificate.claim == .optimalLinear)
        #expect(certificate.failures == [])
        #expect((certificate.relativeGap ?? 1) < 1e-10)
    }

    @Test(
        .enabled(if: SharedData.isPresent("lp"), Comment(rawValue: SharedData.absence)),
        arguments: [("small_mip", 3.2368421), ("flugpl", 1_201_500), ("lseu", 1120), ("egout", 568.1007)])
    func mixedInteger(name: String, optimum: Double) throws {
        let model = try ModelFile.read(SharedData.url("lp/\(name).mps"))
        #expect(model.isMixedInteger)
        let solution = try HiGHSSolver().solve(model)
        #expect(solution.status == .optimal)
        #expect(agree(solution.objective, optimum, 1e-7))
        #expect((solution.gap ?? 1) <= 1e-6)
        #expect(solution.duals.isEmpty)
        let certificate = Certificate.check(model, solution)
        #expect(certificate.claim == .optimalMixedInteger)
        #expect(certificate.failures == [])
    }

    @Test(
        .enabled(if: SharedData.isPresent("lp"), Comment(rawValue: SharedData.absence)),
        arguments: ["bgetam", "galenet"], [true, false])
    func infeasible(name: String, presolve: Bool) throws {
        let model = try ModelFile.read(SharedData.url("lp/\(name).mps"))
        var parameters = SolverParameters()
        parameters.presolve = presolve
        let solution = try HiGHSSolver().solve(model, parameters)
        #expect(solution.status == .infeasible)
        #expect(solution.objective == nil)
        let certificate = Certificate.check(model, solution)
        #expect(certificate.claim == .infeasible)
        #expect(certificate.failures == [])
        #expect((certificate.farkasMargin ?? 0) > 1e-3)
    }

    @Test(
        .enabled(if: SharedData.isPresent("lp"), Comment(rawValue: SharedData.absence)), arguments: [true, false])
    func unbounded(presolve: Bool) throws {
        let model = try ModelFile.read(SharedData.url("lp/gas11.mps"))
        var parameters = SolverParameters()
        parameters.presolve = presolve
        let solution = try HiGHSSolver().solve(model, parameters)
        #expect(solution.status == .unbounded)
        #expect(solution.objective == nil)
        let certificate = Certificate.check(model, solution)
        #expect(certificate.claim == .unbounded)
        #expect(certificate.failures == [])
    }
}
