import Marketplace

/// A past interaction that speaks for or against an offer.
public struct Evidence: Sendable, Hashable {
    /// The offer that the user dealt with.
    public let offer: String
    /// What it adds to the preference, a probability; the contributions of all interactions sum to the preference less
    /// that of a user who has done nothing.
    public let contribution: Double

    /// A contribution.
    public init(offer: String, contribution: Double) {
        self.offer = offer
        self.contribution = contribution
    }
}

/// What a model says of a user and an offer.
public struct PredictedPreference: Sendable, Hashable {
    /// The calibrated probability that the user takes the offer, 0…1.
    public let probability: Double
    /// The model's score before calibration.
    public let score: Double
    /// Whether it was learned from dealings with the offer, or foretold from its features.
    public let origin: PreferenceOrigin

    /// A prediction.
    public init(probability: Double, score: Double, origin: PreferenceOrigin) {
        self.probability = probability
        self.score = score
        self.origin = origin
    }
}

/// What predicts preferences: a trained model with a user's history, or nothing at all.
public protocol PreferenceModel: Sendable {
    /// The model's version, pinned in every quote.
    var version: String { get }
    /// Everything that the predictions are made from, for the hash of a quote's inputs.
    var fingerprint: String { get }
    /// What the predictions rest on, in a few words for people.
    func basis(for user: String) -> String
    /// How probable it is that the user takes each of `offers`; nil for an offer that the model does not know.
    func preferences(of user: String, for offers: [Offer]) -> [PredictedPreference?]
    /// The user's interactions that weigh most in the preference for each of `offers`, most first; empty when there are
    /// none.
    func evidence(of user: String, for offers: [Offer]) -> [[Evidence]]
}
