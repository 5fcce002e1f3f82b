import Crypto
import Foundation
import Marketplace
import Recommendation

/// Performance that models learned from measurements, one for each metric, and the catalogue for what was not measured.
///
/// A value: taking a measurement in makes a new state and disturbs no ranking that is under way.
public struct LearnedQoS: QoSPredictor {
    /// The version of the models; with measurements taken in since, how many and a hash of them in their order.
    public private(set) var fingerprint: String
    /// The version of the models.
    public var version: String? { name }
    private let name: String
    /// How many measurements were taken in since.
    public private(set) var recorded = 0
    private var models: [MeasurementMetric: MetricModel]
    private let catalog: Catalog
    private var unmeasured: CatalogQoS
    private var cache = QoSCache()

    /// Predictions of `models`, trained with the geography of `catalog`.
    public init(
        version: String, models: [MeasurementMetric: MetricModel], catalog: Catalog,
        spread: CatalogQoS.Spread = .init()
    ) {
        name = version
        fingerprint = version
        self.models = models
        self.catalog = catalog
        unmeasured = CatalogQoS(catalog, spread: spread)
    }

    /// The same with another spread of what the catalogue tells.
    public func with(spread: CatalogQoS.Spread) -> LearnedQoS {
        var result = self
        result.unmeasured = CatalogQoS(catalog, spread: spread)
        return result
    }

    /// What performance rests on.
    public var basis: String? {
        let names = metrics.map {
            switch $0 {
            case .latencyMs: "latency"
            case .throughputMBps: "throughput"
            case .availability: "availability"
            }
        }
        return "measurements of \(names.joined(separator: " and "))"
            + (recorded > 0 ? " (model \(name), and \(recorded) since)" : " (model \(name))")
    }

    /// The metrics that were learned.
    public var metrics: [MeasurementMetric] { MeasurementMetric.allCases.filter { models[$0] != nil } }

    /// Models of every metric that `measurements` has values of.
    /// - Throws: what training throws.
    public static func train(
        _ measurements: [Marketplace.Measurement], catalog: Catalog, version: String,
        hyperparameters: QoSHyperparameters = .init(), spread: CatalogQoS.Spread = .init()
    ) throws(RecommendationError) -> LearnedQoS {
        var models: [MeasurementMetric: MetricModel] = [:]
        for metric in MeasurementMetric.allCases where measurements.contains(where: { $0.metric == metric }) {
            models[metric] = try MetricModel.train(metric, measurements, catalog: catalog, hyperparameters)
        }
        return LearnedQoS(version: version, models: models, catalog: catalog, spread: spread)
    }

    /// Takes one measurement in: rankings from then on know it. A metric without a model stays the catalogue's.
    /// - Throws: `invalidMeasurements`, `numerical`; then nothing has changed.
    public mutating func record(_ measurement: Marketplace.Measurement) throws(RecommendationError) {
        guard var model = models.removeValue(forKey: measurement.metric) else { return }
        // Taken out of the dictionary, the model is changed in place where nobody else holds it.
        defer { models[measurement.metric] = model }
        try model.record(measurement, catalog: catalog)
        cache = QoSCache()
        recorded += 1
        let chain =
            "\(fingerprint) \(measurement.time) \(measurement.region) \(measurement.offer) "
            + "\(measurement.metric.rawValue) \(measurement.value)"
        let digest = SHA256.hash(data: Data(chain.utf8)).prefix(8)
        fingerprint =
            "\(name)+\(recorded) " + digest.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }

    /// The median of the distribution behind `probability`; nil where the catalogue tells it. O(factors · path).
    public func median(_ metric: MeasurementMetric, from region: String, at offer: Offer) -> Double? {
        models[metric].flatMap { known(metric, $0, region, offer)?.median }
    }

    /// The model's prediction where it knows both ends; nil elsewhere.
    private func known(
        _ metric: MeasurementMetric, _ model: MetricModel, _ region: String, _ offer: Offer
    ) -> QoSDistribution? {
        cache.value(metric, from: region, at: offer) {
            model.knows(region, offer, in: catalog) ? model.predict(from: region, at: offer, in: catalog) : nil
        }
    }

    /// The model's where region and offer were measured, or their round trip is known to a model with a trend; else the
    /// catalogue's; else the model's for the narrowest group that it knows. O(factors · path + log atoms).
    public func probability(
        _ metric: MeasurementMetric, meets bound: Double, from region: String, at offer: Offer
    ) -> Double? {
        // An archive answers after hours, whatever its network was measured to do.
        if metric == .latencyMs, offer.access != .online { return nil }
        guard let model = models[metric] else {
            return unmeasured.probability(metric, meets: bound, from: region, at: offer)
        }
        if let known = known(metric, model, region, offer) { return known.probability(that: metric, meets: bound) }
        if let told = unmeasured.probability(metric, meets: bound, from: region, at: offer) { return told }
        return model.predict(from: region, at: offer, in: catalog).probability(that: metric, meets: bound)
    }
}
