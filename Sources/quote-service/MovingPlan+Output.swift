import Allocation
import Documents
import Foundation
import Marketplace
import Money
import Quoting

extension MovingPlan {
    /// The plan as JSON: where the data lies in which months, what is moved when, and what that saves. Money is decimal
    /// text in the tariffs' asset; volumes are decimal text in GB (10⁹ bytes).
    var document: JSONValue {
        JSONValue(members: [
            ("status", .string(status.rawValue)), ("objective", objective.map { JSONValue($0) }),
            ("bound", bound.map { JSONValue($0) }), ("gap", gap.map { JSONValue($0) }),
            ("total", bill.map { .string($0.total.decimalText) }),
            ("staying", stayingCost.map { .string($0.decimalText) }),
            ("saving", saving.map { .string($0.decimalText) }),
            ("stages", .array(stages.map(\.document))), ("moves", .array(moves.map(\.document))),
            ("payableByMonth", bill.map { .array($0.payableByMonth.map { .string($0.decimalText) }) }),
            ("milliseconds", JSONValue(milliseconds))
        ])
    }

    /// The plan for people.
    var text: String {
        guard let bill, let last = stages.last else { return "\(status.rawValue): nothing can stay, nor be moved\n" }
        var lines = ["\(status.rawValue): \(bill.total) for \(last.months.upperBound) months"]
        if let stayingCost, let saving {
            lines.append("staying put costs \(stayingCost); moving saves \(saving)")
        } else {
            lines.append("nothing can stay for the whole term")
        }
        for (index, stage) in stages.enumerated() {
            for move in moves where index > 0 && move.month == stage.months.lowerBound { lines += move.lines }
            let (first, count) = (stage.months.lowerBound + 1, stage.months.count)
            let months = count == 1 ? "month \(first)" : "months \(first) to \(stage.months.upperBound)"
            lines.append("\(months): \(stage.cost)")
            for placement in stage.placements {
                lines.append(String(format: "  %.2f%% of the data: ", 100 * placement.share) + "\(placement.scheme)")
                lines += placement.legs.map { "    " + $0.offer.id }
            }
        }
        if let gap { lines.append(String(format: "proven within %.6f%%", 100 * gap)) }
        return lines.joined(separator: "\n") + "\n"
    }
}

extension MovingPlan.Stage {
    fileprivate var document: JSONValue {
        [
            "firstMonth": JSONValue(months.lowerBound), "months": JSONValue(months.count),
            "cost": .string(cost.decimalText),
            "placements": .array(
                placements.map {
                    [
                        "data": JSONValue($0.scheme.data), "shards": JSONValue($0.scheme.shards),
                        "share": JSONValue($0.share), "offers": .array($0.legs.map { .string($0.offer.id) })
                    ]
                })
        ]
    }
}

extension MovingPlan.Move {
    fileprivate var document: JSONValue {
        [
            "month": JSONValue(month), "day": .string(day.description), "from": .array(from.map { .string($0) }),
            "to": .array(to.map { .string($0) }), "method": .string(method.rawValue),
            "readGB": .string(Self.decimalGigabytes(readBytes)),
            "writtenGB": .string(Self.decimalGigabytes(writtenBytes)),
            "charges": .array(
                charges.map {
                    [
                        "offer": .string($0.offer), "kind": .string($0.kind.rawValue),
                        "amount": .string($0.amount.decimalText)
                    ]
                }),
            "platformFee": .string(platformFee.decimalText), "cost": .string(cost.decimalText)
        ]
    }

    fileprivate var lines: [String] {
        let (wrote, read) = (gigabytes(Int(clamping: writtenBytes)), gigabytes(Int(clamping: readBytes)))
        let written = "\(wrote) written, \(read) read"
        let how = method == .copy ? "copied" : "rebuilt"
        var lines = ["move on \(day) for \(cost): shards are \(how), \(written)"]
        lines += from.map { "    from " + $0 } + to.map { "    to   " + $0 }
        lines += charges.map { "    \($0.offer) \($0.kind.rawValue) \($0.amount.decimalText)" }
        return lines
    }

    private static func decimalGigabytes(_ bytes: Int128) -> String {
        (try? ExactDecimal(significand: bytes, scale: 9))?.description ?? "0"
    }
}
