import Foundation

/// The latency and uptime that a bucket promises; a period that misses either forfeits its whole payment.
public struct QoSPromise: Sendable, Hashable {
    /// The highest average latency of a period, in milliseconds.
    public var latencyMilliseconds: Double
    /// The lowest uptime of a period, in percent.
    public var uptimePercent: Double

    /// A promise.
    public init(latencyMilliseconds: Double, uptimePercent: Double) {
        self.latencyMilliseconds = latencyMilliseconds
        self.uptimePercent = uptimePercent
    }
}

/// What was measured of an offer, a settlement period each.
public struct MeasuredQoS: Sendable, Hashable {
    /// One settlement period.
    public struct Period: Sendable, Hashable {
        /// Average latency, in milliseconds.
        public var latencyMilliseconds: Double
        /// Uptime, in percent.
        public var uptimePercent: Double

        /// A period's figures.
        public init(latencyMilliseconds: Double, uptimePercent: Double) {
            self.latencyMilliseconds = latencyMilliseconds
            self.uptimePercent = uptimePercent
        }
    }

    /// The periods, in any order.
    public var periods: [Period]

    /// Measured periods.
    public init(_ periods: [Period]) { self.periods = periods }

    /// The probability that a period to come breaks `promise`: the posterior mean (k + ½)/(n + 1) after k breaches in n
    /// periods, with Jeffreys' prior; ½ when nothing was measured. Latency and uptime are counted together, for one
    /// breach forfeits all. O(periods).
    public func breachProbability(of promise: QoSPromise) -> Double {
        let breaches = periods.count {
            !($0.latencyMilliseconds <= promise.latencyMilliseconds && $0.uptimePercent >= promise.uptimePercent)
        }
        return (Double(breaches) + 0.5) / (Double(periods.count) + 1)
    }
}

/// A promise that the provider could make, and what it would bring.
public struct PromiseOption: Sendable, Hashable {
    /// The promise; nil for the one that stands, when nothing is known of it.
    public var promise: QoSPromise?
    /// Demand under it: requests replayed with the offer's promise changed, so that eligibility and acceptance follow.
    public var demand: PricedDemand
    /// The probability that a period breaks it and forfeits its whole payment.
    public var breachProbability: Double

    /// An option.
    public init(promise: QoSPromise? = nil, demand: PricedDemand, breachProbability: Double = 0) {
        self.promise = promise
        self.demand = demand
        self.breachProbability = breachProbability
    }
}
