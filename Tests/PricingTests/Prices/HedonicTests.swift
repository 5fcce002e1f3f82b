import Foundation
import Pricing
import TestSupport
import Testing

/// The benchmark on listings whose prices follow a known law.
@Suite struct HedonicTests {
    static let target = HedonicListing(provider: "own", region: "eu", month: 3, price: 1, qualities: [4, 0.3])

    /// `count` listings with log price = ln level + region + 0.1·nines − 0.4·latency + noise.
    static func listings(_ count: Int, level: Double = 1, noise: Double = 0.05, seed: UInt64 = 9) -> [HedonicListing] {
        var random = SeededGenerator(seed: seed)
        let shifts = ["eu": 0.0, "us": -0.1, "as": 0.2]
        return (0..<count).map { index -> HedonicListing in
            let (nines, latency) = (Double(random.int(2...5)), Double.random(in: 0...1, using: &random))
            let region = ["eu", "us", "as"][index % 3]
            // The sum of three has unit variance and is near to normal.
            var worth = shifts[region] ?? 0
            worth += 0.1 * (nines - 4)
            worth -= 0.4 * (latency - 0.3)
            for _ in 0..<3 { worth += noise * Double.random(in: -1...1, using: &random) }
            let price = level * exp(worth)
            return HedonicListing(
                provider: "p\(index)", region: region, month: 3, price: price, qualities: [nines, latency])
        }
    }

    @Test func theLawIsFoundInSpiteOfOddPrices() throws {
        var listings = Self.listings(60)
        for index in stride(from: 0, to: 60, by: 12) { listings[index].price *= 30 }
        let found = try HedonicBenchmark().estimate(Self.target, among: listings)
        let price = try #require(found.price)
        #expect(abs(log(price)) < 0.06 && found.standing == .usable && found.comparables == 60)
        #expect(try #require(found.interval).contains(price))
        // Least squares on the same listings is far off: the robust weights matter.
        let mean = listings.reduce(0) { $0 + log($1.price) } / 60
        #expect(mean > 0.2)
    }

    @Test func itsIntervalHoldsFourFifths() throws {
        var inside = 0
        for seed in 0..<200 {
            var listings = Self.listings(61, noise: 0.2, seed: UInt64(seed))
            let left = listings.removeLast()
            let found = try HedonicBenchmark().estimate(left, among: listings)
            if try #require(found.interval).contains(left.price) { inside += 1 }
        }
        #expect(inside >= 145 && inside <= 180)
    }

    @Test func standingFollowsTheCount() throws {
        for (count, standing) in [(7, HedonicEstimate.Standing.silent), (8, .cautious), (29, .cautious), (30, .usable)]
        {
            let found = try HedonicBenchmark().estimate(Self.target, among: Self.listings(count))
            #expect(found.standing == standing && (found.price == nil) == (standing == .silent))
        }
        // Months of one offer are one comparable, and the own group is none.
        let one = Self.listings(1)[0]
        let repeated = (0..<40).map { month in
            var listing = one
            listing.month = month
            return listing
        }
        #expect(try HedonicBenchmark().estimate(Self.target, among: repeated).comparables == 1)
        let own = Self.listings(40).map { listing in
            var listing = listing
            listing.provider = "own"
            return listing
        }
        #expect(try HedonicBenchmark().estimate(Self.target, among: own).standing == .silent)
    }

    @Test func currencyAndDegenerateColumnsDoNotMatter() throws {
        let base = try HedonicBenchmark().estimate(Self.target, among: Self.listings(40))
        let dear = try HedonicBenchmark().estimate(Self.target, among: Self.listings(40, level: 1e9))
        #expect(abs(try #require(dear.price) / (try #require(base.price)) / 1e9 - 1) < 1e-8)
        // Equal prices, equal qualities, a region never seen.
        let flat = Self.listings(20).map {
            HedonicListing(provider: $0.provider + $0.region, region: "eu", month: 1, price: 2, qualities: [3, 3])
        }
        let elsewhere = HedonicListing(provider: "own", region: "sa", month: 1, price: 1, qualities: [3, 3])
        let found = try HedonicBenchmark().estimate(elsewhere, among: flat)
        #expect(abs((try #require(found.price)) - 2) < 1e-6)
        var bad = Self.listings(10)
        bad[3].price = 0
        #expect(throws: PricingError.self) { try HedonicBenchmark().estimate(Self.target, among: bad) }
        bad[3] = HedonicListing(provider: "x", region: "eu", month: 1, price: 1, qualities: [1])
        #expect(throws: PricingError.self) { try HedonicBenchmark().estimate(Self.target, among: bad) }
    }

    @Test func poolingWeighsByPrecision() throws {
        func draws(_ mean: AcceptanceCurve, _ spread: Double, _ seed: UInt64) -> Acceptance {
            var random = SeededGenerator(seed: seed)
            return Acceptance(
                (0..<400).map { _ in
                    AcceptanceCurve(
                        intercept: mean.intercept + spread * Double.random(in: -1...1, using: &random),
                        sensitivity: mean.sensitivity + spread * Double.random(in: -1...1, using: &random))
                })
        }
        func mean(_ acceptance: Acceptance) -> Double {
            acceptance.draws.reduce(0) { $0 + $1.sensitivity } / Double(acceptance.draws.count)
        }
        let cohort = draws(AcceptanceCurve(intercept: 3, sensitivity: 2), 0.3, 1)
        let sure = try Acceptance.pooled(
            own: draws(AcceptanceCurve(intercept: 5, sensitivity: 4), 0.01, 2), cohort: cohort)
        #expect(abs(mean(sure) - 4) < 0.02)
        let unsure = try Acceptance.pooled(
            own: draws(AcceptanceCurve(intercept: 5, sensitivity: 4), 9, 3), cohort: cohort)
        #expect(abs(mean(unsure) - 2) < 0.1)
        let even = try Acceptance.pooled(
            own: draws(AcceptanceCurve(intercept: 5, sensitivity: 4), 0.3, 4), cohort: cohort)
        #expect(abs(mean(even) - 3) < 0.2)
        let light = try Acceptance.pooled(
            own: draws(AcceptanceCurve(intercept: 5, sensitivity: 4), 0.3, 4), cohort: cohort, cohortWeight: 0.25)
        #expect(abs(mean(light) - 3.6) < 0.2)
        #expect(throws: PricingError.self) { try Acceptance.pooled(own: Acceptance(.certain), cohort: cohort) }
    }
}
