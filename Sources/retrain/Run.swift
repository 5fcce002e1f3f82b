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
            Commitments are divided by time: 64% train, 16% validate (how many epochs, what a score means), 20% test. The \
            gate demands, on the test, more NDCG than popularity beyond doubt, no loss against the champion's recipe \
            beyond a margin, no slice harmed, coverage, finite scores, and quick rankings. When it opens, the model is \
            trained on everything and becomes the champion in one step; when not, the champion stays and the exit code \
            is 1. A job that is killed leaves the champion as it was; the next one goes on from its checkpoints. One \
            job at a time runs on a folder of models.

            Then models of latency, throughput and availability learn from the measurements but the last 20%, and are \
            judged by those, each metric by itself: the gate demands less error than the catalogue's figures beyond \
            doubt, and intervals that hold what they say. They are a line of versions of their own in the folder, with \
            a champion of their own.

            Any model can be trained, and challenges a champion of any kind by what both come to on the same data. A \
            service takes every kind: it folds a user in, ranks, and names the dealings that weighed most, but for \
            popularity, which makes no difference between users. Offers that nobody has dealt with are foretold from \
            their features by ials and blend alone.

            Examples:
              retrain run
              retrain run --searched --report report.html
              retrain run --model blend --factors 256 --graph-filter-weight 0.7
              retrain run --weighting weights.json --half-life-days 90 --factors 32
              retrain run --engine spark --master spark://host:7077 --spark-memory 8g
            """)

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var time: TimeOptions

    @Option(name: .long, help: "The folder of models.")
    var models = "models"

    @OptionGroup(title: "Training") var recipe: RecipeOptions

    @Flag(
        name: .long,
        help: "Train as the best trial of 'retrain search' did, of --model where it is given; flags go over it.")
    var searched = false

    @Flag(name: .long, help: "Run all epochs instead of as many as are best on the validation period.")
    var allEpochs = false

    @OptionGroup(title: "Weighting of interactions") var weighting: WeightingOptions
    @OptionGroup(title: "Gate") var gate: GateOptions
    @OptionGroup(title: "Engine") var engine: EngineOptions

    @Option(name: .long, help: ArgumentHelp("Write a page with charts about this run.", valueName: "file.html"))
    var report: String?

    @Option(
        name: .long,
        help: "From so many pairs of user and offer on, a factorization trains on them from a file that is mapped.")
    var mapFrom = 4_000_000

    @Option(name: .long, help: "Seconds of training that a kill may lose; 0 keeps every epoch.")
    var checkpointSeconds = 30.0

    @Option(name: .long, help: "Retrain this alone: preferences, or performance.")
    var only: Part?

    @Flag(name: .long, help: "Begin anew instead of going on where a killed job was.")
    var fresh = false

    @Flag(name: .long, help: "Train again even when the champion has learned from this very data.")
    var force = false

    @Flag(name: .long, help: "Print one JSON document instead of text.")
    var json = false

    /// What can be retrained alone.
    enum Part: String, ExpressibleByArgument, CaseIterable {
        case preferences, performance
    }

    /// Chosen by `retrain search` on the shipped sample, on three periods before the one that the gate judges by.
    static let defaults = ImplicitALS.Hyperparameters(
        factors: 64, epochs: 32, regularization: 0.1, unobservedWeight: 0.005, frequencyExponent: 0.5)

    /// Chosen likewise among those with ν = 1, which Spark knows alone.
    private static let sparkDefaults = ImplicitALS.Hyperparameters(
        factors: 32, epochs: 12, regularization: 0.03, unobservedWeight: 0.005)

    /// What a kind of model is trained by when nothing else is said.
    static func defaults(_ kind: ModelKind, _ engine: TrainingEngine = .local) -> ModelRecipe {
        var recipe = ModelRecipe(kind)
        recipe.factorization = engine == .spark ? sparkDefaults : defaults
        return recipe
    }

    func validate() throws {
        let kind = try recipe.kind() ?? .ials
        // What was searched is known when the folder of models is read.
        if !searched || recipe.model != nil { _ = try recipe.recipe(over: Self.defaults(kind, engine.engine)) }
        if engine.engine == .spark, Self.defaults(kind).factorization == nil {
            throw ValidationError("--engine spark trains factors: --model ials or blend, not \(kind.rawValue)")
        }
        guard mapFrom >= 0 else { throw ValidationError("--map-from must be at least 0") }
        _ = try gate.resolved()
        guard checkpointSeconds >= 0 else { throw ValidationError("--checkpoint-seconds must be at least 0") }
    }

    func run() throws {
        let registry = ModelRegistry(folder: URL(fileURLWithPath: models, isDirectory: true))
        // Before the work, not after it: is there what a report needs?
        let library = try report.map { _ in try ChartLibrary.load(for: "--report") }
        let store = try database.open()
        let lock = try registry.lockForJob(holder: Job.holder("run"))
        defer { withExtendedLifetime(lock) {} }
        var (document, refused): ([String: JSONValue], Bool) = ([:], false)
        if only != .performance {
            let job = Job(
                registry: registry, store: store, now: time.now, retraining: try retraining(registry),
                engine: engine, checkpointSeconds: checkpointSeconds, mapFrom: mapFrom)
            let start = Date()
            if let result = try job.run(fresh: fresh, force: force) {
                if let report, let library {
                    let page = ReportPage(
                        report: result.outcome.report, version: result.version,
                        history: try ReportPage.history(registry))
                    try page.write(to: report, library: library)
                }
                if json, case .object(let members) = try result.json() { document = members }
                if !json { Terminal.write(result.text(seconds: Date().timeIntervalSince(start))) }
                refused = result.version == nil
            } else {
                document = ["trained": false, "champion": JSONValue(try registry.championVersion())]
            }
        }
        if only != .preferences {
            let job = QoSJob(registry: QoSRegistry(models: registry.folder), store: store, now: time.now)
            let start = Date()
            if let result = try job.run(force: force) {
                document["performance"] = try result.json()
                if !json { Terminal.write("\n" + result.text(seconds: Date().timeIntervalSince(start))) }
                refused = refused || (result.isJudged && result.version == nil)
            } else if only == .performance, !json, try store.measurements(until: time.now).isEmpty {
                Terminal.log("retrain: no measurements to learn from; performance stays the catalogue's")
            }
        }
        if json { Terminal.write(.object(document)) }
        if refused { throw CommandEnd(.refused) }
    }

    private func retraining(_ registry: ModelRegistry) throws -> Retraining {
        let kind = try recipe.kind()
        var base = Self.defaults(kind ?? .ials, engine.engine)
        var weights = InteractionWeighting()
        if searched {
            guard let best = try SearchLog(registry).best(kind) else {
                throw CommandEnd(
                    .usage,
                    "error: there is no trial \(kind.map { "of \($0.rawValue) " } ?? "")in '\(models)'; "
                        + "run 'retrain search' first")
            }
            (base, weights) = (best.model, best.weighting)
        }
        var retraining = Retraining(
            Recipe(
                engine: engine.engine, model: try recipe.recipe(over: base),
                weighting: try weighting.resolved(weights)))
        retraining.gate = try gate.resolved()
        retraining.choosesEpochs = !allEpochs && engine.engine == .local
        return retraining
    }
}
