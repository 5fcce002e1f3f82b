import Foundation
import Marketplace
import Money

extension PriceAdvice {
    /// The advice for a terminal of 80 columns.
    public var text: String {
        var lines = ["Pricing advice for \(provider), \(day), catalogue \(catalogVersion.prefix(19))", ""]
        lines += adviceLines + [""] + positionLines + [""]
        lines += (listing.map(choiceLines) ?? breakpointLines + [""] + requestLines) + [""]
        lines += assumptions.flatMap { TextLayout.wrapped($0, indent: "  ", first: "- ") }
        return lines.joined(separator: "\n") + "\n"
    }

    // MARK: Position

    private var positionLines: [String] {
        let volume = Self.volume(comparability.volumeBytes / 1e9)
        var lines = [
            "POSITION among comparable offers, USD per GB and month for \(volume)",
            TextLayout.column("offer", 32)
                + TextLayout.columns(["price", "rank", "low", "median", "high"], [10, 8, 10, 10, 10])
        ]
        for position in positions {
            let of = "\(position.rank)/\(position.rivals.count + 1)"
            let quantiles = position.quantiles.map { [$0.minimum, $0.median, $0.maximum].map(Self.money) }
            lines.append(
                TextLayout.column(position.offer.id, 32)
                    + TextLayout.columns(
                        [Self.money(position.price), of] + (quantiles ?? ["-", "-", "-"]), [10, 8, 10, 10, 10]))
            let near = position.nearest(3).map { "\($0.offer) \(Self.money($0.price))" }
            if !near.isEmpty { lines += TextLayout.wrapped(near, indent: "  ", first: "  nearest: ") }
            let reach = position.reach.map { reach in
                "\(reach.region) " + (reach.latency.map { String(Int($0.milliseconds.rounded())) } ?? "?")
            }
            if !reach.isEmpty { lines += TextLayout.wrapped(reach, indent: "  ", first: "  ms from: ") }
        }
        let factor = String(format: "%g", comparability.priceFactor)
        return lines + [""] + TextLayout.wrapped("Comparable: \(Self.rule) \(factor).", indent: "  ", first: "")
    }

    // MARK: Breakpoints

    var unit: String { replayed.offer.tariff.unit.rawValue }

    private var breakpointLines: [String] {
        var lines = ["BREAKPOINTS of \(replayed.offer.id)"]
        if case .mostEligible(let count, let tied) = choice {
            let others = tied > 0 ? ", like \(tied) more; it is the nearest to the readers" : ""
            lines += TextLayout.wrapped(
                "Taken because it is eligible for \(count) of \(requests.count) requests\(others). Name another by "
                    + "--offer.", indent: "  ", first: "  ")
        }
        let searched = "searched 0 … \(price(range.upperBound)) USD/\(unit)"
            .replacingOccurrences(of: "searched 0 ", with: "searched \(price(range.lowerBound)) ")
        lines.append("  listed at \(Self.money(replayed.price)) USD/GB, " + searched)
        let winning = shownSteps.filter { $0.total > 0 }
        if winning.isEmpty { lines.append("  wins nothing at any price searched") }
        for step in winning {
            let count = step.volumeGBMonths.count { $0 > 0 }
            let isEnd = step.upTo >= range.upperBound
            let upTo = isEnd ? "\(price(step.upTo))" : "\(step.tick)"
            lines.append(
                "  up to \(upTo) USD/\(unit) wins \(Self.volume(meanGigabytes(step))) "
                    + "(\(count) request\(count == 1 ? "" : "s"))" + (isEnd ? ", end of the range" : ""))
        }
        if !replays.allSatisfy(\.isExact) {
            lines.append("  not every optimum was proven: breakpoints may lie elsewhere")
        }
        return lines
    }

    // MARK: Choices

    private func choiceLines(_ listing: ListingEvidence) -> [String] {
        ["CHOICES from the listing that showed \(replayed.offer.id)"]
            + choiceWords(listing).flatMap { TextLayout.wrapped($0, indent: "    ", first: "  - ") }
    }

    /// What the choices say, in sentences.
    func choiceWords(_ listing: ListingEvidence) -> [String] {
        let share = listing.ownChoices > 0 ? Double(listing.taken) / Double(listing.ownChoices) : 0
        var words = ["shown in \(listing.ownChoices) choices, taken in \(listing.taken) (\(Self.percent(share)))"]
        let draws = listing.evidence.sensitivityDraws
        if !draws.isEmpty {
            let unit = replayed.offer.tariff.gigabytesPerUnit
            let (low, high) = (Quantile.of(draws, 0.025) / unit, Quantile.of(draws, 0.975) / unit)
            words.append(
                String(
                    format: "%@ 0.001 USD more lowers the log odds of being taken by %.3g (95%%: %.3g to %.3g)",
                    listing.isOwn ? "by your choices," : "by a cohort's choices,",
                    Quantile.of(draws, 0.5) / unit / 1000, low / 1000, high / 1000))
        }
        if let f = listing.evidence.firstStageF, f > 0 {
            words.append(String(format: "cost shifters move prices with F %.3g (10 or more: enough)", f))
        }
        if let forecast = listing.forecast {
            words.append(
                String(
                    format: "foretold the last %d choices with a log loss of %.4f; their usual share alone: %.4f",
                    forecast.choices, forecast.logLoss, forecast.baseRateLogLoss))
        }
        return words
    }

    // MARK: Requests

    private var requestLines: [String] {
        var lines = [
            "REQUESTS (volume: mean over the term)",
            TextLayout.column("request", 30) + TextLayout.columns(["as listed", "enters at", "volume"], [16, 18, 14])
        ]
        for replay in replays {
            lines.append(
                TextLayout.column(replay.name, 30) + TextLayout.columns(cells(replay), [16, 18, 14]))
            if let reason = reason(replay) { lines += TextLayout.wrapped(reason, indent: "    ", first: "    ") }
        }
        return lines
    }

    /// The requests as rows of name, volume as listed, entry price, volume there, and remark.
    var requestRows: [[String]] { replays.map { [$0.name] + cells($0) + [reason($0) ?? ""] } }

    private func cells(_ replay: RequestReplay) -> [String] {
        switch replay.standing {
        case .ineligible: return ["not eligible", "-", "-"]
        case .infeasible: return ["infeasible", "-", "-"]
        case .undecided: return ["undecided", "-", "-"]
        case .replayed: break
        }
        let listed = replay.listedGBMonths.map { $0 > 0 ? Self.volume($0 / Double(replay.months)) : "loses" } ?? "unmet"
        guard let price = replay.entersBelow else { return [listed, "at no price", "-"] }
        let volume = replay.pieces.last { $0.gigabyteMonths > 0 }?.gigabyteMonths ?? 0
        let isEnd = price >= range.upperBound
        return [
            listed, isEnd ? "≥ \(self.price(price))" : "\(PriceTick.below(price))",
            Self.volume(volume / Double(replay.months))
        ]
    }

    private func reason(_ replay: RequestReplay) -> String? {
        switch replay.standing {
        case .ineligible(let causes):
            return causes.map { $0.detail.isEmpty ? $0.reason.rawValue : "\($0.reason.rawValue): \($0.detail)" }
                .joined(separator: "; ")
        case .infeasible(let words): return words
        case .undecided: return "the optimizer's time ran out"
        case .replayed: return replay.needsOffer.map { "without this offer: \($0)" }
        }
    }

    // MARK: Layout

    /// A volume of gigabytes with three significant digits.
    static func volume(_ gigabytes: Double) -> String {
        if gigabytes >= 999.5e3 { return String(format: "%.3g PB", gigabytes / 1e6) }
        if gigabytes >= 999.5 { return String(format: "%.3g TB", gigabytes / 1e3) }
        return String(format: "%.3g GB", gigabytes)
    }

    static func money(_ price: Double) -> String { String(format: "%.6f", price) }
}
