import LinearAlgebra

/// Where a snapshot's commitments are divided in time: train, then validation, then test.
///
/// Choices (of hyperparameters, of epochs, of a calibration) look at training and validation only; the gate looks at
/// the test alone.
public struct TimeSplit: Sendable, Equatable, Codable {
    /// When the validation period begins, seconds since 1970.
    public let validation: Int
    /// When the test period begins and the validation period ends.
    public let test: Int
    /// When the test period ends, excluded.
    public let end: Int
}

extension InteractionSnapshot {
    /// The split by shares of the commitments (accepted, reserved, renewed).
    /// - Throws: `invalidInteractions` when there is none, `invalidHyperparameter`.
    public func split(
        validationShare: Double = 0.16, testShare: Double = 0.2
    ) throws(RecommendationError) -> TimeSplit {
        for (name, share) in [("validation share", validationShare), ("test share", testShare)] {
            guard share > 0, share < 1, validationShare + testShare < 1 else {
                throw .invalidHyperparameter(
                    name: name, requirement: "must be above 0, and below 1 together with the other, not \(share)")
            }
        }
        guard let validation = time(after: 1 - validationShare - testShare), let test = time(after: 1 - testShare),
            let period
        else {
            throw .invalidInteractions(reason: "nobody has accepted, reserved or renewed anything; import interactions")
        }
        return TimeSplit(validation: validation, test: test, end: period.upperBound + 1)
    }

    /// What a model may learn from, what its rankings leave out, and what they are to find.
    struct Period: Sendable {
        /// The weighted interactions before the period.
        let train: InteractionMatrix
        /// The commitments before the period.
        let known: InteractionMatrix
        /// The commitments within it that are not known.
        let held: InteractionMatrix

        /// The users with something to find.
        var users: [Int] { (0..<held.userCount).filter { !held.entryRange(of: $0).isEmpty } }

        /// At most so many of them, at least one, spread evenly over all.
        func users(most: Int) -> [Int] {
            let users = users
            let count = min(users.count, max(1, most))
            return (0..<count).map { users[$0 * users.count / count] }
        }

        /// The model with users that `train` knows nothing of in the place of the mean user, as they are served.
        func servingEveryone(_ model: some StorableModel) throws(RecommendationError) -> any Recommender {
            let isUnknown = (0..<model.userCount).map { train.entryRange(of: $0).isEmpty }
            guard isUnknown.contains(true) else { return model }
            return MeanUserModel(model, isUnknown: isUnknown, scores: try model.meanScores())
        }

        /// A model, trained before the period, on at most so many of its users.
        func measure(_ model: any StorableModel, k: Int, most: Int) throws(RecommendationError) -> RankingMetrics {
            let rankings = try servingEveryone(model).topK(
                users: users(most: most), count: k, excluding: known)
            return try RankingMetrics(rankings, test: held, k: k)
        }
    }

    /// The period `window`, with everything before it.
    func period(
        _ window: Range<Int>, weighting: InteractionWeighting
    ) throws(RecommendationError) -> Period {
        let known = try commitments(in: .min..<window.lowerBound)
        return Period(
            train: try matrix(before: window.lowerBound, weighting: weighting), known: known,
            held: try commitments(in: window).removing(known))
    }
}

/// A model that serves some of its users as the mean of all.
private struct MeanUserModel<Base: StorableModel>: Recommender {
    static var kind: ModelKind { Base.kind }
    let base: Base
    let isUnknown: [Bool]
    let scores: [Float]
    var userCount: Int { base.userCount }
    var itemCount: Int { base.itemCount }

    init(_ base: Base, isUnknown: [Bool], scores: [Float]) {
        self.base = base
        self.isUnknown = isUnknown
        self.scores = scores
    }

    func score(
        users: [Int], items: Range<Int>, into result: inout Matrix<Float>
    ) throws(RecommendationError) {
        try base.score(users: users, items: items, into: &result)
        for (row, user) in users.enumerated() where isUnknown[user] {
            try numerical { () throws(LinearAlgebraError) in try result.replaceRow(row, with: scores[items]) }
        }
    }

    /// Whoever is folded in is known.
    func withUsers(foldedIn interactions: InteractionMatrix) throws(RecommendationError) -> Self {
        MeanUserModel(
            try base.withUsers(foldedIn: interactions),
            isUnknown: [Bool](repeating: false, count: interactions.userCount), scores: scores)
    }
}

extension InteractionMatrix {
    /// The entries that `other`, of the same shape, does not have.
    func removing(_ other: InteractionMatrix) throws(RecommendationError) -> InteractionMatrix {
        try filtered { user, item in !other.items(of: user).containsSorted(item) }
    }

    /// The entries, as plain positives, for which `isIncluded` holds. O(entries).
    func filtered(_ isIncluded: (Int, Int32) -> Bool) throws(RecommendationError) -> InteractionMatrix {
        var starts = [0]
        var kept: [Int32] = []
        for user in 0..<userCount {
            kept += items(of: user).lazy.filter { isIncluded(user, $0) }
            starts.append(kept.count)
        }
        return try InteractionMatrix(userCount: userCount, itemCount: itemCount, rowStarts: starts, items: kept)
    }
}
