import Foundation
import Marketplace

/// The bounds that offers are judged by for a request, and how probable it is that an offer meets each.
struct QoSUtility {
    /// One bound, as an offer must meet it.
    struct Bound {
        let factor: ScoreFactor.Name
        let metric: MeasurementMetric
        let value: Double
        let weight: Double
        /// Whether the request asks for it; the operator's reference otherwise.
        let isAsked: Bool
    }

    let bounds: [Bound]
    private let regions: [(region: String, weight: Double)]
    private let predictor: any QoSPredictor

    init(_ request: SLARequest, _ configuration: RankingConfiguration, _ predictor: any QoSPredictor) {
        self.predictor = predictor
        let counted = request.traffic.contains { $0.reads > 0 }
        let weights = request.traffic.map { Double(counted ? $0.reads : $0.egressBytes) }
        let total = weights.reduce(0, +)
        regions = zip(request.traffic, weights).filter { $0.1 > 0 }.map { ($0.region, $1 / total) }
        var bounds: [Bound] = []
        if !regions.isEmpty {
            let asked = request.qos.latencyMs?.doubleValue
            bounds.append(
                Bound(
                    factor: .latency, metric: .latencyMs, value: asked ?? configuration.referenceLatencyMs,
                    weight: configuration.latencyWeight, isAsked: asked != nil))
            if let asked = request.qos.downloadMBps?.doubleValue {
                bounds.append(
                    Bound(
                        factor: .throughput, metric: .throughputMBps, value: asked,
                        weight: configuration.throughputWeight, isAsked: true))
            }
        }
        // Of f + 1 independent copies the data is lost sight of when all are away: each may be away (1 − A)^(1/(f+1)).
        let asked = request.qos.availability?.doubleValue
        let copies = Double(max(0, request.toleratedProviders) + 1)
        bounds.append(
            Bound(
                factor: .availability, metric: .availability,
                value: asked.map { 1 - pow(max(0, 1 - $0), 1 / copies) } ?? configuration.referenceAvailability,
                weight: configuration.availabilityWeight, isAsked: asked != nil))
        self.bounds = bounds.filter { $0.weight > 0 }
    }

    /// The probability that an offer meets each bound, averaged over the readers; nil where nothing is known.
    func probabilities(_ offer: Offer) -> [Double?] {
        bounds.map { bound in
            // Without readers availability is the same from everywhere.
            let regions = regions.isEmpty ? [(region: "", weight: 1.0)] : regions
            var (sum, isKnown) = (0.0, false)
            for (region, weight) in regions {
                guard
                    let probability = predictor.probability(bound.metric, meets: bound.value, from: region, at: offer),
                    !probability.isNaN
                else { continue }
                sum += weight * min(1, max(0, probability))
                isKnown = true
            }
            return isKnown ? sum : nil
        }
    }
}
