import Foundation
import Marketplace
import MarketplaceStore
import Recommendation
import TestSupport
import Testing

@Suite("Performance over distance")
struct MetricModelTests {
    @Test("The trend is found again", arguments: [(12.0, 1.0, 0.3), (30, -0.5, 5)])
    func trend(serviceTime: Double, slope: Double, intercept: Double) throws {
        let trips = (1...60).map { Double($0 * 4) }
        let trend = try #require(
            QoSTrend(
                trips.map { ($0, exp(intercept + slope * log($0 + serviceTime))) }, usual: slope > 0 ? 1 : 0))
        #expect(abs(trend.slope - slope) < 0.05 && trend.serviceTime == serviceTime)
        for trip in [5.0, 80, 200] {
            let truth = exp(intercept + slope * log(trip + serviceTime))
            #expect(abs(log(trend.expected(roundTrip: trip) / truth)) < 0.03)
        }
        #expect(trend.expected(roundTrip: nil).isFinite)
    }

    @Test("Where all round trips are alike, the slope is the usual one; of nothing there is no trend")
    func degenerate() throws {
        let trend = try #require(QoSTrend([(10, 30), (10, 31)], usual: 1))
        #expect(trend.slope == 1 && trend.expected(roundTrip: 1e300).isFinite)
        #expect(QoSTrend([], usual: 1) == nil)
        #expect(QoSTrend([(.nan, 1), (1, .infinity), (-1, 1), (1, 0)], usual: 1) == nil)
    }

    @Test("On pairs that were not measured it beats the catalogue, the trend, and factors without it")
    func accuracy() throws {
        let market = try SyntheticFixture.market()
        let catalog = market.catalog
        let measurements = market.measurements()
        let settings = QoSHyperparameters(factors: 4, sweeps: 15)
        let model = try MetricModel.train(.latencyMs, measurements, catalog: catalog, settings)
        let plain = try QoSModel.train(
            QoSMeasurements(
                .latencyMs, of: measurements, regionPaths: catalog.qosRegionPaths, offerPaths: catalog.qosOfferPaths),
            settings)
        let trend = try #require(model.trend)
        var (errors, count) = ([0.0, 0, 0, 0], 0.0)
        for region in catalog.readerRegions.keys {
            for (position, offer) in catalog.offers.enumerated() {
                guard let trip = catalog.latency(from: region, to: offer.metro)?.milliseconds else { continue }
                let truth = market.meanLatency(region: region, offer: position)
                let guesses = [
                    model.predict(from: region, at: offer, in: catalog).median, trip, trend.expected(roundTrip: trip),
                    plain.predict(
                        user: region, offer: offer.id, userPath: catalog.qosRegionPaths[region] ?? [],
                        offerPath: catalog.qosOfferPaths[offer.id] ?? []
                    ).median
                ]
                for (k, guess) in guesses.enumerated() { errors[k] += abs(log(guess / truth)) }
                count += 1
            }
        }
        errors = errors.map { $0 / count }
        #expect(errors[0] < 0.85 * errors[1] && errors[0] < errors[2] && errors[0] < 0.9 * errors[3], "\(errors)")
    }

    @Test("The same model gives the same bytes, which give the same model; a damaged trend is refused")
    func storage() throws {
        let market = try SyntheticFixture.market()
        let catalog = market.catalog
        let offer = catalog.offers[0]
        for metric in MeasurementMetric.allCases {
            let model = try MetricModel.train(
                metric, market.measurements(), catalog: catalog, .init(factors: 2, sweeps: 5))
            #expect((model.trend == nil) == (metric == .availability))
            let bytes = try model.encoded()
            let copy = try MetricModel(TensorFile(bytes, name: "m"))
            #expect(try copy.encoded() == bytes)
            let region = catalog.readerRegions.keys.sorted()[0]
            #expect(
                copy.predict(from: region, at: offer, in: catalog).median
                    == model.predict(from: region, at: offer, in: catalog).median)
        }
        var bytes = try MetricModel.train(
            .latencyMs, market.measurements(), catalog: catalog, .init(factors: 2, sweeps: 5)
        ).encoded()
        let range = try #require(bytes.range(of: Data("serviceTime".utf8)))
        bytes.replaceSubrange(range, with: Data("serviceTims".utf8))
        #expect(throws: RecommendationError.self) { try MetricModel(TensorFile(bytes, name: "m")) }
    }
}
