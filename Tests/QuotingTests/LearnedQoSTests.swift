import Foundation
import Marketplace
import Money
import Quoting
import Recommendation
import TestSupport
import Testing

@Suite struct LearnedQoSTests {
    private static let online = ["alpha/dublin/standard", "alpha/virginia/standard", "beta/dublin/standard"]

    /// Latencies of three offers around 20, 80 and 40 ms from two regions; nothing of gamma, delta and omega.
    private static func measurements(_ count: Int, noise: Double) -> [Marketplace.Measurement] {
        var random = SeededGenerator(seed: 13)
        return (0..<count).map { number in
            let offer = number % 3
            let median = [20.0, 80, 40][offer] * (number % 2 == 0 ? 1 : 1.5)
            return Marketplace.Measurement(
                time: number, region: number % 2 == 0 ? "eu-west" : "na-east", offer: online[offer],
                metric: .latencyMs, value: median * exp(Double.random(in: -noise...noise, using: &random)))
        }
    }

    private static func learned(_ count: Int = 120, noise: Double = 0.2) throws -> LearnedQoS {
        try LearnedQoS.train(
            measurements(count, noise: noise), catalog: try SmallMarket.catalog(), version: "q1",
            hyperparameters: .init(factors: 1))
    }

    private func ranking(_ qos: LearnedQoS, within bound: String) throws -> Quoting.Ranking {
        let catalog = try SmallMarket.catalog()
        let request = try SmallMarket.request { $0.qos.latencyMs = try ExactDecimal(bound) }
        return Quoting.Ranking(
            catalog.offers.filter { Self.online.contains($0.id) }, request: request, catalog: catalog,
            model: NoPreferences(), qos: qos)
    }

    private func latency(_ ranking: Quoting.Ranking, _ offer: String) throws -> Double {
        let ranked = try #require(ranking.offers.first { $0.offer.id == offer })
        return try #require(ranked.factors.first { $0.name == .latency }).value
    }

    @Test func whatWasMeasuredDecidesNotTheCatalogue() throws {
        let ranking = try self.ranking(try Self.learned(), within: "30")
        #expect(try latency(ranking, Self.online[0]) > 0.8)
        #expect(try latency(ranking, Self.online[1]) < 0.1)
        #expect(try latency(ranking, Self.online[2]) < 0.3, "the catalogue says 5 ms")
        #expect(ranking.offers.map(\.offer.id).first == Self.online[0])
    }

    @Test func whatWasNotMeasuredIsTheCatalogues() throws {
        let catalog = try SmallMarket.catalog()
        let (learned, told) = (try Self.learned(), CatalogQoS(catalog))
        let gamma = try #require(catalog.offer("gamma/virginia/standard"))
        for (metric, bound) in [(MeasurementMetric.latencyMs, 60.0), (.availability, 0.99), (.throughputMBps, 10)] {
            #expect(
                learned.probability(metric, meets: bound, from: "eu-west", at: gamma)
                    == told.probability(metric, meets: bound, from: "eu-west", at: gamma))
        }
        #expect(learned.median(.availability, from: "eu-west", at: gamma) == nil)
        // The catalogue knows no latency from there, so the model's group of the offer speaks.
        #expect(told.probability(.latencyMs, meets: 60, from: "na-east", at: gamma) == nil)
        let group = try #require(learned.probability(.latencyMs, meets: 60, from: "na-east", at: gamma))
        #expect((0...1).contains(group))
        var archive = try #require(catalog.offer(Self.online[0]))
        archive.access = .archive
        #expect(learned.probability(.latencyMs, meets: 1e6, from: "eu-west", at: archive) == nil)
    }

    @Test func aRecordedMeasurementChangesTheNextRanking() throws {
        let before = try Self.learned(24, noise: 0.8)
        var after = before
        let first = try latency(try ranking(before, within: "50"), Self.online[0])
        // Alpha's network in Dublin has become slow.
        for number in 0..<60 {
            try after.record(
                Marketplace.Measurement(
                    time: 1000 + number, region: "eu-west", offer: Self.online[0], metric: .latencyMs,
                    value: 110 + Double(number % 20)))
            if number == 0 {
                #expect(try latency(try ranking(after, within: "50"), Self.online[0]) < first)
                #expect(after.fingerprint.hasPrefix("q1+1 ") && after.recorded == 1)
            }
        }
        let last = try latency(try ranking(after, within: "50"), Self.online[0])
        #expect(last < 0.6 * first, "\(first) before, \(last) after")
        #expect(try latency(try ranking(before, within: "50"), Self.online[0]) == first, "a copy is not disturbed")
    }

    @Test func valuesThatCannotHaveBeenMeasuredChangeNothing() throws {
        var qos = try Self.learned()
        for value in [Double.nan, -1, 0, .infinity] {
            #expect(throws: RecommendationError.self) {
                try qos.record(
                    Marketplace.Measurement(
                        time: 0, region: "eu-west", offer: Self.online[0], metric: .latencyMs, value: value))
            }
        }
        #expect(qos.fingerprint == "q1")
        #expect(try latency(try ranking(qos, within: "30"), Self.online[0]) > 0.8, "the model is still there")
        try qos.record(
            Marketplace.Measurement(
                time: 0, region: "eu-west", offer: Self.online[0], metric: .throughputMBps, value: 5))
        #expect(qos.fingerprint == "q1", "a metric without a model stays as it is")
    }
}
