import LinearAlgebra

extension ImplicitALS {
    /// A training after one of its epochs.
    public struct Epoch {
        /// The number of the epoch, from 1.
        public let number: Int
        /// What training can go on from; nil after the last epoch.
        public let checkpoint: Checkpoint?
        private let solve: () throws(RecommendationError) -> ImplicitALSModel

        fileprivate init(
            _ number: Int, _ checkpoint: Checkpoint?,
            _ solve: @escaping () throws(RecommendationError) -> ImplicitALSModel
        ) {
            self.number = number
            self.checkpoint = checkpoint
            self.solve = solve
        }

        /// The model as it were if this epoch was the last: users solved to the end. O(entries d²) at most.
        /// - Throws: `numerical`.
        public func model() throws(RecommendationError) -> ImplicitALSModel { try solve() }
    }

    /// Trains, and shows every epoch.
    ///
    /// - Parameters:
    ///   - checkpoint: where to go on, see `train(_:resuming:store:progress:)`; its epochs are not shown again.
    ///   - onEpoch: called after each epoch; says whether to go on. Where not, the model of that epoch is the result.
    /// - Throws: `invalidCheckpoint`, `numerical`, what `onEpoch` throws.
    public func train(
        _ data: TrainingData, resuming checkpoint: Checkpoint? = nil,
        onEpoch: (Epoch) throws(RecommendationError) -> Bool
    ) throws(RecommendationError) -> ImplicitALSModel {
        var stopped: ImplicitALSModel?
        let model: ImplicitALSModel
        do throws(RecommendationError) {
            model = try withoutActuallyEscaping(onEpoch) { onEpoch throws(RecommendationError) in
                try train(
                    data, resuming: checkpoint,
                    store: { checkpoint throws(RecommendationError) in
                        let epoch = Epoch(checkpoint.epoch, checkpoint) { () throws(RecommendationError) in
                            try self.model(of: data, against: checkpoint.itemFactors)
                        }
                        guard try !onEpoch(epoch) else { return }
                        stopped = try epoch.model()
                        // Ends the training; nobody sees it.
                        throw .invalidCheckpoint(reason: "training was ended")
                    })
            }
        } catch {
            guard let stopped else { throw error }
            return stopped
        }
        _ = try onEpoch(Epoch(hyperparameters.epochs, nil) { model })
        return model
    }

    /// A model of items' factors that something else computed: each user is the solution against them.
    ///
    /// - Parameter items: interactions.itemCount × d, in any basis.
    /// - Throws: `shapeMismatch`, `numerical`. O(entries d²) at most.
    public func model(
        of interactions: InteractionMatrix, against items: Matrix<Float>
    ) throws(RecommendationError) -> ImplicitALSModel {
        try model(of: TrainingData(interactions), against: items)
    }

    /// The same for interactions in memory or in a file.
    public func model(
        of data: TrainingData, against items: Matrix<Float>
    ) throws(RecommendationError) -> ImplicitALSModel {
        guard items.rows == data.itemCount, items.columns == hyperparameters.factors else {
            throw .shapeMismatch(
                what: "item factors", expected: "\(data.itemCount) × \(hyperparameters.factors)",
                found: items.shape)
        }
        let (fixed, solved) = (FactorRows(items), FactorRows(rows: data.userCount, columns: hyperparameters.factors))
        let shared = try halfStep(
            Side(data.byUser, others: data.itemCount, hyperparameters), fixed: fixed, solved: solved, isFirst: true,
            isLast: true)
        return try ImplicitALSModel(
            userFactors: solved.matrix(), itemFactors: fixed.matrix(), sharedDiagonal: shared,
            hyperparameters: hyperparameters)
    }
}
