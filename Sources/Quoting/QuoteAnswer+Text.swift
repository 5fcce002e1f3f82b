import Allocation
import Foundation
import Marketplace
import Money

extension QuoteAnswer {
    /// The answer for people, in lines of at most 80 columns (IDs may run longer).
    public var text: String {
        switch self {
        case .quote(let quote): quote.text
        case .refusal(let refusal): refusal.text
        }
    }
}

/// Lays out left- and right-aligned columns.
package struct TextTable {
    /// Whether each column is aligned right.
    package let alignRight: [Bool]
    private var rows: [[String]] = []

    package init(_ alignRight: [Bool]) { self.alignRight = alignRight }

    package mutating func add(_ cells: String...) { rows.append(cells) }

    /// The rows as lines, indented by two.
    package var lines: [String] {
        let widths = alignRight.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            let cells = row.enumerated().map { column, cell in
                let space = String(repeating: " ", count: widths[column] - cell.count)
                return alignRight[column] ? space + cell : cell + space
            }
            let line = "  " + cells.joined(separator: "  ")
            return String(line.reversed().drop { $0 == " " }.reversed())
        }
    }
}

extension Quote {
    /// The quote for people.
    public var text: String {
        var lines = ["Quote \(id) for \(request.user)", ""]
        lines += summary
        lines += [""] + rankingLines
        lines += [""] + AllocationText.legs(legs, allocation.placements, request)
        lines += [""] + billLines
        lines += [""] + AllocationText.achieved(achieved, bill, legs, request)
        lines += [""] + choiceLines
        lines += [""] + termsLines
        let performance = pins.performance.map { "performance \($0), " } ?? ""
        lines += ["", "Made from catalogue \(pins.catalog.prefix(19)), model \(pins.model),"]
        lines += ["\(performance)inputs sha256:\(pins.inputHash.prefix(16))…"]
        return lines.joined(separator: "\n") + "\n"
    }

    private var summary: [String] {
        let volume = gigabytes(request.logicalBytes)
        let growth =
            request.monthlyGrowth == .zero ? "" : ", growing \(percent(request.monthlyGrowth.doubleValue)) a month"
        var schemes: [String] = []
        for placement in allocation.placements where !schemes.contains(placement.scheme.description) {
            schemes.append(placement.scheme.description)
        }
        let scheme = schemes.joined(separator: " and ")
        return [
            "  \(volume)\(growth), \(request.months) months from \(request.start)",
            "  \(scheme) on \(achieved.providers) providers: \(total) for the term, at most "
                + "\(bill.payableByMonth.max { $0.minor < $1.minor } ?? total) a month",
            "  valid until \(UTCTime.text(validUntil))"
        ]
    }

    private var rankingLines: [String] {
        let dropped = eligibility.counts.prefix(3).map { "\($0.offers) \($0.reason.rawValue)" }.joined(separator: ", ")
        var lines = ["Providers ranked for this user"]
        lines += wrapped(
            "\(eligibility.offers.count) offers are eligible, \(eligibility.rejections.count) are not (\(dropped), …); "
                + "preferences come from \(ranking.basis)"
                + (ranking.performanceBasis.map { "; performance from \($0)" } ?? ""), indent: 2, hanging: 2)
        var table = TextTable([true, false, true, true, true, true])
        table.add("", "provider, best offer", "score", "preference", "QoS", "latency")
        for (index, ranked) in ranking.providers.prefix(6).enumerated() {
            table.add(
                "\(index + 1)", ranked.offer.id, fixed(ranked.score, 3), fixed(ranked.preference, 3),
                fixed(ranked.qosUtility, 3), ranked.meanLatency.map { fixed($0, 0) + " ms" } ?? "–")
        }
        lines += table.lines
        for (index, (ranked, evidence)) in zip(ranking.providers, ranking.evidence).prefix(3).enumerated() {
            lines += wrapped(
                "\(index + 1)  \(ranked.offer.provider): \(reason(ranked, evidence))", indent: 2, hanging: 5)
        }
        return lines
    }

    /// Why an offer ranks where it does.
    private func reason(_ ranked: RankedOffer, _ evidence: [Evidence]) -> String {
        var parts: [String] = []
        if !ranked.isKnown {
            parts.append("no interactions with this offer were seen, so its QoS decides")
        } else if ranked.origin == .foretold {
            parts.append("preference \(fixed(ranked.preference, 3)) from its kind, as nobody has dealt with it yet")
        } else if evidence.isEmpty {
            parts.append("preference \(fixed(ranked.preference, 3)) from what all users chose")
        } else {
            let told = evidence.prefix(2).map {
                "\($0.offer) (\($0.contribution < 0 ? "−" : "+")\(fixed(abs($0.contribution), 3)))"
            }
            parts.append(
                "preference \(fixed(ranked.preference, 3)), of this user's dealings with "
                    + told.joined(separator: ", "))
        }
        let promise =
            ranked.offer.availability.map { "\(percent($0.doubleValue)) promised" } ?? "no availability promised"
        parts.append(promise)
        if let latency = ranked.meanLatency { parts.append("\(fixed(latency, 0)) ms from its readers") }
        for factor in ranked.factors where factor.contribution < 0 {
            parts.append("\(factor.name.rawValue) −\(fixed(-factor.contribution, 2)) (\(factor.note ?? ""))")
        }
        if let moved = ranked.moved { parts.append("stands lower than its score: \(moved)") }
        return parts.joined(separator: "; ")
    }

    private var billLines: [String] {
        var table = TextTable([false, false, true])
        for leg in legs {
            for line in leg.lines { table.add(line.offer, line.kind.label, line.amount.decimalText) }
        }
        for charge in bill.migration {
            table.add(charge.offer, "moving out: " + charge.kind.label, charge.amount.decimalText)
        }
        for credit in bill.credits {
            table.add(request.credits[credit.index].provider, "your credit", "-" + credit.amount.decimalText)
        }
        table.add("platform", "fee", bill.platformFee.decimalText)
        if bill.gateway.minor != 0 { table.add("platform", "gateway egress", bill.gateway.decimalText) }
        table.add("total", "for \(request.months) months", total.decimalText)
        var lines = ["Bill in \(total.asset.code)"] + table.lines
        if let conversion {
            let rates = conversion.rates.map {
                "1 \($0.base.code) = \($0.rate) \($0.quote.code), \($0.source), "
                    + ($0.time.map(UTCTime.text) ?? $0.date.description)
            }
            lines.append(
                "  to fund: \(conversion.to) (\(rates.joined(separator: "; ")); margin \(conversion.marginBasisPoints) bp, "
                    + "\(conversion.margin))"
            )
        }
        return lines
    }

    private var choiceLines: [String] {
        var lines = ["Why this allocation"]
        let proven = allocation.status == .optimal ? "proven cheapest" : "the best found"
        if let cheapest = allocation.cheapest, let objective = allocation.objective, objective > cheapest + 0.005 {
            lines.append(
                "  the cheapest costs \(fixed(cheapest, 2)) (\(proven)); for \(fixed(objective - cheapest, 2)) more the "
                    + "recommender's liking")
            lines.append(
                "  rises from \(fixed(allocation.cheapestPreference ?? 0, 3)) to \(fixed(allocation.preference ?? 0, 3)), "
                    + "within the \(percent(request.recommendedPreference.doubleValue)) that the request allows")
        } else {
            let gap = allocation.gap ?? 0
            lines.append(
                "  \(proven) of all allocations under these constraints, "
                    + (gap < 1e-9 ? "no gap" : "gap \(String(format: "%.0e", gap))"))
        }
        return lines
    }

    private var termsLines: [String] {
        var table = TextTable([false, true, true, true, false])
        table.add("offer", "storage", "egress", "fund (USD × 10⁷)", "hold to")
        for leg in terms.legs {
            let uptime = Double(leg.uptime) * 100 / Double(terms.contract.fullUptime)
            let guarded = [leg.latencyMs.map { "\($0) ms" }, "\(fixed(uptime, 4))%"].compactMap { $0 }
            let unit = terms.contract.volumeSuffix.uppercased()
            table.add(
                leg.offer, "\(grouped(leg.agreedStorage)) \(unit)", "\(grouped(leg.agreedEgress)) \(unit)",
                String(leg.fundingAmount), guarded.joined(separator: ", "))
        }
        return ["Terms for contract \(terms.contract.name), repository mode \(terms.repositoryMode)"] + table.lines
    }
}

extension Refusal {
    /// The refusal for people.
    public var text: String {
        var lines = ["No quote for \(request.user): "]
        switch allocation.status {
        case .timeLimit:
            lines[0] += "time ran out before an allocation was found"
            lines.append("  raise the time limit, or ask for less")
        default:
            lines[0] += "no allocation meets the request"
        }
        let dropped = eligibility.counts.prefix(4).map { "\($0.offers) \($0.reason.rawValue)" }.joined(separator: ", ")
        lines += wrapped(
            "\(eligibility.offers.count) offers are eligible, \(eligibility.rejections.count) are not"
                + (dropped.isEmpty ? "" : " (\(dropped))"), indent: 2, hanging: 2)
        if let conflict = allocation.conflict {
            lines += [""] + AllocationText.conflict(conflict)
        }
        return lines.joined(separator: "\n") + "\n"
    }
}

extension ChargeKind {
    /// The kind in words.
    var label: String {
        switch self {
        case .storage, .egress, .writes, .reads, .retrieval: rawValue
        case .fee: "base fee"
        case .minimum: "up to the monthly minimum"
        case .minimumDuration: "up to the minimum duration"
        }
    }
}

extension ConstraintKind {
    /// The constraint in words.
    var label: String {
        switch self {
        case .budget: "the budget"
        case .latency: "the latency bound"
        case .availability: "the availability"
        case .durability: "the durability"
        case .toleratedProviders: "surviving the loss of providers"
        case .toleratedRegions: "surviving the loss of regions"
        case .maxProviderShare: "the largest share of one provider"
        case .minProviders: "the least number of providers"
        case .capacity: "what the offers can take"
        case .egressLimit: "egress limits of providers"
        case .eligibility: "the filters on offers"
        }
    }
}

package func fixed(_ value: Double, _ digits: Int) -> String { String(format: "%.\(digits)f", value) }

package func percent(_ share: Double) -> String {
    let digits = share * 100 == (share * 100).rounded() ? 0 : 2
    return fixed(share * 100, digits) + "%"
}

/// Text broken between words into lines of at most 80 columns.
package func wrapped(_ text: String, indent: Int, hanging: Int) -> [String] {
    var lines: [String] = []
    var line = String(repeating: " ", count: indent)
    var isEmpty = true
    for word in text.split(separator: " ", omittingEmptySubsequences: false) {
        if !isEmpty, line.count + 1 + word.count > 80 {
            lines.append(line)
            line = String(repeating: " ", count: hanging)
            isEmpty = true
        }
        line += (isEmpty ? "" : " ") + word
        isEmpty = false
    }
    return lines + [line]
}

/// Digits in groups of three.
package func grouped(_ value: Int) -> String {
    var digits = String(value.magnitude)
    var groups: [String] = []
    while digits.count > 3 {
        groups.insert(String(digits.suffix(3)), at: 0)
        digits.removeLast(3)
    }
    return (value < 0 ? "-" : "") + ([digits] + groups).joined(separator: ",")
}

/// Bytes as gigabytes or terabytes of 10⁹ and 10¹².
package func gigabytes(_ bytes: Int) -> String {
    let volume = Double(bytes) / 1e9
    if volume >= 1000 { return fixed(volume / 1000, 2) + " TB" }
    return fixed(volume, volume < 10 ? 2 : 1) + " GB"
}
