import Foundation

/// Trains a challenger, measures it on what came later, and judges whether it may serve.
public struct Retraining: Sendable {
    /// One condition of the gate.
    public struct Condition: Sendable, Hashable {
        /// What must hold.
        public let name: String
        /// Whether it does.
        public let passed: Bool
        /// The figures.
        public let detail: String
    }

    /// What a retraining came to.
    public struct Outcome: Sendable {
        /// The width of the challenger's factors.
        public let factors: Int
        /// When the test period begins, seconds since 1970.
        public let cutoff: Int
        /// The challenger, trained before the cutoff and measured after it.
        public let challenger: RankingMetrics
        /// Popularity on the same split.
        public let popularity: RankingMetrics
        /// The champion's recipe on the same split; nil without a champion or when the recipes are equal.
        public let champion: RankingMetrics?
        /// The gate.
        public let conditions: [Condition]
        /// The challenger trained on everything, for service; nil when the gate is closed.
        public let model: ImplicitALSModel?
        /// The interactions that `model` learned from.
        public let interactions: InteractionMatrix

        /// Whether every condition holds.
        public var passed: Bool { conditions.allSatisfy(\.passed) }
    }

    /// How interactions are weighted.
    public var weighting = InteractionWeighting()
    /// How the challenger is trained.
    public var hyperparameters: ImplicitALS.Hyperparameters
    /// The share of commitments, by time, that train; the rest tests.
    public var trainShare = 0.8
    /// The least number of users with something to test.
    public var minimumTestUsers = 30
    /// The least share of offers that someone is shown among the first k.
    public var minimumCoverage = 0.05
    /// How far below the champion's NDCG the challenger may lie.
    public var tolerance = 0.001
    /// How many offers a ranking shows.
    public var k = 20

    /// A retraining with these hyperparameters.
    public init(hyperparameters: ImplicitALS.Hyperparameters) { self.hyperparameters = hyperparameters }

    /// Splits `snapshot` by time, trains and measures, and trains on everything if the gate opens.
    ///
    /// What a user was committed to before the cutoff is masked in the ranking; what the user commits to after it,
    /// and was not before, is to be found.
    ///
    /// - Parameters:
    ///   - champion: the recipe of the model in service.
    ///   - now: the end of the data, seconds since 1970.
    ///   - progress: called with what is being done.
    /// - Throws: `invalidInteractions` when there is no commitment at all; what training throws.
    public func run(
        _ snapshot: InteractionSnapshot, champion: ImplicitALS.Hyperparameters?, now: Int,
        progress: (String) -> Void = { _ in }
    ) throws(RecommendationError) -> Outcome {
        guard let cutoff = snapshot.time(after: trainShare) else {
            throw .invalidInteractions(reason: "nobody has accepted, reserved or renewed anything; import interactions")
        }
        let train = try snapshot.matrix(before: cutoff, weighting: weighting)
        let known = try snapshot.commitments(in: .min..<cutoff)
        let test = try snapshot.commitments(in: cutoff..<now + 1).removing(known)

        let challenger = try measure(hyperparameters, train, known, test, "challenger", progress)
        let popularity = try Evaluation.measure(PopularityModel(train), train: known, test: test, k: k)
        var champion = champion
        if champion == hyperparameters { champion = nil }
        var championMetrics: RankingMetrics?
        if let champion { championMetrics = try measure(champion, train, known, test, "champion's recipe", progress) }

        let conditions = gate(challenger, popularity, championMetrics)
        let all = try snapshot.matrix(before: now + 1, weighting: weighting)
        var model: ImplicitALSModel?
        if conditions.allSatisfy(\.passed) {
            model = try fit(all, hyperparameters, "final model", progress)
        }
        return Outcome(
            factors: hyperparameters.factors, cutoff: cutoff, challenger: challenger, popularity: popularity,
            champion: championMetrics,
            conditions: conditions, model: model, interactions: all)
    }

    private func measure(
        _ hyperparameters: ImplicitALS.Hyperparameters, _ train: InteractionMatrix, _ known: InteractionMatrix,
        _ test: InteractionMatrix, _ name: String, _ progress: (String) -> Void
    ) throws(RecommendationError) -> RankingMetrics {
        try Evaluation.measure(
            try fit(train, hyperparameters, name, progress), train: known, test: test, k: k)
    }

    private func fit(
        _ matrix: InteractionMatrix, _ hyperparameters: ImplicitALS.Hyperparameters, _ name: String,
        _ progress: (String) -> Void
    ) throws(RecommendationError) -> ImplicitALSModel {
        try ImplicitALS(hyperparameters).train(matrix) { epoch in
            progress("training the \(name): epoch \(epoch) of \(hyperparameters.epochs)")
        }
    }

    private func gate(
        _ challenger: RankingMetrics, _ popularity: RankingMetrics, _ champion: RankingMetrics?
    ) -> [Condition] {
        func text(_ value: Double) -> String { String(format: "%.4f", value) }
        var conditions = [
            Condition(
                name: "enough to test", passed: challenger.users >= minimumTestUsers,
                detail: "\(challenger.users) users, at least \(minimumTestUsers)"),
            Condition(
                name: "better than popularity", passed: challenger.ndcg > popularity.ndcg,
                detail: "NDCG@\(k) \(text(challenger.ndcg)) against \(text(popularity.ndcg))"),
            Condition(
                name: "coverage", passed: challenger.coverage >= minimumCoverage,
                detail: "\(text(challenger.coverage)) of all offers are shown, at least \(text(minimumCoverage))")
        ]
        if let champion {
            conditions.append(
                Condition(
                    name: "not worse than the champion", passed: challenger.ndcg >= champion.ndcg - tolerance,
                    detail: "NDCG@\(k) \(text(challenger.ndcg)) against \(text(champion.ndcg))"))
        }
        return conditions
    }
}

extension InteractionMatrix {
    /// The entries that `other`, of the same shape, does not have.
    func removing(_ other: InteractionMatrix) throws(RecommendationError) -> InteractionMatrix {
        var entries: [Entry] = []
        for user in 0..<userCount {
            let known = Set(other.items(of: user))
            for item in items(of: user) where !known.contains(item) {
                entries.append(.init(user: user, item: Int(item)))
            }
        }
        return try InteractionMatrix(userCount: userCount, itemCount: itemCount, entries: entries)
    }
}
