/// What the provider wants most.
public enum PriceObjective: String, Sendable, Hashable, CaseIterable {
    /// The most profit.
    case profit
    /// The most revenue that loses nothing at the margin.
    case revenue
    /// The most volume that loses nothing at the margin.
    case utilisation
}

/// All that a price is decided from: demand under each promise, costs, limits and evidence. A pure value.
///
/// Prices are in USD (or any one currency) per volume unit and month.
public struct PricingProblem: Sendable, Hashable {
    /// The promises to choose among, at least one; the first is the one that stands.
    public var options: [PromiseOption]
    /// What one more volume unit stored for a month costs, before fee and forfeits.
    public var outlay: Double
    /// Full cost of a volume unit and month before fee and forfeits, to be shown; nil when unknown.
    public var fullOutlay: Double?
    /// The platform's share of what is paid, 0 ≤ fee < 1.
    public var platformFee: Double
    /// Volume units that can be sold, on average at any time; nil for no limit.
    public var capacity: Double?
    /// The prices that may be asked; demand must be known in all of it.
    public var range: ClosedRange<Double>
    /// The smallest step of a price.
    public var tick: Double
    /// The price that stands; nil for a new offer.
    public var currentPrice: Double?
    /// What to aim for.
    public var objective: PriceObjective
    /// The provider's own floor: it only warns.
    public var floor: Double?
    /// The largest change from the price that stands, as a share of it, up and down alike; nil for none.
    public var largestChange: Double?
    /// What the demand parameters rest on.
    public var evidence: DemandEvidence
    /// What comparable offers cost; nil when nobody asked.
    public var benchmark: HedonicEstimate?
    /// When things change by themselves.
    public var calendar: PricingCalendar
    /// The inputs of the advice before, to tell what moved the price; nil when there was none.
    public var previous: PreviousInputs?

    /// The tick unless a problem has another.
    public static let finestTick = 1e-6

    /// A problem of given parts.
    public init(
        options: [PromiseOption], outlay: Double, fullOutlay: Double? = nil, platformFee: Double = 0,
        capacity: Double? = nil, range: ClosedRange<Double>, tick: Double = finestTick, currentPrice: Double? = nil,
        objective: PriceObjective = .profit, floor: Double? = nil, largestChange: Double? = nil,
        evidence: DemandEvidence = DemandEvidence(), benchmark: HedonicEstimate? = nil,
        calendar: PricingCalendar = PricingCalendar(), previous: PreviousInputs? = nil
    ) {
        self.options = options
        self.outlay = outlay
        self.fullOutlay = fullOutlay
        self.platformFee = platformFee
        self.capacity = capacity
        self.range = range
        self.tick = tick
        self.currentPrice = currentPrice
        self.objective = objective
        self.floor = floor
        self.largestChange = largestChange
        self.evidence = evidence
        self.benchmark = benchmark
        self.calendar = calendar
        self.previous = previous
    }
}

/// What the demand parameters rest on. Figures that are nil are not judged.
public struct DemandEvidence: Sendable, Hashable {
    /// Quotes that showed this provider's offers.
    public var ownQuotes: Int?
    /// Quotes of the cohort that the prior was estimated from.
    public var cohortQuotes: Int?
    /// Draws of the price sensitivity α (positive when users mind prices); empty to take those of the acceptances.
    public var sensitivityDraws: [Double]
    /// Standard deviation of the logarithm of the prices that users were shown.
    public var priceVariation: Double?
    /// The own prices that users were shown.
    public var observedPrices: ClosedRange<Double>?
    /// The first stage's F statistic of the control function.
    public var firstStageF: Double?
    /// Why there is no estimate of demand, in a sentence; nil when there is one.
    public var barrier: String?

    /// Evidence of given figures.
    public init(
        ownQuotes: Int? = nil, cohortQuotes: Int? = nil, sensitivityDraws: [Double] = [], priceVariation: Double? = nil,
        observedPrices: ClosedRange<Double>? = nil, firstStageF: Double? = nil, barrier: String? = nil
    ) {
        self.ownQuotes = ownQuotes
        self.cohortQuotes = cohortQuotes
        self.sensitivityDraws = sensitivityDraws
        self.priceVariation = priceVariation
        self.observedPrices = observedPrices
        self.firstStageF = firstStageF
        self.barrier = barrier
    }
}

/// Days from the day of the advice to what changes by itself.
public struct PricingCalendar: Sendable, Hashable {
    /// Days until the next price change that a comparable rival has announced; nil when none is known.
    public var daysToRivalChange: Int?
    /// Age of the newest quote that the demand parameters rest on, in days.
    public var dataAgeDays: Int
    /// The age at which data is too old to act on, in days.
    public var dataLifeDays: Int

    /// A calendar.
    public init(daysToRivalChange: Int? = nil, dataAgeDays: Int = 0, dataLifeDays: Int = 90) {
        self.daysToRivalChange = daysToRivalChange
        self.dataAgeDays = dataAgeDays
        self.dataLifeDays = dataLifeDays
    }
}

/// The inputs of the advice before. What it does not name stands as in the present problem.
public struct PreviousInputs: Sendable, Hashable {
    /// The option that was in force then: rivals' prices and own quality as they were.
    public var option: PromiseOption
    /// Demand at rivals' prices of now and the quality of then; nil when quality is unchanged.
    public var presentRivals: PricedDemand?
    /// Demand at rivals' prices of then and the quality of now; nil when quality is unchanged.
    public var presentQuality: PricedDemand?
    /// The outlay then.
    public var outlay: Double
    /// The fee then.
    public var platformFee: Double
    /// The capacity then; nil for no limit.
    public var capacity: Double?

    /// Previous inputs.
    public init(
        option: PromiseOption, presentRivals: PricedDemand? = nil, presentQuality: PricedDemand? = nil, outlay: Double,
        platformFee: Double, capacity: Double? = nil
    ) {
        self.option = option
        self.presentRivals = presentRivals
        self.presentQuality = presentQuality
        self.outlay = outlay
        self.platformFee = platformFee
        self.capacity = capacity
    }
}
