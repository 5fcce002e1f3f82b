import LinearAlgebra

/// The recipe of popularity, in which there is nothing to choose.
public struct Popularity: ModelHyperparameters {
    /// The recipe.
    public init() {}

    /// `ModelRecipe.popularity`.
    public var recipe: ModelRecipe { .popularity }

    /// Has nothing to refuse.
    public func validate() throws(RecommendationError) {}

    /// Counts. O(entries).
    public func train(
        _ interactions: InteractionMatrix, threads: Int, progress: (_ epoch: Int) -> Void
    ) throws(RecommendationError) -> PopularityModel {
        PopularityModel(interactions)
    }
}

/// Every user is offered what most users took: the floor that any other model must clear.
public struct PopularityModel: Recommender, Equatable {
    /// `ModelKind.popularity`.
    public static let kind = ModelKind.popularity
    /// The number of users.
    public let userCount: Int
    /// Σ c p over the users of each item: its count for plain implicit feedback.
    public let itemScores: [Float]
    /// The number of items.
    public var itemCount: Int { itemScores.count }

    /// Counts `interactions`; an entry counts confidence × preference. O(entries).
    public init(_ interactions: InteractionMatrix) {
        // In Double: exact for counts beyond 2²⁴, and independent of order for moderate weights.
        var sums = [Double](repeating: 0, count: interactions.itemCount)
        for (k, item) in interactions.items.enumerated() {
            sums[Int(item)] += Double(interactions.confidences?[k] ?? 1) * Double(interactions.preferences?[k] ?? 1)
        }
        userCount = interactions.userCount
        itemScores = sums.map { Float($0) }
    }

    /// A model of known scores.
    /// - Throws: `nonFinite`.
    public init(userCount: Int, itemScores: [Float]) throws(RecommendationError) {
        guard itemScores.allSatisfy(\.isFinite) else { throw .nonFinite(what: "a popularity score") }
        self.userCount = max(0, userCount)
        self.itemScores = itemScores
    }

    /// The same scores for every user.
    public func score(
        users: [Int], items: Range<Int>, into scores: inout Matrix<Float>
    ) throws(RecommendationError) {
        try check(users: users, items: items, into: scores)
        for row in users.indices {
            try numerical { () throws(LinearAlgebraError) in try scores.replaceRow(row, with: itemScores[items]) }
        }
    }

    /// The same scores for as many users as `interactions` has.
    public func withUsers(foldedIn interactions: InteractionMatrix) throws(RecommendationError) -> PopularityModel {
        guard interactions.itemCount == itemCount else {
            throw .shapeMismatch(
                what: "interactions to fold in", expected: "\(itemCount) items", found: "\(interactions.itemCount)")
        }
        return try PopularityModel(userCount: interactions.userCount, itemScores: itemScores)
    }
}
