import ArgumentParser
import CommandSupport
import Documents
import Foundation
import Recommendation

/// `retrain evaluate`
struct Evaluate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Trains a model on one file of interactions and measures it on another, or on a part held out.",
        discussion: """
            A line of the files is a user's number and the numbers of its items. Full ranking, training items masked; \
            recall = hits / |T|, ndcg binary, means over users with test items; truncatedRecall divides by min(K, |T|), \
            as the strong-generalisation protocol does, and is not comparable with recall. Coverage is the share of \
            items that someone is shown.

            --test F measures on a split as published. --validation S carves a part out of the training file, to tune \
            on. --strong-users N holds N users out of training altogether and folds them in from 80% of their items.

            The best model on Gowalla's split is --model blend --factors 2048 --epochs 8; the best factorization alone \
            --model ials --factors 2048 --epochs 8; half the width costs the blend little.
            """)

    @Option(name: .long, help: "The training interactions.")
    var train: String

    @Option(name: .long, help: "The test interactions.")
    var test: String?

    @Option(name: .long, help: "Measure on this share of each user's training interactions, held out: 0.1, say.")
    var validation: Double?

    @Option(name: .long, help: "Measure on so many users that are not trained on, folded in from 80% of their items.")
    var strongUsers: Int?

    @OptionGroup var recipe: RecipeOptions

    @Option(name: .long, help: "K: how many items a ranking shows.")
    var k = 20

    @Flag(name: .long, help: "Print one JSON document instead of text.")
    var json = false

    func validate() throws {
        guard k >= 1 else { throw ValidationError("--k must be at least 1") }
        guard [test != nil, validation != nil, strongUsers != nil].filter(\.self).count == 1 else {
            throw ValidationError("give one of --test, --validation and --strong-users")
        }
        if let validation, !(validation > 0 && validation < 1) {
            throw ValidationError("--validation must be between 0 and 1")
        }
        _ = try chosen()
    }

    func run() throws {
        let chosen = try chosen()
        for path in [train, test ?? train] where !FileManager.default.isReadableFile(atPath: path) {
            throw CommandEnd(.usage, "error: '\(path)' cannot be read; give a file of interactions")
        }
        let report: EvaluationReport
        do {
            report = try measure(chosen) { epoch, seconds in
                Terminal.progress("epoch \(epoch) of \(chosen.epochs): \(String(format: "%.2f", seconds)) s")
            }
        } catch RecommendationError.invalidHyperparameter(let name, let requirement) {
            throw CommandEnd(.usage, "error: \(name == "testUsers" ? "--strong-users" : name) \(requirement)")
        }
        Terminal.progress("", done: true)
        if json {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
            Terminal.write(String(decoding: try encoder.encode(report), as: UTF8.self) + "\n")
            return
        }
        var lines = ["\(chosen.kind.rawValue), \(report.metrics.users) users measured"]
        for (name, value) in report.metrics.named.sorted(by: { $0.key < $1.key }) { lines.append("  \(name) \(value)") }
        let epoch = chosen.epochs > 0 ? String(format: " (%.3f s an epoch)", report.epochSeconds) : ""
        lines.append(
            String(format: "  trained in %.2f s", report.trainSeconds) + epoch
                + String(format: ", ranked in %.2f s, peak memory %.0f MB", report.rankingSeconds, report.peakMemoryMB))
        Terminal.write(lines.joined(separator: "\n") + "\n")
    }

    /// The recipe, of the defaults that suit Gowalla.
    private func chosen() throws -> ModelRecipe {
        try recipe.recipe(over: ModelRecipe(try recipe.kind() ?? .ials))
    }

    private func measure(
        _ chosen: ModelRecipe, progress: (_ epoch: Int, _ seconds: Double) -> Void
    ) throws -> EvaluationReport {
        if let test {
            let split = try InteractionText.readSplit(
                train: URL(fileURLWithPath: train), test: URL(fileURLWithPath: test))
            return try Evaluation.trainAndMeasure(
                chosen, train: split.train, test: split.test, k: k, progress: progress
            ).report
        }
        let all = try InteractionText.read(URL(fileURLWithPath: train))
        if let strongUsers {
            let split = try all.strongSplit(testUsers: strongUsers, seed: recipe.training.seed)
            return try Evaluation.trainAndMeasure(chosen, split: split, k: k, progress: progress).report
        }
        let split = try all.holdingOut(share: validation ?? 0.1, seed: recipe.training.seed)
        return try Evaluation.trainAndMeasure(chosen, train: split.train, test: split.held, k: k, progress: progress)
            .report
    }
}
