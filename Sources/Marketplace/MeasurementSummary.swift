/// What was measured of one metric, in the metric's unit.
public struct MeasurementSummary: Sendable, Hashable {
    /// How many measurements.
    public let count: Int
    /// Their mean.
    public let mean: Double
    /// A tenth of them are at most this.
    public let tenth: Double
    /// Half of them are at most this.
    public let median: Double
    /// Nine tenths of them are at most this.
    public let ninetieth: Double
    /// The time of the newest, seconds since 1970.
    public let newest: Int

    /// The summary of values; nil of none. O(n log n).
    ///
    /// Quantiles are order statistics: the smallest value that at least the share of all does not exceed.
    public init?(_ values: [Double], newest: Int) {
        let sorted = values.sorted()
        guard !sorted.isEmpty else { return nil }
        func quantile(_ share: Double) -> Double {
            sorted[min(sorted.count - 1, max(0, Int((share * Double(sorted.count)).rounded(.up)) - 1))]
        }
        count = sorted.count
        mean = sorted.reduce(0, +) / Double(sorted.count)
        (tenth, median, ninetieth) = (quantile(0.1), quantile(0.5), quantile(0.9))
        self.newest = newest
    }
}

/// What was measured of every offer in a period, from all regions together.
public struct MeasuredPerformance: Sendable {
    /// The period, seconds since 1970.
    public let period: Range<Int>
    private let summaries: [String: [MeasurementMetric: MeasurementSummary]]

    /// Gathers the measurements that `each` gives; those outside `period` do not count. O(n log n).
    public init<Failure: Error>(
        in period: Range<Int>, _ each: ((Measurement) -> Void) throws(Failure) -> Void
    ) throws(Failure) {
        var values: [String: [MeasurementMetric: (values: [Double], newest: Int)]] = [:]
        try each { one in
            guard period.contains(one.time), one.value.isFinite else { return }
            values[one.offer, default: [:]][one.metric, default: ([], one.time)].values.append(one.value)
            let newest = values[one.offer]?[one.metric]?.newest ?? one.time
            values[one.offer]?[one.metric]?.newest = max(newest, one.time)
        }
        self.period = period
        summaries = values.mapValues { $0.compactMapValues { MeasurementSummary($0.values, newest: $0.newest) } }
    }

    /// What was measured of an offer, by metric. O(1).
    public func of(_ offer: String) -> [MeasurementMetric: MeasurementSummary] { summaries[offer] ?? [:] }
}
