import LinearAlgebra

/// Trainer of the blend of iALS and GF-CF.
public struct Blend: Sendable {
    /// What the operator chooses before training.
    public struct Hyperparameters: Sendable, Equatable, Codable {
        /// The factorization; its weight is 1.
        public var ials: ImplicitALS.Hyperparameters
        /// The graph filters.
        public var graphFilter: GraphFilter.Hyperparameters
        /// The weight of the graph filters' standardised scores, finite.
        public var graphFilterWeight: Double

        /// Defaults that suit the Gowalla split.
        public init(
            ials: ImplicitALS.Hyperparameters = .init(), graphFilter: GraphFilter.Hyperparameters = .init(),
            graphFilterWeight: Double = 0.7
        ) {
            self.ials = ials
            self.graphFilter = graphFilter
            self.graphFilterWeight = graphFilterWeight
        }

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
    }

    /// What the operator chose.
    public let hyperparameters: Hyperparameters
    /// How many threads share the work.
    public let threads: Int

    /// A trainer.
    /// - Throws: `invalidHyperparameter`.
    public init(
        _ hyperparameters: Hyperparameters, threads: Int = ParallelBlocks.defaultThreads
    ) throws(RecommendationError) {
        try hyperparameters.validate()
        self.hyperparameters = hyperparameters
        self.threads = threads
    }

    /// Trains both parts on the same interactions.
    /// - Parameter progress: called after each epoch of the factorization with its number, from 1.
    /// - Throws: `numerical`.
    public func train(
        _ interactions: InteractionMatrix, progress: (_ epoch: Int) -> Void = { _ in }
    ) throws(RecommendationError) -> BlendModel {
        let factorization = try ImplicitALS(hyperparameters.ials, threads: threads).train(
            interactions, progress: progress)
        let filters = try GraphFilter(hyperparameters.graphFilter, threads: threads).train(interactions)
        return try BlendModel([
            .init(factorization, weight: 1), .init(filters, weight: Float(hyperparameters.graphFilterWeight))
        ])
    }
}
