import ArgumentParser
import CommandSupport
import Documents
import Marketplace
import MarketplaceStore

/// `quote-service audit`
struct Audit: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Reads the audit log, and verifies that nobody changed it.",
        subcommands: [VerifyChain.self, List.self])

    struct VerifyChain: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "verify",
            abstract: "Goes through the chain of hashes; ends with 1 at a line that was changed.",
            discussion: """
                A chain cannot tell that its end was cut off. Keep the count and hash that are printed somewhere else, \
                and give them back with --containing.
                """)

        @Option(
            name: .long, help: ArgumentHelp("An end that was printed before, as COUNT:HASH.", valueName: "end"),
            transform: Self.tip)
        var containing: AuditTip?

        @Flag(name: .long, help: "Print one JSON document.")
        var json = false

        @OptionGroup var database: DatabaseOptions

        func run() throws {
            do throws(StoreError) {
                let tip = try database.open().verifyAudit(containing: containing)
                if json {
                    Terminal.write(["count": JSONValue(tip.count), "hash": .string(tip.hash), "intact": true])
                } else {
                    Terminal.write("intact: \(tip.count) lines\n\(tip.count):\(tip.hash)\n")
                }
            } catch .brokenAudit(let number, let detail) {
                if json {
                    Terminal.write(["line": JSONValue(number), "reason": .string(detail), "intact": false])
                }
                throw CommandEnd(.refused, "error: \(StoreError.brokenAudit(number: number, detail: detail))")
            }
        }

        private static func tip(_ text: String) throws -> AuditTip {
            let parts = text.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count == 2, let count = Int(parts[0]), count >= 0, parts[1].utf8.count == (count == 0 ? 0 : 64)
            else { throw ValidationError("'\(text)' is no end of a log; write COUNT:HASH as 'audit verify' prints it") }
            return AuditTip(count: count, hash: String(parts[1]))
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Prints the log, a line each.")

        @Option(name: .long, help: "The lines of one tenant alone.")
        var tenant: String?

        @Flag(name: .long, help: "Print a JSON document a line.")
        var json = false

        @OptionGroup var database: DatabaseOptions

        func run() throws {
            try database.open().forEachAuditEntry(of: tenant) { entry in
                if json {
                    let line: JSONValue = [
                        "number": JSONValue(entry.number), "time": .string(UTCTime.text(entry.time)),
                        "tenant": .string(entry.tenant), "actor": .string(entry.actor), "action": .string(entry.action),
                        "subject": .string(entry.subject), "detail": try JSONValue(parsing: entry.detail.utf8),
                        "hash": .string(entry.hash)
                    ]
                    Terminal.write(line.text() + "\n")
                } else {
                    let who = entry.tenant.isEmpty ? entry.actor : "\(entry.tenant)/\(entry.actor)"
                    Terminal.write(
                        "\(entry.number)  \(UTCTime.text(entry.time))  \(who)  \(entry.action)  \(entry.subject)\n")
                }
            }
        }
    }
}
