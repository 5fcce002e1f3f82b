import Foundation
import LinearAlgebra
import Marketplace

/// A factorization in service: ranks offers by their IDs for users that it has or has not seen.
///
/// A user's factors are folded in from the user's own history at the moment of asking, exactly as training solves
/// them, so that an interaction counts as soon as it is recorded.
public struct ServingModel: Sendable {
    /// The version in the registry.
    public let version: String
    private let model: ImplicitALSModel
    private let columns: [String: Int]
    private let offers: [String]
    private let weighting: InteractionWeighting
    /// The mean of all users' factors: what a user without history is taken for.
    private let meanUser: [Float]

    /// Loads the champion of the registry in `folder`.
    ///
    /// - Parameter weighting: that of models whose manifests have none; the others repeat their training's.
    /// - Throws: `noChampion`, `unknownVersion`, `brokenModel`.
    public init(championIn folder: String, weighting: InteractionWeighting = .init()) throws(RecommendationError) {
        let stored = try ModelRegistry(folder: URL(fileURLWithPath: folder, isDirectory: true)).champion()
        guard let model = stored.model as? ImplicitALSModel, let offers = stored.itemIDs else {
            throw .brokenModel(
                version: stored.manifest.version, reason: "only factorizations with offer IDs can be put in service")
        }
        self.init(
            version: stored.manifest.version, model: model, offers: offers,
            weighting: stored.manifest.weighting ?? weighting)
    }

    /// Puts `model` in service; `offers` are the IDs of its items.
    public init(version: String, model: ImplicitALSModel, offers: [String], weighting: InteractionWeighting = .init()) {
        self.version = version
        self.model = model
        self.offers = offers
        self.weighting = weighting
        columns = Dictionary(offers.enumerated().map { ($1, $0) }) { $1 }
        var sum = [Float](repeating: 0, count: model.userFactors.columns)
        for user in 0..<model.userCount { for (i, x) in model.userFactors.row(user).enumerated() { sum[i] += x } }
        meanUser = sum.map { $0 / Float(max(1, model.userCount)) }
    }

    /// A user as the model sees it.
    public struct User: Sendable {
        /// The folded-in factors; the mean user's without history.
        public let factors: [Float]
        /// The history as one row; nil without history.
        let row: InteractionMatrix?
        /// How many offers the user has dealt with, of those that the model knows.
        public var offers: Int { row?.count ?? 0 }
    }

    /// Folds a user in from `history`, one user's events; events with unknown offers do not count.
    ///
    /// Age counts from the newest event, so that the same history gives the same user whenever it is asked for.
    /// - Throws: `numerical`. O(n² d) for n < d offers.
    public func user(_ history: [Interaction]) throws(RecommendationError) -> User {
        let newest = history.map(\.time).max() ?? 0
        let pairs = weighting.evidence(history, now: newest).values.first ?? [:]
        let entries = pairs.compactMap { offer, pair in
            columns[offer].map {
                InteractionMatrix.Entry(
                    user: 0, item: $0, confidence: Float(pair.confidence), preference: Float(pair.preference))
            }
        }
        guard !entries.isEmpty else { return User(factors: meanUser, row: nil) }
        let row = try InteractionMatrix(userCount: 1, itemCount: model.itemCount, entries: entries)
        let factors = try model.foldIn(row, threads: 1)
        return User(factors: Array(factors.row(0)), row: row)
    }

    /// The predicted preference of `user` for an offer; nil when nobody has ever dealt with it. O(d).
    public func preference(of user: User, for offer: String) -> Double? {
        guard let column = columns[offer] else { return nil }
        let factors = model.itemFactors.row(column)
        guard factors.contains(where: { $0 != 0 }) else { return nil }
        return zip(user.factors, factors).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
    }

    /// The user's own interactions that weigh most in the preference for `offer`, largest first; they all sum to it.
    /// - Throws: `numerical`. O(n d² + d³).
    public func evidence(
        of user: User, for offer: String, limit: Int = 3
    ) throws(RecommendationError) -> [(offer: String, contribution: Double)] {
        guard let row = user.row, let column = columns[offer] else { return [] }
        let explanation = try model.explain(user: 0, item: column, interactions: row)
        return explanation.contributions.prefix(limit).map { (offers[$0.item], $0.amount) }
    }
}
