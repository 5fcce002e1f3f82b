import Foundation

extension ImplicitALS {
    /// What the operator chooses before training.
    public struct Hyperparameters: Sendable, Equatable, Codable {
        /// d, the width of the factors, 1 to 4096.
        public var factors: Int
        /// How often all items and then all users are solved, ≥ 1.
        public var epochs: Int
        /// λ > 0.
        public var regularization: Double
        /// α₀ ≥ 0, the weight of every cell of the matrix as a zero.
        public var unobservedWeight: Double
        /// ν ≥ 0, how strongly regularization grows with frequency.
        public var frequencyExponent: Double
        /// What the random start depends on.
        public var seed: UInt64

        /// How rows are solved.
        public var solver: Solver

        /// Defaults that suit the Gowalla split.
        public init(
            factors: Int = 64, epochs: Int = 10, regularization: Double = 0.003, unobservedWeight: Double = 0.03,
            frequencyExponent: Double = 1, seed: UInt64 = 1, solver: Solver = .automatic
        ) {
            self.factors = factors
            self.epochs = epochs
            self.regularization = regularization
            self.unobservedWeight = unobservedWeight
            self.frequencyExponent = frequencyExponent
            self.seed = seed
            self.solver = solver
        }

        /// Refuses values that have no meaning.
        /// - Throws: `invalidHyperparameter`.
        public func validate() throws(RecommendationError) {
            guard (1...4096).contains(factors) else {
                throw .invalidHyperparameter(name: "factors", requirement: "must be 1 to 4096, not \(factors)")
            }
            guard epochs >= 1 else {
                throw .invalidHyperparameter(name: "epochs", requirement: "must be at least 1, not \(epochs)")
            }
            guard regularization > 0, regularization.isFinite else {
                throw .invalidHyperparameter(
                    name: "regularization",
                    requirement: "must be positive and finite, not \(regularization): without it a user's system is "
                        + "singular")
            }
            guard unobservedWeight >= 0, unobservedWeight.isFinite else {
                throw .invalidHyperparameter(
                    name: "unobservedWeight", requirement: "must be ≥ 0 and finite, not \(unobservedWeight)")
            }
            guard frequencyExponent >= 0, frequencyExponent.isFinite else {
                throw .invalidHyperparameter(
                    name: "frequencyExponent", requirement: "must be ≥ 0 and finite, not \(frequencyExponent)")
            }
        }

        /// λ (degree + α₀ · others)^ν: the regularization of a row with `degree` entries among `others` columns.
        ///
        /// A row without entries at α₀ = 0 gets λ: its factors are zero whatever the regularization.
        func ridge(degree: Int, others: Int) -> Float {
            let frequency = Double(degree) + unobservedWeight * Double(others)
            let ridge = regularization * pow(frequency > 0 ? frequency : 1, frequencyExponent)
            return Float(ridge)
        }
    }
}

extension ImplicitALS.Hyperparameters: ModelHyperparameters {
    /// `ModelRecipe.ials`.
    public var recipe: ModelRecipe { .ials(self) }

    /// Trains by `ImplicitALS`.
    /// - Throws: `invalidHyperparameter`, `numerical`.
    public func train(
        _ interactions: InteractionMatrix, threads: Int, progress: (_ epoch: Int) -> Void
    ) throws(RecommendationError) -> ImplicitALSModel {
        try ImplicitALS(self, threads: threads).train(interactions, progress: progress)
    }
}
