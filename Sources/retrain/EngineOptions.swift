import ArgumentParser
import CommandSupport
import Foundation
import Recommendation

/// What computes the factors.
struct EngineOptions: ParsableArguments {
    @Option(name: .long, help: "What computes the factors: local, or spark.")
    var engine: TrainingEngine = .local

    /// The engine, with its checkpoints in `job` and its files in `folder`.
    func make(job: JobFolder, folder: URL) -> any FactorizationEngine {
        LocalEngine(job: job)
    }
}

extension TrainingEngine: ExpressibleByArgument {}
