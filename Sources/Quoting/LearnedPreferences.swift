import Marketplace
import Recommendation

/// Preferences that a trained model predicts from a user's history, or without one from what is known of the user.
public struct LearnedPreferences: PreferenceModel {
    private let model: ServingModel
    private let user: ServingModel.User

    /// The preferences of the user whose events are `history`.
    /// - Parameter features: what is known of a user without history: `SLARequest.userFeatures`.
    /// - Throws: `numerical` when the user cannot be folded in.
    public init(
        model: ServingModel, history: [Interaction], features: [String: Double] = [:]
    ) throws(RecommendationError) {
        self.model = model
        user = try model.user(history, features: features)
    }

    /// The model's version.
    public var version: String { model.version }

    /// The version and what is known of the user.
    public var fingerprint: String { "\(version) \(user.fingerprint)" }

    /// What the predictions rest on.
    public func basis(for user: String) -> String {
        switch self.user.origin {
        case .history(let offers): "this user's dealings with \(offers) offers (model \(version))"
        case .features: "users of like regions and size, as this one has no history (model \(version))"
        case .everyone: "what most users take (model \(version) makes no difference between users)"
        case .average: "what the average user wants, as this one has no history (model \(version))"
        }
    }

    /// The model's predictions.
    public func preferences(of user: String, for offers: [Offer]) -> [PredictedPreference?] {
        offers.map { offer in
            model.preference(of: self.user, for: offer.id).map {
                PredictedPreference(
                    probability: $0.probability, score: $0.score, origin: $0.isLearned ? .learned : .foretold)
            }
        }
    }

    /// The interactions that weigh most.
    public func evidence(of user: String, for offers: [Offer]) -> [[Evidence]] {
        let parts = try? model.evidence(of: self.user, for: offers.map(\.id))
        return parts.map { parts in
            parts.map { $0.map { Evidence(offer: $0.offer, contribution: $0.contribution) } }
        } ?? offers.map { _ in [] }
    }
}
