import ArgumentParser
import CommandSupport
import Foundation
import Recommendation

/// What computes the factors.
struct EngineOptions: ParsableArguments {
    @Option(name: .long, help: "What computes the factors: local, or spark for a cluster.")
    var engine: TrainingEngine = .local

    @Option(name: .long, help: "Where Spark runs: local[2], spark://host:7077, yarn, k8s://….")
    var master = "local[*]"

    @Option(name: .long, help: "The Python that has pyspark; 'make spark' makes this one.")
    var python = ".dependencies/spark/bin/python"

    @Option(name: .long, help: "The memory of Spark's driver and of each executor.")
    var sparkMemory = "2g"

    func validate() throws {
        guard sparkMemory.wholeMatch(of: /[1-9][0-9]*[mg]/) != nil else {
            throw ValidationError("--spark-memory is a number with m or g, as 512m")
        }
        guard !master.isEmpty, !python.isEmpty else { throw ValidationError("--master and --python must not be empty") }
    }

    /// The engine, with its checkpoints in `job` and its files in `folder`.
    ///
    /// - Parameter mapFrom: from so many interactions on the local engine maps them.
    func make(job: JobFolder, folder: URL, mapFrom: Int) -> any FactorizationEngine {
        switch engine {
        case .local: LocalEngine(job: job, mapsFrom: mapFrom)
        case .spark: SparkEngine(python: python, master: master, memory: sparkMemory, folder: folder)
        }
    }
}

extension TrainingEngine: ExpressibleByArgument {}
