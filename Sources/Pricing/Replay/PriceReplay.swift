import Allocation
import Marketplace
import Money

/// A request with a name for people, such as its file's.
public struct NamedRequest: Sendable, Hashable {
    /// The name.
    public let name: String
    /// The request, validated against the catalogue.
    public let request: SLARequest

    /// A named request.
    public init(name: String, request: SLARequest) {
        self.name = name
        self.request = request
    }
}

/// How much an offer is given at prices up to a breakpoint.
public struct PriceStep: Sendable, Hashable {
    /// The step's upper end, in USD per volume unit of the offer's tariff and month. The volume holds from the step
    /// before up to here; here two allocations cost the same, unless it is the end of the range that was searched.
    public let upTo: Double
    /// For each request, in the order given, what the offer stores over the term, in gigabyte-months.
    public let volumeGBMonths: [Double]
    /// The sum over the requests, in gigabyte-months.
    public let total: Double

    /// The highest whole price tick below ``upTo``.
    public var tick: ExactDecimal { PriceTick.below(upTo) }
}

/// Replays requests at other prices of one offer: the volume that the optimizer gives it, as a function of its price.
///
/// The offer's tiers are replaced by one flat price and its monthly minimum is left out; preferences are left out, and
/// so are the users' credits at the offer's own provider. Everything else, other offers of the same provider included,
/// is as it is listed: of rivals nothing but the public listing and its published capacity enters. Deterministic unless a
/// time limit strikes.
///
/// **What is exact.** Every allocation costs a line in the price, and no constraint but a budget contains it. So without a
/// budget the optimal cost is concave and piecewise linear, whether or not optima divide the data: within a piece volume
/// and slope are constant, and all breakpoints are found (``CostEnvelope``), up to the optimizer's relative gap of
/// 1e-9. A budget of the term bounds the optimal cost itself: the pieces end where it is reached, to a tenth of a tick.
/// A monthly budget is exact where the optimum without it keeps it, and where optima lie in whole placements; where it
/// makes an optimum divide the data, shares move with the price, and the volume is given within 1% of the request's
/// largest (``DividedSearch``): ``RequestReplay/isExact`` is false. Demands of many requests are of the cheapest whole
/// placements unless asked otherwise: see ``demand(of:_:in:weights:laying:threads:)``.
public struct PriceReplay: Sendable {
    /// The market.
    public let catalog: Catalog
    /// The day on which eligibility is judged.
    public let day: CalendarDay
    /// How failures are shared.
    public var failures = FailureModel()
    /// The platform's own charges.
    public var charges = PlatformCharges()
    /// The schemes that `auto` chooses among.
    public var schemes = AllocationProblem.defaultSchemes
    /// Seconds for one answer of the optimizer.
    public var timeLimit = 30.0
    /// How far an answer may be from the optimum, relative to its cost.
    public var relativeGap = 1e-9

    /// A replay in `catalog` as of `day`.
    public init(catalog: Catalog, day: CalendarDay) {
        self.catalog = catalog
        self.day = day
    }

    /// The steps of the offer's volume over flat storage prices in `range` (USD per volume unit and month), by rising
    /// price; the last one ends with the range. Requests that the offer cannot serve count as zero.
    ///
    /// Exact by parametric programming, not by a grid: see ``replay(_:of:in:progress:)``.
    public func volumeSteps(
        of offer: Offer, _ requests: [NamedRequest], in range: ClosedRange<Double>
    ) throws(PricingError) -> [PriceStep] {
        PriceStep.steps(try replay(requests, of: offer, in: range))
    }

    /// Each request's replay, in the order given.
    ///
    /// Without the budget the optimal cost is concave and piecewise linear in the price, and the method of Eisner and
    /// Severance finds every breakpoint in two solves for each. Where an optimum found so breaks the request's budget,
    /// the budget is kept and its effect is found by bisection to a tenth of a tick.
    ///
    /// - Parameters:
    ///   - threads: how many work at a time; all processors unless given. Answers do not depend on it unless a time limit
    ///     strikes.
    ///   - progress: called before each request with its index, from the thread that replays it.
    /// - Throws: ``PricingError/badRange(lower:upper:)``, ``PricingError/allocation(request:_:)``.
    public func replay(
        _ requests: [NamedRequest], of offer: Offer, in range: ClosedRange<Double>, threads: Int? = nil,
        progress: @Sendable (Int) -> Void = { _ in }
    ) throws(PricingError) -> [RequestReplay] {
        try check(range)
        let replays = FleetWorkers(threads ?? OfferReplay.processors).map(requests.count) { index in
            Result { () throws(PricingError) in
                progress(index)
                return try RequestReplay(requests[index], of: offer, in: range, settings: self)
            }
        }
        var answers: [RequestReplay] = []
        for replay in replays { answers.append(try replay.get()) }
        return answers
    }
}

extension PriceStep {
    /// The sum of the replays' volumes, as steps.
    static func steps(_ replays: [RequestReplay]) -> [PriceStep] {
        let ends = Set(replays.flatMap { $0.pieces.map(\.upTo) }).sorted()
        var steps: [PriceStep] = []
        for end in ends {
            let volumes = replays.map { $0.volume(below: end) }
            if let last = steps.last, last.volumeGBMonths == volumes { steps.removeLast() }
            steps.append(PriceStep(upTo: end, volumeGBMonths: volumes, total: volumes.reduce(0, +)))
        }
        return steps
    }
}
