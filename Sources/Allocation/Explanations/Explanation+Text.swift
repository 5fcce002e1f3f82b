import Foundation
import Marketplace

extension Explanation {
    /// The explanation for people, in lines of at most 90 columns (IDs may run longer).
    public var text: String {
        guard solves > 0 else {
            return "There is no allocation to explain.\n" + unfinishedLines.joined(separator: "\n")
        }
        var lines = ["Why the cheapest allocation costs \(money(cost)) for \(months) months"]
        if preferenceCost >= 0.005 {
            lines += sentence("Following the recommendation adds \(money(preferenceCost)) to it.")
        }
        func section(_ title: String, _ body: [String]) { if !body.isEmpty { lines += ["", title] + body } }
        section("What each constraint costs", effects.flatMap(effectLines) + looseLimits + likingLines)
        section("What one more terabyte costs", demandPrices.flatMap(demandLines))
        section("The next best answer without each offer", runnerUpLines)
        section("Prices at which other offers would be used", entryLines)
        section("If a provider ended", exits.flatMap(exitLines))
        section("How far this answer holds, all else equal", robustnessLines)
        section("Not settled", unfinishedLines)
        return lines.joined(separator: "\n") + "\n"
    }

    private var unfinishedLines: [String] {
        guard !unfinished.isEmpty else { return [] }
        return sentence("No proof within the limits of the search: \(unfinished.joined(separator: "; ")).")
    }

    private func money(_ value: Double) -> String { String(format: "%.2f ", abs(value)) + asset }

    /// Money that may be small.
    private func price(_ value: Double) -> String {
        if abs(value) < 0.000_05 { return "less than 0.0001 " + asset }
        return String(format: abs(value) < 0.1 ? "%.4f " : "%.2f ", abs(value)) + asset
    }

    private func change(_ step: Step) -> String {
        guard let change = step.change else { return "nothing meets the request" }
        if change == 0 { return "the same cost" }
        return "\(money(change)) \(change < 0 ? "less" : "more")"
    }

    private func sentence(_ text: String, indent: Int = 2) -> [String] { Self.wrapped(text, indent: indent, width: 90) }

    // MARK: Constraints

    private func effectLines(_ effect: Effect) -> [String] {
        let name = effect.name
        switch effect.subject {
        case .shards: return shardLines(effect)
        case .capacity, .egressLimit:
            // Those that cost nothing are counted, not listed.
            if effect.isBinding == false { return [] }
        case .constraint: break
        }
        var text: String
        switch effect.cost {
        case nil: text = "\(name): what it costs is not settled."
        case .some(let cost) where effect.isBinding == true:
            let most = effect.costAtMost.map { " at least, \(money($0)) at most" } ?? ""
            text = "\(name) costs \(money(cost)) a term\(most)."
        case .some:
            text = "\(name) costs nothing"
            if let achieved = effect.achieved { text += ": the answer has \(achieved)" }
            text += "."
        }
        if let looser = effect.looser { text += " At \(looser.value) instead: \(change(looser))." }
        if let price = effect.price { text += " " + savings(price, effect.subject) }
        if let stricter = effect.stricter {
            text += " Stricter, \(stricter.value): \(change(stricter))."
        }
        return sentence(text)
    }

    private func shardLines(_ effect: Effect) -> [String] {
        let steps = [effect.looser, effect.stricter].compactMap(\.self)
        guard !steps.isEmpty else { return [] }
        let texts = steps.map { "with \($0.value): \(change($0))" }
        return sentence("Instead of \(effect.asked), \(texts.joined(separator: "; ")).")
    }

    /// How many limits of offers cost nothing.
    private var looseLimits: [String] {
        var (capacities, limits) = (0, 0)
        for effect in effects where effect.isBinding == false {
            switch effect.subject {
            case .capacity: capacities += 1
            case .egressLimit: limits += 1
            case .constraint, .shards: break
            }
        }
        var lines: [String] = []
        if capacities > 0 { lines += sentence("What \(Self.count(capacities, "offer")) can take costs nothing.") }
        if limits > 0 { lines += sentence("The egress limits of \(Self.count(limits, "offer")) cost nothing.") }
        return lines
    }

    private var likingLines: [String] {
        guard let likingWithoutBudget else { return [] }
        let liking = String(format: "%.3f", likingWithoutBudget)
        return sentence("Without the budget the recommender's liking would rise to \(liking).")
    }

    private static func count(_ number: Int, _ what: String) -> String { "\(number) \(what)\(number == 1 ? "" : "s")" }

    /// The sentence about one unit more of a constraint.
    private func savings(_ price: Price, _ subject: Subject) -> String {
        let more = price.upper - price.value
        let (one, upTo): (String, String)
        switch subject {
        case .capacity(let offer):
            (one, upTo) = ("1 TB more capacity at \(offer)", "up to \(Self.number(more)) TB more")
        case .egressLimit(let offer):
            let tenth = self.price(price.amount / 10)
            let most = Self.number(price.upper)
            return
                "Reading 0.1 times more of what is stored at \(offer) would save \(tenth) a term, up to \(most) times."
        case .constraint(.budget): (one, upTo) = ("1 USD more budget a month", "up to \(money(price.upper)) a month")
        case .constraint, .shards:
            (one, upTo) = ("One \(price.unit) more", "up to \(Self.number(price.upper))")
        }
        if more <= 0 {
            let from = Self.number(price.lower)
            return "\(one) saves less than one less costs, \(self.price(price.amount)), down to \(from)."
        }
        return "\(one) would save \(self.price(price.amount)) a term, \(upTo)."
    }

    // MARK: Demand

    private func demandLines(_ demand: DemandPrice) -> [String] {
        let price = demand.price
        let what = demand.region.map { "One more TB read from \($0) a month" } ?? "One more TB stored"
        let costs =
            abs(price.amount) < 0.005
            ? "costs nothing" : "\(price.amount < 0 ? "saves" : "costs") \(self.price(price.amount)) a month"
        let from = price.isOpenBelow ? "0" : Self.number(price.lower)
        let to = price.isOpenAbove ? "\(Self.number(price.upper)) TB at least" : "\(Self.number(price.upper)) TB"
        return sentence("\(what) \(costs), from \(from) to \(to) (now \(Self.number(price.value)) TB).")
    }

    // MARK: Offers and providers

    /// Offers whose absence comes to the same stand in one sentence.
    private var runnerUpLines: [String] {
        grouped(runnersUp.map { ($0.offer, tail($0)) }).flatMap { sentence("Without \($0): \($1).") }
    }

    private func tail(_ runnerUp: RunnerUp) -> String {
        guard let extra = runnerUp.extraCost else { return "nothing meets the request" }
        let cost = extra == 0 ? "no more" : "\(money(extra)) more"
        if !runnerUp.schemes.isEmpty {
            let schemes = runnerUp.schemes.map(\.description).joined(separator: " and ")
            let enters = runnerUp.enters.isEmpty ? "of offers in use" : "and \(list(runnerUp.enters))"
            return "\(cost), with \(schemes) \(enters)"
        }
        return "\(cost), with \(runnerUp.enters.isEmpty ? "the other offers" : list(runnerUp.enters))"
    }

    private func list(_ names: [String]) -> String {
        names.count <= 4
            ? names.joined(separator: " and ")
            : names.prefix(3).joined(separator: ", ") + " and \(names.count - 3) others"
    }

    /// Names of equal text together, in order of first appearance.
    private func grouped(_ entries: [(name: String, text: String)]) -> [(names: String, text: String)] {
        var order: [String] = []
        var names: [String: [String]] = [:]
        for (name, text) in entries {
            if names[text] == nil { order.append(text) }
            names[text, default: []].append(name)
        }
        return order.map { ((names[$0] ?? []).joined(separator: " or "), $0) }
    }

    private var entryLines: [String] {
        guard !entryPrices.isEmpty else { return [] }
        let width = entryPrices.map(\.offer.count).max() ?? 0
        let rows = entryPrices.map { entry in
            let name = entry.offer + String(repeating: " ", count: width - entry.offer.count)
            let list = String(format: "%.6f", entry.listPrice) + (entry.listPriceChanges ? " on average" : "")
            guard let price = entry.price else { return "  \(name)  not even at 0, list price \(list)" }
            return "  \(name)  below \(String(format: "%.6f", price)), list price \(list)"
        }
        let title = "Storage, \(asset) a GB and month; list prices for what would be held, free volumes apart:"
        return sentence(title) + rows
    }

    private func exitLines(_ exit: Exit) -> [String] {
        var text: String
        if let extra = exit.extraCost {
            text = "Without \(exit.provider): \(extra == 0 ? "no more" : money(extra) + " more") a term"
            if !exit.enters.isEmpty { text += ", with \(list(exit.enters))" }
        } else {
            text = "Without \(exit.provider) nothing meets the request"
        }
        text +=
            exit.movingOut.map { "; reading everything out \($0 < 0.005 ? "is free" : "costs \(money($0))")." } ?? "."
        return sentence(text)
    }

    // MARK: Robustness

    private var robustnessLines: [String] {
        var lines: [String] = []
        if let volumeRange {
            lines += sentence(
                "The same \(placements.count > 1 ? "offers" : "placements") are cheapest from \(Self.number(volumeRange.lower)) to "
                    + "\(Self.number(volumeRange.upper)) TB (now \(Self.number(volumeRange.value)) TB)"
                    + "\(ends(volumeRange)).")
        }
        let prices = priceRanges.map { entry in
            let (range, high) = (entry.range, Self.percent(entry.range.upper - 1))
            let low = range.isOpenBelow ? "any lower price" : "from \(Self.percent(range.lower - 1))"
            return (entry.offer, "\(low) up to \(high)\(ends(range, isPrice: true))")
        }
        lines += grouped(prices).flatMap { sentence("Storage at \($0): \($1).") }
        if !lines.isEmpty { lines.append("  (ends to a hundredth of the distance)") }
        return lines
    }

    /// What happens beyond the ends of a range.
    private func ends(_ range: StableRange, isPrice: Bool = false) -> String {
        func end(_ side: String, _ isOpen: Bool, _ enters: [String]?) -> String {
            if isOpen { return "\(side) not looked at" }
            guard let enters else { return "\(side) nothing meets the request" }
            return "\(side) \(enters.isEmpty ? "the same offers, otherwise divided" : list(enters))"
        }
        let below = isPrice && range.isOpenBelow ? "" : "; " + end("below", range.isOpenBelow, range.entersBelow)
        return below + "; " + end("above", range.isOpenAbove, range.entersAbove)
    }

    // MARK: Numbers

    private static func number(_ value: Double) -> String {
        let digits = abs(value) >= 100 ? 1 : abs(value) >= 1 ? 2 : 4
        return String(format: "%.\(digits)f", value)
    }

    private static func percent(_ change: Double) -> String { String(format: "%+.1f%%", 100 * change) }

    /// Text broken between words, the lines after the first indented by two more.
    private static func wrapped(_ text: String, indent: Int, width: Int) -> [String] {
        var lines: [String] = []
        var line = String(repeating: " ", count: indent)
        var isEmpty = true
        for word in text.split(separator: " ") {
            if !isEmpty, line.count + 1 + word.count > width {
                lines.append(line)
                line = String(repeating: " ", count: indent + 2)
                isEmpty = true
            }
            line += (isEmpty ? "" : " ") + word
            isEmpty = false
        }
        return lines + [line]
    }
}

extension Explanation.Effect {
    /// The constraint with what is asked, as the beginning of a sentence.
    var name: String {
        switch subject {
        case .capacity(let offer): return "The capacity of \(offer)"
        case .egressLimit(let offer): return "The egress limit of \(offer)"
        case .shards: return asked
        case .constraint(let kind):
            switch kind {
            case .budget: return "The budget of \(asked)"
            case .latency: return "The latency bound of \(asked)"
            case .availability: return "An availability of \(asked)"
            case .durability: return "A durability of \(asked)"
            case .toleratedProviders:
                return asked == "1"
                    ? "Tolerating the loss of one provider" : "Tolerating the loss of \(asked) providers"
            case .toleratedRegions:
                return asked == "1" ? "Tolerating the loss of one region" : "Tolerating the loss of \(asked) regions"
            case .maxProviderShare: return "A share of at most \(asked) for each provider"
            case .minProviders: return "Using at least \(asked) providers"
            case .capacity, .egressLimit, .eligibility: return kind.label
            }
        }
    }
}
