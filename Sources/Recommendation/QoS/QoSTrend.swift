import Foundation
import Marketplace

/// What the distance alone lets one expect of a metric: `log x = a + b log(rtt + s)`.
///
/// Round trips between regions and places are known from the catalogue, for every pair, measured or not. Factors then
/// tell how a region and an offer depart from it, which takes far fewer measurements than to tell everything.
public struct QoSTrend: Sendable, Equatable, Codable {
    /// s, the time that services take beside the round trip, in milliseconds.
    public let serviceTime: Double
    /// b: about 1 for latency, below 0 for throughput.
    public let slope: Double
    /// a.
    public let intercept: Double
    /// The mean of log(rtt + s): what a pair without a known round trip is taken for.
    public let middle: Double

    /// Fits the trend of positive values whose round trips, in milliseconds, are known, by least squares; s by trying.
    ///
    /// The slope is drawn to `usual` a little, so that it has a value where all round trips are alike.
    /// Nil without any such value. O(n).
    public init?(_ values: [(roundTrip: Double, value: Double)], usual: Double) {
        let known = values.filter { $0.roundTrip >= 0 && $0.roundTrip.isFinite && $0.value > 0 && $0.value.isFinite }
        guard !known.isEmpty else { return nil }
        let count = Double(known.count)
        let y = known.map { log($0.value) }
        let meanY = y.reduce(0, +) / count
        var best: (error: Double, serviceTime: Double, slope: Double, middle: Double)?
        for serviceTime in [1, 2, 4, 6, 8, 10, 12, 15, 20, 25, 30, 40, 60, 80, 120, 160, 240] as [Double] {
            let x = known.map { log($0.roundTrip + serviceTime) }
            let middle = x.reduce(0, +) / count
            var (xx, xy) = (0.01, 0.01 * usual)
            for (x, y) in zip(x, y) {
                xx += (x - middle) * (x - middle)
                xy += (x - middle) * (y - meanY)
            }
            let slope = xy / xx
            let error =
                zip(x, y).reduce(0.0) {
                    let residual = $1.1 - meanY - slope * ($1.0 - middle)
                    return $0 + residual * residual
                } + 0.01 * (slope - usual) * (slope - usual)
            if error < best?.error ?? .infinity { best = (error, serviceTime, slope, middle) }
        }
        guard let best else { return nil }
        (serviceTime, slope, middle) = (best.serviceTime, best.slope, best.middle)
        intercept = meanY - best.slope * best.middle
    }

    /// What is expected at a round trip in milliseconds, or where none is known; within 10⁻²⁰…10²⁰.
    public func expected(roundTrip: Double?) -> Double {
        let x = roundTrip.map { log(max(0, $0) + serviceTime) } ?? middle
        return exp(min(max(intercept + slope * x, -46), 46))
    }

    /// Whether the numbers can be used.
    var isSound: Bool {
        serviceTime > 0 && [serviceTime, slope, intercept, middle].allSatisfy(\.isFinite)
    }
}

extension QoSDistribution {
    /// The distribution of `factor` times the value; of shares, which have no unit, itself.
    func scaled(by factor: Double) -> QoSDistribution {
        guard valueScale == .positive, factor > 0, factor.isFinite else { return self }
        return QoSDistribution(
            valueScale: valueScale, scale: scale * factor, offset: offset * factor,
            support: support.lowerBound * factor...support.upperBound * factor, ratios: ratios)
    }
}
