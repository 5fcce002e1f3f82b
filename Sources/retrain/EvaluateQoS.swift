import ArgumentParser
import CommandSupport
import Documents
import Foundation
import Recommendation

/// `retrain evaluate-qos`
struct EvaluateQoS: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate-qos",
        abstract: "Measures the QoS predictor on a matrix of measured values, in random rounds.",
        discussion: """
            The matrix is tab-separated: a header with offers, then a line for each user, whose first field is the user; \
            empty fields and values ≤ 0 are missing. Of all cells, the share --density is drawn from the measured ones \
            and trains; the other measured ones test, but for users and offers without training entry. Predictions are \
            distributions; each measure takes the functional that it rewards: MAE and NMAE the median, RMSE the mean, \
            MRE (median relative error) and NPRE (its 90th percentile) the guess that is closest in relative error with \
            probability 0.5 and 0.9. The median's own figures stand below.
            """)

    @Option(name: [.long, .customLong("matrix")], help: "The matrix of values, such as response times in seconds.")
    var data: String

    @Option(name: .long, help: "Shares of all cells to train on, within 0…1, separated by commas.")
    var density = "0.1"

    @Option(name: .long, help: "How many rounds to average over.")
    var rounds = 20

    @Option(name: .long, help: "Values of at least this are missing: time-outs.")
    var missingFrom = 19.9

    @Option(name: .long, help: "The width of the factors.")
    var factors = QoSHyperparameters().factors

    @Option(name: .long, help: "How many times both sides are solved.")
    var sweeps = QoSHyperparameters().sweeps

    @Option(name: .long, help: "The seed of the rounds.")
    var seed: UInt64 = 1

    @Flag(
        name: .long,
        help: "Print one JSON document instead of text: a report, or an array of them for several densities.")
    var json = false

    private func densities() throws -> [Double] {
        try density.split(separator: ",", omittingEmptySubsequences: false).map {
            guard let density = Double($0), density > 0, density <= 1 else {
                throw ValidationError("--density must be numbers above 0 and at most 1, separated by commas")
            }
            return density
        }
    }

    func validate() throws {
        _ = try densities()
        guard (1...1000).contains(rounds) else { throw ValidationError("--rounds must be within 1…1000") }
        guard (1...64).contains(factors) else { throw ValidationError("--factors must be within 1…64") }
        guard (1...10_000).contains(sweeps) else { throw ValidationError("--sweeps must be within 1…10000") }
        guard missingFrom > 0 else { throw ValidationError("--missing-from must be positive") }
    }

    func run() throws {
        guard FileManager.default.isReadableFile(atPath: data) else {
            throw CommandEnd(.usage, "error: '\(data)' cannot be read; give a tab-separated matrix of values")
        }
        let reports: [QoSEvaluation.Report]
        do {
            let matrix = try QoSMeasurements.readMatrix(URL(fileURLWithPath: data), missingFrom: missingFrom)
            reports = try densities().map { density in
                let evaluation = QoSEvaluation(
                    density: density, rounds: rounds, hyperparameters: .init(factors: factors, sweeps: sweeps),
                    seed: seed)
                let rounds = rounds
                return try evaluation.run(matrix) { done in
                    Terminal.progress("density \(density): round \(done) of \(rounds)")
                }
            }
        } catch let error as RecommendationError {
            Terminal.progress("", done: true)
            guard case .invalidMeasurements = error else { throw error }
            throw CommandEnd(.refused, "error: \(error)")
        }
        Terminal.progress("", done: true)
        if json {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
            let bytes = try reports.count == 1 ? encoder.encode(reports[0]) : encoder.encode(reports)
            Terminal.write(String(decoding: bytes, as: UTF8.self) + "\n")
            return
        }
        for report in reports { Terminal.write(text(report)) }
    }

    private func text(_ report: QoSEvaluation.Report) -> String {
        func line(_ name: String, _ errors: QoSErrors) -> String {
            "  " + name.padding(toLength: 26, withPad: " ", startingAt: 0)
                + String(
                    format: "%.3f  %.3f  %.3f  %.3f  %6.3f", errors.mae, errors.nmae, errors.rmse, errors.mre,
                    errors.npre)
        }
        let coverage = report.coverage.sorted { $0.key < $1.key }
            .map { "\($0.key)%: " + String(format: "%.2f%%", $0.value * 100) }.joined(separator: ", ")
        return [
            "Density \(report.density), \(report.rounds) rounds, \(report.trainEntries) entries train, "
                + "\(report.testEntries) test",
            "                            MAE    NMAE   RMSE   MRE      NPRE",
            line("each measure's functional", report.errors), line("median for all", report.median),
            line("mean of the user", report.userMean), line("mean of the offer", report.offerMean),
            "  functionals: median, median, mean, closest with probability 0.5, with 0.9",
            "  measured coverage of intervals of \(coverage)",
            String(format: "  trained in %.2f s a round", report.trainSeconds)
        ].joined(separator: "\n") + "\n"
    }
}
