import Foundation
import Marketplace
import Recommendation
import TestSupport
import Testing

@Suite("Retraining of performance")
struct QoSRetrainingTests {
    private static let settings = QoSHyperparameters(factors: 3, sweeps: 10)

    private static func manifest(_ names: [String], _ hyperparameters: QoSHyperparameters) -> QoSManifest {
        let time = Date(timeIntervalSince1970: 0)
        var manifest = QoSManifest(
            version: "q", createdAt: time, hyperparameters: hyperparameters,
            data: .init(start: time, end: time, measurements: 1, hash: ""), metrics: [:], codeVersion: "", job: "")
        for name in names { manifest.models[name] = .init(name: name, sha256: "") }
        return manifest
    }

    @Test("What was learned from the shipped sample is better than the catalogue, with intervals that hold")
    func sample() throws {
        let store = try SyntheticFixture.store()
        let catalog = try store.catalog()
        let measurements = try store.measurements()
        let outcome = try QoSRetraining().run(measurements, catalog: catalog)
        #expect(outcome.report.passed && outcome.report.measurements == 2604 && outcome.report.leftOut == 0)
        for name in ["latency_ms", "throughput_mbps"] {
            let metric = try #require(outcome.report.metrics.first { $0.name == name })
            #expect(metric.passed, "\(metric.conditions)")
            #expect(metric.error < metric.catalogError && metric.training + metric.test == 868)
        }
        #expect(outcome.models.count >= 2)
        #expect(outcome.data?.measurements == 2604)
        let again = try QoSRetraining().run(measurements.shuffled(), catalog: catalog)
        #expect(again.report == outcome.report)
        #expect(try again.models[.latencyMs]?.encoded() == outcome.models[.latencyMs]?.encoded())
    }

    @Test("Values that have nothing to do with region and offer do not pass")
    func noise() throws {
        let market = try SyntheticFixture.market()
        var random = SeededGenerator(seed: 60)
        let measurements = market.measurements().filter { $0.metric == .latencyMs }.map { one in
            // The catalogue is right, and what was measured before the test is not.
            let trip = market.catalog.offer(one.offer).flatMap {
                market.catalog.latency(from: one.region, to: $0.metro)?.milliseconds
            }
            let isLate = one.time > 1_794_700_800 - 40 * 86_400
            return Marketplace.Measurement(
                time: one.time, region: one.region, offer: one.offer, metric: one.metric,
                value: isLate ? trip ?? 50 : Double.random(in: 1...3000, using: &random))
        }
        let outcome = try QoSRetraining(Self.settings).run(measurements, catalog: market.catalog)
        #expect(!outcome.report.passed && outcome.models.isEmpty)
        let failed = try #require(outcome.report.metrics.first).conditions.filter { !$0.passed }.map(\.name)
        #expect(failed.contains("better than the catalogue"))
    }

    @Test("A metric that the champion serves must not be lost; another recipe is compared with its")
    func champion() throws {
        let market = try SyntheticFixture.market()
        let latencies = market.measurements().filter { $0.metric == .latencyMs }
        let retraining = QoSRetraining(Self.settings)
        let lost = try retraining.run(
            latencies, catalog: market.catalog, champion: Self.manifest(["latency_ms", "availability"], Self.settings))
        #expect(!lost.report.passed && lost.report.lost == ["availability"] && lost.models.isEmpty)
        #expect(lost.report.metrics.allSatisfy { $0.passed && $0.overChampion == nil })
        var lenient = retraining
        lenient.gate.margin = 1
        let other = try lenient.run(
            latencies, catalog: market.catalog,
            champion: Self.manifest(["latency_ms"], .init(factors: 1, sweeps: 3)))
        #expect(other.report.metrics.first?.overChampion != nil && other.report.passed)
    }

    @Test("Too few, impossible and foreign measurements")
    func badInput() throws {
        let market = try SyntheticFixture.market()
        let catalog = market.catalog
        let none = try QoSRetraining(Self.settings).run([], catalog: catalog)
        #expect(none.report.metrics.isEmpty && !none.report.passed && none.data == nil)
        var some = market.measurements()
        let few = try QoSRetraining(Self.settings).run(Array(some.prefix(300)), catalog: catalog)
        #expect(few.report.metrics.isEmpty && few.models.isEmpty)
        let offer = catalog.offers[0].id
        for (number, value) in [0, -1, .nan, .infinity, 1e300].enumerated() {
            some.append(
                .init(time: number, region: "eu-west", offer: offer, metric: .throughputMBps, value: value))
        }
        some.append(.init(time: 5, region: "atlantis", offer: "gone/x/y", metric: .latencyMs, value: 3))
        some.append(.init(time: .max, region: "eu-west", offer: "gone/x/y", metric: .latencyMs, value: 3))
        let outcome = try QoSRetraining(Self.settings).run(some, catalog: catalog)
        #expect(outcome.report.leftOut == 5 && outcome.report.metrics.count == 3)
        var retraining = QoSRetraining(Self.settings)
        retraining.testShare = 1
        #expect(throws: RecommendationError.self) { try retraining.run(some, catalog: catalog) }
        #expect(throws: RecommendationError.self) {
            try QoSRetraining(.init(factors: 0)).run(some, catalog: catalog)
        }
    }
}
