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

extension ItemCosineModel: StorableModel {
    /// None.
    public var storedHyperparameters: ImplicitALS.Hyperparameters? { nil }

    /// The interactions: `row_starts`, `items`, and `confidences` and `preferences` when there are any.
    public func tensors() -> [NamedTensor] {
        var tensors = [
            NamedTensor("row_starts", interactions.rowStarts.map { Int64($0) }),
            NamedTensor("items", interactions.items)
        ]
        if let confidences = interactions.confidences { tensors.append(NamedTensor("confidences", confidences)) }
        if let preferences = interactions.preferences { tensors.append(NamedTensor("preferences", preferences)) }
        return tensors
    }

    /// The model of a stored file.
    public init(_ file: TensorFile, manifest: ModelManifest) throws(RecommendationError) {
        self.init(
            try InteractionMatrix(
                userCount: manifest.userCount, itemCount: manifest.itemCount,
                rowStarts: file.integers("row_starts", as: Int64.self).map { Int($0) },
                items: file.integers("items", as: Int32.self),
                confidences: file.entries["confidences"] == nil ? nil : file.vector("confidences"),
                preferences: file.entries["preferences"] == nil ? nil : file.vector("preferences")))
    }
}
