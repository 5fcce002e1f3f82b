import LinearAlgebra

/// A kind of model and how to train it.
public enum ModelRecipe: Sendable, Equatable, Codable {
    /// Counts.
    case popularity
    /// Implicit alternating least squares.
    case ials(ImplicitALS.Hyperparameters)
    /// Cosine similarity of items.
    case itemCosine
    /// The linear autoencoder in closed form.
    case ease(EASE.Hyperparameters)
    /// Graph filters.
    case graphFilter(GraphFilter.Hyperparameters)
    /// iALS and graph filters.
    case blend(Blend.Hyperparameters)

    /// The kind of model that the recipe gives.
    public var kind: ModelKind {
        switch self {
        case .popularity: .popularity
        case .ials: .ials
        case .itemCosine: .itemCosine
        case .ease: .ease
        case .graphFilter: .graphFilter
        case .blend: .blend
        }
    }

    /// How often all rows of its factorization are solved; 0 without one.
    public var epochs: Int {
        switch self {
        case .ials(let hyperparameters): hyperparameters.epochs
        case .blend(let hyperparameters): hyperparameters.ials.epochs
        case .popularity, .itemCosine, .ease, .graphFilter: 0
        }
    }

    /// Refuses hyperparameters that have no meaning.
    /// - Throws: `invalidHyperparameter`.
    public func validate() throws(RecommendationError) {
        switch self {
        case .popularity, .itemCosine: break
        case .ials(let hyperparameters): try hyperparameters.validate()
        case .ease(let hyperparameters): try hyperparameters.validate()
        case .graphFilter(let hyperparameters): try hyperparameters.validate()
        case .blend(let hyperparameters): try hyperparameters.validate()
        }
    }

    /// Trains the model.
    /// - Parameter progress: called after each epoch of a factorization with its number, from 1.
    /// - Throws: `invalidHyperparameter`, `numerical`.
    public func train(
        _ interactions: InteractionMatrix, threads: Int = ParallelBlocks.defaultThreads,
        progress: (_ epoch: Int) -> Void = { _ in }
    ) throws(RecommendationError) -> any StorableModel {
        switch self {
        case .popularity: PopularityModel(interactions)
        case .itemCosine: try ItemCosineModel(interactions)
        case .ials(let hyperparameters):
            try ImplicitALS(hyperparameters, threads: threads).train(interactions, progress: progress)
        case .ease(let hyperparameters): try EASE(hyperparameters, threads: threads).train(interactions)
        case .graphFilter(let hyperparameters): try GraphFilter(hyperparameters, threads: threads).train(interactions)
        case .blend(let hyperparameters):
            try Blend(hyperparameters, threads: threads).train(interactions, progress: progress)
        }
    }
}
