import Foundation

/// What a job leaves behind while it runs, so that the next one can go on after a kill.
///
/// ```
/// models/.job/job.json             which job: its identity, and until when its data reach
/// models/.job/<stage>.checkpoint   where training stood after the stage's last kept epoch
/// models/.job/<stage>.safetensors  the model of a stage that is done
/// models/.job/<stage>.interactions what it trains on, while that is being mapped
/// models/.job/<stage>.json         what was measured on the way
/// ```
///
/// Only the holder of the job's lock writes here. A file that is damaged, or of another job, counts as absent.
public final class JobFolder {
    /// Which job a folder belongs to.
    public struct Identity: Sendable, Equatable, Codable {
        /// SHA-256 of the data, the recipe and whatever else the outcome depends on, in hexadecimal.
        public var hash: String
        /// The end of the data that the job began with, seconds since 1970, excluded.
        public var until: Int

        /// An identity.
        public init(hash: String, until: Int) {
            self.hash = hash
            self.until = until
        }
    }

    private let folder: URL
    private let interval: Double
    private let clock: () -> Double
    private var kept: Double

    /// The folder of the job `identity` in `registry`; what another job left there is removed.
    ///
    /// - Parameters:
    ///   - interval: how many seconds of training may be lost to a kill.
    ///   - clock: seconds from any fixed moment.
    /// - Throws: `fileFailure`.
    public init(
        _ identity: Identity, in registry: ModelRegistry, interval: Double, clock: @escaping () -> Double
    ) throws(RecommendationError) {
        folder = registry.jobFolder
        self.interval = interval
        self.clock = clock
        kept = clock()
        if registry.unfinishedJob() != identity {
            registry.forgetJob()
            do {
                try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            } catch {
                throw .fileFailure(operation: "create", file: ".job", reason: error.localizedDescription)
            }
            try AtomicFile.write(
                try ModelRegistry.encode(identity, "job.json"), to: folder.appendingPathComponent("job.json"))
        }
    }

    func file(_ stage: String, _ end: String) -> URL { folder.appendingPathComponent(stage + end) }

    /// Keeps where training stands when what was kept last is older than the interval; at the end of a stage the model,
    /// when that cost a second or more.
    /// - Throws: `fileFailure`.
    func keep(_ epoch: ImplicitALS.Epoch, _ stage: String) throws(RecommendationError) {
        let age = clock() - kept
        if let checkpoint = epoch.checkpoint {
            guard age >= interval else { return }
            try checkpoint.save(to: file(stage, ".checkpoint"))
        } else {
            guard age >= min(1, interval) else { return }
            let model = try epoch.model()
            let tensors = model.tensors()
            let metadata = ["sha256": Self.hash(tensors), "recipe": try Self.text(model.hyperparameters)]
            try AtomicFile.write(
                try TensorFile.encode(tensors, metadata: metadata), to: file(stage, ".safetensors"))
            try? FileManager.default.removeItem(at: file(stage, ".checkpoint"))
        }
        kept = clock()
    }

    /// The model of a stage that is done and was trained with these hyperparameters.
    func model(_ stage: String, _ hyperparameters: ImplicitALS.Hyperparameters) -> ImplicitALSModel? {
        guard let bytes = try? Data(contentsOf: file(stage, ".safetensors")),
            let tensors = try? TensorFile(bytes, name: stage), let recipe = try? Self.text(hyperparameters),
            tensors.metadata["recipe"] == recipe,
            let model = try? ImplicitALSModel(tensors, hyperparameters: hyperparameters, users: 0, items: 0),
            tensors.metadata["sha256"] == Self.hash(model.tensors())
        else { return nil }
        return model
    }

    /// Where training of a stage with these hyperparameters stood.
    func checkpoint(
        _ stage: String, _ hyperparameters: ImplicitALS.Hyperparameters
    ) -> ImplicitALS.Checkpoint? {
        let found = try? ImplicitALS.Checkpoint(contentsOf: file(stage, ".checkpoint"))
        return found?.hyperparameters == hyperparameters ? found : nil
    }

    /// What was noted under `name`; nil when nothing was, or when it cannot be read.
    func note<Value: Decodable>(_ name: String, as type: Value.Type) -> Value? {
        guard let bytes = try? Data(contentsOf: folder.appendingPathComponent(name + ".json")) else { return nil }
        return try? ModelRegistry.decoder.decode(type, from: bytes)
    }

    /// Notes a value under `name`.
    /// - Throws: `fileFailure`.
    func note(_ value: some Encodable, _ name: String) throws(RecommendationError) {
        try AtomicFile.write(
            try ModelRegistry.encode(value, name), to: folder.appendingPathComponent(name + ".json"))
    }

    private static func hash(_ tensors: [NamedTensor]) -> String {
        tensors.sorted { $0.name < $1.name }.reduce(into: Data()) { $0.append($1.bytes) }.sha256
    }

    private static func text(_ hyperparameters: ImplicitALS.Hyperparameters) throws(RecommendationError) -> String {
        String(decoding: try ModelRegistry.encode(hyperparameters, "the recipe"), as: UTF8.self)
    }
}

extension ModelRegistry {
    /// Where a job keeps what the next can go on from.
    public var jobFolder: URL { folder.appendingPathComponent(".job", isDirectory: true) }

    /// The job that was begun and not ended; nil when there is none.
    public func unfinishedJob() -> JobFolder.Identity? {
        guard let bytes = try? Data(contentsOf: jobFolder.appendingPathComponent("job.json")) else { return nil }
        return try? Self.decoder.decode(JobFolder.Identity.self, from: bytes)
    }

    /// Removes what a job left, its name first: a kill in between leaves nothing that could be taken for whole.
    public func forgetJob() {
        try? FileManager.default.removeItem(at: jobFolder.appendingPathComponent("job.json"))
        try? FileManager.default.removeItem(at: jobFolder)
    }
}
