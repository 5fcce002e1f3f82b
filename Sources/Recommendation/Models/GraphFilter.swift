import LinearAlgebra

/// GF-CF: graph filters on the bipartite graph of users and items (Shen et al., *How Powerful is Graph
/// Convolution for Recommendation?*, CIKM 2021).
///
/// With R̃ = D_U^-½ R D_I^-½, R confidence × preference and D its row and column sums, a user's row r is scored
/// `r R̃ᵀ R̃ + α r D_I^-½ V Vᵀ D_I^½`: a linear filter, and an ideal low-pass filter of the leading right singular
/// vectors V of R̃. Nothing is learned by descent; the work is one truncated singular value decomposition.
public struct GraphFilter: ModelHyperparameters {
    /// The number of singular vectors that the low-pass filter keeps, 0 to 4096; nil means 1024, but no more than a
    /// sixteenth of the smaller dimension, as a filter that lets everything pass does nothing.
    public var rank: Int?
    /// α ≥ 0, the weight of the low-pass filter.
    public var lowPassWeight: Double
    /// Iterations of the decomposition, 1 to 100. Few leave a soft edge to the filter, which ranks no worse than the
    /// sharp one.
    public var iterations: Int
    /// What the start of the decomposition depends on.
    public var seed: UInt64

    /// Defaults that suit the Gowalla split.
    public init(rank: Int? = nil, lowPassWeight: Double = 0.6, iterations: Int = 3, seed: UInt64 = 1) {
        self.rank = rank
        self.lowPassWeight = lowPassWeight
        self.iterations = iterations
        self.seed = seed
    }

    /// `ModelRecipe.graphFilter`.
    public var recipe: ModelRecipe { .graphFilter(self) }

    /// Refuses values that have no meaning.
    /// - Throws: `invalidHyperparameter`.
    public func validate() throws(RecommendationError) {
        try SpectralFilter.validate(rank: rank ?? 0, iterations: iterations)
        guard lowPassWeight >= 0, Float(lowPassWeight).isFinite else {
            throw .invalidHyperparameter(
                name: "lowPassWeight", requirement: "must be ≥ 0 and finite, not \(lowPassWeight)")
        }
    }

    /// Decomposes the normalised interactions. The same seed gives the same bits at any thread count.
    /// - Throws: `invalidHyperparameter`, `numerical`. O(iterations · rank · (entries + (users + items) rank)).
    public func train(
        _ interactions: InteractionMatrix, threads: Int, progress: (_ epoch: Int) -> Void
    ) throws(RecommendationError) -> GraphFilterModel {
        try validate()
        let rows = try interactions.sparse()
        let (userDegrees, itemDegrees) = rows.absoluteSums
        func inverseRoots(_ degrees: [Double]) -> [Float] { degrees.map { $0 > 0 ? Float(1 / $0.squareRoot()) : 0 } }
        let inverse = inverseRoots(itemDegrees)
        let normalized = try numerical { () throws(LinearAlgebraError) in
            try rows.scaled(rows: inverseRoots(userDegrees), columns: inverse)
        }
        let vectors = try SpectralFilter.singularVectors(
            normalized, rank: rank ?? min(1024, min(rows.rows, rows.columns) / 16), iterations: iterations, seed: seed,
            threads: threads
        ).rightVectors
        return try GraphFilterModel(
            hyperparameters: self, users: rows, normalized: normalized,
            lowPass: try SpectralFilter(
                basis: vectors, response: [Float](repeating: Float(lowPassWeight), count: vectors.columns),
                inputScale: inverse, outputScale: itemDegrees.map { Float($0.squareRoot()) }))
    }
}

extension SparseMatrix {
    /// Σ |value| of each row and of each column, in Double.
    var absoluteSums: (rows: [Double], columns: [Double]) {
        var (rowSums, columnSums) = ([Double](repeating: 0, count: rows), [Double](repeating: 0, count: columns))
        for row in 0..<rows {
            for k in rowStarts[row]..<rowStarts[row + 1] {
                rowSums[row] += Double(abs(values[k]))
                columnSums[Int(columnIndices[k])] += Double(abs(values[k]))
            }
        }
        return (rowSums, columnSums)
    }
}

extension SpectralFilter {
    /// Refuses a rank or a number of iterations that has no meaning.
    static func validate(rank: Int, iterations: Int) throws(RecommendationError) {
        guard (0...4096).contains(rank) else {
            throw .invalidHyperparameter(name: "rank", requirement: "must be 0 to 4096, not \(rank)")
        }
        guard (1...100).contains(iterations) else {
            throw .invalidHyperparameter(name: "iterations", requirement: "must be 1 to 100, not \(iterations)")
        }
    }
}
