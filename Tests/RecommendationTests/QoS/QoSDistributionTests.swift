import Foundation
import Recommendation
import TestSupport
import Testing

@Suite("QoS distributions")
struct QoSDistributionTests {
    /// Skewed values, as response times are.
    private static func values(_ seed: UInt64, _ count: Int) -> [Double] {
        var generator = SeededGenerator(seed: seed)
        return (0..<count).map { _ in exp(1.2 * SyntheticQoS.normal(&generator)) }
    }

    @Test("Each functional is the best guess under its loss, by search over all values", arguments: 1...5)
    func functionals(seed: UInt64) throws {
        let values = Self.values(seed, 101)
        let distribution = try QoSDistribution(values: values)
        let candidates = values + values.map { $0 * 1.01 } + [distribution.mean]
        func loss(_ guess: Double, _ one: (Double, Double) -> Double) -> Double {
            values.reduce(0) { $0 + one(guess, $1) }
        }
        let losses: [(Double, (Double, Double) -> Double)] = [
            (distribution.median, { abs($0 - $1) }), (distribution.mean, { ($0 - $1) * ($0 - $1) }),
            (distribution.relativeErrorMinimizer, { abs($0 - $1) / $1 })
        ]
        for (guess, one) in losses {
            let best = candidates.map { loss($0, one) }.min() ?? 0
            #expect(loss(guess, one) <= best * (1 + 1e-6))
        }
        // No guess has its relative errors' median much below that of the closest guess; stretches end at atoms.
        func median(_ guess: Double) -> Double { values.map { abs(guess - $0) / $0 }.sorted()[50] }
        #expect(median(distribution.closest(0.5)) <= (candidates.map(median).min() ?? 0) * 1.05)
    }

    @Test("Quantile and probability are inverse, and the two tails add up", arguments: [QoSScale.positive, .share])
    func inverse(scale: QoSScale) throws {
        let values = Self.values(9, 80).map { scale == .share ? exp(-$0) : $0 }
        let distribution = try QoSDistribution(values: values, scale: scale)
        for p in stride(from: 0.02, through: 0.98, by: 0.03) {
            let value = distribution.quantile(p)
            #expect(abs(distribution.probability(atMost: value) - p) < 1e-3)
            #expect(abs(distribution.probability(atLeast: value) - (1 - p)) < 1e-3)
            #expect(distribution.quantile(p + 0.01) >= value)
        }
        let sorted = values.sorted()
        #expect(abs(distribution.median - (sorted[39] + sorted[40]) / 2) < 1e-6)
        #expect(distribution.interval(0.5).contains(distribution.median))
    }

    @Test("Bounds, coverages and probabilities at their edges")
    func edges() throws {
        let distribution = try QoSDistribution(values: [1, 2, 4])
        #expect(distribution.probability(atMost: 0.5) == 0 && distribution.probability(atMost: 4) == 1)
        #expect(distribution.probability(atLeast: 1) == 1 && distribution.probability(atLeast: 5) == 0)
        #expect(distribution.probability(that: .latencyMs, meets: 2) == distribution.probability(atMost: 2))
        #expect(distribution.probability(that: .throughputMBps, meets: 2) == distribution.probability(atLeast: 2))
        #expect(distribution.probability(atMost: .nan) == 0 && distribution.probability(atLeast: .nan) == 0)
        #expect(distribution.quantile(-1) == 1 && distribution.quantile(2) == 4 && distribution.quantile(.nan) == 2)
        #expect(distribution.interval(5) == 1...4 && distribution.interval(.nan) == 2...2)
        let certain = try QoSDistribution(values: [1, 1, 1], scale: .share)
        #expect(certain.median == 1 && certain.mean == 1 && certain.probability(atLeast: 1) == 1)
        #expect(certain.relativeErrorMinimizer == 1 && certain.closest(0.5) == 1)
        #expect(throws: RecommendationError.self) { try QoSDistribution(values: []) }
        #expect(throws: RecommendationError.self) { try QoSDistribution(values: [1, .nan]) }
    }
}
