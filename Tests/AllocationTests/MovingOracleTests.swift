import Allocation
import Marketplace
import Money
import Testing

/// Plans that move the data, against all sequences of placements.
@Suite struct MovingOracleTests {
    @Test(arguments: 0..<6) func agreesWithAllSequences(_ block: Int) throws {
        var (compared, moved) = (0, 0)
        for seed in 0..<40 {
            let seed = UInt64(70_000 + 40 * block + seed)
            let instance = try MovingInstance(seed: seed)
            let plan = try MovingOptimizer().plan(instance.problem)
            let starts = [0] + plan.cuts
            let stages = zip(starts, plan.cuts + [instance.problem.request.months]).map { $0..<$1 }
            // More stages have more sequences than are worth listing.
            guard stages.count <= 4 else { continue }
            let sequences = try instance.cheapest(stages)
            let expected = min(sequences ?? .infinity, plan.staying?.objective ?? .infinity)
            guard expected < .infinity else {
                #expect(plan.status == .infeasible, "seed \(seed): nothing can stand, yet \(plan.status)")
                continue
            }
            compared += 1
            #expect(
                plan.status == .optimal,
                "seed \(seed): \(plan.objective ?? .nan), bound \(plan.bound ?? .nan), \(expected), staying \(plan.staying?.objective ?? .nan), sequences \(sequences ?? .nan)"
            )
            let (objective, bound) = (plan.objective ?? .nan, plan.bound ?? .nan)
            // The cheaper is chosen by exact bills: a model's cost may be a rounding of lines above it.
            let slack = 0.005 * Double(8 * instance.problem.request.months)
            let difference = objective - expected
            #expect(difference >= -1e-5 * max(1, expected), "seed \(seed): \(objective) below \(expected)")
            #expect(
                difference <= 1e-5 * max(1, expected) || (difference <= slack && plan.moves.isEmpty),
                "seed \(seed): \(objective), not \(expected)")
            #expect(bound <= expected + 1e-5 * max(1, expected), "seed \(seed): \(bound) bounds \(expected)")
            if let moving = plan.movingObjective, let sequences {
                #expect(moving >= sequences - 1e-5 * max(1, sequences), "seed \(seed)")
            }
            if !plan.moves.isEmpty { moved += 1 }
            let bill = try #require(plan.bill)
            let lines = bill.lines.count * instance.problem.request.months + 20
            #expect(abs(bill.total.doubleValue - objective) <= 0.005 * Double(lines) * 1.1, "seed \(seed)")
            let staged = try Amount.sum(plan.stages.map(\.cost) + plan.moves.map(\.cost), .usd)
            #expect(staged == bill.total, "seed \(seed)")
            if let staying = plan.stayingCost { #expect(bill.total.minor <= staying.minor, "seed \(seed)") }
        }
        #expect(compared >= 17 && moved >= 2, "too few to mean anything: \(compared) compared, \(moved) moved")
    }
}
