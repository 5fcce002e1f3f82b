import ArgumentParser
import CommandSupport
import Documents
import Foundation
import Marketplace
import Recommendation

/// The folder of models.
struct RegistryOptions: ParsableArguments {
    @Option(name: .long, help: "The folder of models.")
    var models = "models"

    var registry: ModelRegistry { ModelRegistry(folder: URL(fileURLWithPath: models, isDirectory: true)) }
    /// The line of QoS models in it.
    var performance: QoSRegistry { QoSRegistry(models: URL(fileURLWithPath: models, isDirectory: true)) }
}

/// `retrain list`
struct List: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Lists the versions, the champion marked with *.")

    @OptionGroup var options: RegistryOptions

    @Flag(name: .long, help: "Print one JSON document instead of text.")
    var json = false

    func run() throws {
        let champion = try options.registry.championVersion()
        let versions = try options.registry.versions()
        let line = options.performance.line
        let (qosChampion, qosVersions) = (try line.championVersion(), try line.versions())
        if json {
            Terminal.write([
                "champion": JSONValue(champion), "versions": .array(versions.map { .string($0) }),
                "performance": [
                    "champion": JSONValue(qosChampion), "versions": .array(qosVersions.map { .string($0) })
                ]
            ])
            return
        }
        for version in versions {
            let mark = version == champion ? "*" : " "
            guard let manifest = try? options.registry.manifest(version) else {
                Terminal.write("\(mark) \(version)  broken\n")
                continue
            }
            let recall = manifest.metrics["recall@20"].map { String(format: "%.4f", $0) } ?? "–"
            let ndcg = manifest.metrics["ndcg@20"].map { String(format: "%.4f", $0) } ?? "–"
            Terminal.write(
                "\(mark) \(version)  \(manifest.kind.rawValue)  Recall@20 \(recall)  NDCG@20 \(ndcg)  "
                    + "\(manifest.userCount) users × \(manifest.itemCount) offers\n")
        }
        for version in qosVersions {
            let mark = version == qosChampion ? "*" : " "
            guard let manifest = try? options.performance.manifest(version) else {
                Terminal.write("\(mark) \(version)  broken\n")
                continue
            }
            let errors = manifest.models.keys.sorted().map { name in
                name + (manifest.metrics["\(name) error"].map { String(format: " error %.3f", $0) } ?? "")
            }
            Terminal.write("\(mark) \(version)  performance  \(errors.joined(separator: "  "))\n")
        }
        if versions.isEmpty, qosVersions.isEmpty { Terminal.log("no models in '\(options.models)'; run 'retrain run'") }
    }
}

/// `retrain promote`
struct Promote: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Puts a version into service, after checking that it loads; services pick it up by themselves.",
        discussion: "Versions of preferences and of performance (qos-…) are promoted apart.")

    @Argument(help: "The version.")
    var version: String

    @OptionGroup var options: RegistryOptions

    func run() throws {
        let performance = options.performance
        let isPerformance =
            try !options.registry.versions().contains(version) && performance.line.versions().contains(version)
        let line = isPerformance ? performance.line : options.registry
        let lock = try line.lockForWriting(holder: Job.holder("promote"))
        defer { withExtendedLifetime(lock) {} }
        if isPerformance {
            _ = try performance.promote(version, at: Date())
        } else {
            _ = try options.registry.promote(version, at: Date())
        }
        Terminal.log("promoted \(version)")
    }
}

/// `retrain rollback`
struct Rollback: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Puts the version before the champion back into service.")

    @Flag(name: .long, help: "Roll the models of performance back instead of those of preferences.")
    var performance = false

    @OptionGroup var options: RegistryOptions

    func run() throws {
        let line = performance ? options.performance.line : options.registry
        let lock = try line.lockForWriting(holder: Job.holder("rollback"))
        defer { withExtendedLifetime(lock) {} }
        let version =
            performance
            ? try options.performance.rollback(at: Date()).manifest.version
            : try options.registry.rollback(at: Date()).manifest.version
        Terminal.log("rolled back to \(version)")
    }
}

/// `retrain prune`
struct Prune: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Deletes old versions, never the champion nor the version that a rollback would put back.")

    @Option(name: .long, help: "How many versions stay, the newest; those that are never deleted count among them.")
    var keep: Int

    @OptionGroup var options: RegistryOptions

    @Flag(name: .long, help: "Say what would be deleted, and delete nothing.")
    var dryRun = false

    func validate() throws {
        guard keep >= 1 else { throw ValidationError("--keep must be at least 1") }
    }

    func run() throws {
        let lock = try options.registry.lockForWriting(holder: Job.holder("prune"))
        defer { withExtendedLifetime(lock) {} }
        let versions = try options.registry.prunable(keeping: keep)
        for version in versions {
            if !dryRun { try options.registry.delete(version) }
            Terminal.log("\(dryRun ? "would delete" : "deleted") \(version)")
        }
        if versions.isEmpty { Terminal.log("nothing to delete") }
    }
}
