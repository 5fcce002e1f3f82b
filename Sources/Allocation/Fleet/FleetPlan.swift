import Marketplace

/// What a fleet's planning came to.
public struct FleetPlan: Sendable {
    /// Where a request's data goes.
    public struct Assignment: Sendable {
        /// The request, by its position in the problem.
        public let request: Int
        /// Where its data lies.
        public let placements: [Placement]
        /// Offers whose leg has the free volumes of the user's account with their provider.
        public let claimants: Set<String>
        /// What its term costs, in units of the tariffs' asset, capacity prices aside.
        public let cost: Double
        /// No allocation of this request costs less, with what it takes of scarce offers priced at their clearing
        /// prices.
        public let bound: Double
        /// What the assignment costs with what it takes of scarce offers priced at their clearing prices.
        public let priced: Double
    }

    /// Why a request is not served.
    public enum Reason: Sendable, Hashable {
        /// The request itself is at fault.
        case invalid(String)
        /// No placement was found that meets what it asks for; that there is none is not proven.
        case noPlacement
        /// Placements exist; none that was found keeps the budget and what is asked of the whole allocation.
        case noneWithinLimits
        /// Every placement that was found needs room at offers that are full.
        case noRoom
        /// Time ran out before it was looked at.
        case deadline
    }

    /// A request that is not served.
    public struct Unserved: Sendable, Hashable {
        /// The request, by its position in the problem.
        public let request: Int
        /// Who asked.
        public let user: String
        /// Why.
        public internal(set) var reason: Reason
        /// Whether it is proven that nothing serves it, whatever the others take; otherwise that is not known.
        public internal(set) var isImpossible = false
    }

    /// What an offer's capacity is worth.
    public struct ClearingPrice: Sendable, Hashable {
        /// The offer.
        public let offer: String
        /// What one more gigabyte of capacity saves over the plan, in units of the tariffs' asset: the dual value.
        public let pricePerGB: Double
        /// The same by month: divided by the mean term of what is held there, weighted by volume.
        public let pricePerGBMonth: Double
        /// Raw bytes that it can take.
        public let capacity: Int
        /// Raw bytes that the plan holds there, at each request's peak.
        public let used: Int
        /// Whether its capacity has a price.
        public var isScarce: Bool { pricePerGB > 0 }
    }

    /// Seconds spent.
    public struct Timing: Sendable, Hashable {
        /// Grouping requests and writing down what each group may use.
        public var grouping = 0.0
        /// Pricing each request by itself: placements, and lower bounds.
        public var pricing = 0.0
        /// Finding prices at which capacities suffice.
        public var clearing = 0.0
        /// Making the assignment keep the capacities.
        public var repairing = 0.0
        /// Solving requests exactly, one by one.
        public var refining = 0.0
        /// All.
        public var total = 0.0
    }

    /// What all served requests cost over their terms.
    public var objective = 0.0
    /// No assignment of the served requests within the capacities costs less.
    public var bound = 0.0
    /// (objective − bound) / objective; 0 when nothing is served or all is free.
    public var gap: Double { objective > 0 ? max(0, (objective - bound) / objective) : 0 }
    /// Offers of limited capacity, by ID.
    public var clearingPrices: [ClearingPrice] = []
    /// Where served requests go, in the problem's order.
    public var assignments: [Assignment] = []
    /// Requests that are not served, in the problem's order.
    public var unserved: [Unserved] = []
    /// How many groups of like requests there were.
    public var profiles = 0
    /// How many placements were priced exactly.
    public var candidates = 0
    /// How often each request was priced anew.
    public var rounds = 0
    /// Whether planning was ended by the time limit.
    public var isCutShort = false
    /// Where the time went.
    public var timing = Timing()
    /// The most memory that the process held so far, in bytes; 0 when unknown.
    public var peakMemory = 0
}
