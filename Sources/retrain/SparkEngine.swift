import CommandSupport
import Documents
import Foundation
import Recommendation

/// Training by Apache Spark: a Python process drives the cluster; see `spark-als.py`.
struct SparkEngine: FactorizationEngine {
    /// The Python that has pyspark.
    let python: String
    /// Where Spark runs: `local[2]`, `spark://host:7077`, `yarn`, …
    let master: String
    /// The memory of the driver and of each executor, as Spark writes it.
    let memory: String
    /// Where the files of the exchange go.
    let folder: URL

    /// Trains; a stage whose factors are there from a job that was killed is not trained again.
    func train(
        _ interactions: InteractionMatrix, _ hyperparameters: ImplicitALS.Hyperparameters, stage: String,
        onEpoch: (ImplicitALS.Epoch) throws(RecommendationError) -> Bool
    ) throws(RecommendationError) -> ImplicitALSModel {
        let settings = try SparkExchange.Settings(hyperparameters)
        func file(_ end: String) -> URL { folder.appendingPathComponent("spark-\(stage)\(end)") }
        let job: JSONValue = [
            "ratings": .string(file(".ratings").path), "factors": .string(file(".safetensors").path),
            "users": JSONValue(interactions.userCount), "items": JSONValue(interactions.itemCount),
            "rank": JSONValue(hyperparameters.factors), "iterations": JSONValue(hyperparameters.epochs),
            "regularization": JSONValue(settings.regularization), "alpha": JSONValue(settings.alpha),
            "seed": JSONValue(Int(truncatingIfNeeded: hyperparameters.seed)), "master": .string(master),
            "memory": .string(memory)
        ]
        let description = Data(job.text(indented: true).utf8)
        do {
            let isSame = FileManager.default.contents(atPath: file(".json").path) == description
            if !isSame || !FileManager.default.fileExists(atPath: file(".safetensors").path) {
                // The description goes last: with it the factors beside it belong to it.
                for end in [".json", ".safetensors"] { try? FileManager.default.removeItem(at: file(end)) }
                try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
                try SparkExchange.ratings(interactions).write(to: file(".ratings"))
                try Data(PackageResources.spark_als_py).write(to: file(".py"))
                try description.write(to: file(".json"), options: .atomic)
                try run([file(".py").path, file(".json").path], log: file(".log"))
            }
        } catch let error as RecommendationError {
            throw error
        } catch {
            throw .engineFailure(engine: "Spark", reason: error.localizedDescription)
        }
        return try SparkExchange.model(
            TensorFile(contentsOf: file(".safetensors")), of: interactions, hyperparameters)
    }

    /// Runs the driver to its end; the end of this process ends it too, through its standard input.
    private func run(_ arguments: [String], log: URL) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [python] + arguments
        let input = Pipe()
        process.standardInput = input
        try Data().write(to: log)
        let output = try FileHandle(forWritingTo: log)
        process.standardOutput = output
        process.standardError = output
        try process.run()
        process.waitUntilExit()
        try output.close()
        try input.fileHandleForWriting.close()
        guard process.terminationReason == .exit, process.terminationStatus == 0 else {
            let text = String(decoding: FileManager.default.contents(atPath: log.path) ?? Data(), as: UTF8.self)
            let lines = text.split(separator: "\n").filter { !$0.hasPrefix("\tat ") && !$0.contains(" WARN ") }
            let absent = process.terminationStatus == 127
            throw RecommendationError.engineFailure(
                engine: "Spark",
                reason: absent
                    ? "there is no '\(python)'; run 'make spark', or name a Python that has pyspark with --python"
                    : "the driver ended with \(process.terminationStatus): "
                        + lines.suffix(6).joined(separator: "\n  "))
        }
    }
}
