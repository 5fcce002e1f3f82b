import ArgumentParser
import CommandSupport
import Documents
import Foundation
import Marketplace
import MarketplaceStore
import Recommendation

/// `retrain search`
struct Search: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Searches for hyperparameters within a budget, on periods before the test period.",
        discussion: """
            A trial is measured on three periods of 16% of the commitments each, one before the other, by models of what \
            came before; the last 20%, which the gate of 'retrain run' judges by, are never looked at. The first trial is the default of 'run', or what the flags \
            say. Every trial is a line of search.jsonl in the folder of models before the next begins: after a kill, \
            --resume goes on without repeating one.

            Without --model the search goes over all kinds of models: after the first trial each other kind by its \
            defaults, then in turn any kind drawn anew and what is near the best so far.

            Examples:
              retrain search --trials 40
              retrain search --model blend --trials 40
              retrain search --seconds 600 --max-factors 128
              retrain search --trials 200 --resume
              retrain run --searched
            """)

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var time: TimeOptions
    @OptionGroup var registry: RegistryOptions

    @Option(name: .long, help: "How many trials there shall be in all, those before a kill counted.")
    var trials = 30

    @Option(name: .long, help: "Seconds after which no trial begins any more; none by default.")
    var seconds: Double?

    @Option(name: .long, help: "The greatest width of factors that is tried, 1…4096.")
    var maxFactors = 64

    @Option(name: .long, help: "The most epochs of a trial, as --epochs.")
    var maxEpochs = 32

    @Option(name: .long, help: "How many periods a trial is measured on.")
    var periods = 3

    @Option(name: .long, help: "The seed of the draws.")
    var searchSeed: UInt64 = 1

    @Flag(name: .long, help: "Go on with the search that began last, on its data.")
    var resume = false

    @OptionGroup(title: "The first trial") var recipe: RecipeOptions
    @OptionGroup(title: "Weighting of interactions") var weighting: WeightingOptions

    @Flag(name: .long, help: "Print one JSON document instead of text.")
    var json = false

    func validate() throws {
        _ = try first()
        guard trials >= 1 else { throw ValidationError("--trials must be at least 1") }
        guard (1...4096).contains(maxFactors) else { throw ValidationError("--max-factors must be within 1…4096") }
        guard maxEpochs >= 1 else { throw ValidationError("--max-epochs must be at least 1") }
        guard (1...10).contains(periods) else { throw ValidationError("--periods must be within 1…10") }
        if let seconds, !(seconds > 0) { throw ValidationError("--seconds must be above 0") }
    }

    func run() throws {
        let lock = try registry.registry.lockForJob(holder: Job.holder("search"))
        defer { withExtendedLifetime(lock) {} }
        let log = SearchLog(registry.registry)
        let (header, snapshot) = try begin(log)
        let end = Date().addingTimeInterval(seconds ?? .infinity)
        try header.search.run(
            snapshot, past: try log.last()?.trials ?? [], trials: trials, isOver: { Date() >= end },
            progress: { Terminal.progress($0) }
        ) { trial throws(RecommendationError) in
            try log.append(trial)
            Terminal.progress("", done: true)
            Terminal.log(
                "trial \(trial.number + 1): NDCG@\(header.search.k) \(Self.text(trial))"
                    + (trial.isGivenUp ? " – given up" : ""))
        }
        let done = try log.last()?.trials ?? []
        guard let best = HyperparameterSearch.best(done) else {
            throw CommandEnd(.refused, "error: no trial was done within the budget")
        }
        if json {
            Terminal.write([
                "trials": JSONValue(done.count), "best": JSONValue(best.number), "ndcg": JSONValue(best.ndcg),
                "recall": JSONValue(best.recall),
                "recipe": try JSONValue(parsing: Array(try JSONEncoder().encode(best.recipe)))
            ])
        } else {
            Terminal.write(
                "\(done.count) trials before the test period; the best, \(best.number + 1), has NDCG@"
                    + "\(header.search.k) \(Self.text(best))\n'retrain run --searched' trains by it\n")
        }
    }

    /// The search to go on with, or a new one that is then in the log.
    private func begin(_ log: SearchLog) throws -> (SearchLog.Header, InteractionSnapshot) {
        let store = try database.open()
        let offers = try store.catalog().offers.map(\.id)
        if resume {
            guard let last = try log.last() else {
                throw CommandEnd(.usage, "error: there is no search to go on with; leave --resume out")
            }
            let header = last.header
            let snapshot = try store.snapshot(until: header.until, offers: offers)
            guard try header.search.study(snapshot) == header.study else {
                throw CommandEnd(
                    .refused,
                    "error: the data before \(UTCTime.text(header.until)) have changed since the search began; "
                        + "begin a new one, without --resume")
            }
            return (header, snapshot)
        }
        let kinds = try recipe.kind().map { [$0] } ?? ModelKind.allCases.filter { $0 != .popularity }
        var search = HyperparameterSearch(start: try first(), kinds: kinds)
        search.weighting = try weighting.resolved()
        search.seed = searchSeed
        search.maximumFactors = maxFactors
        search.maximumEpochs = recipe.training.epochs ?? maxEpochs
        search.periods = periods
        let snapshot = try store.snapshot(until: time.now, offers: offers)
        let header = SearchLog.Header(study: try search.study(snapshot), until: time.now, search: search)
        try log.append(header)
        return (header, snapshot)
    }

    private func first() throws -> ModelRecipe { try recipe.recipe(over: Run.defaults(try recipe.kind() ?? .ials)) }

    private static func text(_ trial: HyperparameterSearch.Trial) -> String {
        let recipe = Recipe(model: trial.recipe)
        return String(format: "%.4f, Recall %.4f: ", trial.ndcg, trial.recall) + "\(recipe.name): \(recipe.settings)"
    }
}
