import LinearAlgebra

/// A model that the registry can store: it is its hyperparameters and its tensors.
public protocol StorableModel: Recommender {
    /// What it is trained by.
    associatedtype Hyperparameters: ModelHyperparameters where Hyperparameters.Model == Self
    /// How it was trained.
    var hyperparameters: Hyperparameters { get }
    /// The scores of all items for the mean of the users with interactions: what a user of whom nothing is known is shown.
    /// - Throws: `numerical`.
    func meanScores() throws(RecommendationError) -> [Float]
    /// All that scoring needs.
    func tensors() -> [NamedTensor]
    /// The model of a file that `tensors` wrote, of so many users and items.
    /// - Throws: `malformedTensors`, `shapeMismatch`, `nonFinite`, `numerical`.
    init(_ file: TensorFile, hyperparameters: Hyperparameters, users: Int, items: Int) throws(RecommendationError)
}

extension StorableModel {
    /// How it was trained, among the recipes of all kinds.
    public var recipe: ModelRecipe { hyperparameters.recipe }
}

extension PopularityModel: StorableModel {
    /// Nothing.
    public var hyperparameters: Popularity { Popularity() }

    /// The counts.
    public func meanScores() -> [Float] { itemScores }

    /// `item_scores`.
    public func tensors() -> [NamedTensor] { [NamedTensor("item_scores", itemScores)] }

    /// The model of a stored file.
    public init(
        _ file: TensorFile, hyperparameters: Popularity, users: Int, items: Int
    ) throws(RecommendationError) {
        try self.init(userCount: users, itemScores: try file.vector("item_scores"))
    }
}

extension ImplicitALSModel: StorableModel {
    /// Which items somebody took: the others have no factors.
    var takenItems: [Bool] { (0..<itemCount).map { itemFactors.row($0).contains { $0 != 0 } } }

    /// The scores of the mean factors, of a sample of many users. O(items · d).
    public func meanScores() throws(RecommendationError) -> [Float] { try scores(factors: try meanFactors()) }

    /// The scores of all items for a user of known factors. O(items · d).
    func scores(factors: [Float]) throws(RecommendationError) -> [Float] {
        try numerical { () throws(LinearAlgebraError) in
            let user = try Matrix(rows: 1, columns: factors.count, elements: factors)
            var scores = Matrix<Float>(rows: 1, columns: itemCount)
            try scores.accumulateProduct(user, itemFactors, rowsOfB: 0..<itemCount, transposeB: .transposed)
            return scores.elements
        }
    }

    /// The mean of the users with interactions: of all up to 4096, and of 8 evenly spaced runs of 512 beyond; of a
    /// million mapped users some pages are read, not all.
    func meanFactors() throws(RecommendationError) -> [Float] {
        let (runs, length) = (8, 512)
        let users = userFactors
        let isSmall = users.rows <= runs * length
        let starts = isSmall ? [0] : (0..<runs).map { $0 * (users.rows - length) / (runs - 1) }
        let count = isSmall ? users.rows : length
        var (sum, known) = ([Double](repeating: 0, count: users.columns), 0)
        for start in starts {
            for row in start..<start + count {
                let factors = users.row(row)
                guard factors.contains(where: { $0 != 0 }) else { continue }
                known += 1
                for (j, x) in factors.enumerated() { sum[j] += Double(x) }
            }
        }
        let mean = sum.map { Float($0 / Double(max(1, known))) }
        guard mean.allSatisfy(\.isFinite) else { throw .nonFinite(what: "the user factors") }
        return mean
    }

    /// `user_factors`, `item_factors` and `shared_diagonal`.
    public func tensors() -> [NamedTensor] {
        [
            NamedTensor("user_factors", userFactors), NamedTensor("item_factors", itemFactors),
            NamedTensor("shared_diagonal", sharedDiagonal)
        ]
    }

    /// The model of a stored file; its users' factors stay there.
    public init(
        _ file: TensorFile, hyperparameters: ImplicitALS.Hyperparameters, users: Int, items: Int
    ) throws(RecommendationError) {
        try self.init(
            userFactors: file.mappedMatrix("user_factors"), itemFactors: file.matrix("item_factors"),
            sharedDiagonal: file.vector("shared_diagonal"), hyperparameters: hyperparameters)
    }
}
