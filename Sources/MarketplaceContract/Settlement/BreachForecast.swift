import Foundation
import Marketplace

/// How probable it is that the average over a coming settlement period breaks a promise, judged by past days.
///
/// The contract knows averages only. Latency: the mean of the coming days is predicted by Student's t with the days' own
/// mean and spread (Geisser 1993, *Predictive Inference*, §2.2), its variance widened for days that resemble the day before
/// by (1 + ρ) / (1 − ρ). Uptime: days with an outage come at a rate of which Jeffreys' prior and the days seen tell (a
/// gamma; their number in the coming days is then negative binomial), and each loses what one of the outages seen lost.
public struct BreachForecast: Sendable, Hashable {
    /// P(average latency > the bound); nil when fewer than three days were measured, or nothing is promised.
    public let latency: Double?
    /// P(average uptime < the bound); nil when no day was measured.
    public let uptime: Double?
    /// How many days the forecast rests on, the fewer of the two.
    public let days: Int

    /// P(either is broken), as if they failed apart; nil when neither is known.
    public var either: Double? {
        guard latency != nil || uptime != nil else { return nil }
        return 1 - (1 - (latency ?? 0)) * (1 - (uptime ?? 0))
    }

    /// A forecast from measurements of one offer.
    ///
    /// - Parameters:
    ///   - measurements: of any time and region; days are told apart by their times. Values that are not finite are passed
    ///     over.
    ///   - latencyMs: the largest average allowed.
    ///   - uptime: the least average allowed, 0…1.
    ///   - periodDays: days of the coming period, at least 1.
    ///
    /// O(measurements · log days + days²). Deterministic.
    public init(_ measurements: [Marketplace.Measurement], latencyMs: Double?, uptime: Double, periodDays: Int) {
        let latencies = Self.dailyMeans(measurements, .latencyMs)
        let uptimes = Self.dailyMeans(measurements, .availability)
        latency = latencyMs.flatMap { Self.latencyBreach(latencies, bound: $0, days: max(1, periodDays)) }
        self.uptime = Self.uptimeBreach(uptimes, bound: uptime, days: max(1, periodDays))
        days = min(latencies.count, uptimes.count)
    }

    /// The mean of each day that has values, in order of time.
    static func dailyMeans(_ measurements: [Marketplace.Measurement], _ metric: MeasurementMetric) -> [Double] {
        var days: [Int: (sum: Double, count: Double)] = [:]
        for measurement in measurements where measurement.metric == metric && measurement.value.isFinite {
            let day = UTCTime.day(measurement.time).ordinal
            let known = days[day] ?? (0, 0)
            days[day] = (known.sum + measurement.value, known.count + 1)
        }
        return days.sorted { $0.key < $1.key }.map { $0.value.sum / $0.value.count }
    }

    /// P(mean of the next `days` values > `bound`) after `values`; nil for fewer than three values.
    public static func latencyBreach(_ values: [Double], bound: Double, days: Int) -> Double? {
        let n = Double(values.count)
        guard values.count >= 3, days > 0 else { return nil }
        let mean = values.reduce(0, +) / n
        let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        guard squares.isFinite else { return nil }
        guard squares > 0 else { return mean > bound ? 1 : 0 }
        let lagged = zip(values, values.dropFirst()).reduce(0) { $0 + ($1.0 - mean) * ($1.1 - mean) }
        // The sample's own ρ is too small by about (1 + 4ρ) / n (Marriott and Pope 1954).
        let rho = min(0.9, max(0, (lagged / squares + 1 / n) / max(0.25, 1 - 4 / n)))
        let memory = (1 + rho) / (1 - rho)
        // As many independent values as carry the same information.
        let effective = max(2, n / memory)
        let variance = squares / (n - 1) * memory * (1 / n + 1 / Double(days))
        return studentTail((bound - mean) / variance.squareRoot(), degrees: effective - 1)
    }

    /// P(mean of the next `days` values < `bound`) after the daily uptimes `values`, 0…1; nil for none.
    public static func uptimeBreach(_ values: [Double], bound: Double, days: Int) -> Double? {
        guard !values.isEmpty, days > 0 else { return nil }
        let allowed = (1 - bound) * Double(days)
        guard allowed >= 0 else { return 1 }
        // Less than a second of a day is no outage.
        let losses = values.map { 1 - min(1, max(0, $0)) }.filter { $0 > 1e-5 }.sorted()
        let rate = (shape: Double(losses.count) + 0.5, scale: Double(values.count))
        // P(n outages): negative binomial with shape a and success k / (k + D).
        let success = rate.scale / (rate.scale + Double(days))
        var probability = pow(success, rate.shape)
        var kept = probability
        // Losses of n outages, as a distribution over cells of the allowance; what exceeds it is breached and dropped. A
        // loss is rounded to a cell, so n of them are off by n/800 of the allowance at most.
        let cells = 400
        var distribution = [Double](repeating: 0, count: cells + 1)
        distribution[0] = 1
        var steps: [Int: Double] = [:]
        for loss in losses where allowed > 0 && loss <= allowed {
            steps[Int((loss / allowed * Double(cells)).rounded()), default: 0] += 1 / Double(losses.count)
        }
        let sizes = steps.sorted { $0.key < $1.key }
        var n = 0.0
        // Without an outage seen there is no size to go by: the first one is taken to break the promise.
        while !losses.isEmpty, n < 4 * Double(days) + 50 {
            var next = [Double](repeating: 0, count: cells + 1)
            for (cell, mass) in distribution.enumerated() where mass > 0 {
                for (step, share) in sizes where cell + step <= cells { next[cell + step] += mass * share }
            }
            distribution = next
            n += 1
            probability *= (rate.shape + n - 1) / n * (1 - success)
            let within = distribution.reduce(0, +)
            kept += probability * within
            if within < 1e-12 { break }
        }
        return min(1, max(0, 1 - kept))
    }

    /// P(T > t) of Student's distribution: half the regularized incomplete beta function of ν / (ν + t²).
    static func studentTail(_ t: Double, degrees: Double) -> Double {
        guard !t.isNaN, degrees > 0 else { return 0.5 }
        guard t.isFinite else { return t > 0 ? 0 : 1 }
        let half = 0.5 * incompleteBeta(degrees / (degrees + t * t), degrees / 2, 0.5)
        return t >= 0 ? half : 1 - half
    }

    /// Iₓ(a, b) by Lentz's continued fraction (Press et al., *Numerical Recipes*, §6.4).
    private static func incompleteBeta(_ x: Double, _ a: Double, _ b: Double) -> Double {
        guard x > 0 else { return 0 }
        guard x < 1 else { return 1 }
        if x > (a + 1) / (a + b + 2) { return 1 - incompleteBeta(1 - x, b, a) }
        func positive(_ value: Double) -> Double { value.magnitude < 1e-300 ? 1e-300 : value }
        var c = 1.0
        var d = 1 / positive(1 - (a + b) * x / (a + 1))
        var fraction = d
        for step in 1...300 {
            let m = Double(step)
            for numerator in [
                m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
                -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
            ] {
                d = 1 / positive(1 + numerator * d)
                c = positive(1 + numerator / c)
                fraction *= d * c
            }
            if (d * c - 1).magnitude < 1e-15 { break }
        }
        let logFactor = a * log(x) + b * log1p(-x) + lgamma(a + b) - lgamma(a) - lgamma(b)
        return min(1, exp(logFactor) * fraction / a)
    }
}
