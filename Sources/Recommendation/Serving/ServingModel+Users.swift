import LinearAlgebra
import Marketplace

extension ServingModel {
    /// A user as the model sees it.
    public struct User: Sendable {
        /// What the predictions for the user come from.
        public enum Origin: Sendable, Hashable {
            /// The user's own dealings with this many offers.
            case history(offers: Int)
            /// The user's features.
            case features
            /// Nothing is known: the mean user, who ranks by popularity.
            case average
            /// A model that makes no difference between users.
            case everyone
        }
        /// The factors; empty for a model that has none.
        public let factors: [Float]
        /// What they come from.
        public let origin: Origin
        /// The history as one row; nil without history.
        let row: InteractionMatrix?
        /// The scores of all the model's offers; nil for a factorization, where one is worked out when it is asked for.
        let scores: [Float]?
        /// How the scores of a blend's parts were standardised; nil for other kinds.
        let standards: (factors: BlendModel.Standard, filtered: BlendModel.Standard)?
        /// How many offers the user has dealt with, of those that the model knows.
        public var offers: Int { row?.count ?? 0 }

        init(
            factors: [Float] = [], origin: Origin, row: InteractionMatrix?, scores: [Float]? = nil,
            standards: (BlendModel.Standard, BlendModel.Standard)? = nil
        ) {
            (self.factors, self.origin, self.row, self.scores) = (factors, origin, row, scores)
            self.standards = standards
        }

        /// What the predictions depend on besides the model, the same for the same user.
        public var fingerprint: String {
            // The history itself too: what an offer without factors was dealt with moves no score, but it is told.
            guard let row else { return "\(factors)" }
            return "\(factors) \(row.items) \((0..<row.count).map { row.confidences?[$0] ?? 1 }) "
                + "\((0..<row.count).map { row.preferences?[$0] ?? 1 })"
        }
    }

    /// Folds a user in from `history`, one user's events; events with unknown offers do not count. Without history
    /// that counts, the user stands on the prior from `features`, and without that is the mean user.
    ///
    /// Age counts from the newest event, so that the same history gives the same user whenever it is asked for.
    /// - Throws: `numerical`. O(n² d) for n < d offers; for kinds other than `ials` and the cost of scoring all offers.
    public func user(
        _ history: [Interaction], features: [String: Double] = [:]
    ) throws(RecommendationError) -> User {
        let row = try row(history)
        let origin: User.Origin
        if let row {
            origin = .history(offers: row.count)
        } else if let userPrior, userPrior.features.contains(where: { features[$0] != nil }) {
            origin = .features
        } else {
            origin = .average
        }
        switch model {
        case let model as ImplicitALSModel:
            return User(factors: try factors(model, row, features), origin: origin, row: row)
        case let model as BlendModel:
            let factors = try factors(model.factorization, row, features)
            let blended = try model.blended(
                try model.factorization.scores(factors: factors),
                try row.map { (row) throws(RecommendationError) in
                    try model.filters.withUsers(foldedIn: row).scores(user: 0)
                } ?? meanScores)
            return User(
                factors: factors, origin: origin, row: row, scores: blended.scores,
                standards: (blended.factors, blended.filtered))
        case is PopularityModel:
            return User(origin: .everyone, row: row, scores: meanScores)
        default:
            guard let row else { return User(origin: .average, row: nil, scores: meanScores) }
            let folded: any Recommender = try model.withUsers(foldedIn: row)
            return User(origin: origin, row: row, scores: try folded.scores(user: 0))
        }
    }

    /// The history with known offers as one row; nil when there is none.
    private func row(_ history: [Interaction]) throws(RecommendationError) -> InteractionMatrix? {
        let newest = history.map(\.time).max() ?? 0
        let pairs = weighting.evidence(history, now: newest).values.first ?? [:]
        let entries = pairs.compactMap { offer, pair in
            columns[offer].map {
                InteractionMatrix.Entry(
                    user: 0, item: $0, confidence: Float(pair.confidence), preference: Float(pair.preference))
            }
        }
        guard !entries.isEmpty else { return nil }
        return try InteractionMatrix(userCount: 1, itemCount: model.itemCount, entries: entries)
    }

    /// A user's factors, from what is known of it.
    private func factors(
        _ model: ImplicitALSModel, _ row: InteractionMatrix?, _ features: [String: Double]
    ) throws(RecommendationError) -> [Float] {
        if let row { return Array(try model.foldIn(row, threads: 1).row(0)) }
        return userPrior?.factors(features) ?? meanUser
    }

    /// What is predicted of a user and an offer.
    public struct Prediction: Sendable, Hashable {
        /// The model's score, on the scale of its kind: of a factorization about 0…1, what is predicted in place of a
        /// reservation's 1.
        public let score: Double
        /// The calibrated probability that the user takes the offer; the score, clamped to 0…1, without a calibration.
        public let probability: Double
        /// Whether the offer was learned from dealings; foretold from its features otherwise.
        public let isLearned: Bool
    }

    /// The predicted preference of `user` for an offer; nil when neither model nor catalogue knows it. O(d).
    ///
    /// Of an offer that nobody has dealt with, a blend knows what the features foretell of its factors; its graph filters
    /// then stand at their mean, which is for and against nothing.
    public func preference(of user: User, for offer: String) -> Prediction? {
        func product(_ factors: some Collection<Float>) -> Double {
            zip(user.factors, factors).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
        }
        let (score, isLearned): (Double, Bool)
        if let column = learnedColumn(offer) {
            isLearned = true
            if let scores = user.scores {
                score = Double(scores[column])
            } else if let factorization {
                score = product(factorization.itemFactors.row(column))
            } else {
                return nil
            }
        } else if let factors = foretoldFactors(of: offer) {
            isLearned = false
            let standard = user.standards?.factors ?? .init(mean: 0, scale: 1)
            score = standard.scale * (product(factors) - standard.mean)
        } else {
            return nil
        }
        return Prediction(
            score: score, probability: probability(score), isLearned: isLearned)
    }

    /// The user's own interactions that weigh most in the preference for each of `offers`, largest first. Empty for an
    /// offer that nobody has dealt with, and for a model that makes no difference between users.
    ///
    /// A contribution is what an interaction adds to the probability: all of them sum to it less that of a user without
    /// interactions, whose score is 0, or in a blend, whose parts' scores are counted from their means, another. The score
    /// is a sum, the probability a function of it: along the straight way each interaction adds in proportion (the
    /// attribution of Aumann and Shapley 1974; integrated gradients).
    /// - Throws: `numerical`. Of a factorization O(n d² + d³) and O(n d + d²) an offer; of the other kinds n look-ups
    ///   in a row of neighbours or of singular vectors an offer.
    public func evidence(
        of user: User, for offers: [String], limit: Int = 3
    ) throws(RecommendationError) -> [[(offer: String, contribution: Double)]] {
        let known = offers.map { learnedColumn($0) }
        guard let row = user.row, user.origin != .everyone else { return offers.map { _ in [] } }
        var amounts = known.map { _ in [Int: Double]() }
        let standards = user.standards
        if let factorization {
            let scale = standards?.factors.scale ?? 1
            var explanations = try factorization.explain(
                user: 0, items: known.compactMap(\.self), interactions: row)[...]
            for (index, column) in known.enumerated() where column != nil {
                for part in explanations.popFirst()?.contributions ?? [] {
                    amounts[index][part.item, default: 0] += scale * part.amount
                }
            }
        }
        if let linear = (model as? BlendModel)?.filters ?? model as? any LinearModel {
            let scale = standards?.filtered.scale ?? 1
            for (index, column) in known.enumerated() {
                guard let column else { continue }
                for (k, own) in row.items.enumerated() {
                    amounts[index][Int(own), default: 0] +=
                        scale * Double(row.value(k)) * linear.effect(of: Int(own), on: column)
                }
            }
        }
        return zip(offers, amounts).map { offer, parts in
            let score = preference(of: user, for: offer)?.score ?? 0
            // In the order of the columns: a dictionary's own differs from run to run, and with it the sum's last digits.
            let sum = parts.sorted { $0.key < $1.key }.reduce(0) { $0 + $1.value }
            let slope = meanSlope(from: score - sum, to: score)
            return parts.mapValues { slope * $0 }.sorted { (-abs($0.value), $0.key) < (-abs($1.value), $1.key) }.prefix(
                limit
            )
            .map { (self.offers[$0.key], $0.value) }
        }
    }

    /// The mean slope of the probability between two scores.
    private func meanSlope(from start: Double, to end: Double) -> Double {
        // A difference of equal numbers has no digits left; the slope there is as good as the mean one.
        let start = abs(end - start) < 1e-6 ? end - 1e-6 : start
        return (probability(end) - probability(start)) / (end - start)
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
    /// - Throws: `numerical`. O(offers · d), or O(offers) where the user has the scores.
    public func best(
        _ count: Int, for user: User, allowed: (some Sequence<String>)?, denied: some Sequence<String>,
        includesSeen: Bool = false, threads: Int = ParallelBlocks.defaultThreads
    ) throws(RecommendationError) -> [(offer: String, score: Double)] {
        var excluded = denied.compactMap { columns[$0].map { Int32($0) } }
        if !includesSeen, let row = user.row { excluded += row.items }
        let filter = ItemFilter(
            allowed: allowed.map { $0.compactMap { columns[$0].map { Int32($0) } } }, denied: excluded)
        if let scores = user.scores {
            var selector = TopKSelector(count: min(count, scores.count))
            for (item, score) in scores.enumerated() where score > selector.threshold && filter.admits(item) {
                selector.keep(score, item)
            }
            return zip(selector.indices, selector.scores).map { (offers[Int($0)], Double($1)) }
        }
        guard let index else { return [] }
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
