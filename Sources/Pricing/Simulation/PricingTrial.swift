/// One provider advised in one replication, beside the truth and rules of thumb. Prices in USD per terabyte and month.
public struct PricingTrial: Sendable, Hashable {
    /// The replication, from 0.
    public let replication: Int
    /// The provider, from 0.
    public let provider: Int
    /// The price that earns most under the truth.
    public let optimalPrice: Double
    /// The recommended price; nil when advice abstains, and then the posted price stands.
    public let advisedPrice: Double?
    /// The 90% interval that comes with it.
    public let interval: ClosedRange<Double>?
    /// Profit at the recommended price as a share of the optimal profit, both under the truth. Where no price earns anything,
    /// who loses nothing keeps all.
    public let advised: Double
    /// The same of cost times one and the provider's usual markup.
    public let costPlus: Double
    /// The same of the median of the other posted prices, at least cost.
    public let median: Double
    /// The same of the price that was posted before advice.
    public let posted: Double

    /// Whether the interval contains the best price; nil without one.
    public var isCovered: Bool? { interval?.contains(optimalPrice) }

    /// Judges prices by `profit`, the truth.
    package init(
        replication: Int, provider: Int, advised price: Double?, interval: ClosedRange<Double>?, cost: Double,
        markup: Double, postedPrices: [Double], optimum: (price: Double, profit: Double), profit: (Double) -> Double
    ) {
        self.replication = replication
        self.provider = provider
        optimalPrice = optimum.price
        advisedPrice = price
        self.interval = interval
        func kept(_ price: Double) -> Double {
            let earned = profit(price)
            return optimum.profit > 0 ? earned / optimum.profit : earned >= 0 ? 1 : 0
        }
        let own = postedPrices[provider]
        let rivals = postedPrices.indices.filter { $0 != provider }.map { postedPrices[$0] }
        advised = kept(price ?? own)
        costPlus = kept(cost * (1 + markup))
        median = kept(max(cost, Quantile.of(rivals, 0.5)))
        posted = kept(own)
    }
}

/// How acceptance or choice was foretold in one replication, on quotes that no estimate saw.
public struct ForecastTrial: Sendable, Hashable {
    /// −mean log probability of what happened, natural logarithms.
    public let logLoss: Double
    /// The same of the base rate.
    public let baseRateLogLoss: Double
    /// The same of a model that knows the price alone.
    public let priceOnlyLogLoss: Double
    /// Expected calibration error over ten bins of equally many predictions.
    public let calibrationError: Double
}
