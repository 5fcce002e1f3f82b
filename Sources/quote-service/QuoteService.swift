import ArgumentParser
import CommandSupport
import Foundation

/// The quote service's commands.
struct QuoteService: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "quote-service",
        abstract: "Quotes storage over many providers: who should store it, in which shares, and what it costs.",
        discussion: """
            Exit codes: 0 done, 1 refused by the data (no allocation meets the request, rows at fault), \
            2 usage (arguments or a request that cannot be read), 3 failure.
            """,
        subcommands: [
            Serve.self, MakeQuote.self, Allocate.self, Fleet.self, Settle.self, Listing.self, Import.self, Verify.self,
            Keys.self,
            APIKeyCommands.self,
            Audit.self, Backup.self, Restore.self, Doctor.self
        ])
}

@main
enum Main {
    static func main() async {
        await CommandRunner.main(QuoteService.self) {
            try Serve.configured($0, environment: ProcessInfo.processInfo.environment)
        }
    }
}
