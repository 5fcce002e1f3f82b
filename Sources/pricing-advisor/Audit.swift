import ArgumentParser
import CommandSupport
import Pricing

/// Where answers are recorded.
struct AuditOptions: ParsableArguments {
    @Option(name: .long, help: ArgumentHelp("The file that every answer is recorded in.", valueName: "file.jsonl"))
    var audit = "pricing-audit.jsonl"

    var file: AuditFile { AuditFile(path: audit) }
}

/// `pricing-advisor audit`
struct Audit: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Verifies the record of all advice that was given.",
        subcommands: [Verify.self])

    /// `pricing-advisor audit verify`
    struct Verify: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Verifies that no record was changed, left out or put in.",
            discussion: """
                Each record carries the hash of the one before it. Keep the head that is printed: with --head, a trail \
                whose end was cut off is found out too.
                """)

        @OptionGroup var options: AuditOptions

        @Option(name: .long, help: "A head from an earlier time, which the trail must contain.")
        var head: String?

        func run() throws {
            let trail = try options.file.read()
            if let head, !trail.records.contains(where: { $0.hash == head }), head != AuditRecord.genesis {
                throw CommandEnd(
                    .refused,
                    "\(options.audit): no record has the hash \(head): the trail was cut off or replaced since then")
            }
            Terminal.write("\(trail.records.count) records, each follows the one before\nhead \(trail.head)\n")
        }
    }
}
