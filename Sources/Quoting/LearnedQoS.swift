import Marketplace
import Recommendation

/// Performance that models learned from measurements, one for each metric, and the catalogue for what was not measured.
///
/// A value: taking a measurement in makes a new state and disturbs no ranking that is under way.
public struct LearnedQoS: QoSPredictor {
    /// The version of the models, and how many measurements were taken in since.
    public private(set) var fingerprint: String
    private var models: [MeasurementMetric: QoSModel]
    private let version: String
    private var recorded = 0
    private let catalog: Catalog
    private let unmeasured: CatalogQoS

    /// Predictions of `models`, trained with the paths of `catalog` (`qosRegionPaths`, `qosOfferPaths`).
    public init(
        version: String, models: [MeasurementMetric: QoSModel], catalog: Catalog, spread: CatalogQoS.Spread = .init()
    ) {
        self.version = version
        fingerprint = version
        self.models = models
        self.catalog = catalog
        unmeasured = CatalogQoS(catalog, spread: spread)
    }

    /// Models of every metric that `measurements` has values of.
    /// - Throws: what training throws.
    public static func train(
        _ measurements: [Measurement], catalog: Catalog, version: String,
        hyperparameters: QoSHyperparameters = .init(), spread: CatalogQoS.Spread = .init()
    ) throws(RecommendationError) -> LearnedQoS {
        var models: [MeasurementMetric: QoSModel] = [:]
        for metric in MeasurementMetric.allCases where measurements.contains(where: { $0.metric == metric }) {
            models[metric] = try QoSModel.train(
                QoSMeasurements(
                    metric, of: measurements, regionPaths: catalog.qosRegionPaths, offerPaths: catalog.qosOfferPaths),
                hyperparameters)
        }
        return LearnedQoS(version: version, models: models, catalog: catalog, spread: spread)
    }

    /// Takes one measurement in: rankings from then on know it. A metric without a model stays the catalogue's.
    /// - Throws: `invalidMeasurements`, `numerical`; then nothing has changed.
    public mutating func record(_ measurement: Measurement) throws(RecommendationError) {
        guard var model = models.removeValue(forKey: measurement.metric) else { return }
        // Taken out of the dictionary, the model is changed in place where nobody else holds it.
        defer { models[measurement.metric] = model }
        try model.record(
            user: measurement.region, offer: measurement.offer, value: measurement.value,
            userPath: catalog.readerRegions[measurement.region].map { $0.qosPath(in: catalog) } ?? [],
            offerPath: catalog.offer(measurement.offer).map { $0.qosPath(in: catalog) } ?? [])
        recorded += 1
        fingerprint = "\(version)+\(recorded)"
    }

    /// The model's where region and offer were measured; else the catalogue's; else the model's for the narrowest group
    /// that it knows. O(factors · path + log atoms).
    public func probability(
        _ metric: MeasurementMetric, meets bound: Double, from region: String, at offer: Offer
    ) -> Double? {
        // An archive answers after hours, whatever its network was measured to do.
        if metric == .latencyMs, offer.access != .online { return nil }
        guard let model = models[metric] else {
            return unmeasured.probability(metric, meets: bound, from: region, at: offer)
        }
        let isMeasured = model.users.index(region) != nil && model.offers.index(offer.id) != nil
        if !isMeasured, let told = unmeasured.probability(metric, meets: bound, from: region, at: offer) { return told }
        return model.predict(
            user: region, offer: offer.id,
            userPath: catalog.readerRegions[region].map { $0.qosPath(in: catalog) } ?? [],
            offerPath: offer.qosPath(in: catalog)
        ).probability(that: metric, meets: bound)
    }
}

extension Catalog {
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
