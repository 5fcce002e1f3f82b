import Foundation

/// The trials of hyperparameters in a registry: `search.jsonl`, a line a trial, in the order in which they ended.
///
/// A line is on the disk before the next trial begins. One that a kill cut short is taken away by the next writer; the
/// caller holds the registry's lock for jobs.
public struct SearchLog: Sendable {
    /// How a search began.
    public struct Header: Sendable, Equatable, Codable {
        /// SHA-256 of all that its trials depend on, in hexadecimal.
        public var study: String
        /// The end of its data, seconds since 1970, excluded.
        public var until: Int
        /// What was searched.
        public var search: HyperparameterSearch

        /// A beginning.
        public init(study: String, until: Int, search: HyperparameterSearch) {
            self.study = study
            self.until = until
            self.search = search
        }
    }

    /// A search with its trials so far.
    public struct Search: Sendable, Equatable {
        /// How it began.
        public let header: Header
        /// Its trials, by number.
        public internal(set) var trials: [HyperparameterSearch.Trial]

        /// A search.
        public init(header: Header, trials: [HyperparameterSearch.Trial]) {
            self.header = header
            self.trials = trials
        }
    }

    private struct Line: Codable {
        var search: Header?
        var trial: HyperparameterSearch.Trial?
    }

    private let file: URL

    /// The log of `registry`.
    public init(_ registry: ModelRegistry) { file = registry.folder.appendingPathComponent("search.jsonl") }

    /// The search that began last; nil when there is none.
    /// - Throws: `fileFailure` when a line that is whole cannot be understood.
    public func last() throws(RecommendationError) -> Search? {
        guard let bytes = try? Data(contentsOf: file) else { return nil }
        var found: Search?
        for (index, line) in bytes.prefix(Self.whole(bytes)).split(separator: UInt8(ascii: "\n")).enumerated() {
            guard let line = try? ModelRegistry.decoder.decode(Line.self, from: Data(line)) else {
                throw .fileFailure(
                    operation: "read", file: "search.jsonl", reason: "line \(index + 1) is neither a search nor a trial"
                )
            }
            if let header = line.search { found = Search(header: header, trials: []) }
            if let trial = line.trial, trial.number == found?.trials.count { found?.trials.append(trial) }
        }
        return found
    }

    /// The recipe of the best trial of the search that began last, among those of `kind` where one is given.
    /// - Throws: `fileFailure`.
    public func best(_ kind: ModelKind? = nil) throws(RecommendationError) -> Recipe? {
        guard let search = try last(),
            let best = HyperparameterSearch.best(search.trials.filter { kind == nil || $0.recipe.kind == kind })
        else { return nil }
        return Recipe(model: best.recipe, weighting: search.header.search.weighting)
    }

    /// Begins a search.
    /// - Throws: `fileFailure`.
    public func append(_ header: Header) throws(RecommendationError) { try append(Line(search: header)) }

    /// Records a trial.
    /// - Throws: `fileFailure`.
    public func append(_ trial: HyperparameterSearch.Trial) throws(RecommendationError) {
        try append(Line(trial: trial))
    }

    private func append(_ line: Line) throws(RecommendationError) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            let bytes = try encoder.encode(line) + [UInt8(ascii: "\n")]
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            let handle = try AtomicFile.handle(of: file, O_RDWR)
            defer { try? handle.close() }
            let end = UInt64(Self.whole(try handle.readToEnd() ?? Data()))
            try handle.truncate(atOffset: end)
            do {
                try handle.write(contentsOf: bytes)
                try handle.synchronize()
            } catch {
                try? handle.truncate(atOffset: end)
                throw error
            }
        } catch {
            throw .fileFailure(operation: "append to", file: "search.jsonl", reason: error.localizedDescription)
        }
    }

    /// The bytes up to the last line that has an end.
    private static func whole(_ bytes: Data) -> Int {
        (bytes.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 - bytes.startIndex }) ?? 0
    }
}
