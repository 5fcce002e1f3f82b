import Foundation
import Marketplace
import MarketplaceStore
import Recommendation
import TestSupport

/// A small marketplace in a folder of its own, and the `retrain` executable that runs on it.
struct RetrainCommand {
    /// What a run came to.
    struct Outcome {
        let status: Int32
        let output: String
        let errors: String
        /// Whether a signal ended it.
        let wasKilled: Bool
    }

    /// 2026-11-22T12:00:00Z.
    static let now = 1_795_348_800
    /// The test's own folder, with `flashback.sqlite`.
    let folder: URL
    /// The models in it.
    var registry: ModelRegistry { ModelRegistry(folder: folder.appendingPathComponent("models")) }

    /// The executables lie beside the test bundle.
    static let binary = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        .appendingPathComponent("retrain")

    /// The shipped catalogue in a database, made once, and the history of a small market over it.
    private static let market = Result {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("retrain-\(UUID().uuidString).sqlite")
        let store = try MarketplaceDatabase(path: file.path, .creating)
        for (kind, name) in [
            (ImportKind.metros, "metros.csv"), (.providers, "providers.csv"), (.regions, "provider-regions.csv"),
            (.readerRegions, "reader-regions.csv"), (.latency, "latency.csv"), (.catalog, "catalog.jsonl")
        ] {
            try store.import(kind, file: ShippedData.folder.appendingPathComponent(name).path, now: now)
        }
        let catalog = try store.catalog()
        try store.close()
        let bytes = try Data(contentsOf: file)
        try FileManager.default.removeItem(at: file)
        return (bytes, SyntheticMarket(seed: 5, users: 400, days: 150, catalog: catalog).history().interactions)
    }

    /// A marketplace with the small market's history, or with `interactions` of the catalogue's offers.
    init(_ interactions: (([String]) -> [Interaction])? = nil) throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("retrain-" + UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let (database, history) = try Self.market.get()
        let file = folder.appendingPathComponent("flashback.sqlite")
        try database.write(to: file)
        let store = try MarketplaceDatabase(path: file.path)
        let offers = try store.catalog().offers.map(\.id)
        try store.record(interactions.map { $0(offers) } ?? history)
        try store.close()
    }

    /// Removes the folder.
    func remove() { try? FileManager.default.removeItem(at: folder) }

    /// Starts `retrain`, under `prefix` as a shell's words before it.
    private func start(_ arguments: [String], prefix: String, _ output: FileHandle, _ errors: FileHandle) throws
        -> Process
    {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/bash")
        process.arguments = ["-c", prefix + #"exec "$0" "$@""#, Self.binary.path] + arguments
        process.currentDirectoryURL = folder
        process.standardOutput = output
        process.standardError = errors
        process.standardInput = FileHandle.nullDevice
        try process.run()
        return process
    }

    /// Runs `retrain` to its end, or kills it with SIGKILL after so many seconds.
    ///
    /// - Parameter prefix: shell commands that go before, as `ulimit -f 8; `.
    func run(_ arguments: [String], prefix: String = "", killAfter seconds: Double? = nil) throws -> Outcome {
        // Files take any amount without a reader, which a pipe does not.
        let files = try ["output", "errors"].map { name in
            let file = folder.appendingPathComponent("\(name)-\(UUID().uuidString)")
            try Data().write(to: file)
            return (file, try FileHandle(forUpdating: file))
        }
        defer { for (file, _) in files { try? FileManager.default.removeItem(at: file) } }
        let process = try start(arguments, prefix: prefix, files[0].1, files[1].1)
        if let seconds {
            usleep(UInt32(max(0, seconds) * 1e6))
            kill(process.processIdentifier, SIGKILL)
        }
        process.waitUntilExit()
        let texts = try files.map { String(decoding: try Data(contentsOf: $0.0), as: UTF8.self) }
        return Outcome(
            status: process.terminationStatus, output: texts[0], errors: texts[1],
            wasKilled: process.terminationReason == .uncaughtSignal)
    }

    /// Runs `retrain` to its end.
    func run(_ arguments: String...) throws -> Outcome { try run(arguments) }
}
