/// The outcome: a price with what it rests on, or the reasons why none is given.
///
/// A pure function of the problem; the same problem gives the same bits at any number of threads. Made by
/// ``init(_:threads:)``.
public struct PriceDecision: Sendable, Hashable {
    /// The price, or why there is none.
    public enum Outcome: Sendable, Hashable {
        /// A price.
        case recommended(PriceRecommendation)
        /// None, for these reasons; at least one.
        case abstained([AbstentionReason])
    }

    /// The price, or why there is none.
    public let outcome: Outcome
    /// What the reader should know although it does not keep the advice from being given.
    public let cautions: [PriceCaution]
    /// How much of the provider's own history enters.
    public let stage: EvidenceStage
    /// Marginal cost of a volume unit and month, fee and expected forfeits included, under the recommended promise, or
    /// the one that stands.
    public let marginalCost: Double
    /// Full cost of the same; nil when unknown.
    public let fullCost: Double?
    /// Profit, acceptance and use over price, under the same promise, by rising price.
    public let curve: [PriceCurvePoint]
    /// What is won up to which price if everybody accepts and rivals' prices stand, by rising price.
    public let breakpoints: [PriceBreakpoint]
    /// Each promise's best price; one for each option, in their order.
    public let promises: [PromiseOutcome]
    /// What moved the price since the advice before; nil when there was none, or a price cannot be told for a mixture.
    public let drivers: PriceDrivers?
    /// The benchmark as given.
    public let benchmark: HedonicEstimate?

    /// The price; nil when abstained.
    public var recommendation: PriceRecommendation? {
        if case .recommended(let recommendation) = outcome { recommendation } else { nil }
    }
    /// Why there is no price; empty when there is one.
    public var reasons: [AbstentionReason] {
        if case .abstained(let reasons) = outcome { reasons } else { [] }
    }
}

/// A price, and what it does.
public struct PriceRecommendation: Sendable, Hashable {
    /// The price, a whole tick.
    public let price: Double
    /// The 90% interval of the best price over the draws.
    public let interval: ClosedRange<Double>
    /// The prices around it that keep at least 98% of the best expected objective.
    public let nearlyBest: ClosedRange<Double>
    /// The option it goes with, an index of the problem's.
    public let option: Int
    /// That option's promise.
    public let promise: QoSPromise?
    /// What the price is expected to do.
    public let expected: PriceCurvePoint
    /// What the standing price is expected to do under the promise that stands; nil when there is none, or it lies
    /// outside of the range.
    public let current: PriceCurvePoint?
    /// No price of the range has an expected objective above this: a proven bound.
    public let objectiveBound: Double
    /// What one more volume unit of capacity would earn in a month; 0 when there is enough.
    public let capacityShadowPrice: Double
    /// The best price if changes were not capped; equal to ``price`` when they do not bind.
    public let uncappedPrice: Double
    /// Expected forfeits a month.
    public let expectedForfeits: Double
    /// How long to hold the price.
    public let hold: PriceHold
}

/// What happens at a price, in expectation, with 90% bands over the draws.
public struct PriceCurvePoint: Sendable, Hashable {
    /// The price.
    public let price: Double
    /// Profit a month at the margin: what is paid, less fee, forfeits and outlay; other own offers included.
    public let profit: Double
    /// What of it the provider's other offers earn.
    public let otherProfit: Double
    /// Its band.
    public let profitBand: ClosedRange<Double>
    /// What users are billed a month for the offer.
    public let revenue: Double
    /// The share of those who are quoted the offer that accept.
    public let acceptance: Double
    /// Its band.
    public let acceptanceBand: ClosedRange<Double>
    /// The share of all requests in which the offer is quoted.
    public let winRate: Double
    /// Volume units stored, on average; never above capacity.
    public let volume: Double
    /// Its band.
    public let volumeBand: ClosedRange<Double>
    /// Volume as a share of capacity; nil when there is no limit.
    public let utilisation: Double?
}

extension PriceRecommendation {
    /// Whether the provider's other offers earn at the price that stands or at that recommended.
    var earnsElsewhere: Bool { expected.otherProfit != 0 || (current?.otherProfit ?? 0) != 0 }
}

/// Up to a price, a volume is won.
public struct PriceBreakpoint: Sendable, Hashable {
    /// The highest price, a whole tick, at which it is won.
    public let price: Double
    /// Volume units stored on average if everybody accepts.
    public let volume: Double
    /// Requests a month in which the offer is quoted.
    public let requests: Double
    /// Whether the range ends here, so that more may be won beyond.
    public let isEndOfRange: Bool
}

/// One promise at its best price.
public struct PromiseOutcome: Sendable, Hashable {
    /// The promise; nil when nothing is known of the one that stands.
    public let promise: QoSPromise?
    /// The probability that a period breaks it.
    public let breachProbability: Double
    /// Marginal cost under it, fee and forfeits included.
    public let marginalCost: Double
    /// Its best price and what that does; nil when no price earns anything.
    public let best: PriceCurvePoint?
    /// Expected forfeits a month at that price.
    public let expectedForfeits: Double
}

/// How much of the provider's own history enters.
public enum EvidenceStage: String, Sendable, Hashable {
    /// Fewer than 50 own quotes: breakpoints, cost and the benchmark decide; acceptance is the cohort's.
    case cold
    /// 50 to 300: acceptance is pooled with the cohort's.
    case pooled
    /// More than 300, or not said: the provider's own.
    case own
}

/// Why no price is given.
public enum AbstentionReason: Sendable, Hashable {
    /// The interval of the price sensitivity nears zero.
    case sensitivityNearsZero(lower: Double, median: Double)
    /// The interval of the best price goes beyond 30% of it.
    case priceIntervalTooWide(ClosedRange<Double>)
    /// The prices that users were shown hardly varied; standard deviation of their logarithm.
    case pricesHardlyVaried(Double)
    /// There are too few quotes, own and of the cohort, and too few comparables.
    case tooFewQuotes(own: Int, cohort: Int, comparables: Int)
    /// Demand could not be estimated, and why.
    case notEstimated(String)
    /// At no price of the range does the offer win anything at or above its marginal cost.
    case noProfitablePrice(marginalCost: Double, highestWinningPrice: Double?)
    /// There is nothing to sell.
    case zeroCapacity
    /// Whatever it would win is worth more to the provider's other offers.
    case otherOffersEarnMore
    /// The change that would be needed to cover the marginal cost exceeds the cap on changes.
    case changeCapBelowCost(cap: Double, marginalCost: Double)
}

/// What the reader should know although it does not keep the advice from being given.
public enum PriceCaution: Sendable, Hashable {
    /// The price lies outside of those that users were shown: it extrapolates.
    case beyondObservedPrices(ClosedRange<Double>)
    /// The best price is an end of the range that was searched: a better one may lie beyond.
    case atEndOfRange(Double)
    /// The price is below the provider's own floor.
    case belowFloor(Double)
    /// The price does not cover the full cost.
    case belowFullCost(Double)
    /// The change was capped; the best price without the cap.
    case changeCapped(uncapped: Double)
    /// The first stage is weak: prices and choices are associated, no more.
    case associationOnly(firstStageF: Double)
    /// The data is older than it should be, in days.
    case staleData(days: Int)
    /// Few comparables stand behind the benchmark.
    case fewComparables(Int)
    /// Demand at the best price exceeds capacity.
    case capacityBinds
    /// Acceptance is not the provider's own, for it has this many quotes.
    case borrowedAcceptance(ownQuotes: Int)
    /// There is too little own history to go above what comparable offers cost: prices were searched up to here.
    case heldToBenchmark(Double)
    /// Draws in which users would prefer dearer quotes were taken as indifferent; their share.
    case indifferentDraws(Double)
}

/// How long to hold a price before lowering it.
public struct PriceHold: Sendable, Hashable {
    /// What ends the wait first.
    public enum Cause: String, Sendable, Hashable {
        /// That long without a sale, the draws that still fit favour a lower price by more than 2%.
        case silenceFavoursLower
        /// That long without a sale has probability below 5% at the expected rate.
        case silenceImprobable
        /// A rival's announced change comes into force.
        case rivalChange
        /// The data grows too old.
        case staleData
    }

    /// Days to hold the price if nothing is sold.
    public let days: Int
    /// What ends the wait.
    public let cause: Cause
    /// Expected acceptances a month at the price.
    public let acceptancesPerMonth: Double
    /// What lowering now, to the best lower price that would be tried next, would cost a month in expectation: the value
    /// of waiting. Nil when there is no lower price.
    public let valueOfWaiting: Double?
}

/// What moved the price since the advice before: Shapley values, which sum to the whole change.
public struct PriceDrivers: Sendable, Hashable {
    /// The price before, by the inputs of then.
    public let previousPrice: Double
    /// Change by costs and fee.
    public let cost: Double
    /// Change by rivals' prices and the requests.
    public let rivals: Double
    /// Change by own quality and promise.
    public let quality: Double
    /// Change by capacity.
    public let capacity: Double

    /// The whole change.
    public var total: Double { cost + rivals + quality + capacity }
}
