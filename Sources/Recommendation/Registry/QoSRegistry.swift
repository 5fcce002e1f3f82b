import Foundation
import Marketplace

/// What a stored version of QoS models is, where it came from, and how to check it.
public struct QoSManifest: Sendable, Equatable, Codable {
    /// The measurements that a version learned from.
    public struct DataWindow: Sendable, Equatable, Codable {
        /// The first moment, inclusive.
        public var start: Date
        /// The last moment, exclusive: what was measured later is not in the models.
        public var end: Date
        /// The number of measurements.
        public var measurements: Int
        /// SHA-256 of the measurements as CSV, in hexadecimal.
        public var hash: String

        /// A window of `measurements` measurements.
        public init(start: Date, end: Date, measurements: Int, hash: String) {
            self.start = start
            self.end = end
            self.measurements = measurements
            self.hash = hash
        }
    }

    /// The format of the manifest; this code reads 1.
    public var format = 1
    /// The version, which is the name of the folder.
    public var version: String
    /// When it was trained.
    public var createdAt: Date
    /// How the factorizations were fitted.
    public var hyperparameters: QoSHyperparameters
    /// What they learned from.
    public var data: DataWindow
    /// Measures by metric and name, as `latency_ms error`.
    public var metrics: [String: Double]
    /// The version of the code that trained it.
    public var codeVersion: String
    /// The files of the models by metric.
    public var models: [String: ModelManifest.File]
    /// How it was measured and judged.
    public var evaluation: ModelManifest.File?
    /// The job that trained it, by the hash of all that its outcome depends on.
    public var job: String

    /// The manifest of a version to be stored, which fills the files in.
    public init(
        version: String, createdAt: Date, hyperparameters: QoSHyperparameters, data: DataWindow,
        metrics: [String: Double], codeVersion: String, job: String
    ) {
        self.version = version
        self.createdAt = createdAt
        self.hyperparameters = hyperparameters
        self.data = data
        self.metrics = metrics
        self.codeVersion = codeVersion
        self.job = job
        models = [:]
    }
}

/// A version of QoS models, read and checked.
public struct StoredQoS: Sendable {
    /// Its manifest.
    public let manifest: QoSManifest
    /// A model for each metric that it knows.
    public let models: [MeasurementMetric: MetricModel]
}

/// The registry's line of QoS models: `models/qos/`, with versions, champion and history of its own, so that preference
/// and QoS are promoted and rolled back apart.
///
/// ```
/// models/qos/<version>/manifest.json
/// models/qos/<version>/<metric>.safetensors
/// models/qos/<version>/evaluation.json
/// models/qos/champion, history.json
/// ```
///
/// Everything that `ModelRegistry` promises holds here: files appear whole or not at all, a version is read in full and
/// compared with its hashes before it is promoted, one process at a time writes.
public struct QoSRegistry: Sendable {
    /// The folder, champion pointer, history and locks.
    public let line: ModelRegistry

    /// The line of QoS models within the registry in `folder`.
    public init(models folder: URL) {
        line = ModelRegistry(folder: folder.appendingPathComponent("qos", isDirectory: true))
    }

    /// Stores models under a new version, `version` of the manifest; its `models` and `evaluation` are filled in.
    /// - Throws: `brokenModel` when the version is malformed or taken or there is no model, `fileFailure`.
    @discardableResult
    public func save(
        _ models: [MeasurementMetric: MetricModel], _ manifest: QoSManifest, evaluation: Data? = nil
    ) throws(RecommendationError) -> QoSManifest {
        func refused(_ reason: String) -> RecommendationError {
            .brokenModel(version: manifest.version, reason: reason)
        }
        guard ModelRegistry.isVersionName(manifest.version) else {
            throw refused("a version is 1 to 100 letters, digits, '.', '-' or '_', and begins with no dot")
        }
        guard !models.isEmpty else { throw refused("it has no model") }
        let target = line.folder.appendingPathComponent(manifest.version, isDirectory: true)
        guard !FileManager.default.fileExists(atPath: target.path) else { throw refused("the version is taken") }
        var manifest = manifest
        var contents: [String: Data] = [:]
        manifest.models = [:]
        for (metric, model) in models {
            let name = metric.rawValue + ".safetensors"
            let bytes = try model.encoded()
            contents[name] = bytes
            manifest.models[metric.rawValue] = .init(name: name, sha256: bytes.sha256)
        }
        manifest.evaluation = evaluation.map { .init(name: "evaluation.json", sha256: $0.sha256) }
        contents["evaluation.json"] = evaluation
        contents["manifest.json"] = try ModelRegistry.encode(manifest, "manifest.json")
        try line.place(contents, at: target)
        return manifest
    }

    /// The manifest of a version.
    /// - Throws: `unknownVersion`, `brokenModel`.
    public func manifest(_ version: String) throws(RecommendationError) -> QoSManifest {
        let available = try line.versions()
        guard available.contains(version) else { throw .unknownVersion(version, available: available) }
        guard let bytes = try? Data(contentsOf: line.file("manifest.json", of: version)),
            let manifest = try? ModelRegistry.decoder.decode(QoSManifest.self, from: bytes)
        else { throw .brokenModel(version: version, reason: "its manifest cannot be read") }
        guard manifest.version == version, manifest.format == 1 else {
            throw .brokenModel(
                version: version,
                reason: "its manifest is of version \(manifest.version), format \(manifest.format)")
        }
        return manifest
    }

    /// Reads a version whole and checks it: hashes, tensors, finite numbers, that its parts fit together.
    /// - Throws: `unknownVersion`, `brokenModel`.
    public func load(_ version: String) throws(RecommendationError) -> StoredQoS {
        let manifest = try manifest(version)
        var models: [MeasurementMetric: MetricModel] = [:]
        do throws(RecommendationError) {
            for (name, file) in manifest.models.sorted(by: { $0.key < $1.key }) {
                guard let metric = MeasurementMetric(rawValue: name) else {
                    throw .brokenModel(version: version, reason: "there is no metric '\(name)'")
                }
                let model = try MetricModel(TensorFile(try line.checkedBytes(file, version), name: file.name))
                guard model.model.scale == QoSScale(metric) else {
                    throw .brokenModel(version: version, reason: "\(file.name) is of another metric")
                }
                models[metric] = model
            }
        } catch {
            if case .brokenModel = error { throw error }
            throw .brokenModel(version: version, reason: "\(error)")
        }
        guard !models.isEmpty else { throw .brokenModel(version: version, reason: "it has no model") }
        return StoredQoS(manifest: manifest, models: models)
    }

    /// The models in service.
    /// - Throws: `noChampion`, `unknownVersion`, `brokenModel`.
    public func champion() throws(RecommendationError) -> StoredQoS {
        guard let version = try line.championVersion() else { throw .noChampion(reason: "none of QoS was promoted") }
        return try load(version)
    }

    /// How a version was measured and judged; nil when it was not.
    /// - Throws: `unknownVersion`, `brokenModel`.
    public func evaluation(_ version: String) throws(RecommendationError) -> Data? {
        guard let entry = try manifest(version).evaluation else { return nil }
        return try line.checkedBytes(entry, version)
    }

    /// Puts a version into service, after loading it whole: a broken one never replaces the champion.
    /// - Throws: `unknownVersion`, `brokenModel`, `fileFailure`.
    @discardableResult
    public func promote(_ version: String, at time: Date) throws(RecommendationError) -> StoredQoS {
        let stored = try load(version)
        try line.change(.init(action: .promote, version: version, at: time))
        return stored
    }

    /// Puts the version back that was in service before the champion.
    /// - Throws: `noChampion` when there is none before, `unknownVersion`, `brokenModel`, `fileFailure`.
    @discardableResult
    public func rollback(at time: Date) throws(RecommendationError) -> StoredQoS {
        guard let version = try line.rollbackVersion() else {
            throw .noChampion(reason: "there is no earlier one to roll back to")
        }
        let stored = try load(version)
        try line.change(.init(action: .rollback, version: stored.manifest.version, at: time))
        return stored
    }
}
