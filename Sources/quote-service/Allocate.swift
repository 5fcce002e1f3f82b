import Allocation
import ArgumentParser
import CommandSupport
import Documents
import Foundation
import Marketplace
import MathematicalProgramming
import QuoteAPI
import Quoting

/// `quote-service allocate`
struct Allocate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract:
            "Solves the allocation alone: eligible offers in, cheapest division over placements out; no preference, no quote."
    )

    @Option(name: .long, help: "The SLA request as JSON: a file, or - for standard input.")
    var request: String

    @Option(
        name: .long,
        help: "Offers to choose among, one JSON object a line, instead of the database's; the geography stays its own.")
    var catalog: String?

    @Option(
        name: .long,
        help:
            "Write the program that was solved, over the placements that the search came to know, to this file in MPS, for any other solver."
    )
    var exportMPS: String?

    @Option(
        name: .long,
        help:
            "Write the plain program, all data under one placement, to this file in MPS; one file a scheme where the scheme is left open."
    )
    var exportPlainMPS: String?

    @Flag(
        name: .long,
        help: "Solve as one program over all placements as well, and fail unless both agree; small instances only.")
    var reference = false

    @Flag(name: .long, help: "Print one JSON document instead of text.")
    var json = false

    @OptionGroup var insight: InsightOptions
    @OptionGroup var frontier: FrontierOptions
    @OptionGroup var market: MarketOptions
    @OptionGroup var time: TimeOptions

    func run() throws {
        var request = try MarketOptions.request(request)
        request.recommendedPreference = .zero
        var catalog = try market.database.open().catalog()
        if let file = self.catalog { catalog = try CatalogFile.read(file, over: catalog) }
        try request.validate(against: catalog, document: self.request)
        let eligibility = Eligibility(request, catalog, on: UTCTime.day(time.now))
        let problem = try AllocationProblem(request: request, offers: eligibility.offers, catalog: catalog)
        try export(problem)
        let allocation = try AllocationOptimizer(timeLimit: market.configuration().timeLimit).solve(problem)
        if reference { try compare(allocation, problem) }
        var answer = try AllocationAnswer(problem, eligibility, allocation)
        answer.sections = try insight.sections(problem, allocation, timeLimit: market.configuration().timeLimit)
        if let section = try frontier.section(problem, timeLimit: market.configuration().timeLimit) {
            answer.sections.append(section)
        }
        if json {
            Terminal.write(answer.json)
        } else {
            Terminal.write(answer.text)
        }
        if allocation.placements.isEmpty { throw CommandEnd(.refused) }
    }

    private func export(_ problem: AllocationProblem) throws {
        if let path = exportMPS {
            if let model = try AllocationOptimizer(timeLimit: market.configuration().timeLimit).solvedModel(problem) {
                try write(model, to: path)
            } else {
                Terminal.log("no placement meets the request: there is no program to write")
            }
        }
        guard let path = exportPlainMPS else { return }
        for (scheme, model) in try AllocationOptimizer.models(problem) {
            try write(
                model, to: problem.schemes.count == 1 ? path : path + ".\(scheme.data)-\(scheme.shards).mps")
        }
    }

    private func write(_ model: MathematicalProgram, to file: String) throws {
        try ModelFile.write(model, to: URL(fileURLWithPath: file))
        Terminal.log("wrote \(file): \(model.variableCount) variables, \(model.constraintCount) constraints")
    }

    /// Solves by enumeration and holds the optimizer's answer against it.
    private func compare(_ allocation: Allocation, _ problem: AllocationProblem) throws {
        let expected: Allocation
        do {
            expected = try AllocationEnumeration(problem).solve()
        } catch {
            throw CommandEnd(.refused, "error: \(error)")
        }
        let (found, best) = (allocation.objective ?? .infinity, expected.objective ?? .infinity)
        guard found == best || abs(found - best) <= 1e-6 * max(1, abs(best)) else {
            throw CommandEnd(.failure, "error: the optimizer says \(found), the enumeration \(best)")
        }
        Terminal.log("the enumeration agrees: \(expected.status.rawValue), \(best)")
    }
}
