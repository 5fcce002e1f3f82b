import Allocation
import Foundation
import Marketplace
import Money
import Testing

/// A run of seeded instances of one kind.
struct OracleBlock: Sendable, CustomTestStringConvertible {
    let seeds: Range<UInt64>
    let isAuto: Bool
    let offers: ClosedRange<Int>

    var testDescription: String { "seeds \(seeds), \(isAuto ? "any scheme" : "one scheme"), \(offers) offers" }

    /// How many instances are solved: 1,030 unless the environment says otherwise.
    static let instances =
        ProcessInfo.processInfo.environment["FLASHBACK_ORACLE_INSTANCES"].flatMap { Int($0) } ?? 1_030

    /// Blocks of ten. Most instances are small, for the enumeration takes its time over large ones.
    static let all: [OracleBlock] = {
        let kinds: [(part: Double, first: UInt64, isAuto: Bool, offers: ClosedRange<Int>)] = [
            (0.71, 0, false, 3...8), (0.10, 1_000_000, false, 9...12), (0.18, 2_000_000, true, 3...6),
            (0.01, 3_000_000, true, 9...12)
        ]
        return kinds.flatMap { kind in
            let blocks = UInt64(max(1, (Double(instances) * kind.part / 10).rounded()))
            return (0..<blocks).map { block in
                let first = kind.first + 10 * block
                return OracleBlock(seeds: first..<(first + 10), isAuto: kind.isAuto, offers: kind.offers)
            }
        }
    }()
}

/// The optimizer against enumeration on seeded random instances.
@Suite struct OracleTests {
    /// Whether two costs agree to 1e-6, relative.
    static func agree(_ one: Double, _ other: Double) -> Bool {
        abs(one - other) <= 1e-6 * max(1, abs(one), abs(other))
    }

    @Test(arguments: OracleBlock.all) func theOptimumIsThatOfTheEnumeration(_ block: OracleBlock) throws {
        for seed in block.seeds {
            let instance = RandomProblem(seed: seed, auto: block.isAuto, offers: block.offers)
            #expect(try Self.faults(instance.problem()) == [], "seed \(seed)")
        }
    }

    @Test func thereAreManyPossibleAndImpossibleInstances() throws {
        #expect(OracleBlock.instances < 1_000 || OracleBlock.all.reduce(0) { $0 + $1.seeds.count } >= 1_000)
        var possible = 0
        for seed in 0..<100 as Range<UInt64> {
            if try AllocationOptimizer().solve(RandomProblem(seed: seed).problem()).objective != nil { possible += 1 }
        }
        #expect((25...75).contains(possible), "\(possible) of 100 can be met")
    }

    /// What of the optimizer's answer is not as the enumeration has it.
    static func faults(_ problem: AllocationProblem) throws -> [String] {
        let reference = try AllocationEnumeration(problem).solve()
        let answer = try AllocationOptimizer().solve(problem)
        var faults: [String] = []
        func demand(_ holds: Bool, _ fault: @autoclosure () -> String) { if !holds { faults.append(fault()) } }

        guard let cheapest = reference.cheapest else {
            demand(answer.status == .infeasible, "nothing can stand, yet \(answer.status)")
            demand(answer.conflict?.members.isEmpty == false, "no conflict is named")
            demand(answer.conflict?.isProven == true, "the conflict is not proven")
            return faults
        }
        demand(answer.status == .optimal, "\(cheapest) is possible, yet \(answer.status)")
        guard let objective = answer.objective, let found = answer.cheapest, let bound = answer.bound else {
            return faults
        }
        demand(agree(found, cheapest), "\(found), not \(cheapest)")
        demand(bound <= cheapest + 1e-6 * max(1, cheapest), "\(bound) bounds \(cheapest)")
        let check = AllocationCheck(problem: problem, placements: answer.placements, claimants: answer.claimants)
        faults += check.faults()

        let rho = problem.request.recommendedPreference.doubleValue
        let most = (1 + rho) * cheapest
        demand(objective <= most + 1e-6 * max(1, most), "\(objective) exceeds \(most)")
        if rho > 0 {
            let (liking, liked) = (answer.preference ?? 0, reference.preference ?? 0)
            // More than the reference's is no fault: the answer was checked, and the reference's solver has tolerances.
            // A budget is compared with rounded bills: two allocations that differ by a cent may differ in standing.
            let tolerance = problem.request.budget == nil ? 1.1e-4 : 1e-3
            demand(liking >= liked - tolerance, "liking \(liking), not \(liked)")
        }
        return try faults + moneyFaults(problem, answer, objective)
    }

    /// Whether model, bill and sixty-digit arithmetic agree on what an answer costs.
    private static func moneyFaults(
        _ problem: AllocationProblem, _ answer: Allocation, _ objective: Double
    ) throws -> [String] {
        var faults: [String] = []
        let precise = PreciseCost(problem: problem, claimants: answer.claimants)
        let exact = precise.cost(of: answer.placements).doubleValue
        if abs(exact - objective) > 1e-9 * max(1, exact) {
            faults.append("costs \(exact), the model says \(objective)")
        }

        let plan = try AllocationPlan(problem: problem, placements: answer.placements, claimants: answer.claimants)
        let bill = try plan.bill()
        let parts = bill.lines.map(\.amount) + [bill.platformFee, bill.gateway]
        let moved = try Amount.sum(bill.migration.map(\.amount), .usd)
        let paid = try Amount.sum(bill.credits.map(\.amount), .usd)
        let sum = try Amount.sum(parts, .usd).adding(moved).subtracting(paid)
        if sum != bill.total { faults.append("the lines come to \(sum), the total is \(bill.total)") }

        // Half a cent for each line that is rounded, the fee on it, and two platform lines a month.
        let fee = 1 + Double(problem.charges.feeBasisPoints) / 10_000
        let lines = Double(plan.offers.count * ChargeKind.allCases.count) * fee + 2
        let slack = 0.005 * lines * Double(problem.request.months) + 1e-6
        let planned = precise.cost(of: plan).doubleValue + fee * moved.doubleValue
        if abs(bill.total.doubleValue - planned) > slack {
            faults.append("the bill is \(bill.total), its lines come to \(planned) before rounding")
        }
        // Whole bytes, objects and operations may move a fraction of a cent between plan and model.
        let whole = 0.01 * Double(problem.request.months * plan.offers.count * answer.placements.count)
        if abs(planned - objective) > whole {
            faults.append("whole bytes cost \(planned), the model says \(objective)")
        }
        return faults
    }
}
