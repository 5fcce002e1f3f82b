import Marketplace

/// One named part of a score.
public struct ScoreFactor: Sendable, Hashable {
    /// What a score is made of.
    public enum Name: String, Sendable, Hashable, CaseIterable {
        /// The calibrated preference of this user.
        case preference
        /// The probability of meeting the latency.
        case latency
        /// The probability of meeting the availability that an offer must have.
        case availability
        /// The probability of meeting the download throughput.
        case throughput
        /// What a new or doubtful provider loses.
        case probation
        /// What a provider loses that takes too many of all users' first places.
        case exposure
    }

    /// Which part.
    public let name: Name
    /// What was predicted or found, 0…1.
    public let value: Double
    /// What it adds to the score; the contributions of all factors are the score.
    public let contribution: Double
    /// What people should know about it.
    public let note: String?
}

/// One offer in the ranking, with the factors of its score.
public struct RankedOffer: Sendable, Hashable {
    /// The offer.
    public let offer: Offer
    /// What the score is made of.
    public let factors: [ScoreFactor]
    /// The sum of the factors' contributions.
    public let score: Double
    /// The probability that the user takes it, 0…1; 0 for what the model does not know.
    public let preference: Double
    /// Where the preference comes from.
    public let origin: PreferenceOrigin
    /// The mean probability of meeting the bounds, 0…1.
    public let qosUtility: Double
    /// The traffic-weighted mean latency in milliseconds, of predicted medians where there are models of performance, else
    /// of the catalogue's figures; nil when unknown or without traffic.
    public let meanLatency: Double?
    /// Why it is on probation; nil when it is not.
    public let probation: String?
    /// Why it stands lower than its score; nil when it does not.
    public internal(set) var moved: String?

    /// Whether the model knows the offer, from dealings or from features.
    public var isKnown: Bool { origin != .unknown }
}

/// Where a preference comes from.
public enum PreferenceOrigin: String, Sendable, Hashable {
    /// Users dealt with the offer.
    case learned
    /// Nobody has yet: its provider, region, class and price foretell it.
    case foretold
    /// Nothing is known.
    case unknown
}
