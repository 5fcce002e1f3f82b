import Marketplace
import MarketplaceContract
import Money

/// How probable it is that a settlement period breaks what the contract enforces of a leg.
public struct BreachProbability: Sendable, Hashable {
    /// What a probability rests on.
    public enum Basis: String, Sendable, Hashable {
        /// The averages of past days of this offer.
        case measurements
        /// The prediction of a value for this offer and its readers, taken for the period's average: what differs between
        /// offers is in it, and so is what differs between values, which an average evens out. So it is too near one half.
        case prediction
        /// Nothing is known.
        case unknown
    }

    /// P(average latency above the bound); nil when nothing is promised or known.
    public let latency: Double?
    /// What it rests on.
    public let latencyBasis: Basis
    /// P(average uptime below the bound); nil when nothing is known.
    public let uptime: Double?
    /// What it rests on.
    public let uptimeBasis: Basis

    /// P(either is broken), as if they failed apart; nil when neither is known.
    public var either: Double? {
        guard latency != nil || uptime != nil else { return nil }
        return 1 - (1 - (latency ?? 0)) * (1 - (uptime ?? 0))
    }

    /// From the offer's measurements where there are enough, else from the predictor, weighted over the readers.
    ///
    /// - Parameter regions: each reader region with its weight.
    init(
        _ offer: Offer, regions: [(region: String, weight: Double)], latencyMs: Int?, uptime bound: ExactDecimal,
        _ context: Terms.Context
    ) {
        let forecast = BreachForecast(
            context.measurements[offer.id] ?? [], latencyMs: latencyMs.map(Double.init), uptime: bound.doubleValue,
            periodDays: context.configuration.settlementDays)
        func predicted(_ metric: MeasurementMetric, _ bound: Double) -> Double? {
            let weighted = regions.filter { $0.weight > 0 }
            // Without readers availability is the same from everywhere.
            let readers = weighted.isEmpty ? [(region: regions.first?.region ?? "", weight: 1.0)] : weighted
            var (sum, weight) = (0.0, 0.0)
            for reader in readers {
                guard
                    let met = context.qos.probability(metric, meets: bound, from: reader.region, at: offer), !met.isNaN
                else { continue }
                sum += reader.weight * (1 - min(1, max(0, met)))
                weight += reader.weight
            }
            return weight > 0 ? sum / weight : nil
        }
        let late = forecast.latency ?? latencyMs.flatMap { predicted(.latencyMs, Double($0)) }
        let away = forecast.uptime ?? predicted(.availability, bound.doubleValue)
        latency = late
        latencyBasis = forecast.latency != nil ? .measurements : late != nil ? .prediction : .unknown
        uptime = away
        uptimeBasis = forecast.uptime != nil ? .measurements : away != nil ? .prediction : .unknown
    }
}
