/// What a factorization is trained by: with the data and the engine, all that it depends on.
public struct Recipe: Sendable, Equatable, Codable {
    /// What computes the factors.
    public var engine: TrainingEngine
    /// How it is trained.
    public var hyperparameters: ImplicitALS.Hyperparameters
    /// How interactions are weighted.
    public var weighting: InteractionWeighting

    /// A recipe.
    public init(
        engine: TrainingEngine = .local, hyperparameters: ImplicitALS.Hyperparameters,
        weighting: InteractionWeighting = .init()
    ) {
        self.engine = engine
        self.hyperparameters = hyperparameters
        self.weighting = weighting
    }

    /// The recipe of a stored model; nil when it is not a factorization.
    public init?(_ manifest: ModelManifest) {
        guard case .ials(let hyperparameters) = manifest.recipe else { return nil }
        self.init(
            engine: manifest.engine ?? .local, hyperparameters: hyperparameters,
            weighting: manifest.weighting ?? .init())
    }

    /// Whether both differ in nothing but the random start and the number of epochs, which validation chooses anew.
    func isVariant(of other: Recipe) -> Bool {
        var same = other
        same.hyperparameters.seed = hyperparameters.seed
        same.hyperparameters.epochs = hyperparameters.epochs
        return same == self
    }

    /// Refuses what has no meaning.
    /// - Throws: `invalidHyperparameter`.
    public func validate() throws(RecommendationError) {
        try hyperparameters.validate()
        try weighting.validate()
    }
}

/// What trains a factorization: this process, or something outside it.
public protocol FactorizationEngine {
    /// Trains on `interactions`.
    ///
    /// - Parameters:
    ///   - stage: which of a job's trainings this is; a checkpoint goes by it.
    ///   - onEpoch: called after each epoch by engines that can look into a training; says whether to go on.
    func train(
        _ interactions: InteractionMatrix, _ hyperparameters: ImplicitALS.Hyperparameters, stage: String,
        onEpoch: (ImplicitALS.Epoch) throws(RecommendationError) -> Bool
    ) throws(RecommendationError) -> ImplicitALSModel
}

/// Training in this process, with checkpoints when there is a job to keep them.
public struct LocalEngine: FactorizationEngine {
    private let job: JobFolder?

    /// An engine that leaves its checkpoints in `job`.
    public init(job: JobFolder? = nil) { self.job = job }

    /// Trains, from the checkpoint of the stage where there is one.
    public func train(
        _ interactions: InteractionMatrix, _ hyperparameters: ImplicitALS.Hyperparameters, stage: String,
        onEpoch: (ImplicitALS.Epoch) throws(RecommendationError) -> Bool
    ) throws(RecommendationError) -> ImplicitALSModel {
        if let model = job?.model(stage, hyperparameters) { return model }
        let trainer = try ImplicitALS(hyperparameters)
        func train(from checkpoint: ImplicitALS.Checkpoint?) throws(RecommendationError) -> ImplicitALSModel {
            try trainer.train(interactions, resuming: checkpoint) { epoch throws(RecommendationError) in
                let goesOn = try onEpoch(epoch)
                if goesOn { try job?.keep(epoch, stage) }
                return goesOn
            }
        }
        do throws(RecommendationError) {
            return try train(from: job?.checkpoint(stage, hyperparameters))
        } catch .invalidCheckpoint {
            return try train(from: nil)
        }
    }
}
