import Foundation

/// A version opened for service: its large tensors stay in the file.
public struct OpenModel: Sendable {
    /// Its manifest.
    public let manifest: ModelManifest
    /// The model.
    public let model: any StorableModel
    /// Item IDs in index order; nil when indices are the IDs.
    public let itemIDs: [String]?
    private let tensors: TensorFile

    init(manifest: ModelManifest, model: any StorableModel, itemIDs: [String]?, tensors: TensorFile) {
        self.manifest = manifest
        self.model = model
        self.itemIDs = itemIDs
        self.tensors = tensors
    }

    /// Reads the whole file and compares every tensor with its hash: what opening leaves out. For a background task.
    /// - Throws: `brokenModel`. O(bytes).
    public func verify() throws(RecommendationError) {
        do { try tensors.verify() } catch { throw .brokenModel(version: manifest.version, reason: "\(error)") }
    }
}

extension ModelRegistry {
    /// Opens a version for service in a time that does not depend on its users.
    ///
    /// Manifest, file header, shapes and item IDs are checked, and every tensor that is read against its own hash. The
    /// user factors stay mapped: they were checked when the version was promoted, and are by `load` and
    /// `OpenModel.verify`. User IDs are not read.
    /// - Throws: `unknownVersion`, `brokenModel`. O(items).
    public func open(_ version: String) throws(RecommendationError) -> OpenModel {
        let manifest = try manifest(version)
        func broken(_ reason: String) -> RecommendationError { .brokenModel(version: version, reason: reason) }
        guard Self.isVersionName(manifest.factors.name) else {
            throw broken("its manifest names a file outside its folder")
        }
        do throws(RecommendationError) {
            let tensors = try TensorFile(contentsOf: file(manifest.factors.name, of: version))
            return OpenModel(
                manifest: manifest, model: try model(tensors, manifest),
                itemIDs: try ids(manifest.itemIDs, count: manifest.itemCount, version), tensors: tensors)
        } catch {
            if case .brokenModel = error { throw error }
            throw broken("\(error)")
        }
    }

    /// Opens the model in service.
    /// - Throws: `noChampion`, `unknownVersion`, `brokenModel`.
    public func openChampion() throws(RecommendationError) -> OpenModel {
        guard let version = try championVersion() else { throw .noChampion(reason: "none was promoted") }
        return try open(version)
    }
}
