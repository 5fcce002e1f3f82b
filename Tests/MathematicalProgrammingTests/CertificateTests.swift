import MathematicalProgramming
import Testing

/// The checker must refuse what is wrong: each test corrupts a true answer in one way.
@Suite struct CertificateTests {
    @Test func corruptedLinearAnswersAreRefused() throws {
        let model = wyndor()
        let solution = try HiGHSSolver().solve(model)
        #expect(Certificate.check(model, solution).isVerified)
        func expect(_ failures: Set<Certificate.Failure>, _ corrupt: (inout Solution) -> Void) {
            var wrong = solution
            corrupt(&wrong)
            let certificate = Certificate.check(model, wrong)
            #expect(!certificate.isVerified)
            #expect(failures.isSubset(of: certificate.failures))
        }
        expect([.objective]) { $0.objective = 36.1 }
        expect([.variableBounds]) { $0.values[0] = -0.5 }
        expect([.constraintBounds]) { $0.values = [4, 6] }
        expect([.activities]) { $0.activities[1] = 11 }
        expect([.variableBounds, .constraintBounds]) { $0.values[0] = .nan }
        expect([.reducedCosts]) { $0.reducedCosts[0] = 0.5 }
        expect([.reducedCosts, .gap]) { $0.duals[2] = 0.9 }
        expect([.dualFeasibility]) { $0.duals[1] = -1.5 }
        expect([.complementarity, .gap]) { $0.duals = [3, 2.5, 0] }
        expect([.noEvidence]) {
            $0.duals = []; $0.reducedCosts = []
        }
        expect([.wrongCount]) { $0.duals = [1] }
        expect([.wrongCount]) { $0.values = [1] }
        expect([.noEvidence]) { $0.objective = nil }
        expect([.noEvidence]) { $0.status = .imprecise }
        expect([.noEvidence]) { $0.status = .infeasible }
        expect([.noEvidence]) { $0.status = .unbounded }

        // A vertex that is feasible, with the duals of its own basis: not optimal, so some dual has a wrong sign.
        let corner = Solution(
            status: .optimal, objective: 27, values: [4, 3], activities: [4, 6, 18], duals: [-4.5, 0, 2.5],
            reducedCosts: [0, 0])
        #expect(Certificate.check(model, corner).failures.contains(.dualFeasibility))
    }

    @Test func corruptedMixedIntegerAnswersAreRefused() throws {
        var model = wyndor()
        try model.setKind(.integer, of: Variable(index: 0))
        let cost = model.addVariable("disk", lower: 2, upper: 3, kind: .semiContinuous, cost: -1)
        let solution = try HiGHSSolver().solve(model)
        #expect(Certificate.check(model, solution).isVerified)
        var wrong = solution
        wrong.values[0] = 1.5
        #expect(Certificate.check(model, wrong).failures.contains(.integrality))
        wrong = solution
        wrong.values[cost.index] = 1
        #expect(Certificate.check(model, wrong).failures.contains(.semicontinuity))
        wrong = solution
        wrong.bound = 35
        #expect(Certificate.check(model, wrong).failures == [.gap])
        wrong.bound = 40
        #expect(Certificate.check(model, wrong).failures == [.gap])
        wrong.bound = nil
        #expect(Certificate.check(model, wrong).failures == [.noEvidence])
        wrong.status = .feasible
        #expect(Certificate.check(model, wrong).isVerified)
        wrong.bound = 30
        #expect(Certificate.check(model, wrong).failures == [.gap])
    }

    @Test func raysThatProveNothingAreRefused() throws {
        var model = MathematicalProgram()
        let x = model.addVariable("x")
        let y = model.addVariable("y")
        model.add(x + y >= 4)
        model.add(x + 2 * y <= 3)
        let solution = try HiGHSSolver().solve(model)
        #expect(solution.status == .infeasible)
        #expect(Certificate.check(model, solution).isVerified)
        for ray in [[1.0, 1], [0, 0], [1, 0], [.nan, 1], [.infinity, -1]] {
            var wrong = solution
            wrong.dualRay = ray
            #expect(Certificate.check(model, wrong).failures == [.ray])
        }
        // The same ray does not condemn a feasible model.
        var feasible = model
        try feasible.setBounds(of: Constraint(index: 1), lower: -.infinity, upper: 9)
        #expect(Certificate.check(feasible, solution).failures == [.ray])

        var free = MathematicalProgram()
        let up = free.addVariable(cost: -1)
        let down = free.addVariable(upper: 5)
        free.add(up - down <= 2)
        try free.setBounds(of: Constraint(index: 0), lower: -1, upper: .infinity)
        let unbounded = try HiGHSSolver().solve(free)
        #expect(unbounded.status == .unbounded)
        #expect(Certificate.check(free, unbounded).isVerified)
        for ray in [[-1.0, 0], [0, 1], [0, 0], [.nan, 0], [1, 1]] {
            var wrong = unbounded
            wrong.primalRay = ray
            #expect(Certificate.check(free, wrong).failures.contains(.ray))
        }
    }
}
