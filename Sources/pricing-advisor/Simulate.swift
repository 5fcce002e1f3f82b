import ArgumentParser
import CommandSupport
import Documents
import Foundation
import Pricing
import Synchronization

/// `pricing-advisor simulate`
struct Simulate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Judges the advice in a market whose truth is known.",
        discussion: """
            Draws markets from a scenario, gives the advisor their quotes alone, and compares its prices with the best \
            under the truth: regret, intervals, calibration, beside cost-plus and match-the-median. Then lets every \
            provider follow the advice, round after round: collusion index, drift, prices after a cost cut. Where the \
            optimizer decides (market "program") this second part is not simulated yet.

            The same scenario gives the same figures on every machine. Sample scenarios: datasets/scenarios.

            Exit codes: 0 every bar met; 1 a bar missed; 2 a scenario that cannot be read.

            Example:
              pricing-advisor simulate --scenario datasets/scenarios/logit.json --replications 40
            """)

    @Option(help: ArgumentHelp("The scenario, or - for standard input.", valueName: "file.json"))
    var scenario: String

    @Option(help: ArgumentHelp("Replications; the scenario's by default.", valueName: "n"))
    var replications: Int?

    @Option(
        help: ArgumentHelp("Rounds in which all follow, in half of the replications; 0 for none.", valueName: "n"))
    var rounds: Int?

    @Option(help: ArgumentHelp("Bootstrap draws of each estimate.", valueName: "n"))
    var draws = 200

    @Flag(help: "Print one JSON document, every advised price in it.")
    var json = false

    func validate() throws {
        if let replications, !(1...10_000).contains(replications) {
            throw ValidationError("--replications must lie between 1 and 10000")
        }
        if let rounds, rounds != 0, !(4...10_000).contains(rounds) {
            throw ValidationError("--rounds must be 0, or lie between 4 and 10000")
        }
        if !(20...10_000).contains(draws) { throw ValidationError("--draws must lie between 20 and 10000") }
    }

    func run() throws {
        let document = scenario == "-" ? "standard input" : scenario
        let bytes = try Terminal.read(scenario, "the scenario")
        let markets = try Scenario(JSONValue(parsing: bytes, document: document), document: document)
        let count = replications ?? markets.replications
        let (advised, followed) = (Counter(), Counter())
        let regret = RegretStudy(markets, replications: count, draws: draws) {
            Terminal.progress("advised in \(advised.next()) of \(count) markets …")
        }
        let length = rounds ?? markets.rounds
        var following: FollowingStudy?
        if length > 0, markets.market != .program {
            let half = (count + 1) / 2
            following = FollowingStudy(markets, replications: half, rounds: length) {
                Terminal.progress("all followed in \(followed.next()) of \(half) markets …")
            }
        }
        Terminal.progress("", done: true)
        let report = SimulationReport(regret: regret, following: following)
        if json { Terminal.write(report.json) } else { Terminal.write(report.text) }
        if !report.isPassed { throw CommandEnd(.refused) }
    }

    /// Counts from several threads.
    private final class Counter: Sendable {
        private let value = Atomic(0)
        func next() -> Int { value.wrappingAdd(1, ordering: .relaxed).newValue }
    }
}
