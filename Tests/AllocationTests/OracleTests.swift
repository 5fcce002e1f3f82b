import Allocation
import Marketplace
import Money
import Testing

/// The optimizer against enumeration on seeded random instances.
@Suite struct OracleTests {
    /// Whether two costs agree to 1e-6, relative.
    static func agree(_ one: Double, _ other: Double) -> Bool {
        abs(one - other) <= 1e-6 * max(1, abs(one), abs(other))
    }

    static func compare(_ instance: RandomProblem, _ seed: UInt64) throws -> AllocationStatus {
        let problem = try instance.problem()
        let reference = try AllocationEnumeration(problem).solve()
        let answer = try AllocationOptimizer().solve(problem)
        guard let cheapest = reference.cheapest else {
            #expect(answer.status == .infeasible, "seed \(seed): nothing can stand, yet \(answer.status)")
            #expect(answer.conflict?.members.isEmpty == false, "seed \(seed): no conflict is named")
            return .infeasible
        }
        #expect(answer.status == .optimal, "seed \(seed): \(cheapest) is possible, yet \(answer.status)")
        guard let objective = answer.objective, let found = answer.cheapest else {
            return answer.status
        }
        #expect(agree(found, cheapest), "seed \(seed): \(found), not \(cheapest)")
        let check = AllocationCheck(problem: problem, placements: answer.placements, claimants: answer.claimants)
        #expect(check.faults() == [], "seed \(seed)")

        let rho = problem.request.recommendedPreference.doubleValue
        let most = (1 + rho) * cheapest
        #expect(objective <= most + 1e-6 * max(1, most), "seed \(seed): \(objective) exceeds \(most)")
        if rho > 0 {
            let liked = reference.preference ?? 0
            // A budget is compared with rounded bills: two allocations that differ by a cent may differ in standing.
            let tolerance = problem.request.budget == nil ? 1.1e-4 : 1e-3
            #expect(
                abs((answer.preference ?? 0) - liked) <= tolerance,
                "seed \(seed): \(answer.preference ?? 0), not \(liked)")
        }

        let plan = try AllocationPlan(
            problem: problem, placements: answer.placements, claimants: answer.claimants)
        let bill = try plan.bill()
        let lines = Double(plan.offers.count * ChargeKind.allCases.count + 2 + problem.migration.count)
        let slack = 0.005 * lines * Double(problem.request.months) * 1.1
        let difference = abs(bill.total.doubleValue - objective)
        #expect(difference <= slack, "seed \(seed): bill \(bill.total), model \(objective)")
        let parts = bill.lines.map(\.amount) + bill.migration.map(\.amount) + [bill.platformFee, bill.gateway]
        let paid = try Amount.sum(bill.credits.map(\.amount), .usd)
        let sum = try Amount.sum(parts, .usd).subtracting(paid)
        #expect(sum == bill.total, "seed \(seed): the lines come to \(sum), the total is \(bill.total)")
        return .optimal
    }

    @Test(arguments: 0..<12) func fixedSchemes(_ block: Int) throws {
        var counts: [AllocationStatus: Int] = [:]
        for seed in 0..<25 {
            let seed = UInt64(block * 25 + seed)
            counts[try Self.compare(RandomProblem(seed: seed), seed), default: 0] += 1
        }
        #expect(counts[.optimal] ?? 0 > 3, "too few possible instances to mean anything: \(counts)")
    }

    @Test(arguments: 0..<4) func schemeLeftOpen(_ block: Int) throws {
        for seed in 0..<15 {
            let seed = UInt64(10_000 + block * 15 + seed)
            _ = try Self.compare(RandomProblem(seed: seed, auto: true), seed)
        }
    }
}
