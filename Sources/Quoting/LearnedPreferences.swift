import Marketplace
import Recommendation

/// Preferences that a trained model predicts from a user's history.
public struct LearnedPreferences: PreferenceModel {
    private let model: ServingModel
    private let user: ServingModel.User

    /// The preferences of the user whose events are `history`.
    /// - Throws: `numerical` when the user cannot be folded in.
    public init(model: ServingModel, history: [Interaction]) throws(RecommendationError) {
        self.model = model
        user = try model.user(history)
    }

    /// The model's version.
    public var version: String { model.version }

    /// The version and the user's factors.
    public var fingerprint: String { "\(version) \(user.factors)" }

    /// How much history the predictions rest on.
    public func basis(for user: String) -> String {
        self.user.offers > 0
            ? "this user's dealings with \(self.user.offers) offers (model \(version))"
            : "what the average user wants, as this one has no history (model \(version))"
    }

    /// The model's predictions.
    public func preferences(of user: String, for offers: [Offer]) -> [Double?] {
        offers.map { model.preference(of: self.user, for: $0.id) }
    }

    /// The interactions that weigh most.
    public func evidence(of user: String, for offer: Offer) -> [Evidence] {
        let parts = (try? model.evidence(of: self.user, for: offer.id)) ?? []
        return parts.map { Evidence(offer: $0.offer, contribution: $0.contribution) }
    }
}
