import ArgumentParser
import CommandSupport
import Documents
import QuoteAPI
import Quoting

/// `quote-service quote`
struct MakeQuote: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "quote",
        abstract: "Makes one quote, without a server: ranked providers, allocation, exact price and terms.",
        discussion: "Ends with 1 when no allocation meets the request, and says what would have to change.")

    @Option(name: .long, help: "The SLA request as JSON: a file, or - for standard input.")
    var request: String

    @Flag(name: .long, help: "Print one JSON document instead of text.")
    var json = false

    @OptionGroup var market: MarketOptions
    @OptionGroup var time: TimeOptions

    func run() throws {
        let request = try MarketOptions.request(request)
        let market = try market.market()
        if let absence = market.modelAbsence { Terminal.log("note: ranking by QoS alone: \(absence)") }
        let engine = try market.engine(for: request.user, configuration: self.market.configuration)
        let answer: QuoteAnswer
        do {
            answer = try engine.answer(request, now: time.now, document: self.request)
        } catch {
            throw error.end
        }
        if json {
            Terminal.write(answer.document)
        } else {
            Terminal.write(answer.text)
        }
        switch answer {
        case .quote(let quote): try market.store.save(quote.stored)
        case .refusal: throw CommandEnd(.refused)
        }
    }
}

extension QuotingError {
    /// How a command ends on this error.
    var end: any Error {
        switch self {
        case .input(let input): input
        case .payment, .allocation(.unknownOffer), .allocation(.unusable), .allocation(.billing):
            CommandEnd(.refused, "error: \(self)")
        case .allocation: CommandEnd(.failure, "error: \(self)")
        }
    }
}

extension QuoteAnswer {
    /// The stored document with the solver's times beside it.
    var document: JSONValue {
        guard case .object(var members) = json else { return json }
        members["solveMilliseconds"] = timingJSON
        return .object(members)
    }
}
