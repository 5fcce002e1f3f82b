import Foundation
import LinearAlgebra

/// A folder of models: one folder a version, and which of them is in service.
///
/// ```
/// models/<version>/manifest.json        what it is and how to check it
/// models/<version>/factors.safetensors  its tensors
/// models/<version>/users.json           user IDs, when it has them
/// models/<version>/items.json           item IDs, when it has them
/// models/<version>/evaluation.json      how it was measured and judged, when it was
/// models/champion                       the version in service
/// models/history.json                   every promotion and rollback
/// models/search.jsonl                   the trials of hyperparameters
/// models/.job/                          what a killed job can go on from
/// models/qos/                           the same for models of QoS: a line of versions of its own (``QoSRegistry``)
/// ```
///
/// Each of them appears whole or not at all: files and folders are written beside their place and renamed into it.
/// One process at a time writes, under a ``RegistryLock``; any number read.
public struct ModelRegistry: Sendable {
    /// The folder.
    public let folder: URL

    /// A registry in `folder`, which need not exist yet.
    public init(folder: URL) { self.folder = folder }

    /// The versions, ascending by name; folders without a manifest are not counted.
    /// - Throws: `fileFailure`.
    public func versions() throws(RecommendationError) -> [String] {
        guard FileManager.default.fileExists(atPath: folder.path) else { return [] }
        do {
            return try FileManager.default.contentsOfDirectory(atPath: folder.path)
                .filter { name in
                    Self.isVersionName(name)
                        && FileManager.default.fileExists(atPath: file("manifest.json", of: name).path)
                }
                .sorted()
        } catch {
            throw .fileFailure(operation: "list", file: folder.lastPathComponent, reason: error.localizedDescription)
        }
    }

    /// Stores a model under a new version.
    /// - Returns: its manifest.
    /// - Throws: `brokenModel` when the version is malformed or taken or the IDs do not match the shapes,
    ///   `fileFailure`.
    @discardableResult
    public func save(
        _ model: any StorableModel, _ provenance: ModelProvenance
    ) throws(RecommendationError) -> ModelManifest {
        let version = provenance.version
        func refused(_ reason: String) -> RecommendationError { .brokenModel(version: version, reason: reason) }
        guard Self.isVersionName(version) else {
            throw refused("a version is 1 to 100 letters, digits, '.', '-' or '_', and begins with no dot")
        }
        let target = folder.appendingPathComponent(version, isDirectory: true)
        guard !FileManager.default.fileExists(atPath: target.path) else { throw refused("the version is taken") }
        for (ids, count, what) in [
            (provenance.userIDs, model.userCount, "user"), (provenance.itemIDs, model.itemCount, "item")
        ] {
            if let ids, ids.count != count { throw refused("\(ids.count) \(what) IDs for \(count)") }
            if let ids, Set(ids).count != ids.count { throw refused("a \(what) ID stands twice") }
        }
        var contents = [
            "factors.safetensors": try TensorFile.encode(
                model.tensors(),
                metadata: [
                    "version": version,
                    Self.recipeKey: String(decoding: try Self.encode(model.recipe, "recipe"), as: UTF8.self)
                ])
        ]
        if let ids = provenance.userIDs { contents["users.json"] = try Self.encode(ids, "users.json") }
        if let ids = provenance.itemIDs { contents["items.json"] = try Self.encode(ids, "items.json") }
        contents["evaluation.json"] = provenance.evaluation
        func described(_ name: String) -> ModelManifest.File? {
            contents[name].map { ModelManifest.File(name: name, sha256: $0.sha256) }
        }
        guard let factors = described("factors.safetensors") else { throw refused("it has no tensors") }
        var manifest = ModelManifest(
            version: version, recipe: model.recipe, createdAt: provenance.createdAt, seed: provenance.seed,
            data: provenance.data, metrics: provenance.metrics, userCount: model.userCount, itemCount: model.itemCount,
            codeVersion: provenance.codeVersion,
            factors: factors, userIDs: described("users.json"), itemIDs: described("items.json"),
            engine: provenance.engine, weighting: provenance.weighting, evaluation: described("evaluation.json"),
            job: provenance.job)
        manifest.calibration = provenance.calibration
        manifest.userPrior = provenance.userPrior
        contents["manifest.json"] = try Self.encode(manifest, "manifest.json")
        try place(contents, at: target)
        return manifest
    }

    /// Writes a whole folder under a hidden name, then renames it.
    func place(_ contents: [String: Data], at target: URL) throws(RecommendationError) {
        let partial = AtomicFile.temporary(beside: target)
        do {
            try FileManager.default.createDirectory(at: partial, withIntermediateDirectories: true)
        } catch {
            throw .fileFailure(
                operation: "create", file: target.lastPathComponent, reason: error.localizedDescription)
        }
        do throws(RecommendationError) {
            for (name, bytes) in contents { try AtomicFile.write(bytes, to: partial.appendingPathComponent(name)) }
            try AtomicFile.move(partial, to: target)
        } catch {
            try? FileManager.default.removeItem(at: partial)
            throw error
        }
    }

    /// The manifest of a version.
    /// - Throws: `unknownVersion`, `brokenModel`.
    public func manifest(_ version: String) throws(RecommendationError) -> ModelManifest {
        let available = try versions()
        guard available.contains(version) else { throw .unknownVersion(version, available: available) }
        let manifest: ModelManifest
        do {
            let bytes = try Data(contentsOf: file("manifest.json", of: version))
            manifest = try Self.decoder.decode(ModelManifest.self, from: bytes)
        } catch let error as RecommendationError {
            throw .brokenModel(version: version, reason: "its manifest: \(error)")
        } catch let error as DecodingError {
            throw .brokenModel(version: version, reason: "its manifest cannot be read: \(error.reason)")
        } catch {
            throw .brokenModel(version: version, reason: "its manifest cannot be read")
        }
        guard manifest.version == version else {
            throw .brokenModel(version: version, reason: "its manifest is of version \(manifest.version)")
        }
        guard manifest.format == 1 else {
            throw .brokenModel(version: version, reason: "its manifest has format \(manifest.format), not 1")
        }
        return manifest
    }

    /// Reads a version and checks it: hashes, tensors against the manifest, finite numbers, IDs.
    /// - Throws: `unknownVersion`, `brokenModel`.
    public func load(_ version: String) throws(RecommendationError) -> StoredModel {
        let manifest = try manifest(version)
        func broken(_ reason: String) -> RecommendationError { .brokenModel(version: version, reason: reason) }
        do throws(RecommendationError) {
            let tensors = try TensorFile(try checkedBytes(manifest.factors, version), name: manifest.factors.name)
            return StoredModel(
                manifest: manifest, model: try model(tensors, manifest),
                userIDs: try ids(manifest.userIDs, count: manifest.userCount, version),
                itemIDs: try ids(manifest.itemIDs, count: manifest.itemCount, version))
        } catch {
            if case .brokenModel = error { throw error }
            throw broken("\(error)")
        }
    }

    /// Where the metadata of the tensors keep the recipe, as JSON.
    private static let recipeKey = "recipe"

    /// The model of a version's tensors, which must be of the manifest's recipe and shape.
    func model(_ tensors: TensorFile, _ manifest: ModelManifest) throws(RecommendationError) -> any StorableModel {
        func broken(_ reason: String) -> RecommendationError {
            .brokenModel(version: manifest.version, reason: reason)
        }
        if let text = tensors.metadata[Self.recipeKey] {
            guard let recipe = try? Self.decoder.decode(ModelRecipe.self, from: Data(text.utf8)),
                recipe == manifest.recipe
            else { throw broken("its manifest tells another recipe than its tensors") }
        }
        let model = try manifest.recipe.open(tensors, users: manifest.userCount, items: manifest.itemCount)
        guard model.userCount == manifest.userCount, model.itemCount == manifest.itemCount else {
            throw broken(
                "its manifest says \(manifest.userCount) users × \(manifest.itemCount) items, its tensors "
                    + "\(model.userCount) × \(model.itemCount)")
        }
        return model
    }

    /// How a version was measured and judged: the bytes of its `evaluation.json`; nil when it has none.
    /// - Throws: `unknownVersion`, `brokenModel`.
    public func evaluation(_ version: String) throws(RecommendationError) -> Data? {
        guard let entry = try manifest(version).evaluation else { return nil }
        return try checkedBytes(entry, version)
    }

    /// The bytes of a model's file when they have the hash of the manifest, memory-mapped.
    func checkedBytes(_ entry: ModelManifest.File, _ version: String) throws(RecommendationError) -> Data {
        guard Self.isVersionName(entry.name) else {
            throw .brokenModel(version: version, reason: "its manifest names a file outside its folder")
        }
        let bytes: Data
        do {
            bytes = try Data(contentsOf: file(entry.name, of: version), options: .alwaysMapped)
        } catch {
            throw .brokenModel(version: version, reason: "\(entry.name) cannot be read")
        }
        guard bytes.sha256 == entry.sha256 else {
            throw .brokenModel(version: version, reason: "\(entry.name) does not have the SHA-256 of the manifest")
        }
        return bytes
    }

    func ids(
        _ entry: ModelManifest.File?, count: Int, _ version: String
    ) throws(RecommendationError) -> [String]? {
        guard let entry else { return nil }
        let bytes = try checkedBytes(entry, version)
        guard let ids = try? Self.decoder.decode([String].self, from: bytes), ids.count == count else {
            throw .brokenModel(version: version, reason: "\(entry.name) does not hold \(count) IDs")
        }
        return ids
    }

    func file(_ name: String, of version: String) -> URL {
        folder.appendingPathComponent(version, isDirectory: true).appendingPathComponent(name)
    }

    /// Whether `name` is safe as the name of a file or folder here and is not one of the registry's own.
    static func isVersionName(_ name: String) -> Bool {
        let allowed = name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"):
                true
            default: false
            }
        }
        return allowed && (1...100).contains(name.utf8.count) && !name.hasPrefix(".")
            && !["champion", "history.json", "search.jsonl", "qos"].contains(name)
    }

    static func encode(_ value: some Encodable, _ name: String) throws(RecommendationError) -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .iso8601
        do { return try encoder.encode(value) } catch {
            throw .fileFailure(operation: "encode", file: name, reason: "a number is not finite")
        }
    }

    static var decoder: JSONDecoder {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        return decoder
    }
}

extension DecodingError {
    /// Which key is at fault, and why.
    var reason: String {
        switch self {
        case .keyNotFound(let key, _): "'\(key.stringValue)' is missing"
        case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
            (context.codingPath.map(\.stringValue).joined(separator: ".") + ": " + context.debugDescription)
        @unknown default: "it is not what was written"
        }
    }
}
