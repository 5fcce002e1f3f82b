import LinearAlgebra

/// Implicit matrix factorization by alternating least squares.
///
/// Minimises `Σ_S c (x_uᵀy_i − p)² + α₀ Σ_u Σ_i (x_uᵀy_i)² + Σ_u λ_u‖x_u‖² + Σ_i λ_i‖y_i‖²` with
/// `λ_u = λ (|S_u| + α₀ |I|)^ν` (Hu, Koren, Volinsky 2008; Rendle et al., *Revisiting the Performance of iALS*, 2021).
///
/// A half-step solves one side's rows against the other side. The loss does not change under a common rotation, and in
/// the eigenbasis of the fixed side's Gram matrix the shared matrix α₀ YᵀY is diagonal: what a row then costs depends
/// on its own n entries alone, where other solvers multiply each row by a d × d matrix in every step (Takács, Pilászy,
/// Tikk, *Applications of the Conjugate Gradient Method for Implicit Feedback Collaborative Filtering*, 2011).
/// See `Solver` for what is done with that.
///
/// The same seed gives the same bits at any thread count, on processors of one instruction set.
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
    /// An epoch solves all items against the users and then all users against the items. The last half-step solves
    /// every user to 1e-5 or better, so that the users of the result are what `foldIn` gives and `explain` takes apart.
    ///
    /// - Parameters:
    ///   - interactions: users × items; value arrays are confidences and preferences.
    ///   - progress: called after each epoch with its number, from 1.
    /// - Throws: `numerical` when a solution is not finite.
    public func train(
        _ interactions: InteractionMatrix, progress: (_ epoch: Int) -> Void = { _ in }
    ) throws(RecommendationError) -> ImplicitALSModel {
        try train(TrainingData(interactions), progress: progress)
    }

    /// Trains on interactions in memory or in a file, from the start or from a checkpoint.
    ///
    /// - Parameters:
    ///   - data: the interactions by user and by item.
    ///   - checkpoint: where to go on; the result is the same, bit for bit, as that of a run without interruption.
    ///   - store: called after each epoch but the last with where training stands; an error of it ends the training.
    ///   - progress: called after each epoch with its number, from 1.
    /// - Throws: `invalidCheckpoint` when it belongs to other data or hyperparameters; `numerical`; what `store` throws.
    public func train(
        _ data: TrainingData, resuming checkpoint: Checkpoint? = nil,
        store: ((Checkpoint) throws(RecommendationError) -> Void)? = nil,
        progress: (_ epoch: Int) -> Void = { _ in }
    ) throws(RecommendationError) -> ImplicitALSModel {
        let fingerprint = checkpoint == nil && store == nil ? 0 : data.fingerprint()
        let (users, items): (FactorRows, FactorRows)
        var shared = [Float](repeating: 0, count: hyperparameters.factors)
        let byUser = Side(data.byUser, others: data.itemCount, hyperparameters)
        let byItem = Side(data.byItem, others: data.userCount, hyperparameters)
        if let checkpoint {
            try checkpoint.check(hyperparameters, data, fingerprint)
            users = FactorRows(checkpoint.userFactors)
            items = FactorRows(checkpoint.itemFactors)
        } else {
            users = start(rows: data.userCount)
            items = FactorRows(rows: data.itemCount, columns: hyperparameters.factors)
        }
        let first = (checkpoint?.epoch ?? 0) + 1
        for epoch in first...hyperparameters.epochs {
            _ = try halfStep(byItem, fixed: users, solved: items, isFirst: epoch == 1, isLast: false)
            shared = try halfStep(
                byUser, fixed: items, solved: users, isFirst: false, isLast: epoch == hyperparameters.epochs)
            if let store, epoch < hyperparameters.epochs {
                try store(
                    Checkpoint(
                        epoch: epoch, hyperparameters: hyperparameters, fingerprint: fingerprint,
                        userFactors: users.matrix(), itemFactors: items.matrix()))
            }
            progress(epoch)
        }
        return try ImplicitALSModel(
            userFactors: users.matrix(), itemFactors: items.matrix(), sharedDiagonal: shared,
            hyperparameters: hyperparameters)
    }

    /// One side of the interactions as systems, with their regularization.
    struct Side: Sendable {
        let systems: RidgeSystems
        let ridges: [Float]

        init(_ systems: RidgeSystems, others: Int, _ hyperparameters: Hyperparameters) {
            self.systems = systems
            ridges = systems.rowStarts.withUnsafeBuffer { starts in
                zip(starts.dropFirst(), starts).map { hyperparameters.ridge(degree: $0 - $1, others: others) }
            }
        }
    }

    /// Normal numbers of standard deviation 0.1 / √d, blocks of rows drawn each from a seed of its own.
    private func start(rows: Int) -> FactorRows {
        let d = hyperparameters.factors
        let deviation = Float(0.1 / Double(d).squareRoot())
        let factors = FactorRows(rows: rows, columns: d)
        let seed = hyperparameters.seed
        factors.fill(blockSize: 512, threads: threads) { block, rows, set in
            var bits = SplitMix64(seed: seed)
            bits.skip(block)
            var normal = NormalGenerator(seed: bits.next())
            for row in rows {
                for column in 0..<d { set(row, column, deviation * normal.next()) }
            }
        }
        return factors
    }
}
