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

/// The answer to an ``AllocationProblem``.
public struct Allocation: Sendable {
    /// Milliseconds spent.
    public struct Timing: Sendable, Hashable {
        /// Setting dominated offers aside.
        public var presolving = 0.0
        /// Writing the model down.
        public var modelling = 0.0
        /// In the solver.
        public var solving = 0.0
        /// Explaining why there is no answer.
        public var explaining = 0.0
    }

    /// How the answer stands.
    public var status: AllocationStatus
    /// The scheme; nil without an answer.
    public var scheme: RedundancyScheme?
    /// The legs, by offer ID; all data lies under this one placement.
    public var legs: [PlannedLeg] = []
    /// What the term costs, in units of the tariffs' asset, by the model.
    public var objective: Double?
    /// What the cheapest allocation costs; below the objective when the preference moved the choice.
    public var cheapest: Double?
    /// No allocation costs less than this.
    public var bound: Double?
    /// (cheapest − bound) / cheapest.
    public var gap: Double?
    /// Mean liking of the recommender over the legs, 0…1.
    public var preference: Double?
    /// The same of the cheapest allocation.
    public var cheapestPreference: Double?
    /// Why there is no answer.
    public var conflict: Conflict?
    /// Where the time went.
    public var timing = Timing()
}

/// Why a request cannot be met: constraints that cannot hold together, and what would help.
public struct Conflict: Sendable, Hashable {
    /// One constraint of the conflict.
    public struct Member: Sendable, Hashable {
        /// The constraint.
        public let constraint: ConstraintKind
        /// The change of this constraint alone that makes the request feasible, if one was found.
        public let remedy: String?
    }

    /// The constraints: without any one of them the rest could be met.
    public let members: [Member]
    /// Other changes that help, such as one more copy.
    public let alternatives: [String]
}
