import Allocation
import ArgumentParser
import CommandSupport
import Documents
import Foundation
import Marketplace
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

    @Option(
        name: .long,
        help: "Write the quote's cost lines to this file as FOCUS 1.3 (CSV): what is listed, contracted and billed.")
    var focus: String?

    @OptionGroup var frontier: FrontierOptions
    @OptionGroup var market: MarketOptions
    @OptionGroup var time: TimeOptions

    func run() throws {
        let request = try MarketOptions.request(request)
        let market = try market.market(now: time.now)
        if let absence = market.modelAbsence { Terminal.log("note: ranking by QoS alone: \(absence)") }
        if let absence = market.qosAbsence { Terminal.log("note: performance is the catalogue's: \(absence)") }
        let engine = try market.engine(for: request, now: time.now, configuration: self.market.configuration())
        let answer: QuoteAnswer
        do {
            answer = try engine.answer(request, now: time.now, document: self.request)
        } catch {
            throw error.end
        }
        let sections = try sections(answer, market.catalog)
        if json {
            Terminal.write(answer.document(with: sections))
        } else {
            Terminal.write(answer.text + sections.text)
        }
        switch answer {
        case .quote(let quote):
            try market.store.save(quote.stored(quote.json.text()))
            if let focus { try write(quote, to: focus) }
        case .refusal: throw CommandEnd(.refused)
        }
    }

    private func write(_ quote: Quote, to file: String) throws {
        let export: FocusExport
        do {
            export = try FocusExport(quote)
        } catch {
            throw error.end
        }
        do {
            try Data(export.csv.utf8).write(to: URL(fileURLWithPath: file), options: .atomic)
        } catch {
            throw CommandEnd(.failure, "error: cannot write \(file): \(error.localizedDescription)")
        }
        Terminal.log("wrote \(file): \(export.rows.count) cost lines")
    }

    /// What is shown beside the quote, or beside the refusal.
    private func sections(_ answer: QuoteAnswer, _ catalog: Catalog) throws -> [AnswerSection] {
        let configuration = self.market.configuration()
        func problem() throws -> AllocationProblem {
            try AllocationProblem(
                request: answer.request, offers: answer.eligibility.offers, catalog: catalog,
                failures: configuration.failures, charges: configuration.charges, schemes: configuration.schemes)
        }
        return [try frontier.section(problem(), timeLimit: configuration.timeLimit)].compactMap { $0 }
    }
}

extension QuotingError {
    /// How a command ends on this error.
    var end: any Error {
        switch self {
        case .input(let input): input
        case .payment, .terms, .allocation(.unknownOffer), .allocation(.unusable), .allocation(.billing):
            CommandEnd(.refused, "error: \(self)")
        case .allocation: CommandEnd(.failure, "error: \(self)")
        }
    }
}

extension QuoteAnswer {
    /// The stored document, with every offer that was dropped, the solver's times and further sections beside it.
    func document(with sections: [AnswerSection]) -> JSONValue {
        guard case .object(var members) = json else { return json }
        members["rejections"] = eligibility.rejectionsJSON
        members["solveMilliseconds"] = timingJSON
        for section in sections { members[section.name] = section.json }
        return .object(members)
    }

    /// What was asked.
    var request: SLARequest {
        switch self {
        case .quote(let quote): quote.request
        case .refusal(let refusal): refusal.request
        }
    }

    /// Which offers may serve it.
    var eligibility: Eligibility {
        switch self {
        case .quote(let quote): quote.eligibility
        case .refusal(let refusal): refusal.eligibility
        }
    }
}
