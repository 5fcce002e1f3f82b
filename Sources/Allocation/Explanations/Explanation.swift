import Marketplace

/// Why an allocation is the cheapest one: what each constraint costs, what else was near, and how far the answer holds.
///
/// Every number is the difference of two optima, each found by a search of its own; nothing is extrapolated. What there
/// was no time for is named in ``unfinished``. Money is in units of the tariffs' asset (``asset``) for the whole term
/// unless a member says otherwise. Deterministic unless the time limit strikes.
///
/// Where a preference moved the choice away from the cheapest allocation, it is the cheapest one that is explained, and
/// ``preferenceCost`` says what the preference costs.
public struct Explanation: Sendable, Hashable {
    /// What is explained, and how far.
    public struct Options: Sendable, Hashable {
        /// Seconds for the whole explanation.
        public var timeLimit = 20.0
        /// How many excluded offers get an entry price: those that could take over a leg at the least extra cost.
        public var nearestOffers = 5

        /// The defaults.
        public init() {}
    }

    /// What is asked for.
    public enum Subject: Sendable, Hashable {
        /// A constraint of the request.
        case constraint(ConstraintKind)
        /// What one offer can still take, by the offer's ID.
        case capacity(offer: String)
        /// The most that may be read from one offer, by the offer's ID: of every month of the term. Where the limit changes
        /// within it, a price names the tightest one, and one unit more is more for all of them.
        case egressLimit(offer: String)
        /// The number of shards of a given scheme.
        case shards
    }

    /// The price of one unit of something, and how far it holds.
    public struct Price: Sendable, Hashable {
        /// Money for one unit: what one more saves where it is a constraint, what one more costs where it is demand.
        public let amount: Double
        /// The unit, such as `TB`.
        public let unit: String
        /// How much there is, in units.
        public let value: Double
        /// The price holds, to a millionth of the optimum, from here …
        public let lower: Double
        /// … to here, in units, to a hundredth of the distance from ``value``; beyond an end it is another one.
        public let upper: Double
        /// Whether the price still held at ``lower``, where the search ended.
        public let isOpenBelow: Bool
        /// Whether the price still held at ``upper``, where the search ended.
        public let isOpenAbove: Bool
    }

    /// The nearest value of a constraint at which the optimum changes.
    public struct Step: Sendable, Hashable {
        /// The value, as a request would state it.
        public let value: String
        /// What the term costs more; negative for a saving; nil where nothing meets the request.
        public let change: Double?
    }

    /// What one constraint does to the answer.
    public struct Effect: Sendable, Hashable {
        /// The constraint.
        public let subject: Subject
        /// What is asked.
        public let asked: String
        /// What the explained allocation has; nil where there is nothing to compare.
        public let achieved: String?
        /// What the constraint costs: the optimum with it minus the optimum without it; nil where it was not settled.
        public var cost: Double?
        /// Where the optimum without it was not proven in time: ``cost`` is what is certain, and this the most that it
        /// can be.
        public var costAtMost: Double?
        /// Whether the optimum would be cheaper without it; nil where it was not settled.
        public var isBinding: Bool?
        /// What one unit more of it saves.
        public var price: Price?
        /// The nearest looser value at which the optimum changes.
        public var looser: Step?
        /// The nearest stricter value at which the optimum changes.
        public var stricter: Step?
    }

    /// What demand costs at the margin: ``Price/amount`` is for one unit more, a month on average over the term.
    public struct DemandPrice: Sendable, Hashable {
        /// The reader region that reads more; nil for the volume stored.
        public let region: String?
        /// The price.
        public let price: Price
    }

    /// The best answer without one of the offers in use.
    public struct RunnerUp: Sendable, Hashable {
        /// The offer.
        public let offer: String
        /// What the term costs more; nil where nothing meets the request without the offer.
        public let extraCost: Double?
        /// Offers that come in.
        public let enters: [String]
        /// Other offers that go as well.
        public let leaves: [String]
        /// The schemes that are used then, where they are others than now.
        public let schemes: [RedundancyScheme]
    }

    /// The storage price at which an offer that is not in use would be, were it the same from the first month to the last:
    /// announced changes of the storage price are replaced as well, those of other prices come as announced.
    public struct EntryPrice: Sendable, Hashable {
        /// The offer.
        public let offer: String
        /// Its listed storage price a gigabyte (10⁹ bytes) that is billed a month, free volumes apart: the mean over the
        /// term of what it would hold just below ``price``; of one shard of everything where that is nil.
        public let listPrice: Double
        /// Whether the listed prices of storage change within the term, so that ``listPrice`` is a mean over versions.
        public let listPriceChanges: Bool
        /// The flat storage price a gigabyte a month below which it is in use, free volumes apart, all its other prices
        /// as they are; to a millionth, or to a hundredth under a budget, which is met or missed by cents. Nil where it is
        /// not used even at a price of 0.
        public let price: Double?
    }

    /// What the end of one provider would cost.
    public struct Exit: Sendable, Hashable {
        /// The provider.
        public let provider: String
        /// What the term would cost more without its offers; nil where nothing meets the request without them.
        public let extraCost: Double?
        /// Offers that would come in.
        public let enters: [String]
        /// What reading everything out of its offers costs once at the list prices of the first month, the platform's fee
        /// included; nil where the offers do not publish what it costs.
        public let movingOut: Double?
    }

    /// How far a number may move, all else equal, while the same placements stay cheapest; where the data is divided over
    /// several of them, while the same offers do.
    public struct StableRange: Sendable, Hashable {
        /// The number as it is.
        public let value: Double
        /// The least, to a hundredth of the distance from ``value``.
        public let lower: Double
        /// The most, to a hundredth of the distance from ``value``.
        public let upper: Double
        /// Whether the placements were still the cheapest at ``lower``, where the search ended.
        public let isOpenBelow: Bool
        /// Whether the placements were still the cheapest at ``upper``, where the search ended.
        public let isOpenAbove: Bool
        /// The offers that come in below ``lower``, or empty where the same ones are used otherwise; nil where nothing
        /// meets the request there, and where the range is open.
        public let entersBelow: [String]?
        /// The same above ``upper``.
        public let entersAbove: [String]?
    }

    /// How far the price of one offer may move.
    public struct PriceRange: Sendable, Hashable {
        /// The offer.
        public let offer: String
        /// Factors of all its storage prices, announced ones included.
        public let range: StableRange
    }

    /// The placements that are explained.
    public internal(set) var placements: [Placement] = []
    /// What the explained allocation costs.
    public internal(set) var cost = 0.0
    /// The asset of all money.
    public internal(set) var asset = "USD"
    /// What the preference adds to it.
    public internal(set) var preferenceCost = 0.0
    /// Months of the term.
    public internal(set) var months = 1
    /// The constraints that were asked, in the order of the request's constraints.
    public internal(set) var effects: [Effect] = []
    /// How far the recommender's liking would rise without the budget; nil where the budget does not bound it.
    public internal(set) var likingWithoutBudget: Double?
    /// What one more of each demand costs.
    public internal(set) var demandPrices: [DemandPrice] = []
    /// By offer in use.
    public internal(set) var runnersUp: [RunnerUp] = []
    /// By excluded offer, the nearest first.
    public internal(set) var entryPrices: [EntryPrice] = []
    /// By provider in use.
    public internal(set) var exits: [Exit] = []
    /// Terabytes (10¹² bytes) stored at the start, all else equal.
    public internal(set) var volumeRange: StableRange?
    /// By offer in use.
    public internal(set) var priceRanges: [PriceRange] = []
    /// What there was no time for, or could not be proven.
    public internal(set) var unfinished: [String] = []
    /// How many searches it took.
    public internal(set) var solves = 0

    /// Explains the answer `allocation` to `problem`; empty where there is no allocation.
    ///
    /// - Parameters:
    ///   - optimizer: what found it; its time limit is replaced by that of `options`.
    ///   - progress: told what is being looked at, before each part.
    /// - Throws: ``AllocationError/solver(_:)`` and ``AllocationError/billing(offer:_:)``. Running out of time is no error.
    public init(
        _ problem: AllocationProblem, _ allocation: Allocation,
        optimizer: AllocationOptimizer = AllocationOptimizer(), options: Options = Options(),
        progress: (String) -> Void = { _ in }
    ) throws(AllocationError) {
        months = problem.request.months
        guard !allocation.placements.isEmpty else { return }
        let oracle = Oracle(optimizer, timeLimit: options.timeLimit)
        // Of several cheapest allocations the one that was given is explained.
        let given = Division(allocation.placements)
        if let given { oracle.suggest(given) }
        let found = try attempt("everything: the cheapest allocation was not found again") { () throws(Interruption) in
            try oracle.optimum(problem, part: Oracle.longPart)
        }
        guard var base = found else { return }
        if let given, let cost = oracle.cost(of: given, in: problem),
            cost <= base.cost + max(base.gap, 1e-9 * abs(base.cost))
        {
            base = Oracle.Optimum(
                cost: cost, division: given, placements: allocation.placements, claimants: allocation.claimants,
                gap: max(0, cost - base.cost + base.gap))
        }
        (cost, placements) = (base.cost, base.placements)
        if let objective = allocation.objective { preferenceCost = max(0, objective - base.cost) }
        let explainer = Explainer(problem: problem, oracle: oracle, base: base)
        oracle.share(20)
        oracle.begin(weight: 5)
        try explainConstraints(explainer, progress)
        oracle.begin(weight: 5)
        try explainOffers(explainer, progress)
        oracle.begin(weight: 3)
        try explainDemand(explainer, progress)
        oracle.begin(weight: 3)
        try explainRobustness(explainer, progress)
        oracle.begin(weight: 2)
        try explainEntry(explainer, options, progress)
        oracle.begin(weight: 1)
        try explainLimits(explainer, progress)
        oracle.begin(weight: 1)
        try explainLiking(problem, allocation, optimizer, oracle)
        solves = oracle.solves
    }

    /// What `body` finds; nil, and noted as `what`, where it was interrupted.
    mutating func attempt<Value>(
        _ what: String, _ body: () throws(Interruption) -> Value?
    ) throws(AllocationError) -> Value? {
        do {
            return try body()
        } catch {
            switch error {
            case .outOfTime:
                // What was found by then proves nothing here.
                unfinished.append(what)
                return nil
            case .failed(let failure): throw failure
            }
        }
    }
}

/// What all parts of an explanation start from.
struct Explainer {
    let problem: AllocationProblem
    let oracle: Oracle
    /// The explained optimum.
    let base: Oracle.Optimum

    /// A difference of two optima that is one, and no noise.
    var threshold: Double { 3e-7 * max(1e-2, abs(base.cost)) }

    /// What `variant` costs more; nil when nothing meets it.
    ///
    /// - Parameter isStricter: whether `variant` admits nothing that the problem does not, at no lower price: then the
    ///   explained allocation needs no search where it still stands.
    func extraCost(of variant: AllocationProblem, isStricter: Bool) throws(Interruption) -> Double? {
        if isStricter, let cost = oracle.cost(of: base.division, in: variant), cost <= base.cost + threshold / 10 {
            return 0
        }
        return try oracle.optimum(variant).map(difference)
    }

    /// What another optimum costs more; 0 where that is less than what the two are known to.
    func difference(_ other: Oracle.Optimum) -> Double {
        let difference = other.cost - base.cost
        return abs(difference) <= 1e-9 * abs(base.cost) + base.gap + other.gap ? 0 : difference
    }

    /// The first of `candidates`, ordered from nearest to farthest, at which the optimum changes: the change, or nil for
    /// no allocation at all. Optima must move one way along them.
    func firstChange<Value>(
        _ candidates: [Value], _ change: (Value) throws(Interruption) -> Double?
    ) throws(Interruption) -> (value: Value, change: Double?)? {
        var (low, high, step) = (-1, 0, 1)
        var found: (value: Value, change: Double?)?
        while found == nil, low < candidates.count - 1 {
            high = min(low + step, candidates.count - 1)
            let change = try change(candidates[high])
            if change == 0 { low = high } else { found = (candidates[high], change) }
            step *= 3
        }
        while found != nil, high - low > 1 {
            let middle = (low + high) / 2
            let change = try change(candidates[middle])
            if change == 0 {
                low = middle
            } else {
                (high, found) = (middle, (candidates[middle], change))
            }
        }
        return found
    }
}
