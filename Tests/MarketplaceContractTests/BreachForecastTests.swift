import Foundation
import Marketplace
import MarketplaceContract
import TestSupport
import Testing

@Suite struct BreachForecastTests {
    private func normal(_ random: inout SeededGenerator) -> Double {
        (-2 * log(Double.random(in: Double.leastNonzeroMagnitude..<1, using: &random))).squareRoot()
            * cos(2 * .pi * Double.random(in: 0..<1, using: &random))
    }

    /// Mean predicted and observed share in bins of the prediction.
    private func reliability(_ outcomes: [(predicted: Double, happened: Bool)], bins: Int) -> [(Double, Double, Int)] {
        (0..<bins).compactMap { bin in
            let part = outcomes.filter { min(bins - 1, Int($0.predicted * Double(bins))) == bin }
            guard part.count >= 60 else { return nil }
            let count = Double(part.count)
            return (
                part.reduce(0) { $0 + $1.predicted } / count, Double(part.count { $0.happened }) / count, part.count
            )
        }
    }

    /// Latencies whose daily means depend on the day before by ρ: what is predicted happens as often.
    @Test(arguments: [(0.0, 30, 0.05), (0.0, 7, 0.06), (0.5, 60, 0.08)])
    func latencyForecastsAreCalibrated(rho: Double, past: Int, tolerance: Double) {
        var random = SeededGenerator(seed: 23)
        let outcomes = (0..<3000).compactMap { _ -> (predicted: Double, happened: Bool)? in
            let level = exp(Double.random(in: 2...5, using: &random))
            let spread = level * Double.random(in: 0.05...0.3, using: &random)
            var noise = normal(&random)
            let days = (0..<past + 30).map { _ -> Double in
                noise = rho * noise + (1 - rho * rho).squareRoot() * normal(&random)
                return level + spread * noise
            }
            let bound = level + spread * normal(&random) * 0.5
            let coming = days.suffix(30).reduce(0, +) / 30
            return BreachForecast.latencyBreach(Array(days.prefix(past)), bound: bound, days: 30).map {
                ($0, coming > bound)
            }
        }
        #expect(outcomes.count == 3000)
        let bins = reliability(outcomes, bins: 5)
        #expect(bins.count == 5)
        for (predicted, observed, count) in bins {
            let noise = 3 * (predicted * (1 - predicted) / Double(count)).squareRoot()
            #expect(abs(predicted - observed) < tolerance + noise, "\(predicted) predicted, \(observed) of \(count)")
        }
        // The spread of outcomes is explained, not only their mean.
        let rate = Double(outcomes.count { $0.happened }) / Double(outcomes.count)
        let brier = outcomes.reduce(0) { $0 + pow($1.predicted - ($1.happened ? 1 : 0), 2) } / Double(outcomes.count)
        #expect(brier < 0.7 * rate * (1 - rate))
    }

    /// Providers whose outages come at rates of Jeffreys' own kind, with lengths of many sizes.
    @Test(arguments: [30, 120])
    func uptimeForecastsAreCalibrated(past: Int) {
        var random = SeededGenerator(seed: 29)
        let outcomes = (0..<3000).compactMap { _ -> (predicted: Double, happened: Bool)? in
            let rate = exp(Double.random(in: -5 ... -0.5, using: &random))
            let size = exp(Double.random(in: -6 ... -2, using: &random))
            let days = (0..<past + 30).map { _ -> Double in
                random.chance(rate) ? 1 - min(1, size * exp(0.5 * normal(&random))) : 1
            }
            let bound = 1 - exp(Double.random(in: -9 ... -4, using: &random))
            let coming = days.suffix(30).reduce(0, +) / 30
            return BreachForecast.uptimeBreach(Array(days.prefix(past)), bound: bound, days: 30).map {
                ($0, coming < bound)
            }
        }
        let bins = reliability(outcomes, bins: 5)
        #expect(bins.count == 5)
        for (predicted, observed, count) in bins {
            let noise = 3 * (predicted * (1 - predicted) / Double(count)).squareRoot()
            #expect(abs(predicted - observed) < 0.09 + noise, "\(predicted) predicted, \(observed) of \(count)")
        }
    }

    /// Closed forms: t with 1 and 2 degrees; no outage in k days: 1 − (k / (k + D))^½; one outage size, by the count.
    @Test func closedForms() throws {
        // Three days with mean 0 and no memory to speak of is hard to come by; the tail itself is checked by symmetry.
        let values = [1.0, 2, 3, 2, 1, 2, 3, 2]
        let above = try #require(BreachForecast.latencyBreach(values, bound: 2.3, days: 5))
        let below = try #require(BreachForecast.latencyBreach(values, bound: 1.7, days: 5))
        #expect(abs(above + below - 1) < 1e-12 && above < 0.5)
        #expect(BreachForecast.latencyBreach([5, 5, 5], bound: 5, days: 30) == 0)
        #expect(BreachForecast.latencyBreach([5, 5, 5], bound: 4.9, days: 30) == 1)
        #expect(BreachForecast.latencyBreach([5, 6], bound: 4.9, days: 30) == nil)
        let clean = try #require(
            BreachForecast.uptimeBreach([Double](repeating: 1, count: 90), bound: 0.999, days: 30))
        #expect(abs(clean - (1 - (0.75).squareRoot())) < 1e-12)
        // One outage of .02 in 30 days, .03 allowed in the next 30: kept with 0 or 1, P = 2^-1.5 · (1 + 1.5/2).
        let one = try #require(
            BreachForecast.uptimeBreach([0.98] + [Double](repeating: 1, count: 29), bound: 0.999, days: 30))
        #expect(abs(one - (1 - pow(2, -1.5) * 1.75)) < 1e-12)
        #expect(BreachForecast.uptimeBreach([], bound: 0.9, days: 30) == nil)
        #expect(BreachForecast.uptimeBreach([1], bound: 1.1, days: 30) == 1)
    }

    @Test func strangeMeasurementsAreNoTrap() {
        let values: [Double] = [.nan, .infinity, -.infinity, 1e308, -1e308, 0, -5, .leastNonzeroMagnitude, 7]
        for time in [Int.min, -1, 0, Int.max] {
            let measurements = values.enumerated().map {
                Marketplace.Measurement(
                    time: time &+ $0 &* 90_000, region: "r", offer: "o",
                    metric: $0 % 2 == 0 ? .latencyMs : .availability,
                    value: $1)
            }
            let forecast = BreachForecast(measurements, latencyMs: 10, uptime: 0.9, periodDays: 30)
            for p in [forecast.latency, forecast.uptime, forecast.either].compactMap({ $0 }) {
                #expect((0...1).contains(p))
            }
        }
    }
}
