import Foundation
import Marketplace

/// What predicts how well an offer performs, seen from a region, as a probability.
public protocol QoSPredictor: Sendable {
    /// Everything that the predictions are made from, for the hash of a quote's inputs.
    var fingerprint: String { get }
    /// The probability that readers in `region` see `offer` meet `bound`: a latency of at most so many milliseconds, a
    /// throughput of at least so many MB/s, an availability of at least this share. Nil when nothing is known.
    func probability(
        _ metric: MeasurementMetric, meets bound: Double, from region: String, at offer: Offer
    ) -> Double?
    /// What is as likely exceeded as not, in the metric's unit; nil where the catalogue's figure is the best there is.
    func median(_ metric: MeasurementMetric, from region: String, at offer: Offer) -> Double?
    /// What the predictions rest on, in a few words for people; nil for the catalogue.
    var basis: String? { get }
    /// The version of the models, pinned in every quote; nil for the catalogue.
    var version: String? { get }
}

extension QoSPredictor {
    /// The catalogue's figure.
    public func median(_ metric: MeasurementMetric, from region: String, at offer: Offer) -> Double? { nil }
    /// The catalogue.
    public var basis: String? { nil }
    /// None.
    public var version: String? { nil }
}

/// What the catalogue alone says of performance: its latencies and promises, with a spread around them.
///
/// Latency is lognormal with the catalogue's figure as its median; unavailability (1 − availability) is lognormal with
/// the promised one, or the operator's assumption, as its median. Of throughput the catalogue says nothing.
public struct CatalogQoS: QoSPredictor {
    /// Standard deviations of natural logarithms.
    public struct Spread: Sendable, Hashable {
        /// Of a latency around a measured figure.
        public var measured = 0.25
        /// Of a latency around an estimated figure.
        public var estimated = 0.5
        /// Of the unavailability around the promised one.
        public var availability = 1.0

        /// The defaults.
        public init() {}
    }

    private let catalog: Catalog
    private let spread: Spread

    /// Predictions from `catalog`.
    public init(_ catalog: Catalog, spread: Spread = Spread()) {
        self.catalog = catalog
        self.spread = spread
    }

    /// The catalogue's version, which is among the inputs of a quote as it is.
    public var fingerprint: String { "catalogue" }

    /// From the catalogue's figures. O(1).
    public func probability(
        _ metric: MeasurementMetric, meets bound: Double, from region: String, at offer: Offer
    ) -> Double? {
        switch metric {
        case .latencyMs:
            guard offer.access == .online, let latency = catalog.latency(from: region, to: offer.metro) else {
                return nil
            }
            return Self.probability(
                bound, median: latency.milliseconds, deviation: latency.measured ? spread.measured : spread.estimated)
        case .availability:
            let promised = offer.availability ?? catalog.providers[offer.provider]?.assumedAvailability
            guard let promised else { return nil }
            return Self.probability(1 - bound, median: 1 - promised.doubleValue, deviation: spread.availability)
        case .throughputMBps:
            return nil
        }
    }

    /// P(X ≤ bound) of a lognormal X.
    private static func probability(_ bound: Double, median: Double, deviation: Double) -> Double {
        guard median > 0 else { return bound >= 0 ? 1 : 0 }
        guard bound > 0 else { return 0 }
        guard deviation > 0 else { return median <= bound ? 1 : 0 }
        return 0.5 * erfc(-log(bound / median) / deviation / 2.0.squareRoot())
    }
}
