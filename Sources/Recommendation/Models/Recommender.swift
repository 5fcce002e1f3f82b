import LinearAlgebra

/// The kinds of models that are trained, compared and stored.
public enum ModelKind: String, Sendable, Codable, CaseIterable {
    /// How many interactions an item has.
    case popularity
    /// Implicit alternating least squares.
    case ials
    /// Cosine similarity of items.
    case itemCosine = "item-cosine"
    /// The linear autoencoder in closed form.
    case ease
    /// Graph filters, GF-CF.
    case graphFilter = "gf-cf"
    /// A factorization and graph filters together.
    case blend

    /// Whether scoring a part of the items costs as much as scoring all of them.
    var scoresWholeRows: Bool { self != .popularity && self != .ials }
}

/// A trained model that scores items for users; higher is better, only the order counts.
///
/// Scores are a function of the model alone: deterministic, and finite for every known user and item.
public protocol Recommender: Sendable {
    /// What kind of model this is.
    static var kind: ModelKind { get }
    /// The number of users that the model knows.
    var userCount: Int { get }
    /// The number of items that the model scores.
    var itemCount: Int { get }

    /// Writes the scores of a contiguous range of items for several users.
    ///
    /// - Parameters:
    ///   - users: user indices, in any order.
    ///   - items: the range of item indices to score.
    ///   - scores: users.count × items.count; element (r, j) becomes the score of `users[r]` and item
    ///     `items.lowerBound + j`.
    /// - Throws: `indexOutOfRange`, `shapeMismatch`.
    func score(users: [Int], items: Range<Int>, into scores: inout Matrix<Float>) throws(RecommendationError)
    /// A model that knows the users of `interactions` instead: new or changed users without retraining.
    ///
    /// Folding in the very rows that the model was trained on gives its scores again.
    /// - Throws: `shapeMismatch` unless they are over the model's items, `numerical`.
    func withUsers(foldedIn interactions: InteractionMatrix) throws(RecommendationError) -> Self
}

extension Recommender {
    /// The scores of every item for several users: users.count × itemCount.
    public func scores(users: [Int]) throws(RecommendationError) -> Matrix<Float> {
        var result = Matrix<Float>(rows: users.count, columns: itemCount)
        try score(users: users, items: 0..<itemCount, into: &result)
        return result
    }

    /// The scores of every item for one user.
    public func scores(user: Int) throws(RecommendationError) -> [Float] {
        try scores(users: [user]).elements
    }

    /// Refuses users, items and a result that do not fit this model.
    func check(users: [Int], items: Range<Int>, into scores: Matrix<Float>) throws(RecommendationError) {
        if let outside = users.first(where: { $0 < 0 || $0 >= userCount }) {
            throw .indexOutOfRange(kind: "user", index: outside, count: userCount)
        }
        guard items.lowerBound >= 0, items.upperBound <= itemCount else {
            throw .indexOutOfRange(kind: "item", index: items.upperBound - 1, count: itemCount)
        }
        guard scores.rows == users.count, scores.columns == items.count else {
            throw .shapeMismatch(
                what: "scores", expected: "\(users.count) × \(items.count)", found: scores.shape)
        }
    }
}
