import ArgumentParser
import CommandSupport

/// The offline retraining job's commands.
struct Retrain: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retrain",
        abstract: "Trains the recommender on the marketplace's interactions and puts a better model into service.",
        discussion: "Exit codes: 0 done, 1 refused by the data (the gate stays closed), 2 usage, 3 failure.",
        subcommands: [Run.self, Evaluate.self, EvaluateQoS.self, List.self, Promote.self, Rollback.self, Generate.self])
}

@main
enum Main {
    static func main() async { await CommandRunner.main(Retrain.self) }
}
