import Allocation
import ArgumentParser
import CommandSupport
import Documents
import Foundation

extension FrontierCriterion: ExpressibleByArgument {}

/// Whether, and how, the trade-offs of a request are shown.
struct FrontierOptions: ParsableArguments {
    @Flag(
        name: .long,
        help: "Show what cost trades for: every allocation that no other beats in cost, availability and latency alike."
    )
    var frontier = false

    @Option(name: .long, help: "How many points of the frontier are enough.")
    var frontierPoints = 60

    @Option(
        name: .long, parsing: .upToNextOption,
        help: "What is traded for money; the other bound stays as the request has it.")
    var trade: [FrontierCriterion] = FrontierCriterion.allCases

    @Option(
        name: .long,
        help:
            "Write the frontier as a page with charts to this file; it needs Debian's libjs-chart.js, and nothing later."
    )
    var chart: String?

    func validate() throws {
        guard frontierPoints > 0 else { throw ValidationError("--frontier-points must be above 0") }
        guard !trade.isEmpty else { throw ValidationError("--trade needs 'availability' or 'latency'") }
    }

    /// The frontier of `problem` if it is asked for, within `timeLimit` seconds; its page is written.
    func section(
        _ problem: @autoclosure () throws -> AllocationProblem, timeLimit: Double
    ) throws -> AnswerSection? {
        guard frontier || chart != nil else { return nil }
        // Before the search, so that nobody waits for a page that cannot be written.
        let page = try chart.map { (path: $0, library: try ChartLibrary.load(for: "--chart")) }
        let problem = try problem()
        let search = FrontierSearch(timeLimit: timeLimit, enoughPoints: frontierPoints, criteria: Set(trade))
        let found = try search.run(problem)
        if let page {
            let text = FrontierPage(frontier: found, request: problem.request).html(library: page.library)
            do {
                try Data(text.utf8).write(to: URL(fileURLWithPath: page.path))
            } catch {
                throw CommandEnd(.failure, "error: the chart cannot be written to '\(page.path)'")
            }
            Terminal.log("wrote \(page.path): \(found.points.count) points")
        }
        return AnswerSection(name: "frontier", json: found.json, text: found.text)
    }
}
