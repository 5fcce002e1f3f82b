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
        help:
            "Write the plain program, all data under one placement, to this file in MPS, for any other solver; one file a scheme where the scheme is left open."
    )
    var exportMPS: String?

    @Flag(
        name: .long,
        help: "Solve as one program over all placements as well, and fail unless both agree; small instances only.")
    var reference = false

    @Flag(name: .long, help: "Print one JSON document instead of text.")
    var json = false

    @OptionGroup var market: MarketOptions
    @OptionGroup var time: TimeOptions

    func run() throws {
        var request = try MarketOptions.request(request)
        request.recommendedPreference = .zero
        let catalog = try market.database.open().catalog()
        try request.validate(against: catalog, document: self.request)
        let eligibility = Eligibility(request, catalog, on: UTCTime.day(time.now))
        let problem = try AllocationProblem(request: request, offers: eligibility.offers, catalog: catalog)
        if let path = exportMPS {
            for (scheme, model) in try AllocationOptimizer.models(problem) {
                let file = problem.schemes.count == 1 ? path : path + ".\(scheme.data)-\(scheme.shards).mps"
                try ModelFile.write(model, to: URL(fileURLWithPath: file))
                Terminal.log("wrote \(file): \(model.variableCount) variables, \(model.constraintCount) constraints")
            }
        }
        let allocation = try AllocationOptimizer(timeLimit: market.timeLimit).solve(problem)
        if reference { try compare(allocation, problem) }
        if json {
            Terminal.write(allocation.document)
        } else {
            Terminal.write(allocation.text)
        }
        if allocation.placements.isEmpty { throw CommandEnd(.refused) }
    }
}

extension Allocate {
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

extension Allocation {
    /// The allocation as JSON.
    var document: JSONValue {
        JSONValue(members: [
            ("status", .string(status.rawValue)), ("objective", objective.map { JSONValue($0) }),
            ("bound", bound.map { JSONValue($0) }), ("gap", gap.map { JSONValue($0) }),
            (
                "placements",
                .array(
                    placements.map {
                        [
                            "data": JSONValue($0.scheme.data), "shards": JSONValue($0.scheme.shards),
                            "share": JSONValue($0.share), "offers": .array($0.legs.map { .string($0.offer.id) })
                        ]
                    })
            ),
            (
                "conflict",
                conflict.map {
                    .array(
                        $0.members.map {
                            ["constraint": .string($0.constraint.rawValue), "remedy": JSONValue($0.remedy)]
                        })
                }
            ),
            (
                "solveMilliseconds",
                [
                    "modelling": JSONValue(timing.modelling), "searching": JSONValue(timing.searching),
                    "programming": JSONValue(timing.programming), "checking": JSONValue(timing.checking),
                    "explaining": JSONValue(timing.explaining)
                ]
            )
        ])
    }

    /// The allocation for people.
    var text: String {
        guard let objective, !placements.isEmpty else {
            let members = conflict?.members.map {
                "  \($0.constraint.rawValue): \($0.remedy ?? "no change of it alone would do")"
            }
            return "\(status.rawValue)\n" + (members ?? []).map { $0 + "\n" }.joined()
        }
        var lines = ["\(status.rawValue): \(String(format: "%.2f", objective)) USD for the term"]
        for placement in placements {
            lines.append(String(format: "  %.2f%% of the data: ", 100 * placement.share) + "\(placement.scheme)")
            lines += placement.legs.map { "    " + $0.offer.id }
        }
        lines.append(
            String(
                format: "modelling %.1f ms, searching %.1f ms, programming %.1f ms, checking %.1f ms", timing.modelling,
                timing.searching, timing.programming, timing.checking))
        lines.append(
            "\(timing.nodes) nodes, \(timing.programs) linear programs, \(timing.columns) placements priced in")
        return lines.joined(separator: "\n") + "\n"
    }
}
