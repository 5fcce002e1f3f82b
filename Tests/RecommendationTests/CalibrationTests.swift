import Foundation
import Recommendation
import TestSupport
import Testing

@Suite("Calibration")
struct CalibrationTests {
    @Test("Finds the logistic truth that the outcomes were drawn from", arguments: [(4.0, -3.0), (0.7, -1.0)])
    func truth(slope: Double, intercept: Double) throws {
        var random = SeededGenerator(seed: 9)
        let observations = (0..<40_000).map { _ in
            let score = Double.random(in: -0.5...1.5, using: &random)
            return Calibration.Observation(
                score: score, taken: random.chance(1 / (1 + exp(-(slope * score + intercept)))))
        }
        let fitted = try Calibration.fit(observations)
        #expect(abs(fitted.slope - slope) < 0.15)
        #expect(abs(fitted.intercept - intercept) < 0.15)
        // On the average the probabilities are the share that was taken, as for every maximum of the likelihood.
        let mean = observations.reduce(0) { $0 + fitted.probability($1.score) } / 40_000
        let taken = Double(observations.count { $0.taken }) / 40_000
        #expect(abs(mean - taken) < 1e-3)
    }

    @Test("The scale of the scores does not matter, and a weight counts as so many observations")
    func equivalences() throws {
        var random = SeededGenerator(seed: 3)
        let base = (0..<500).map { _ in
            let score = Double.random(in: 0...1, using: &random)
            return Calibration.Observation(score: score, taken: random.chance(score))
        }
        let plain = try Calibration.fit(base)
        let scaled = try Calibration.fit(base.map { .init(score: 1e6 * $0.score - 5, taken: $0.taken) })
        #expect(abs(plain.probability(0.3) - scaled.probability(1e6 * 0.3 - 5)) < 1e-6)
        let twice = try Calibration.fit(base + base)
        let weighted = try Calibration.fit(base.map { .init(score: $0.score, taken: $0.taken, weight: 2) })
        #expect(abs(twice.slope - weighted.slope) < 1e-6)
    }

    @Test("Monotone, within 0…1 and finite, whatever the score")
    func monotone() throws {
        let separable = (0..<50).map { Calibration.Observation(score: Double($0), taken: $0 >= 25) }
        let fitted = try Calibration.fit(separable)
        #expect(fitted.slope.isFinite && fitted.slope > 0)
        let scores: [Double] = [-.infinity, -1e300, -3, 0, 24, 25, 1e9, 1e300, .infinity]
        let probabilities = scores.map { fitted.probability($0) }
        #expect(probabilities == probabilities.sorted())
        #expect(probabilities.allSatisfy { (0...1).contains($0) })
        #expect(fitted.probability(.nan) == fitted.probability(0))
    }

    @Test("Scores that say the opposite, or nothing, give the base rate")
    func useless() throws {
        let opposite = (0..<100).map { Calibration.Observation(score: Double($0), taken: $0 < 20) }
        let fitted = try Calibration.fit(opposite)
        #expect(fitted.slope == 0)
        #expect(abs(fitted.probability(7) - 0.2) < 0.02)
        let constant = (0..<100).map { Calibration.Observation(score: 1, taken: $0 < 20) }
        #expect(abs(try Calibration.fit(constant).probability(1) - 0.2) < 0.02)
    }

    @Test("Without outcomes of both kinds there is nothing to fit; numbers that are none do not count")
    func refusals() throws {
        let taken = [Calibration.Observation(score: 1, taken: true)]
        #expect(throws: RecommendationError.self) { try Calibration.fit(taken) }
        #expect(throws: RecommendationError.self) { try Calibration.fit([Calibration.Observation]()) }
        let others = [
            Calibration.Observation(score: .nan, taken: false), .init(score: 0, taken: false, weight: 0),
            .init(score: 0, taken: false, weight: .infinity)
        ]
        #expect(throws: RecommendationError.self) { try Calibration.fit(taken + others) }
        #expect(Calibration(slope: -1, intercept: 0) == nil)
        #expect(Calibration(slope: 1, intercept: .nan) == nil)
    }
}
