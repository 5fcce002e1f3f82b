import ArgumentParser
import CommandSupport
import Foundation

/// The offline retraining job's commands.
struct Retrain: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retrain",
        abstract: "Trains the recommender on the marketplace's interactions and puts a better model into service.",
        discussion: "Exit codes: 0 done, 1 refused by the data (the gate stays closed), 2 usage, 3 failure.",
        subcommands: [
            Run.self, Search.self, Evaluate.self, EvaluateQoS.self, Report.self, List.self, Promote.self, Rollback.self,
            Prune.self,
            Generate.self, Recovery.self
        ])
}

@main
enum Main {
    static func main() async {
        // A file beyond the limit of its size is then an error of the write, with a message, and not the end.
        signal(SIGXFSZ, SIG_IGN)
        await CommandRunner.main(Retrain.self)
    }
}
