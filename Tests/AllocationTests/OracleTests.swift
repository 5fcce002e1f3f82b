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
        let reference = try AllocationEnumeration(problem).candidates()
        let answer = try AllocationOptimizer().solve(problem)
        guard let cheapest = reference.first else {
            #expect(answer.status == .infeasible, "seed \(seed): nothing can stand, yet \(answer.status)")
            #expect(answer.conflict?.members.isEmpty == false, "seed \(seed): no conflict is named")
            return .infeasible
        }
        #expect(answer.status == .optimal, "seed \(seed): \(cheapest.cost) is possible, yet \(answer.status)")
        guard let objective = answer.objective, let scheme = answer.scheme, let found = answer.cheapest else {
            return answer.status
        }
        #expect(agree(found, cheapest.cost), "seed \(seed): \(found), not \(cheapest.cost)")
        #expect(AllocationCheck(problem: problem, scheme: scheme, legs: answer.legs).faults() == [], "seed \(seed)")

        let rho = problem.request.recommendedPreference.doubleValue
        let most = (1 + rho) * cheapest.cost
        #expect(objective <= most + 1e-6 * max(1, most), "seed \(seed): \(objective) exceeds \(most)")
        if rho > 0 {
            let within = reference.filter { $0.cost < most * (1 - 1e-6) }
            let liked = within.map(\.preference).max() ?? 0
            #expect((answer.preference ?? 0) >= liked - 1e-6, "seed \(seed): \(liked) is liked more")
            let cheaper = within.filter { $0.preference >= (answer.preference ?? 0) - 1e-9 }.map(\.cost).min()
            #expect(objective <= (cheaper ?? .infinity) * (1 + 1e-6) + 1e-6, "seed \(seed): as liked, but dearer")
        }

        let bill = try AllocationPlan(problem: problem, scheme: scheme, legs: answer.legs).bill()
        let lines = Double(scheme.shards * ChargeKind.allCases.count + 2 + problem.migration.count)
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
