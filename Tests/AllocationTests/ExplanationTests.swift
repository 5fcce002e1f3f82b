import Allocation
import Marketplace
import Money
import Testing

/// Explanations against enumeration on seeded random instances.
@Suite struct ExplanationTests {
    /// The explanation of an instance without its preference; nil when nothing can stand.
    static func check(
        _ seed: UInt64, auto: Bool = false, offers: ClosedRange<Int>? = nil
    ) throws -> ExplanationCheck? {
        // Instances are small: what is proven here is each claim, by enumerations of changed problems.
        let instance = RandomProblem(seed: seed, auto: auto, offers: offers ?? (auto ? 3...5 : 3...6))
        let problem = try instance.problem { $0.recommendedPreference = .zero }
        guard let base = try ExplanationCheck.cost(problem) else { return nil }
        let answer = try AllocationOptimizer(relativeGap: 1e-8).solve(problem)
        var options = Explanation.Options()
        // No search is cut short, however busy the machine is.
        options.timeLimit = 1e6
        let explanation = try Explanation(problem, answer, options: options)
        #expect(explanation.unfinished == [], "seed \(seed)")
        let check = ExplanationCheck(instance: instance, explanation: explanation, seed: seed, base: base)
        #expect(check.agree(explanation.cost, base), "seed \(seed): \(explanation.cost), not \(base)")
        for line in explanation.text.split(separator: "\n") { #expect(line.count <= 90, "\(line)") }
        return check
    }

    @Test(arguments: 0..<4) func everyClaimIsConfirmed(_ block: Int) throws {
        var (checked, dated, binding, entries, prices) = (0, 0, 0, 0, 0)
        for seed in 0..<30 {
            guard let check = try Self.check(UInt64(40_000 + block * 30 + seed)) else { continue }
            binding += try check.constraints()
            try check.offers()
            entries += try check.entryPrices()
            checked += 1
            if check.instance.offers.contains(where: { !$0.changes.isEmpty }) { dated += 1 }
            // Prices and ranges take many enumerations: every other instance will do.
            guard checked.isMultiple(of: 2) else { continue }
            prices += try check.prices()
            try check.ranges()
        }
        #expect(
            checked > 3 && dated > 0 && binding + entries > 0 && prices > 1,
            "too few to mean anything: \(checked), \(dated), \(binding), \(entries), \(prices)")
    }

    @Test(arguments: 0..<2) func everyClaimIsConfirmedWithTheSchemeLeftOpen(_ block: Int) throws {
        for seed in 0..<4 {
            guard let check = try Self.check(UInt64(44_000 + block * 4 + seed), auto: true) else { continue }
            _ = try check.constraints()
            try check.offers()
            _ = try check.entryPrices()
            _ = try check.prices()
            try check.ranges()
        }
    }

    /// Reads fill a monthly minimum up, so that the division changes with the price all the way to where it enters.
    @Test func anEntryPriceIsExactWhereTheDivisionMovesWithIt() throws {
        let check = try #require(try Self.check(40_060, offers: 3...8))
        #expect(try check.entryPrices() > 0)
    }

    /// The optimum leaves the line about the volume asked and meets it again.
    @Test func aPriceEndsWhereTheOptimumFirstLeavesTheLine() throws {
        let check = try #require(try Self.check(42_074, offers: 3...5))
        #expect(try check.prices() > 0)
    }

    @Test func whatThereIsNoTimeForIsNamed() throws {
        let seed: UInt64 = try #require(try (40_000..<40_100).first { try Self.check($0) != nil })
        let problem = try RandomProblem(seed: seed, offers: 3...6).problem { $0.recommendedPreference = .zero }
        let answer = try AllocationOptimizer().solve(problem)
        for limit in [0, -1, Double.nan] {
            var options = Explanation.Options()
            options.timeLimit = limit
            let explanation = try Explanation(problem, answer, options: options)
            #expect(!explanation.unfinished.isEmpty)
            #expect(explanation.effects.isEmpty)
            #expect(explanation.text.contains("No proof within the limits"))
        }
    }

    @Test func withoutAnAllocationThereIsNothingToExplain() throws {
        let problem = try RandomProblem(seed: 40_000).problem {
            $0.budget = .init(amount: Amount(minor: 1, .usd), period: .term)
        }
        let answer = try AllocationOptimizer().solve(problem)
        #expect(answer.status == .infeasible)
        let explanation = try Explanation(problem, answer)
        #expect(explanation.effects.isEmpty && explanation.exits.isEmpty)
        #expect(explanation.text.contains("no allocation"))
    }

    @Test func explanationsRepeat() throws {
        for seed in 40_010..<40_014 {
            guard let one = try Self.check(UInt64(seed)), let other = try Self.check(UInt64(seed)) else { continue }
            #expect(one.explanation == other.explanation, "seed \(seed)")
        }
    }

    /// On the catalogue that ships: what constraints, offers and providers cost, solved anew.
    @Test(arguments: ["regulated-data", "backup-archive", "expiring-credits"])
    func sampleRequestsAreExplained(_ name: String) throws {
        let catalog = try CatalogFixture.catalog()
        var request = try CatalogFixture.request(name)
        request.recommendedPreference = .zero
        let problem = try CatalogFixture.problem(request, catalog)
        let answer = try AllocationOptimizer().solve(problem)
        var options = Explanation.Options()
        options.timeLimit = 1e6
        let explanation = try Explanation(problem, answer, options: options)
        let base = try #require(answer.cheapest)
        func cost(_ change: (inout SLARequest) -> Void, keeping isKept: (Offer) -> Bool = { _ in true }) throws
            -> Double?
        {
            var changed = request
            change(&changed)
            let offers = CatalogFixture.eligible(request, catalog).filter(isKept)
            return try AllocationOptimizer().solve(
                AllocationProblem(request: changed, offers: offers, catalog: catalog)
            ).cheapest
        }
        func agree(_ one: Double?, _ other: Double?) -> Bool {
            guard let one, let other else { return one == nil && other == nil }
            return abs(one - other) <= 3e-6 * base
        }
        #expect(agree(explanation.cost, base))
        for effect in explanation.effects {
            guard case .constraint(let kind) = effect.subject, let found = effect.cost, effect.costAtMost == nil else {
                continue
            }
            let without = try cost { request in
                switch kind {
                case .budget: request.budget = nil
                case .latency: request.qos.latencyMs = nil
                case .availability: request.qos.availability = nil
                case .durability: request.qos.durabilityNines = nil
                case .toleratedProviders: request.toleratedProviders = 0
                case .toleratedRegions: request.toleratedRegions = 0
                case .maxProviderShare: request.maxProviderShare = nil
                case .minProviders: request.minProviders = 1
                case .capacity, .egressLimit, .eligibility: break
                }
            }
            #expect(found >= 0 && agree(base - found, without), "\(effect), \(without ?? .nan) without")
        }
        for runnerUp in explanation.runnersUp {
            let without = try cost({ _ in }, keeping: { $0.id != runnerUp.offer })
            #expect(agree(runnerUp.extraCost.map { base + $0 }, without), "\(runnerUp), \(without ?? .nan)")
        }
        for exit in explanation.exits {
            let without = try cost({ _ in }, keeping: { $0.provider != exit.provider })
            #expect(agree(exit.extraCost.map { base + $0 }, without), "\(exit), \(without ?? .nan)")
        }
        #expect(!explanation.entryPrices.isEmpty && explanation.volumeRange != nil)
        for line in explanation.text.split(separator: "\n") { #expect(line.count <= 90, "\(line)") }
    }
}
