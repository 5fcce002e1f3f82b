import Allocation
import Documents
import Foundation
import Marketplace
import Money
import Quoting

/// What `quote-service allocate` answers: the allocation with its bill, beside what was asked.
struct AllocationAnswer {
    let problem: AllocationProblem
    let eligibility: Eligibility
    let allocation: Allocation
    /// The legs with their part of the bill; empty without an allocation.
    private(set) var legs: [QuoteLeg] = []
    /// The exact bill; nil without an allocation.
    private(set) var bill: Bill?
    /// What was asked for by flags of their own.
    var sections: [AnswerSection] = []

    /// Bills `allocation` exactly.
    init(_ problem: AllocationProblem, _ eligibility: Eligibility, _ allocation: Allocation) throws {
        self.problem = problem
        self.eligibility = eligibility
        self.allocation = allocation
        guard !allocation.placements.isEmpty else { return }
        let plan = try AllocationPlan(
            problem: problem, placements: allocation.placements, claimants: allocation.claimants)
        let bill = try plan.bill()
        legs = try QuoteLeg.legs(plan, bill)
        self.bill = bill
    }

    private var achieved: Achievement? {
        allocation.placements.isEmpty ? nil : Achievement(problem: problem, placements: allocation.placements)
    }

    // MARK: JSON

    /// The answer as one document.
    var json: JSONValue {
        let request = problem.request
        return JSONValue(
            members: [
                ("status", .string(allocation.status.rawValue)),
                ("objective", allocation.objective.map { JSONValue($0) }),
                ("bound", allocation.bound.map { JSONValue($0) }), ("gap", allocation.gap.map { JSONValue($0) }),
                ("total", bill.map { .string($0.total.decimalText) }),
                ("placements", allocation.placementsJSON), ("legs", .array(legs.map { $0.json(request) })),
                ("asked", request.askedJSON), ("achieved", achieved.map { $0.json(request) }),
                (
                    "eligible",
                    ["offers": JSONValue(eligibility.offers.count), "dropped": JSONValue(eligibility.rejections.count)]
                ),
                ("conflict", allocation.conflict.map(\.json)), ("solveMilliseconds", allocation.timing.json)
            ] + sections.members)
    }

    // MARK: Text

    /// The answer for people.
    var text: String {
        var lines: [String] = []
        if let objective = allocation.objective, let bill, let achieved {
            let gap = allocation.gap ?? 0
            let proof = allocation.status == .optimal ? "proven cheapest" : "within \(percent(gap)) of the cheapest"
            lines.append("\(allocation.status.rawValue): \(bill.total) for the term, \(proof)")
            if abs(bill.total.doubleValue - objective) > 0.005 {
                lines.append("  \(fixed(objective, 4)) before each line of the bill is rounded")
            }
            lines += [""] + AllocationText.legs(legs, allocation.placements, problem.request)
            if allocation.placements.count == 1, let placement = allocation.placements.first {
                lines.append("  all of the data as \(placement.scheme)")
            }
            lines += [""] + AllocationText.achieved(achieved, bill, legs, problem.request)
        } else {
            lines.append(
                allocation.status == .timeLimit
                    ? "timeLimit: nothing was found in time" : "infeasible: no allocation meets the request")
            if let conflict = allocation.conflict { lines += [""] + AllocationText.conflict(conflict) }
        }
        let counts = eligibility.counts.prefix(3).map { "\($0.offers) \($0.reason.rawValue)" }
        lines += ["", "Offers: \(eligibility.offers.count) eligible, \(eligibility.rejections.count) not"]
        if !counts.isEmpty { lines[lines.count - 1] += " (\(counts.joined(separator: ", ")))" }
        return lines.joined(separator: "\n") + "\n" + sections.text + "\n" + allocation.timing.text
    }
}

extension Conflict {
    /// What cannot hold together, as JSON.
    var json: JSONValue {
        .array(
            members.map {
                [
                    "constraint": .string($0.constraint.rawValue), "pointer": .string($0.constraint.pointer),
                    "remedy": JSONValue($0.remedy)
                ]
            })
    }
}

extension Allocation.Timing {
    /// Milliseconds by phase, as JSON.
    var json: JSONValue {
        [
            "modelling": JSONValue(modelling), "searching": JSONValue(searching),
            "programming": JSONValue(programming), "checking": JSONValue(checking),
            "explaining": JSONValue(explaining)
        ]
    }

    /// Where the time goes, for people.
    var text: String {
        var table = TextTable([false, true])
        table.add("writing the model down", fixed(modelling, 1) + " ms")
        table.add("searching for placements", fixed(searching, 1) + " ms")
        table.add("linear programs over shares", fixed(programming, 1) + " ms")
        table.add("independent check", fixed(checking, 1) + " ms")
        if explaining > 0 { table.add("finding the conflict", fixed(explaining, 1) + " ms") }
        let counts = "  \(nodes) nodes, \(programs) linear programs, \(columns) placements priced in"
        return (["Where the time goes"] + table.lines + [counts]).joined(separator: "\n") + "\n"
    }
}
