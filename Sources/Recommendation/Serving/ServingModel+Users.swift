import LinearAlgebra
import Marketplace

extension ServingModel {
    /// A user as the model sees it.
    public struct User: Sendable {
        /// What the factors come from.
        public enum Origin: Sendable, Hashable {
            /// The user's own dealings with this many offers.
            case history(offers: Int)
            /// The user's features.
            case features
            /// Nothing is known: the mean user, who ranks by popularity.
            case average
        }
        /// The factors.
        public let factors: [Float]
        /// What they come from.
        public let origin: Origin
        /// The history as one row; nil without history.
        let row: InteractionMatrix?
        /// How many offers the user has dealt with, of those that the model knows.
        public var offers: Int { row?.count ?? 0 }
    }

    /// Folds a user in from `history`, one user's events; events with unknown offers do not count. Without history
    /// that counts, the user stands on the prior from `features`, and without that is the mean user.
    ///
    /// Age counts from the newest event, so that the same history gives the same user whenever it is asked for.
    /// - Throws: `numerical`. O(n² d) for n < d offers.
    public func user(
        _ history: [Interaction], features: [String: Double] = [:]
    ) throws(RecommendationError) -> User {
        let newest = history.map(\.time).max() ?? 0
        let pairs = weighting.evidence(history, now: newest).values.first ?? [:]
        let entries = pairs.compactMap { offer, pair in
            columns[offer].map {
                InteractionMatrix.Entry(
                    user: 0, item: $0, confidence: Float(pair.confidence), preference: Float(pair.preference))
            }
        }
        guard !entries.isEmpty else {
            if let userPrior, userPrior.features.contains(where: { features[$0] != nil }) {
                return User(factors: userPrior.factors(features), origin: .features, row: nil)
            }
            return User(factors: userPrior?.intercept ?? meanUser, origin: .average, row: nil)
        }
        let row = try InteractionMatrix(userCount: 1, itemCount: model.itemCount, entries: entries)
        let factors = try model.foldIn(row, threads: 1)
        return User(factors: Array(factors.row(0)), origin: .history(offers: row.count), row: row)
    }

    /// What is predicted of a user and an offer.
    public struct Prediction: Sendable, Hashable {
        /// xᵀy, about 0…1: what is predicted in place of a reservation's 1.
        public let score: Double
        /// The calibrated probability that the user takes the offer; the score, clamped to 0…1, without a calibration.
        public let probability: Double
        /// Whether the offer's factors were learned from dealings; foretold from its features otherwise.
        public let isLearned: Bool
    }

    /// The predicted preference of `user` for an offer; nil when neither model nor catalogue knows it. O(d).
    public func preference(of user: User, for offer: String) -> Prediction? {
        guard let (factors, isLearned) = factors(of: offer) else { return nil }
        let score = zip(user.factors, factors).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
        return Prediction(
            score: score, probability: probability(score), isLearned: isLearned)
    }

    /// The user's own interactions that weigh most in the preference for each of `offers`, largest first, and what each
    /// adds to the probability: all of them sum to it less that of score 0, which a user without interactions has. Empty
    /// for an offer that nobody has dealt with.
    ///
    /// The score is a sum, the probability a function of it: along the straight way from 0 to the score each interaction
    /// adds in proportion (the attribution of Aumann and Shapley 1974; integrated gradients).
    /// - Throws: `numerical`. O(n d² + d³) and O(n d + d²) an offer.
    public func evidence(
        of user: User, for offers: [String], limit: Int = 3
    ) throws(RecommendationError) -> [[(offer: String, contribution: Double)]] {
        guard let row = user.row else { return offers.map { _ in [] } }
        let known = offers.map { offer in columns[offer].flatMap { dealtWith[$0] ? $0 : nil } }
        var explanations = try model.explain(user: 0, items: known.compactMap(\.self), interactions: row)[...]
        return known.map { column in
            guard column != nil, let explanation = explanations.popFirst() else { return [] }
            let share = probabilityPerScore(explanation.score)
            return explanation.contributions.prefix(limit).map { (self.offers[$0.item], share * $0.amount) }
        }
    }

    /// The mean slope of the probability between score 0 and `score`.
    private func probabilityPerScore(_ score: Double) -> Double {
        // A difference of equal numbers has no digits left; the slope there is as good as the mean one.
        let end = abs(score) < 1e-6 ? (score < 0 ? -1e-6 : 1e-6) : score
        return (probability(end) - probability(0)) / end
    }

    /// What a score stands for.
    private func probability(_ score: Double) -> Double {
        calibration?.probability(score) ?? min(1, max(0, score))
    }

    /// The `count` offers that the model knows and that suit the user best, exactly: descending score, ties to the
    /// offer that comes first in the model.
    ///
    /// - Parameters:
    ///   - allowed: the only offers that may come back; nil allows all. IDs that the model does not know are passed
    ///     over.
    ///   - denied: offers that may not come back.
    ///   - includesSeen: whether offers that the user has dealt with may come back.
    /// - Throws: `numerical`. O(offers · d).
    public func best(
        _ count: Int, for user: User, allowed: (some Sequence<String>)?, denied: some Sequence<String>,
        includesSeen: Bool = false, threads: Int = ParallelBlocks.defaultThreads
    ) throws(RecommendationError) -> [(offer: String, score: Double)] {
        var excluded = denied.compactMap { columns[$0].map { Int32($0) } }
        if !includesSeen, let row = user.row { excluded += row.items }
        let filter = ItemFilter(
            allowed: allowed.map { $0.compactMap { columns[$0].map { Int32($0) } } }, denied: excluded)
        let found = try numerical { () throws(LinearAlgebraError) in
            try index.search(user.factors, count: count, filter: filter, threads: threads)
        }
        return zip(found.rows, found.scores).map { (offers[Int($0)], Double($1)) }
    }

    /// The best offers that the user has not dealt with, without further filters.
    public func best(_ count: Int, for user: User) throws(RecommendationError) -> [(offer: String, score: Double)] {
        try best(count, for: user, allowed: [String]?.none, denied: [])
    }
}
