import Allocation
import Marketplace
import Money
import Testing

/// Explanations against enumeration on seeded random instances.
@Suite struct ExplanationTests {
    /// The explanation of an instance without its preference; nil when nothing can stand.
    static func check(_ seed: UInt64, auto: Bool = false) throws -> ExplanationCheck? {
        let instance = RandomProblem(seed: seed, auto: auto)
        let problem = try instance.problem { $0.recommendedPreference = .zero }
        guard let base = try ExplanationCheck.cost(problem) else { return nil }
        let answer = try AllocationOptimizer(relativeGap: 1e-8).solve(problem)
        var options = Explanation.Options()
        options.timeLimit = 120
        let explanation = try Explanation(problem, answer, options: options)
        #expect(explanation.unfinished == [], "seed \(seed)")
        let check = ExplanationCheck(instance: instance, explanation: explanation, seed: seed, base: base)
        #expect(check.agree(explanation.cost, base), "seed \(seed): \(explanation.cost), not \(base)")
        for line in explanation.text.split(separator: "\n") { #expect(line.count <= 90, "\(line)") }
        return check
    }

    @Test(arguments: 0..<8) func everyClaimIsConfirmed(_ block: Int) throws {
        var (checked, binding, entries, prices) = (0, 0, 0, 0)
        for seed in 0..<25 {
            guard let check = try Self.check(UInt64(40_000 + block * 25 + seed)) else { continue }
            binding += try check.constraints()
            try check.offers()
            entries += try check.entryPrices()
            prices += try check.prices()
            try check.ranges()
            checked += 1
        }
        #expect(
            checked > 5 && binding > 0 && entries > 0 && prices > 5,
            "too few to mean anything: \(checked), \(binding), \(entries), \(prices)")
    }

    @Test(arguments: 0..<2) func everyClaimIsConfirmedWithTheSchemeLeftOpen(_ block: Int) throws {
        for seed in 0..<10 {
            guard let check = try Self.check(UInt64(44_000 + block * 10 + seed), auto: true) else { continue }
            _ = try check.constraints()
            try check.offers()
            _ = try check.entryPrices()
            _ = try check.prices()
            try check.ranges()
        }
    }

    @Test func whatThereIsNoTimeForIsNamed() throws {
        let seed: UInt64 = try #require(try (40_000..<40_100).first { try Self.check($0) != nil })
        let problem = try RandomProblem(seed: seed).problem { $0.recommendedPreference = .zero }
        let answer = try AllocationOptimizer().solve(problem)
        for limit in [0, -1, Double.nan] {
            var options = Explanation.Options()
            options.timeLimit = limit
            let explanation = try Explanation(problem, answer, options: options)
            #expect(!explanation.unfinished.isEmpty)
            #expect(explanation.effects.isEmpty)
            #expect(explanation.text.contains("within the time limit"))
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
        for seed in 40_010..<40_020 {
            guard let one = try Self.check(UInt64(seed)), let other = try Self.check(UInt64(seed)) else { continue }
            #expect(one.explanation == other.explanation, "seed \(seed)")
        }
    }
}
