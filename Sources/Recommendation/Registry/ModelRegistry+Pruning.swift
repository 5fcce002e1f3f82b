import Foundation

extension ModelRegistry {
    /// The versions that can go so that `count` stay, oldest first: the newest stay, and in any case the champion and
    /// the version that a rollback would put back. A version whose manifest cannot be read counts as the oldest.
    /// - Throws: `noChampion` when the pointer cannot be understood, `fileFailure`. O(versions).
    public func prunable(keeping count: Int) throws(RecommendationError) -> [String] {
        let kept = Set([try championVersion(), try rollbackVersion()].compactMap(\.self))
        let newest = try versions().map { version in
            (version, (try? manifest(version))?.createdAt ?? .distantPast)
        }.sorted { ($0.1, $0.0) > ($1.1, $1.0) }.map(\.0)
        let others = newest.filter { !kept.contains($0) }
        return others.dropFirst(max(0, count - newest.count { kept.contains($0) })).reversed()
    }

    /// Deletes a version that is neither the champion nor what a rollback would put back. The caller holds the lock for
    /// writing. The folder is renamed first: a kill in between leaves no half of a version.
    /// - Throws: `unknownVersion`, `brokenModel` for a version that must stay, `fileFailure`.
    public func delete(_ version: String) throws(RecommendationError) {
        let available = try versions()
        guard available.contains(version) else { throw .unknownVersion(version, available: available) }
        guard try championVersion() != version, try rollbackVersion() != version else {
            throw .brokenModel(version: version, reason: "it is in service, or next for it, and is not deleted")
        }
        let place = folder.appendingPathComponent(version, isDirectory: true)
        let hidden = AtomicFile.temporary(beside: place)
        try AtomicFile.move(place, to: hidden)
        do { try FileManager.default.removeItem(at: hidden) } catch {
            throw .fileFailure(operation: "delete", file: version, reason: error.localizedDescription)
        }
    }
}
