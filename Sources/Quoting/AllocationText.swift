import Allocation
import Foundation
import Marketplace
import Money

/// The parts of an answer that quotes and bare allocations have in common, for people.
package enum AllocationText {
    /// What each leg carries and costs, and how the data is divided where it does not all lie under one placement.
    package static func legs(_ legs: [QuoteLeg], _ placements: [Placement], _ request: SLARequest) -> [String] {
        var table = TextTable([false, true, true, true, true])
        table.add("offer", "stored", "egress/month", "reads/month", "cost")
        for leg in legs {
            table.add(
                leg.offer.id, gigabytes(leg.usages.first?.storedBytes ?? 0),
                gigabytes(leg.usages.first?.egressBytes ?? 0),
                grouped(leg.usages.first?.reads ?? 0), leg.cost.description)
        }
        let heading = "Legs" + (request.monthlyGrowth == .zero ? "" : " (volumes of the first month)")
        guard placements.count > 1 else { return [heading] + table.lines }
        var lines = ["", "Placements: each part of the data lies on all offers of its line"]
        for placement in placements {
            let offers = placement.legs.map(\.offer.id).joined(separator: ", ")
            lines += wrapped("\(percent(placement.share))  \(placement.scheme): \(offers)", indent: 2, hanging: 9)
        }
        return [heading] + table.lines + lines
    }

    /// What is achieved beside what was asked.
    package static func achieved(
        _ achieved: Achievement, _ bill: Bill, _ legs: [QuoteLeg], _ request: SLARequest
    ) -> [String] {
        var table = TextTable([false, true, true])
        table.add("", "asked", "achieved")
        table.add(
            "availability", request.qos.availability?.description ?? "–", probability(achieved.availability))
        table.add(
            "durability", request.qos.durabilityNines.map { "\($0) nines" } ?? "–",
            "\(fixed(achieved.durabilityNines, 1)) nines")
        for (index, part) in request.traffic.enumerated() {
            table.add(
                "latency from \(part.region)", request.qos.latencyMs.map { "\($0) ms" } ?? "–",
                achieved.latencies[index].map { fixed($0, 1) + " ms" } ?? "unknown")
        }
        table.add("providers that may be lost", "\(request.toleratedProviders)", "\(achieved.toleratedProviders)")
        table.add("regions that may be lost", "\(request.toleratedRegions)", "\(achieved.toleratedRegions)")
        if let budget = request.budget {
            let spent = bill.needed(for: budget.period)
            table.add("cost per \(budget.period.rawValue)", "at most \(budget.amount.decimalText)", spent.decimalText)
        }
        let unpromised = Set(legs.filter { $0.offer.availability == nil }.map(\.offer.provider)).sorted()
        let note =
            unpromised.isEmpty
            ? []
            : wrapped(
                "\(unpromised.joined(separator: ", ")) promise no availability: the operator's assumption of it is used",
                indent: 2, hanging: 2)
        return ["Asked and achieved"] + table.lines + note
    }

    /// What cannot hold together, and what would do.
    package static func conflict(_ conflict: Conflict) -> [String] {
        var lines = [conflict.members.count == 1 ? "To blame" : "These cannot hold together"]
        for member in conflict.members {
            lines.append("  \(member.constraint.label) (\(member.constraint.pointer))")
            lines.append("    " + (member.remedy.map { "would do: \($0)" } ?? "no change of it alone would do"))
        }
        return lines + conflict.alternatives.map { "  or \($0)" }
    }

    /// A probability rounded down two digits after its nines.
    static func probability(_ value: Double) -> String {
        let nines = max(0, Int(-log10(max(1 - value, 1e-15))))
        let digits = min(15, nines + 2)
        let scale = pow(10, Double(digits))
        return fixed((value * scale).rounded(.down) / scale, digits)
    }

    /// 1 − a probability of failing, rounded down two digits after its nines; without the cancellation of the difference.
    package static func availability(failing: Double) -> String {
        guard failing < 1 else { return "0" }
        let nines = max(0, Int(-log10(max(failing, 1e-18)) + 1e-9))
        let digits = min(18, nines + 2)
        let units = Int128((failing * pow(10, Double(digits)) * (1 - 1e-9)).rounded(.up))
        var one: Int128 = 1
        for _ in 0..<digits { one *= 10 }
        let text = String(one - min(one, units))
        return "0." + String(repeating: "0", count: max(0, digits - text.count)) + text
    }
}

extension QuoteLeg {
    /// The legs of a plan, each with its part of the bill.
    package static func legs(_ plan: AllocationPlan, _ bill: Bill) throws(MoneyError) -> [QuoteLeg] {
        var legs: [QuoteLeg] = []
        for (index, offer) in plan.offers.enumerated() {
            let lines = bill.lines.filter { $0.offer == offer.id }
            legs.append(
                QuoteLeg(
                    offer: offer, usages: plan.usages[index], tariffs: plan.tariffs[index],
                    readShares: plan.readShares(of: index), lines: lines,
                    cost: try Amount.sum(lines.map(\.amount), .usd)))
        }
        return legs
    }
}
