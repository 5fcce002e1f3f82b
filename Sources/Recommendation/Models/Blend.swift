import LinearAlgebra

/// The blend of iALS and GF-CF.
public struct Blend: ModelHyperparameters {
    /// The factorization; its weight is 1.
    public var ials: ImplicitALS.Hyperparameters
    /// The graph filters.
    public var graphFilter: GraphFilter
    /// The weight of the graph filters' standardised scores, ≥ 0.
    public var graphFilterWeight: Double

    /// Defaults that suit the Gowalla split.
    public init(
        ials: ImplicitALS.Hyperparameters = .init(), graphFilter: GraphFilter = .init(), graphFilterWeight: Double = 0.7
    ) {
        self.ials = ials
        self.graphFilter = graphFilter
        self.graphFilterWeight = graphFilterWeight
    }

    /// `ModelRecipe.blend`.
    public var recipe: ModelRecipe { .blend(self) }

    /// Refuses values that have no meaning.
    /// - Throws: `invalidHyperparameter`.
    public func validate() throws(RecommendationError) {
        try ials.validate()
        try graphFilter.validate()
        guard graphFilterWeight >= 0, Float(graphFilterWeight).isFinite else {
            throw .invalidHyperparameter(
                name: "graphFilterWeight", requirement: "must be ≥ 0 and finite, not \(graphFilterWeight)")
        }
    }

    /// Trains both parts on the same interactions.
    /// - Throws: `invalidHyperparameter`, `numerical`.
    public func train(
        _ interactions: InteractionMatrix, threads: Int, progress: (_ epoch: Int) -> Void
    ) throws(RecommendationError) -> BlendModel {
        try validate()
        return try BlendModel(
            try ials.train(interactions, threads: threads, progress: progress),
            try graphFilter.train(interactions, threads: threads) { _ in }, graphFilterWeight: graphFilterWeight)
    }
}
