import Marketplace

/// The hidden parameters of one synthetic user.
public struct SyntheticUser: Sendable, Hashable {
    /// The ID in the interactions, e.g. `u00001`.
    public let id: String
    /// What kind of user it is.
    public let archetype: SyntheticArchetype
    /// The reader region it is at home in.
    public let region: String
    /// What it stores, in gigabytes.
    public let volumeGB: Int
    /// Utility lost when the month's price is e times as high; above zero.
    public let priceWeight: Double
    /// Utility lost when the latency is e times as high; above zero.
    public let latencyWeight: Double
    /// Utility of one more nine of availability.
    public let availabilityWeight: Double
    /// Utility lost outside ``jurisdiction``.
    public let jurisdictionWeight: Double
    /// Where its data should stay; nil when it does not mind.
    public let jurisdiction: String?
    /// Its taste, against the vectors of the offers.
    public let taste: [Double]
}

/// One time that a synthetic user looked at a list and chose from it or not.
public struct SyntheticChoice: Sendable, Hashable {
    /// Seconds since 1970-01-01T00:00:00Z.
    public let time: Int
    /// The user's position in the market's users.
    public let user: Int
    /// The positions, in the market's offers, of what was shown.
    public let shown: [Int]
    /// The position of what was chosen; nil for the outside option: nothing.
    public let chosen: Int?
}

/// What a synthetic market's users did.
public struct SyntheticHistory: Sendable {
    /// Events by time, then user, offer, kind.
    public let interactions: [Interaction]
    /// The choices behind them, by user, then time, with all that was shown: what an estimate of demand needs.
    public let choices: [SyntheticChoice]
}

/// How a synthetic market behaves.
public struct SyntheticSettings: Sendable, Hashable {
    /// The end of the time covered, excluded: seconds since 1970-01-01T00:00:00Z.
    public var end: Int
    /// How many offers a list shows.
    public var shown = 30
    /// The mean number of lists that a user looks at.
    public var sessionsPerUser = 2.7
    /// The utility of choosing nothing, where the mean of an indifferent offer is 0.
    public var outsideUtility = 4.5
    /// The mean number of offers that are looked at in a list, beyond the first.
    public var extraViews = 2.0
    /// The length of the taste vectors.
    public var tasteDimension = 6
    /// The standard deviation, over users, of what taste adds to the utility of an offer, for its provider.
    public var providerTaste = 1.2
    /// The same, for its storage class.
    public var classTaste = 0.7
    /// The share of reader region × offer pairs that are measured.
    public var measuredShare = 0.08
    /// How often a measured pair is measured.
    public var observationsPerPair = 1
    /// The standard deviation of the logarithm of one observed latency or throughput around its mean.
    public var observationSpread = 0.25

    /// The defaults, ending at `end`.
    public init(end: Int) { self.end = end }
}
