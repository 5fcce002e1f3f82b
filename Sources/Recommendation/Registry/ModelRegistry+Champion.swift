import Foundation

extension ModelRegistry {
    /// One change of the model in service.
    public struct Change: Sendable, Equatable, Codable {
        /// What happened.
        public enum Action: String, Sendable, Codable {
            /// A version was put into service.
            case promote
            /// The version before it was put back.
            case rollback
        }
        /// What happened.
        public let action: Action
        /// The version in service from then on.
        public let version: String
        /// When.
        public let at: Date
    }

    private var pointer: URL { folder.appendingPathComponent("champion") }
    private var historyFile: URL { folder.appendingPathComponent("history.json") }

    /// The version in service; nil when none was promoted.
    /// - Throws: `noChampion` when the pointer cannot be understood.
    public func championVersion() throws(RecommendationError) -> String? {
        guard FileManager.default.fileExists(atPath: pointer.path) else { return nil }
        guard let text = try? String(contentsOf: pointer, encoding: .utf8) else {
            throw .noChampion(reason: "the pointer cannot be read")
        }
        let version = text.trimmingCharacters(in: .whitespacesAndNewlines)
        guard Self.isVersionName(version) else { throw .noChampion(reason: "the pointer names no version") }
        return version
    }

    /// The model in service.
    /// - Throws: `noChampion`, `unknownVersion`, `brokenModel`.
    public func champion() throws(RecommendationError) -> StoredModel {
        guard let version = try championVersion() else { throw .noChampion(reason: "none was promoted") }
        return try load(version)
    }

    /// Every promotion and rollback, oldest first, as the pointer bears it out.
    ///
    /// The pointer alone decides what is in service. A job that died between the history and the pointer has changed
    /// nothing, so its last line is passed over; a pointer that was set by hand counts as a promotion.
    /// - Throws: `fileFailure`.
    public func history() throws(RecommendationError) -> [Change] {
        var past: [Change] = []
        if FileManager.default.fileExists(atPath: historyFile.path) {
            do {
                past = try Self.decoder.decode([Change].self, from: try Data(contentsOf: historyFile))
            } catch {
                throw .fileFailure(
                    operation: "read", file: "history.json", reason: "it is not the history of a registry")
            }
        }
        let current = try championVersion()
        if Self.inService(past).last == current { return past }
        if Self.inService(past.dropLast()).last == current { return past.dropLast() }
        guard let current else { return past }
        return past + [Change(action: .promote, version: current, at: past.last?.at ?? .init(timeIntervalSince1970: 0))]
    }

    /// The versions that a rollback would go through, the one in service last.
    private static func inService(_ changes: some Sequence<Change>) -> [String] {
        var versions: [String] = []
        for change in changes {
            switch change.action {
            case .promote: if versions.last != change.version { versions.append(change.version) }
            case .rollback: versions.removeLast(min(1, versions.count))
            }
        }
        return versions
    }

    /// Puts a version into service, after loading it whole: a broken model never replaces the champion.
    /// - Returns: the model that is now in service.
    /// - Throws: `unknownVersion`, `brokenModel`, `fileFailure`.
    @discardableResult
    public func promote(_ version: String, at time: Date) throws(RecommendationError) -> StoredModel {
        let model = try load(version)
        try change(.init(action: .promote, version: version, at: time))
        return model
    }

    /// The version that a rollback would put back; nil when there is none.
    /// - Throws: `noChampion` when the pointer cannot be understood, `fileFailure`.
    public func rollbackVersion() throws(RecommendationError) -> String? {
        Self.inService(try history()).dropLast().last
    }

    /// Puts the version back that was in service before the champion.
    /// - Returns: the model that is now in service.
    /// - Throws: `noChampion` when there is none before, `unknownVersion`, `brokenModel`, `fileFailure`.
    @discardableResult
    public func rollback(at time: Date) throws(RecommendationError) -> StoredModel {
        guard let version = try rollbackVersion() else {
            throw .noChampion(reason: "there is no earlier one to roll back to")
        }
        let model = try load(version)
        try change(.init(action: .rollback, version: model.manifest.version, at: time))
        return model
    }

    /// The history says what is meant to happen, then the pointer makes it so.
    func change(_ change: Change) throws(RecommendationError) {
        let past = try history()
        try AtomicFile.write(try Self.encode(past + [change], "history.json"), to: historyFile)
        try AtomicFile.write(Data((change.version + "\n").utf8), to: pointer)
    }
}
