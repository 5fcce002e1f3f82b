import Marketplace
import Recommendation
import Synchronization

/// Predictions that were made of one state of the models, so that a question costs a look-up instead of factors and paths.
///
/// A state that changes takes a new cache: what was predicted of the old one says nothing of it. At most a distribution for
/// each metric, region and offer that anybody asked about.
final class QoSCache: Sendable {
    private struct Place: Hashable {
        let metric: MeasurementMetric
        let region: String
    }

    /// Nil where the models do not know both ends.
    private let known = Mutex<[Place: [String: QoSDistribution?]]>([:])

    /// What was predicted before, or `prediction`, which is nil where the models do not know region and offer.
    func value(
        _ metric: MeasurementMetric, from region: String, at offer: Offer, _ prediction: () -> QoSDistribution?
    ) -> QoSDistribution? {
        let place = Place(metric: metric, region: region)
        if let value = known.withLock({ $0[place]?[offer.id] }) { return value }
        let value = prediction()
        known.withLock { $0[place, default: [:]][offer.id] = .some(value) }
        return value
    }
}
