import Foundation
import Recommendation
import Testing

@Suite struct SyntheticRandomTests {
    @Test func splitMixGivesThePublishedSequence() {
        var counter: UInt64 = 1_234_567
        let expected: [UInt64] = [
            6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
            4_593_380_528_125_082_431, 16_408_922_859_458_223_821
        ]
        #expect(expected.allSatisfy { $0 == SyntheticRandom.splitMix(&counter) })
    }

    @Test func xoshiroGivesThePublishedSequence() {
        var random = SyntheticRandom(state: (1, 2, 3, 4))
        let expected: [UInt64] = [
            41_943_041, 58_720_359, 3_588_806_011_781_223, 3_591_011_842_654_386, 9_228_616_714_210_784_205,
            9_973_669_472_204_895_162, 14_011_001_112_246_962_877, 12_406_186_145_184_390_807
        ]
        #expect(expected.allSatisfy { $0 == random.next() })
    }

    @Test func streamsOfOneSeedDiffer() {
        var seen: Set<UInt64> = []
        for seed in 0..<20 as Range<UInt64> {
            for stream in 0..<200 as Range<UInt64> {
                var random = SyntheticRandom(seed: seed, stream: stream)
                seen.insert(random.next())
            }
        }
        #expect(seen.count == 4000)
    }

    /// Means and variances of 200,000 draws, within five standard errors.
    @Test func distributionsHaveTheirMoments() {
        let count = 200_000
        func check(
            _ name: String, mean: Double, variance: Double, _ draw: (inout SyntheticRandom) -> Double
        ) {
            var random = SyntheticRandom(seed: 42, stream: UInt64(name.utf8.count))
            let draws = (0..<count).map { _ in draw(&random) }
            let average = draws.reduce(0, +) / Double(count)
            let spread = draws.reduce(0) { $0 + ($1 - average) * ($1 - average) } / Double(count - 1)
            #expect(abs(average - mean) < 5 * (variance / Double(count)).squareRoot(), "\(name): mean \(average)")
            #expect(abs(spread / variance - 1) < 0.04, "\(name): variance \(spread)")
        }
        check("uniform", mean: 0.5, variance: 1 / 12) { $0.uniform() }
        check("exponential", mean: 1, variance: 1) { $0.exponential() }
        check("normal", mean: 0, variance: 1) { $0.normal() }
        check("gumbel", mean: 0.577_215_664_9, variance: .pi * .pi / 6) { $0.gumbel() }
        check("poisson of 2.5", mean: 2.5, variance: 2.5) { Double($0.poisson(2.5)) }
        check("poisson of 30", mean: 30, variance: 30) { Double($0.poisson(30)) }
        let median = 3.0
        let sigma = 0.5
        check(
            "log-normal", mean: median * exp(sigma * sigma / 2),
            variance: median * median * exp(sigma * sigma) * (exp(sigma * sigma) - 1)
        ) { $0.logNormal(median: median, sigma: sigma) }
        check("index", mean: 0.25 * 1 + 0.5 * 3, variance: 0.25 + 4.5 - 1.75 * 1.75) {
            Double($0.index(weights: [1, 1, 0, 2]) ?? -1)
        }
    }

    @Test func whatHasNoWeightIsNotDrawn() {
        var random = SyntheticRandom(seed: 1)
        #expect(random.index(weights: []) == nil)
        #expect(random.index(weights: [0, 0]) == nil)
        #expect((0..<1000).allSatisfy { _ in random.index(weights: [0, 5, 0]) == 1 })
        #expect(random.poisson(0) == 0)
    }
}
