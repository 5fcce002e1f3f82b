import ArgumentParser
import CommandSupport
import Foundation
import Recommendation

/// `retrain report`
struct Report: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract:
            "Writes a page with charts: a version beside popularity and the champion of its time, and all versions.",
        discussion: """
            One file that carries Chart.js and opens without a network; the library is Debian's libjs-chart.js.

            Example:
              retrain report --out report.html
            """)

    @Argument(help: "The version; the champion by default.")
    var version: String?

    @OptionGroup var options: RegistryOptions

    @Option(name: .long, help: ArgumentHelp("The page to write.", valueName: "file.html"))
    var out: String

    func run() throws {
        let registry = options.registry
        guard let version = try version ?? registry.championVersion() else {
            throw RecommendationError.noChampion(reason: "none was promoted")
        }
        guard let evaluation = try registry.evaluation(version) else {
            throw CommandEnd(.refused, "error: \(version) was stored without an evaluation; there is nothing to report")
        }
        let page = ReportPage(
            report: try RetrainingReport(decoding: evaluation), version: version,
            history: try ReportPage.history(registry))
        try page.write(to: out, library: try ChartLibrary.load(for: "the report"))
        Terminal.log("wrote \(out)")
    }
}

extension ReportPage {
    /// Writes the page, whole or not at all.
    func write(to path: String, library: String) throws {
        try Data(html(library: library).utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
    }
}
