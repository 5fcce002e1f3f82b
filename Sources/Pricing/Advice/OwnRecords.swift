import Marketplace
import Money

/// What a provider itself brings to its advice, all of it about its own offers.
///
/// Beside the public listing, the requests and a ``QuoteHistory``, of which ``AcceptanceEvidence`` lets only the provider's
/// own quotes and a cohort's two parameters through, this is all that advice is made from: there is no place for a
/// rival's costs, win rate, draft or residual capacity.
public struct OwnRecords: Sendable {
    /// Where costs come from.
    public struct Costs: Sendable, Hashable {
        /// In USD, the platform's fee among them.
        public let costs: ProviderCosts
        /// The file.
        public let source: String
        /// Whether somebody assumed them.
        public let isAssumption: Bool

        /// Costs of a source.
        public init(_ costs: ProviderCosts, source: String, isAssumption: Bool) {
            self.costs = costs
            self.source = source
            self.isAssumption = isAssumption
        }
    }

    /// The provider.
    public let provider: String
    /// Its costs; nil when it tells none.
    public let costs: Costs?
    /// Gigabytes (10⁹ bytes) it can still sell of the offer; nil for what the listing says.
    public let capacityGB: Double?
    /// What was measured of its offers.
    public let measurements: [Measurement]
    /// The bucket that the advice is to be carried into; nil when none is named.
    public let bucket: PlatformBucket?
    /// An earlier advice on the same offer; nil when there is none.
    public let previous: PreviousAdvice?

    /// Records of `provider`; measurements of others' offers are dropped.
    public init(
        provider: String, costs: Costs? = nil, capacityGB: Double? = nil, measurements: [Measurement] = [],
        bucket: PlatformBucket? = nil, previous: PreviousAdvice? = nil
    ) {
        self.provider = provider
        self.costs = costs
        self.capacityGB = capacityGB
        self.measurements = measurements.filter { $0.offer.hasPrefix(provider + "/") }
        self.bucket = bucket
        self.previous = previous
    }

    /// Measured QoS of `offer` by settlement period of `days` days: mean latency and availability; periods without one of
    /// both are left out. O(measurements).
    func measured(_ offer: String, days: Int = 30) -> MeasuredQoS {
        var sums: [Int: [MeasurementMetric: (sum: Double, count: Double)]] = [:]
        for measurement in measurements where measurement.offer == offer && measurement.value.isFinite {
            let period = UTCTime.day(measurement.time).ordinal / max(1, days)
            let known = sums[period]?[measurement.metric] ?? (0, 0)
            sums[period, default: [:]][measurement.metric] = (known.sum + measurement.value, known.count + 1)
        }
        return MeasuredQoS(
            sums.sorted { $0.key < $1.key }.compactMap { _, metrics in
                guard let latency = metrics[.latencyMs], let uptime = metrics[.availability] else { return nil }
                return MeasuredQoS.Period(
                    latencyMilliseconds: latency.sum / latency.count, uptimePercent: 100 * uptime.sum / uptime.count)
            })
    }
}

extension OwnRecords {
    /// What another offer of the provider earns over a request's term, in USD: what it bills, less the platform's fee and
    /// what storing the data costs; 0 where costs are not known.
    func earnings(platformFee: Double) -> (RequestReplay.Sibling) -> Double {
        guard let outlay = costs?.costs.outlayPerGigabyteMonth else { return { _ in 0 } }
        return { $0.billed * (1 - platformFee) - $0.gigabyteMonths * outlay }
    }
}

/// What the provider wants of its advice, and what is assumed of the market.
public struct AdviceTerms: Sendable, Hashable {
    /// What to aim for.
    public var objective = PriceObjective.profit
    /// The provider's own cap on one change of price, up and down alike, as a share of it; nil for none.
    public var largestChange: Double?
    /// The provider's own floor, in USD per volume unit and month: it only warns.
    public var floor: Double?
    /// Requests that arrive in a month, like those that are replayed; nil for one of each.
    public var monthlyRequests: Double?
    /// How far rivals' prices may stray from the listing, as a standard deviation of their logarithm.
    public var rivalSpread = 0.05
    /// The platform's share of what a provider is paid.
    public var platformFee = 0.02
    /// Uptimes to consider promising beside the one that stands, as probabilities.
    public var uptimes: [Double] = []
    /// Prices to be told about, in USD per volume unit and month.
    public var whatIf: [Double] = []

    /// The defaults.
    public init() {}

    /// Factors on rivals' prices, each as likely: the medians of five equal parts of a log-normal of mean 1 in logarithm 0.
    var rivalFactors: [Double] {
        guard rivalSpread > 0, rivalSpread.isFinite else { return [1] }
        // Standard normal quantiles at 10, 30, 50, 70 and 90 percent.
        return [-1.2815515655446004, -0.5244005127080407, 0, 0.5244005127080407, 1.2815515655446004]
            .map { exponential($0 * min(rivalSpread, 1)) }
    }
}
