import LinearAlgebra

/// EASE, the closed-form linear autoencoder with zero diagonal (Steck, *Embarrassingly Shallow Autoencoders for Sparse
/// Data*, WWW 2019).
///
/// B minimises ‖X − X B‖² + λ ‖B‖² subject to B_ii = 0. With P = (XᵀX + λI)⁻¹ it is B_ij = −P_ij / P_jj (eq. 8). In
/// terms of the singular value decomposition of X, P = (I − V diag(h) Vᵀ) / λ with h = σ² / (σ² + λ); so for i ≠ j,
/// with G = V diag(h) Vᵀ, B_ij = G_ij / (1 − G_jj). All of V gives EASE exactly: where a catalogue has no more items
/// (or no more users) than the rank asked for, that is done by LAPACK. Above, the leading directions stand for it, and
/// memory is items × rank instead of items², 6.7 GB for 40,981 items.
public struct EASE: ModelHyperparameters {
    /// λ > 0.
    public var regularization: Double
    /// The number of singular vectors, 0 to 4096; exact when it is not below the number of items or of users.
    public var rank: Int
    /// Iterations of the decomposition where it is truncated, 1 to 100.
    public var iterations: Int
    /// What the start of the decomposition depends on.
    public var seed: UInt64

    /// Defaults that suit the Gowalla split.
    public init(regularization: Double = 200, rank: Int = 1024, iterations: Int = 6, seed: UInt64 = 1) {
        self.regularization = regularization
        self.rank = rank
        self.iterations = iterations
        self.seed = seed
    }

    /// `ModelRecipe.ease`.
    public var recipe: ModelRecipe { .ease(self) }

    /// Refuses values that have no meaning.
    /// - Throws: `invalidHyperparameter`.
    public func validate() throws(RecommendationError) {
        try SpectralFilter.validate(rank: rank, iterations: iterations)
        guard regularization > 0, regularization.isFinite else {
            throw .invalidHyperparameter(
                name: "regularization", requirement: "must be positive and finite, not \(regularization)")
        }
    }

    /// Decomposes the interactions. The same seed gives the same bits at any thread count.
    /// - Throws: `invalidHyperparameter`, `numerical`. O(iterations · rank · (entries + (users + items) rank)).
    public func train(
        _ interactions: InteractionMatrix, threads: Int, progress: (_ epoch: Int) -> Void
    ) throws(RecommendationError) -> EASEModel {
        try validate()
        let rows = try interactions.sparse()
        let svd = try SpectralFilter.singularVectors(
            rows, rank: rank, iterations: iterations, seed: seed, threads: threads)
        let response = svd.values.map { Double($0) * Double($0) / (Double($0) * Double($0) + regularization) }
        let diagonal = (0..<rows.columns).map { item in
            zip(svd.rightVectors.row(item), response).reduce(0.0) { $0 + Double($1.0) * Double($1.0) * $1.1 }
        }
        return try EASEModel(
            hyperparameters: self, users: rows,
            filter: try SpectralFilter(
                basis: svd.rightVectors, response: response.map { Float($0) },
                inputScale: [Float](repeating: 1, count: rows.columns),
                // G_jj < 1; the bound is for rounding where λ is tiny beside σ².
                outputScale: diagonal.map { Float(1 / max(1 - $0, 1e-7)) }),
            diagonal: diagonal.map { Float($0) })
    }
}
