import Foundation
import Marketplace

/// Predicts one QoS metric of a marketplace: a trend over round trips where there is one, times what a factorization
/// learned of regions and offers.
public struct MetricModel: Sendable {
    /// The trend; nil for shares, and where no round trip is known.
    public let trend: QoSTrend?
    /// The factorization of values over the trend's, or of plain values.
    public private(set) var model: QoSModel

    /// The fewest different round trips that a trend is fitted to.
    public static let leastRoundTrips = 8

    /// A model of known parts.
    public init(trend: QoSTrend? = nil, model: QoSModel) {
        self.trend = trend
        self.model = model
    }

    /// Trains on the values of `metric` among `measurements`, with the geography of `catalog`.
    /// - Throws: `invalidMeasurements` without such values or for one that cannot be; `invalidHyperparameter`,
    ///   `numerical`.
    public static func train(
        _ metric: MeasurementMetric, _ measurements: [Marketplace.Measurement], catalog: Catalog,
        _ hyperparameters: QoSHyperparameters = .init()
    ) throws(RecommendationError) -> MetricModel {
        let own = measurements.filter { $0.metric == metric }
        let scale = QoSScale(metric)
        for one in own { try QoSMeasurements.check(one.value, scale, user: one.region, offer: one.offer) }
        let known = own.compactMap { one in
            catalog.roundTrip(from: one.region, to: one.offer).map { (roundTrip: $0, value: one.value) }
        }
        // A few distances make no trend, nor does one hold for values most of whose distances are unknown.
        let isTold = 2 * known.count >= own.count && Set(known.map(\.roundTrip)).count >= Self.leastRoundTrips
        let trend = scale == .positive && isTold ? QoSTrend(known, usual: metric == .latencyMs ? 1 : 0) : nil
        let relative = own.map { one in
            Marketplace.Measurement(
                time: one.time, region: one.region, offer: one.offer, metric: metric,
                value: one.value
                    / (trend?.expected(roundTrip: catalog.roundTrip(from: one.region, to: one.offer)) ?? 1))
        }
        let model = try QoSModel.train(
            QoSMeasurements(
                metric, of: relative, regionPaths: catalog.qosRegionPaths, offerPaths: catalog.qosOfferPaths),
            hyperparameters)
        return MetricModel(trend: trend, model: model)
    }

    /// The distribution of what is seen from a region at an offer of `catalog`. O(factors · path).
    public func predict(from region: String, at offer: Offer, in catalog: Catalog) -> QoSDistribution {
        // Paths are for strangers; to make them takes longer than to predict.
        let isStrange = (model.users.index(region) == nil, model.offers.index(offer.id) == nil)
        let distribution = model.predict(
            user: region, offer: offer.id,
            userPath: isStrange.0 ? catalog.readerRegions[region].map { $0.qosPath(in: catalog) } ?? [] : [],
            offerPath: isStrange.1 ? offer.qosPath(in: catalog) : [])
        guard let trend else { return distribution }
        return distribution.scaled(
            by: trend.expected(roundTrip: catalog.latency(from: region, to: offer.metro)?.milliseconds))
    }

    /// Whether the model has measurements of both, or at least knows how far apart they are.
    public func knows(_ region: String, _ offer: Offer, in catalog: Catalog) -> Bool {
        if trend != nil, catalog.latency(from: region, to: offer.metro) != nil { return true }
        return model.users.index(region) != nil && model.offers.index(offer.id) != nil
    }

    /// Takes one measurement of the metric in; see `QoSModel.record`.
    /// - Throws: `invalidMeasurements`, `numerical`; then nothing has changed.
    public mutating func record(
        _ measurement: Marketplace.Measurement, catalog: Catalog
    ) throws(RecommendationError) {
        try QoSMeasurements.check(measurement.value, model.scale, user: measurement.region, offer: measurement.offer)
        let roundTrip = catalog.roundTrip(from: measurement.region, to: measurement.offer)
        try model.record(
            user: measurement.region, offer: measurement.offer,
            value: measurement.value / (trend?.expected(roundTrip: roundTrip) ?? 1),
            userPath: catalog.readerRegions[measurement.region].map { $0.qosPath(in: catalog) } ?? [],
            offerPath: catalog.offer(measurement.offer).map { $0.qosPath(in: catalog) } ?? [])
    }

    /// The bytes of a safetensors file that holds all of it; the same model gives the same bytes.
    /// - Throws: `malformedTensors` when a number is not finite.
    public func encoded() throws(RecommendationError) -> Data {
        guard let trend else { return try model.encoded() }
        return try model.encoded(metadata: [
            "trend": String(decoding: try ModelRegistry.encode(trend, "the trend"), as: UTF8.self)
        ])
    }

    /// The model of a file that `encoded` wrote, checked throughout.
    /// - Throws: as `QoSModel`.
    public init(_ file: TensorFile) throws(RecommendationError) {
        model = try QoSModel(file)
        guard let text = file.metadata["trend"] else {
            trend = nil
            return
        }
        guard let trend = try? ModelRegistry.decoder.decode(QoSTrend.self, from: Data(text.utf8)), trend.isSound,
            model.scale == .positive
        else { throw .malformedTensors(file: file.name, reason: "its trend contradicts itself") }
        self.trend = trend
    }
}

extension Catalog {
    /// The round trip between a reader region and an offer by their IDs, in milliseconds.
    func roundTrip(from region: String, to offer: String) -> Double? {
        self.offer(offer).flatMap { latency(from: region, to: $0.metro)?.milliseconds }
    }

    /// Where each reader region belongs, from coarse to fine: what QoS models fall back along.
    public var qosRegionPaths: [String: [String]] { readerRegions.mapValues { $0.qosPath(in: self) } }

    /// Where each offer belongs, from coarse to fine.
    public var qosOfferPaths: [String: [String]] {
        Dictionary(offers.map { ($0.id, $0.qosPath(in: self)) }) { $1 }
    }
}

extension ReaderRegion {
    /// Continent and country.
    func qosPath(in catalog: Catalog) -> [String] {
        catalog.metros[metro].map { [$0.continent, $0.country] } ?? []
    }
}

extension Offer {
    /// Continent, metro, and the provider's network there.
    func qosPath(in catalog: Catalog) -> [String] {
        (catalog.metros[metro].map { [$0.continent] } ?? []) + [metro, "\(metro)/\(provider)"]
    }
}
