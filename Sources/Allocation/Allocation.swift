import Marketplace

/// How an answer stands.
public enum AllocationStatus: String, Sendable, Hashable {
    /// Proven cheapest, within the gap.
    case optimal
    /// Meets every constraint; the gap says how far from the cheapest it may be.
    case feasible
    /// Proven that nothing meets every constraint.
    case infeasible
    /// Time ran out before anything was found.
    case timeLimit
}

/// A leg before it is billed: one offer of the placement and what it serves.
public struct PlannedLeg: Sendable, Hashable {
    /// The offer.
    public let offer: Offer
    /// For each traffic region of the request the share of reads, 0…1, that fetch this offer's shard.
    public let readShares: [Double]

    /// A leg on `offer`, with a share of reads for each traffic region.
    public init(offer: Offer, readShares: [Double]) {
        self.offer = offer
        self.readShares = readShares
    }
}

/// A share of the data under one placement.
public struct Placement: Sendable, Hashable {
    /// How the data is spread over the legs.
    public let scheme: RedundancyScheme
    /// Which share of the data lies here, above 0 and at most 1.
    public let share: Double
    /// The n offers, and which reads of this data each serves.
    public let legs: [PlannedLeg]

    /// A placement of `share` of the data on the offers of `legs`.
    public init(scheme: RedundancyScheme, share: Double = 1, legs: [PlannedLeg]) {
        self.scheme = scheme
        self.share = share
        self.legs = legs
    }
}

/// The answer to an ``AllocationProblem``.
public struct Allocation: Sendable {
    /// Milliseconds spent.
    public struct Timing: Sendable, Hashable {
        /// Writing the model down.
        public var modelling = 0.0
        /// Searching for placements, pricing and judging them.
        public var searching = 0.0
        /// In the linear programs over shares.
        public var programming = 0.0
        /// The independent check.
        public var checking = 0.0
        /// Explaining why there is no answer.
        public var explaining = 0.0
        /// All of it, in milliseconds.
        public var milliseconds: Double { modelling + searching + programming + checking + explaining }
        /// How many nodes were branched over, all searches together.
        public var nodes = 0
        /// How many linear programs were solved.
        public var programs = 0
        /// How many placements were priced in.
        public var columns = 0
    }

    /// How the answer stands.
    public var status: AllocationStatus
    /// The placements in use, the largest share first; empty without an answer.
    public var placements: [Placement] = []
    /// Offers whose leg has the free volumes of the user's account with their provider.
    public var claimants: Set<String> = []
    /// The offers that hold data, by ID.
    public var offers: [Offer] {
        Set(placements.flatMap(\.legs).map(\.offer)).sorted { $0.id < $1.id }
    }

    /// What the term costs, in units of the tariffs' asset, by the model.
    public var objective: Double?
    /// What the cheapest allocation costs; below the objective when the preference moved the choice.
    public var cheapest: Double?
    /// No allocation costs less than this.
    public var bound: Double?
    /// (cheapest − bound) / cheapest; of a cheapest below one unit of the asset, cheapest − bound.
    public var gap: Double?
    /// Mean liking of the recommender over each placement's legs, weighted by share, 0…1.
    public var preference: Double?
    /// The same of the cheapest allocation.
    public var cheapestPreference: Double?
    /// Why there is no answer.
    public var conflict: Conflict?
    /// Where the time went.
    public var timing = Timing()
}
