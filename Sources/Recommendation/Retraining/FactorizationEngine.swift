import Foundation

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
    private let mapsFrom: Int

    /// An engine that leaves its checkpoints in `job`.
    ///
    /// - Parameter mapsFrom: from so many interactions on they are trained on from a mapped file in the job's folder:
    ///   training then needs memory for the factors alone, besides `interactions` themselves.
    public init(job: JobFolder? = nil, mapsFrom: Int = .max) {
        self.job = job
        self.mapsFrom = mapsFrom
    }

    /// Trains, from the checkpoint of the stage where there is one.
    public func train(
        _ interactions: InteractionMatrix, _ hyperparameters: ImplicitALS.Hyperparameters, stage: String,
        onEpoch: (ImplicitALS.Epoch) throws(RecommendationError) -> Bool
    ) throws(RecommendationError) -> ImplicitALSModel {
        if let model = job?.model(stage, hyperparameters) { return model }
        let trainer = try ImplicitALS(hyperparameters)
        let data: TrainingData
        if let job, interactions.count >= mapsFrom {
            let file = job.file(stage, ".interactions")
            try InteractionFileWriter.write(interactions, to: file)
            data = try TrainingData(contentsOf: file)
            // What is mapped stays until it is let go; no kill leaves the file behind.
            try? FileManager.default.removeItem(at: file)
        } else {
            data = TrainingData(interactions)
        }
        func train(from checkpoint: ImplicitALS.Checkpoint?) throws(RecommendationError) -> ImplicitALSModel {
            try trainer.train(data, resuming: checkpoint) { epoch throws(RecommendationError) in
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

/// A model after one of the epochs of its training.
struct ModelEpoch {
    /// The number of the epoch, from 1; 0 for a model that is not trained in epochs.
    let number: Int
    /// The model as it were if this epoch was the last; worked out when it is called.
    let model: () throws(RecommendationError) -> any StorableModel
}

extension ModelRecipe {
    /// Trains, and shows every epoch of a factorization; a model without is shown once.
    ///
    /// - Parameters:
    ///   - engine: what trains the factorization.
    ///   - onEpoch: says whether to go on.
    func train(
        _ interactions: InteractionMatrix, by engine: some FactorizationEngine, stage: String,
        onEpoch: (ModelEpoch) throws(RecommendationError) -> Bool
    ) throws(RecommendationError) -> any StorableModel {
        switch self {
        case .ials(let chosen):
            return try engine.train(interactions, chosen, stage: stage) { epoch throws(RecommendationError) in
                try onEpoch(ModelEpoch(number: epoch.number) { () throws(RecommendationError) in try epoch.model() })
            }
        case .blend(let chosen):
            let filters = try chosen.graphFilter.train(interactions)
            let weight = chosen.graphFilterWeight
            let factorization = try engine.train(interactions, chosen.ials, stage: stage) {
                epoch throws(RecommendationError) in
                try onEpoch(
                    ModelEpoch(number: epoch.number) { () throws(RecommendationError) in
                        try BlendModel(epoch.model(), filters, graphFilterWeight: weight)
                    })
            }
            return try BlendModel(factorization, filters, graphFilterWeight: weight)
        case .popularity, .itemCosine, .ease, .graphFilter:
            let model = try train(interactions)
            _ = try onEpoch(ModelEpoch(number: 0) { model })
            return model
        }
    }
}
