import LinearAlgebra

/// Implicit matrix factorization by alternating least squares, every row solved exactly.
///
/// Minimises `Σ_S c (x_uᵀy_i − p)² + α₀ Σ_u Σ_i (x_uᵀy_i)² + Σ_u λ_u‖x_u‖² + Σ_i λ_i‖y_i‖²` with
/// `λ_u = λ (|S_u| + α₀ |I|)^ν` (Hu, Koren, Volinsky 2008; Rendle et al., *Revisiting the Performance of iALS*, 2021).
///
/// A half-step turns the fixed side into the eigenbasis of its Gram matrix. The loss does not change under a common
/// rotation, and there the shared matrix α₀ YᵀY is diagonal: a user with n < d interactions costs O(n² d) by the
/// identity of Woodbury instead of O(d³); see `RidgeSystems`. Where rows are short beside d, the exact solution then
/// takes less arithmetic than the three steps of conjugate gradients, O(d²) each, that stand in for it elsewhere.
///
/// The same seed gives the same bits at any thread count.
public struct ImplicitALS: Sendable {
    /// What the operator chose.
    public let hyperparameters: Hyperparameters
    /// How many threads share the rows.
    public let threads: Int

    /// A trainer.
    /// - Throws: `invalidHyperparameter`.
    public init(
        _ hyperparameters: Hyperparameters, threads: Int = ParallelBlocks.defaultThreads
    ) throws(RecommendationError) {
        try hyperparameters.validate()
        self.hyperparameters = hyperparameters
        self.threads = max(1, threads)
    }

    /// Trains from the start of N(0, 0.1 / √d).
    ///
    /// An epoch solves all items against the users and then all users against the items, so that every user of the
    /// result is the exact solution for its items: what `foldIn` gives and what `explain` takes apart.
    ///
    /// - Parameters:
    ///   - interactions: users × items; value arrays are confidences and preferences.
    ///   - progress: called after each epoch with its number, from 1.
    /// - Throws: `numerical` when a solution is not finite.
    public func train(
        _ interactions: InteractionMatrix, progress: (_ epoch: Int) -> Void = { _ in }
    ) throws(RecommendationError) -> ImplicitALSModel {
        try train(interactions, from: nil) { checkpoint throws(RecommendationError) in
            progress(checkpoint.epoch)
            return true
        }
    }

    /// What training has come to after an epoch, and can go on from.
    public struct Checkpoint: Sendable, Equatable {
        /// How many epochs are done.
        public let epoch: Int
        /// The model as it then is.
        public let model: ImplicitALSModel

        /// A checkpoint that was stored.
        public init(epoch: Int, model: ImplicitALSModel) {
            self.epoch = epoch
            self.model = model
        }
    }

    /// Trains on from a checkpoint, to the same bits as without the interruption.
    ///
    /// - Parameters:
    ///   - checkpoint: of the same interactions and hyperparameters, whatever its number of epochs; nil starts anew.
    ///   - onEpoch: called after each epoch; says whether to go on.
    /// - Throws: `numerical` when a solution is not finite, `shapeMismatch`, and what `onEpoch` throws.
    public func train(
        _ interactions: InteractionMatrix, from checkpoint: Checkpoint?,
        onEpoch: (Checkpoint) throws(RecommendationError) -> Bool
    ) throws(RecommendationError) -> ImplicitALSModel {
        let d = hyperparameters.factors
        var users = Self.start(rows: interactions.userCount, factors: d, seed: hyperparameters.seed)
        if let model = checkpoint?.model {
            guard model.userCount == interactions.userCount, model.itemCount == interactions.itemCount,
                model.userFactors.columns == d
            else {
                throw .shapeMismatch(
                    what: "checkpoint", expected: "\(interactions.userCount) × \(interactions.itemCount)",
                    found: "\(model.userCount) × \(model.itemCount)")
            }
            if let checkpoint, checkpoint.epoch >= hyperparameters.epochs { return model }
            users = model.userFactors
        }
        let byUser = Side(interactions, hyperparameters)
        let byItem = Side(interactions.transposed(), hyperparameters)
        var last: ImplicitALSModel?
        for epoch in (checkpoint?.epoch ?? 0) + 1...hyperparameters.epochs {
            let solvedItems = try halfStep(byItem, fixed: users).solved
            let model = try self.model(halfStep(byUser, fixed: solvedItems))
            users = model.userFactors
            last = model
            guard try onEpoch(Checkpoint(epoch: epoch, model: model)) else { break }
        }
        guard let last else { throw .invalidHyperparameter(name: "epochs", requirement: "must be at least 1") }
        return last
    }

    /// A model of items' factors that something else computed: each user is the exact solution against them.
    ///
    /// - Parameter items: interactions.itemCount × d, in any basis.
    /// - Throws: `shapeMismatch`, `numerical`. O(entries d²) at most.
    public func model(
        of interactions: InteractionMatrix, against items: Matrix<Float>
    ) throws(RecommendationError) -> ImplicitALSModel {
        guard items.rows == interactions.itemCount, items.columns == hyperparameters.factors else {
            throw .shapeMismatch(
                what: "item factors", expected: "\(interactions.itemCount) × \(hyperparameters.factors)",
                found: items.shape)
        }
        return try model(halfStep(Side(interactions, hyperparameters), fixed: items))
    }

    private func model(_ step: HalfStep) throws(RecommendationError) -> ImplicitALSModel {
        try ImplicitALSModel(
            userFactors: step.solved, itemFactors: step.basis, sharedDiagonal: step.sharedDiagonal,
            hyperparameters: hyperparameters)
    }

    /// One side of the interactions as systems, with their regularization.
    struct Side: Sendable {
        let systems: RidgeSystems
        let ridges: [Float]

        init(_ matrix: InteractionMatrix, _ hyperparameters: Hyperparameters) {
            systems = RidgeSystems(
                rowStarts: matrix.rowStarts, columns: matrix.items, weights: matrix.confidences,
                targets: matrix.preferences)
            ridges = matrix.userDegrees.map { hyperparameters.ridge(degree: $0, others: matrix.itemCount) }
        }
    }

    /// The outcome of a half-step: both sides in the basis where the fixed side's Gram matrix is diagonal.
    struct HalfStep: Sendable {
        var solved: Matrix<Float>
        var basis: Matrix<Float>
        var sharedDiagonal: [Float]
    }

    private func halfStep(_ side: Side, fixed: Matrix<Float>) throws(RecommendationError) -> HalfStep {
        try numerical { () throws(LinearAlgebraError) in
            let gram = fixed.gramInDouble(threads: threads)
            let eigen = try BLASThreads.single { () throws(LinearAlgebraError) in
                try SymmetricEigendecomposition(gram)
            }
            let rotation = try Matrix<Float>(
                rows: gram.rows, columns: gram.columns, elements: eigen.vectors.elements.map { Float($0) })
            // Rounding may leave an eigenvalue of a singular Gram matrix just below zero.
            let shared = eigen.values.map { Float(hyperparameters.unobservedWeight * max(0, $0)) }
            let basis = try fixed.multipliedByBlocks(rotation, threads: threads)
            let solved = try side.systems.solve(
                basis: basis, sharedDiagonal: shared, ridges: side.ridges, threads: threads)
            return HalfStep(solved: solved, basis: basis, sharedDiagonal: shared)
        }
    }

    /// Normal numbers of standard deviation 0.1 / √d.
    static func start(rows: Int, factors: Int, seed: UInt64) -> Matrix<Float> {
        var normal = NormalGenerator(seed: seed)
        let deviation = 0.1 / Double(factors).squareRoot()
        return Matrix(rows: rows, columns: factors) { _, _ in Float(deviation * normal.next()) }
    }
}
