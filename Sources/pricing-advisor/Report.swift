import ArgumentParser
import CommandSupport
import Foundation
import Pricing

/// `pricing-advisor report`
struct Report: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Writes the advice as one page with charts.",
        discussion: """
            One file that carries Chart.js and opens without a network; the library is Debian's libjs-chart.js.

            Example:
              pricing-advisor report --provider wasabi --out wasabi.html
            """)

    @OptionGroup var options: AdviceOptions

    @Option(name: .long, help: ArgumentHelp("The page to write.", valueName: "file.html"))
    var out: String

    func run() throws {
        let library = try ChartLibrary.load(for: "the report")
        let page = try Advice.give(options, .report) { AdvicePage(advice: $0).html(library: library) }
        do { try Data(page.utf8).write(to: URL(fileURLWithPath: out), options: .atomic) } catch {
            throw CommandEnd(.failure, "error: '\(out)' cannot be written: \(error.localizedDescription)")
        }
        Terminal.log("wrote \(out)")
    }
}
