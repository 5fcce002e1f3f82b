import Foundation
import Marketplace

/// The predictive distribution of one QoS value, in the metric's unit.
///
/// Equally likely atoms `scale · ratio − offset` of the skewed value, cut to the range that training saw; the ratios are
/// those of measured to predicted values among similar pairs that were predicted without their measurement. Between
/// atoms quantiles are interpolated (Hazen). One number cannot be the best guess under every loss (Gneiting 2011), so
/// each loss has its own functional here.
public struct QoSDistribution: Sendable {
    let valueScale: QoSScale
    /// e^location.
    let scale: Double
    let offset: Double
    let support: ClosedRange<Double>
    /// Ascending, at least one.
    let ratios: [Float]

    init(valueScale: QoSScale, scale: Double, offset: Double, support: ClosedRange<Double>, ratios: [Float]) {
        self.valueScale = valueScale
        self.scale = scale
        self.offset = offset
        self.support = support
        self.ratios = ratios
    }

    /// The distribution whose atoms are `values`, in single precision.
    /// - Throws: `invalidMeasurements` without values, or for one that the scale does not admit. O(n log n).
    public init(values: [Double], scale: QoSScale = .positive) throws(RecommendationError) {
        for value in values { try QoSMeasurements.check(value, scale, user: "a distribution", offer: "a distribution") }
        let skewed = values.map { scale.skewed($0) }.sorted()
        guard let least = skewed.first, let most = skewed.last else {
            throw .invalidMeasurements(reason: "there are none to make a distribution of")
        }
        self.init(valueScale: scale, scale: 1, offset: 0, support: least...most, ratios: skewed.map { Float($0) })
    }

    /// Atom i of the skewed value, ascending.
    @inline(__always)
    private func atom(_ i: Int) -> Double {
        min(max(scale * Double(ratios[i]) - offset, support.lowerBound), support.upperBound)
    }

    private func skewedQuantile(_ p: Double) -> Double {
        let position = min(max(p * Double(ratios.count) - 0.5, 0), Double(ratios.count - 1))
        let low = Int(position)
        let high = min(low + 1, ratios.count - 1)
        return atom(low) + (position - Double(low)) * (atom(high) - atom(low))
    }

    /// The value that is not exceeded with probability `p`, which counts as 0 below 0 and as 1 above 1. O(1).
    public func quantile(_ p: Double) -> Double {
        let p = p.isNaN ? 0.5 : min(max(p, 0), 1)
        return valueScale.skewed(skewedQuantile(valueScale == .share ? 1 - p : p))
    }

    /// The median: the best guess under absolute error.
    public var median: Double { quantile(0.5) }

    /// The mean: the best guess under squared error. O(atoms).
    public var mean: Double {
        valueScale.skewed(ratios.indices.reduce(0.0) { $0 + atom($1) } / Double(ratios.count))
    }

    /// The best guess under mean relative error |x̂ − x| / x: the median after weighting by 1 / x (Gneiting 2011,
    /// theorem 5 with β = −1). O(atoms).
    public var relativeErrorMinimizer: Double {
        let values = ratios.indices.map { valueScale.skewed(atom($0)) }.sorted()
        let total = values.reduce(0.0) { $0 + 1 / max($1, .leastNormalMagnitude) }
        guard total.isFinite else { return values[0] }
        var sum = 0.0
        for value in values {
            sum += 1 / max(value, .leastNormalMagnitude)
            if sum >= total / 2 { return value }
        }
        return values[values.count - 1]
    }

    /// The guess whose relative error |x̂ − x| / x stays below the smallest bound with probability `share`: 0.5 for the
    /// median of relative errors, 0.9 for their 90th percentile.
    ///
    /// Of all stretches between atoms that hold the share it takes the narrowest on a logarithmic scale, and there the
    /// point with equal relative errors at both ends, their harmonic mean. O(atoms log atoms).
    public func closest(_ share: Double) -> Double {
        let values = ratios.indices.map { valueScale.skewed(atom($0)) }.sorted()
        let share = share.isNaN ? 0.5 : min(max(share, 0), 1)
        let step = min(Int(share * Double(values.count)), values.count - 1)
        var best = (ratio: Double.infinity, low: values[0], high: values[0])
        for i in 0..<values.count - step {
            let (low, high) = (values[i], values[i + step])
            guard low > 0 else { continue }
            if high / low < best.ratio { best = (high / low, low, high) }
        }
        return best.low + best.high > 0 ? 2 * best.low * best.high / (best.low + best.high) : median
    }

    /// The central interval that holds the value with probability `coverage`.
    public func interval(_ coverage: Double) -> ClosedRange<Double> {
        let tail = (1 - min(max(coverage.isNaN ? 0 : coverage, 0), 1)) / 2
        let (low, high) = (quantile(tail), quantile(1 - tail))
        return min(low, high)...max(low, high)
    }

    /// The probability of a value of at most `bound`; 0 for NaN. O(log atoms).
    public func probability(atMost bound: Double) -> Double {
        guard !bound.isNaN else { return 0 }
        return valueScale == .share
            ? 1 - skewedProbability(1 - bound, includingEqual: false) : skewedProbability(bound, includingEqual: true)
    }

    /// The probability of a value of at least `bound`; 0 for NaN. O(log atoms).
    public func probability(atLeast bound: Double) -> Double {
        guard !bound.isNaN else { return 0 }
        return valueScale == .share
            ? skewedProbability(1 - bound, includingEqual: true) : 1 - skewedProbability(bound, includingEqual: false)
    }

    /// The probability that `metric` is as good as `bound`: latency at most, throughput and availability at least.
    public func probability(that metric: MeasurementMetric, meets bound: Double) -> Double {
        metric == .latencyMs ? probability(atMost: bound) : probability(atLeast: bound)
    }

    /// The inverse of the quantile: the share of atoms below (or at) `bound`, interpolated between them.
    private func skewedProbability(_ bound: Double, includingEqual: Bool) -> Double {
        var (low, high) = (0, ratios.count)
        while low < high {
            let middle = (low + high) / 2
            if includingEqual ? atom(middle) <= bound : atom(middle) < bound { low = middle + 1 } else { high = middle }
        }
        let count = Double(ratios.count)
        guard low > 0 else { return 0 }
        guard low < ratios.count else { return 1 }
        let (left, right) = (atom(low - 1), atom(low))
        let part = right > left ? min(1, (bound - left) / (right - left)) : 1
        return (Double(low) - 0.5 + part) / count
    }
}
