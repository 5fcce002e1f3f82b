import ArgumentParser
import CommandSupport
import Documents
import Foundation
import Marketplace
import MarketplaceStore
import Recommendation

/// `retrain run`
struct Run: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Trains on the database's interactions, evaluates, and promotes the model if the gate opens.",
        discussion: """
            The first four fifths of the commitments train, the rest tests. The gate demands more NDCG than popularity \
            and no less than the champion's recipe on the same split. When it opens, the model is trained on everything \
            and becomes the champion in one step; when not, the champion stays and the exit code is 1.
            """)

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var time: TimeOptions

    @Option(name: .long, help: "The folder of models.")
    var models = "models"

    @OptionGroup var training: TrainingOptions

    @Flag(name: .long, help: "Train again even when the champion has learned from this very data.")
    var force = false

    @Flag(name: .long, help: "Print one JSON document instead of text.")
    var json = false

    /// Chosen on the shipped sample: a small market wants narrow factors.
    private static let defaults = ImplicitALS.Hyperparameters(
        factors: 8, epochs: 12, regularization: 0.03, unobservedWeight: 0.05)

    func validate() throws { _ = try training.hyperparameters(Self.defaults) }

    func run() throws {
        let hyperparameters = try training.hyperparameters(Self.defaults)
        let store = try database.open()
        let offers = try store.catalog().offers.map(\.id)
        let snapshot = InteractionSnapshot(try store.interactions(until: time.now), offers: offers)
        let registry = ModelRegistry(folder: URL(fileURLWithPath: models, isDirectory: true))
        let champion = try registry.championVersion().flatMap { try? registry.manifest($0) }
        let end = snapshot.events.last?.time ?? 0
        let retraining = Retraining(hyperparameters: hyperparameters)
        if !force, let champion, champion.hyperparameters == hyperparameters,
            let data = try? snapshot.matrix(before: end + 1, weighting: retraining.weighting),
            champion.data.hash == ModelManifest.DataWindow(of: data).hash
        {
            Terminal.log("retrain: the champion \(champion.version) has learned from this very data; nothing to do")
            if json { Terminal.write(["champion": .string(champion.version), "trained": false]) }
            return
        }
        let start = Date()
        let outcome = try retraining.run(snapshot, champion: champion?.hyperparameters, now: end) {
            Terminal.progress($0)
        }
        Terminal.progress("", done: true)
        let version = try outcome.model.map { try save($0, outcome, snapshot, registry) }
        report(outcome, snapshot, version: version, seconds: Date().timeIntervalSince(start))
        if version == nil { throw CommandEnd(.refused) }
    }

    /// Stores the model and makes it the champion; returns its version.
    private func save(
        _ model: ImplicitALSModel, _ outcome: Retraining.Outcome, _ snapshot: InteractionSnapshot,
        _ registry: ModelRegistry
    ) throws -> String {
        let stamp = UTCTime.text(time.now).filter { $0 != ":" && $0 != "-" }
        let taken = try registry.versions()
        var version = "ials-\(stamp)"
        var count = 2
        while taken.contains(version) {
            version = "ials-\(stamp)-\(count)"
            count += 1
        }
        func date(_ seconds: Int?) -> Date? { seconds.map { Date(timeIntervalSince1970: Double($0)) } }
        try registry.save(
            model,
            ModelProvenance(
                version: version, createdAt: Date(timeIntervalSince1970: Double(time.now)),
                seed: model.hyperparameters.seed,
                data: .init(
                    start: date(snapshot.events.first?.time), end: date(snapshot.events.last.map { $0.time + 1 }),
                    of: outcome.interactions),
                metrics: outcome.challenger.named, codeVersion: CodeVersion.current, userIDs: snapshot.users,
                itemIDs: snapshot.offers))
        _ = try registry.promote(version, at: Date(timeIntervalSince1970: Double(time.now)))
        return version
    }

    private func report(
        _ outcome: Retraining.Outcome, _ snapshot: InteractionSnapshot, version: String?, seconds: Double
    ) {
        if json {
            Terminal.write(outcome.json(version: version, seconds: seconds))
            return
        }
        func line(_ name: String, _ metrics: RankingMetrics) -> String {
            let figures = String(
                format: "Recall@%d %.4f  NDCG@%d %.4f  coverage %.3f", metrics.k, metrics.recall, metrics.k,
                metrics.ndcg, metrics.coverage)
            return "  " + name.padding(toLength: 20, withPad: " ", startingAt: 0) + figures
        }
        var lines = [
            "Retraining on \(snapshot.events.count) interactions of \(snapshot.users.count) users with "
                + "\(snapshot.offers.count) offers",
            "  trained before \(UTCTime.text(outcome.cutoff)), tested on \(outcome.challenger.users) users after it",
            line("iALS, \(outcome.factors) factors", outcome.challenger), line("popularity", outcome.popularity)
        ]
        if let champion = outcome.champion { lines.append(line("champion's recipe", champion)) }
        lines.append("Gate")
        lines += outcome.conditions.map { "  \($0.passed ? "passed" : "FAILED")  \($0.name): \($0.detail)" }
        lines.append(
            version.map { "Promoted \($0) after \(String(format: "%.1f", seconds)) s" }
                ?? "Nothing promoted; the champion stays")
        Terminal.write(lines.joined(separator: "\n") + "\n")
    }
}

extension Retraining.Outcome {
    /// The outcome as JSON.
    func json(version: String?, seconds: Double) -> JSONValue {
        func metrics(_ metrics: RankingMetrics) -> JSONValue {
            .object(metrics.named.mapValues { JSONValue($0) })
        }
        return JSONValue(members: [
            ("trained", true), ("promoted", version.map { .string($0) }), ("cutoff", .string(UTCTime.text(cutoff))),
            ("testUsers", JSONValue(challenger.users)), ("challenger", metrics(challenger)),
            ("popularity", metrics(popularity)), ("championRecipe", champion.map(metrics)),
            (
                "gate",
                .array(
                    conditions.map {
                        ["name": .string($0.name), "passed": .bool($0.passed), "detail": .string($0.detail)]
                    })
            ), ("seconds", JSONValue(seconds))
        ])
    }
}
