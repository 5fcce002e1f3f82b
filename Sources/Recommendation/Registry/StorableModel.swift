import LinearAlgebra

/// A model that the registry can store: it is its hyperparameters and its tensors.
public protocol StorableModel: Recommender {
    /// What it is trained by.
    associatedtype Hyperparameters: ModelHyperparameters where Hyperparameters.Model == Self
    /// How it was trained.
    var hyperparameters: Hyperparameters { get }
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
