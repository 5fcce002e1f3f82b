import LinearAlgebra

/// A model that the registry can store: it is its tensors, and its hyperparameters when it has them.
public protocol StorableModel: Recommender {
    /// The hyperparameters that the manifest keeps; nil when there are none.
    var storedHyperparameters: ImplicitALS.Hyperparameters? { get }
    /// All that scoring needs.
    func tensors() -> [NamedTensor]
    /// The model of a file that `tensors` wrote.
    /// - Throws: `malformedTensors`, `shapeMismatch`, `nonFinite`, `brokenModel`.
    init(_ file: TensorFile, manifest: ModelManifest) throws(RecommendationError)
}

extension ModelKind {
    /// The type that stores models of this kind.
    var storage: any StorableModel.Type {
        switch self {
        case .popularity: PopularityModel.self
        case .ials: ImplicitALSModel.self
        case .itemCosine: ItemCosineModel.self
        case .ease: EASEModel.self
        case .graphFilter: GraphFilterModel.self
        case .blend: BlendModel.self
        }
    }
}

extension PopularityModel: StorableModel {
    /// None.
    public var storedHyperparameters: ImplicitALS.Hyperparameters? { nil }

    /// `item_scores`.
    public func tensors() -> [NamedTensor] { [NamedTensor("item_scores", itemScores)] }

    /// The model of a stored file.
    public init(_ file: TensorFile, manifest: ModelManifest) throws(RecommendationError) {
        try self.init(userCount: manifest.userCount, itemScores: try file.vector("item_scores"))
    }
}

extension ImplicitALSModel: StorableModel {
    /// The hyperparameters of training.
    public var storedHyperparameters: ImplicitALS.Hyperparameters? { hyperparameters }

    /// `user_factors`, `item_factors` and `shared_diagonal`.
    public func tensors() -> [NamedTensor] {
        [
            NamedTensor("user_factors", userFactors), NamedTensor("item_factors", itemFactors),
            NamedTensor("shared_diagonal", sharedDiagonal)
        ]
    }

    /// The model of a stored file.
    public init(_ file: TensorFile, manifest: ModelManifest) throws(RecommendationError) {
        guard let hyperparameters = manifest.hyperparameters else {
            throw .brokenModel(version: manifest.version, reason: "its manifest has no hyperparameters")
        }
        try self.init(file, hyperparameters: hyperparameters)
    }

    /// The model of a stored file that was trained with `hyperparameters`.
    init(_ file: TensorFile, hyperparameters: ImplicitALS.Hyperparameters) throws(RecommendationError) {
        try self.init(
            userFactors: file.mappedMatrix("user_factors"), itemFactors: file.matrix("item_factors"),
            sharedDiagonal: file.vector("shared_diagonal"), hyperparameters: hyperparameters)
    }
}
