import ArgumentParser
import CommandSupport
import Documents
import Foundation
import Recommendation

/// `retrain evaluate`
struct Evaluate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Trains a model on one file of interactions and measures it on another.",
        discussion: """
            A line of the files is a user's number and the numbers of its items. Full ranking, training items masked; \
            Recall@K = hits / |T|, NDCG@K binary, means over users with test items; truncated recall divides by \
            min(K, |T|).
            """)

    @Option(name: .long, help: "The training interactions.")
    var train: String

    @Option(name: .long, help: "The test interactions.")
    var test: String

    @Option(name: .long, help: "The model: \(ModelKind.allCases.map(\.rawValue).joined(separator: ", ")).")
    var model: String = ModelKind.ials.rawValue

    @OptionGroup var training: TrainingOptions

    @Option(name: .long, help: "How many items a ranking shows.")
    var k = 20

    @Flag(name: .long, help: "Print one JSON document instead of text.")
    var json = false

    func validate() throws {
        guard ModelKind(rawValue: model) != nil else {
            let known = ModelKind.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("unknown model '\(model)'; known are \(known)")
        }
        guard k >= 1 else { throw ValidationError("--k must be at least 1") }
        _ = try training.hyperparameters(.init())
    }

    func run() throws {
        guard let kind = ModelKind(rawValue: model) else { throw CommandEnd(.usage) }
        let hyperparameters = try training.hyperparameters(.init())
        for path in [train, test] where !FileManager.default.isReadableFile(atPath: path) {
            throw CommandEnd(.usage, "error: '\(path)' cannot be read; give a file of interactions")
        }
        let split = try InteractionText.readSplit(
            train: URL(fileURLWithPath: train), test: URL(fileURLWithPath: test))
        let (_, report) = try Evaluation.trainAndMeasure(
            kind, hyperparameters: hyperparameters, train: split.train, test: split.test, k: k
        ) { epoch, seconds in
            Terminal.progress("epoch \(epoch) of \(hyperparameters.epochs): \(String(format: "%.2f", seconds)) s")
        }
        Terminal.progress("", done: true)
        if json {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
            Terminal.write(String(decoding: try encoder.encode(report), as: UTF8.self) + "\n")
            return
        }
        var lines = ["\(kind.rawValue) on \(split.train.userCount) users × \(split.train.itemCount) items"]
        for (name, value) in report.metrics.named.sorted(by: { $0.key < $1.key }) { lines.append("  \(name) \(value)") }
        lines.append(
            String(
                format: "  trained in %.2f s (%.3f s an epoch), ranked in %.2f s, peak memory %.0f MB",
                report.trainSeconds, report.epochSeconds, report.rankingSeconds, report.peakMemoryMB))
        Terminal.write(lines.joined(separator: "\n") + "\n")
    }
}
