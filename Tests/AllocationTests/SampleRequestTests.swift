import Allocation
import Foundation
import Marketplace
import Money
import Testing

/// The requests that ship, on the catalogue that ships.
@Suite(.serialized) struct SampleRequestTests {
    static func solve(_ name: String) throws -> (problem: AllocationProblem, answer: Allocation) {
        let catalog = try CatalogFixture.catalog()
        let request = try CatalogFixture.request(name)
        try request.validate(against: catalog, document: name)
        let problem = try CatalogFixture.problem(request, catalog)
        let clock = ContinuousClock()
        let start = clock.now
        let answer = try AllocationOptimizer().solve(problem)
        let elapsed = (clock.now - start) / .milliseconds(1)
        print("\(name): \(problem.offers.count) offers, \(answer.status.rawValue),", terminator: " ")
        for placement in answer.placements {
            print(
                "\(placement.share) \(placement.scheme) \(placement.legs.map(\.offer.id).joined(separator: " + ")),",
                terminator: " ")
        }
        print("cost \(answer.objective ?? .nan), cheapest \(answer.cheapest ?? .nan), gap \(answer.gap ?? .nan),")
        print(
            "    liking \(answer.preference ?? .nan), of the cheapest \(answer.cheapestPreference ?? .nan),",
            terminator: " ")
        print("\(Int(elapsed)) ms: \(answer.timing)")
        if let conflict = answer.conflict { print("    \(conflict)") }
        return (problem, answer)
    }

    @Test(arguments: [
        "small-app", "media-archive-eu", "global-delivery", "regulated-data", "expiring-credits",
        "move-away-from-one-cloud", "backup-archive"
    ])
    func possibleRequestsAreSolvedToOptimality(_ name: String) throws {
        let (problem, answer) = try Self.solve(name)
        #expect(answer.status == .optimal)
        let check = AllocationCheck(problem: problem, placements: answer.placements, claimants: answer.claimants)
        #expect(check.faults() == [])
        let plan = try AllocationPlan(
            problem: problem, placements: answer.placements, claimants: answer.claimants)
        let bill = try plan.bill()
        let objective = try #require(answer.objective)
        #expect(abs(bill.total.doubleValue - objective) < 0.005 * 30 * Double(problem.request.months))
        let (cheapest, bound) = (try #require(answer.cheapest), try #require(answer.bound))
        #expect(bound <= cheapest + 1e-6 && cheapest <= objective + 1e-6)
    }

    @Test func anImpossibleBudgetIsNamed() throws {
        let (problem, answer) = try Self.solve("impossible-budget")
        #expect(answer.status == .infeasible)
        let conflict = try #require(answer.conflict)
        #expect(conflict.members.map(\.constraint).contains(.budget))
        let budget = try #require(conflict.members.first { $0.constraint == .budget })
        let request = try #require(budget.change).applied(to: problem.request)
        let catalog = try CatalogFixture.catalog()
        #expect(try AllocationOptimizer().solve(CatalogFixture.problem(request, catalog)).status == .optimal)
    }

    @Test func anImpossibleAvailabilityIsNamed() throws {
        let (_, answer) = try Self.solve("impossible-availability")
        #expect(answer.status == .infeasible)
        let conflict = try #require(answer.conflict)
        #expect(conflict.members.map(\.constraint).contains(.availability))
    }
}
