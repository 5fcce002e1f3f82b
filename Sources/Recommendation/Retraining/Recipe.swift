/// What a model is trained by: with the data, all that it depends on.
public struct Recipe: Sendable, Equatable, Codable {
    /// What computes the factors, where the model has any.
    public var engine: TrainingEngine
    /// The kind of model, and how it is trained.
    public var model: ModelRecipe
    /// How interactions are weighted.
    public var weighting: InteractionWeighting

    /// The key of `model` is from when factorizations alone were retrained: reports from then still open.
    private enum CodingKeys: String, CodingKey {
        case engine, weighting
        case model = "hyperparameters"
    }

    /// A recipe.
    public init(engine: TrainingEngine = .local, model: ModelRecipe, weighting: InteractionWeighting = .init()) {
        self.engine = engine
        self.model = model
        self.weighting = weighting
    }

    /// The recipe of a stored model.
    public init(_ manifest: ModelManifest) {
        self.init(
            engine: manifest.engine ?? .local, model: manifest.recipe, weighting: manifest.weighting ?? .init())
    }

    /// Whether both differ in nothing but the random start and the number of epochs, which validation chooses anew.
    func isVariant(of other: Recipe) -> Bool {
        func plain(_ recipe: Recipe) -> Recipe {
            var recipe = recipe
            recipe.model.seed = 0
            recipe.model.factorization?.epochs = 1
            return recipe
        }
        return plain(self) == plain(other)
    }

    /// Refuses what has no meaning, and models that the engine does not train.
    /// - Throws: `invalidHyperparameter`.
    public func validate() throws(RecommendationError) {
        try model.validate()
        try weighting.validate()
        guard engine == .local || model.factorization != nil else {
            throw .invalidHyperparameter(
                name: "engine", requirement: "must be local for \(model.kind.rawValue), which has no factors")
        }
    }
}
