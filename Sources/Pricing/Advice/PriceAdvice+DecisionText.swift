import Documents
import Foundation
import Marketplace
import Money

extension PriceAdvice {
    /// The price, what it would do, and what it rests on.
    var adviceLines: [String] {
        let goal =
            switch terms.objective {
            case .profit: "the most profit"
            case .revenue: "the most revenue"
            case .utilisation: "the most volume"
            }
        var lines = ["ADVICE for \(replayed.offer.id)", "  aim: \(goal); prices in USD per \(unit) and month"]
        if let recommendation {
            lines += priceLines(recommendation) + effectLines(recommendation)
            lines += TextLayout.wrapped(
                "hold until \(holdUntil(recommendation)) if nothing sells: \(recommendation.hold.words)", indent: "  ",
                first: "  ")
        } else {
            lines.append("  no price is advised:")
            lines += reasons.flatMap { TextLayout.wrapped($0, indent: "    ", first: "  - ") }
        }
        lines += whatIfLines + promiseLines + costLines + driverLines
        if let bucket = own.bucket { lines += bucketLines(bucket) }
        let known = (recommendation == nil ? [] : decision.cautions.map(\.words)) + evidence.notes
        return lines + [""] + dataLines + known.flatMap { TextLayout.wrapped($0, indent: "    ", first: "  - ") }
    }

    /// Why no price is advised; empty when one is.
    public var reasons: [String] {
        var reasons = decision.reasons.map(\.words)
        if own.costs == nil {
            reasons.insert(
                "your costs are not known, and no aim can be weighed without them: name a file by --costs", at: 0)
        }
        return reasons
    }

    private func priceLines(_ recommendation: PriceRecommendation) -> [String] {
        let now = replayed.price * replayed.offer.tariff.gigabytesPerUnit
        let change = now > 0 ? String(format: " (%+.1f%%)", 100 * (recommendation.price / now - 1)) : ""
        return [
            "  recommended          \(Self.money(recommendation.price))   listed \(Self.money(now))\(change)",
            "  90% interval         \(Self.words(recommendation.interval))",
            "  98% of the best      \(Self.words(recommendation.nearlyBest))"
        ]
    }

    /// A range of prices; says so where it is one step of the demand.
    static func words(_ range: ClosedRange<Double>) -> String {
        let (lower, upper) = (money(range.lowerBound), money(range.upperBound))
        return "\(lower) … \(upper)" + (lower == upper ? " (one step)" : "")
    }

    private func effectLines(_ recommendation: PriceRecommendation) -> [String] {
        func row(_ name: String, _ value: (PriceCurvePoint) -> String) -> String {
            TextLayout.column("  " + name, 24)
                + TextLayout.columns(
                    [recommendation.current.map(value) ?? "-", value(recommendation.expected)], [16, 16])
        }
        return [
            TextLayout.column("  a month", 24) + TextLayout.columns(["listed", "recommended"], [16, 16]),
            row("profit, USD") { String(format: "%.2f", $0.profit) }
        ]
            + (recommendation.earnsElsewhere
                ? [row("of it, other offers") { String(format: "%.2f", $0.otherProfit) }] : [])
            + [
                row("revenue, USD") { String(format: "%.2f", $0.revenue) }
            ] + (listing == nil ? [row("quoted, of requests") { Self.percent($0.winRate) }] : [])
            + [
                row(listing == nil ? "acceptance" : "taken, of choices") {
                    $0.winRate > 0 ? Self.percent($0.acceptance) : "-"
                },
                row("stored") { self.stored($0) }, row("utilisation") { $0.utilisation.map(Self.percent) ?? "no limit" }
            ]
    }

    private var whatIfLines: [String] {
        zip(terms.whatIf, whatIf).map { price, point in
            guard let point else { return "  at \(Self.money(price)): beyond the prices searched" }
            return "  at \(Self.money(price)): profit \(String(format: "%.2f", point.profit)) USD, "
                + "acceptance \(Self.percent(point.acceptance)), \(stored(point))"
        }
    }

    private var promiseLines: [String] {
        let measured = measuredWords.flatMap { TextLayout.wrapped($0, indent: "  ", first: "  ") }
        return measured
            + decision.promises.enumerated().flatMap { index, outcome -> [String] in
                guard let promise = outcome.promise else { return [] }
                let isChosen = recommendation?.option == index
                let best = outcome.best.map {
                    "profit \(String(format: "%.2f", $0.profit)) at \(Self.money($0.price)), quoted \(Self.percent($0.winRate))"
                }
                let breach = "a period breaks it with \(Self.percent(outcome.breachProbability))"
                return TextLayout.wrapped(
                    "promise \(Self.words(promise))\(isChosen ? " (advised)" : ""): \(best ?? "no price pays"); \(breach)",
                    indent: "  ", first: "  ")
            }
    }

    private var costLines: [String] {
        guard let costs = own.costs else { return [] }
        let full = decision.fullCost.map { ", full cost \(Self.money($0)) with the hardware" } ?? ""
        var lines = TextLayout.wrapped(
            "marginal cost \(Self.money(decision.marginalCost))\(full), fee and expected forfeits included",
            indent: "  ",
            first: "  ")
        if costs.isAssumption {
            lines += TextLayout.wrapped(
                "These costs are ASSUMED by \(costs.source), not the provider's own: name yours by --costs.",
                indent: "  ", first: "  ")
        }
        return lines
    }

    private var driverLines: [String] {
        guard let drivers = decision.drivers, let previous = own.previous else { return [] }
        let parts = [
            ("cost", drivers.cost), ("rivals and requests", drivers.rivals), ("quality and promise", drivers.quality),
            ("capacity", drivers.capacity)
        ].map { String(format: "%@ %+.6f", $0.0, $0.1) }
        return TextLayout.wrapped(
            "since \(previous.day), when it was \(Self.money(drivers.previousPrice)): \(parts.joined(separator: ", "))",
            indent: "  ", first: "  ")
    }

    private func bucketLines(_ bucket: PlatformBucket) -> [String] {
        do throws(PricingError) {
            guard let conditions = try conditions(for: bucket) else {
                return ["  bucket \(bucket.bucketID): no price is advised, so that its conditions stay"]
            }
            guard conditions.changesAnything else {
                return ["  bucket \(bucket.bucketID): its conditions are the advice"]
            }
            return ["  for bucket \(bucket.bucketID), to be signed by you; nothing is applied:"]
                + ["    update_bucket_conditions"]
                + conditions.arguments.map { name, value in
                    TextLayout.column("      " + name, 30) + (value.map(Self.plain) ?? "unchanged")
                }
        } catch {
            return TextLayout.wrapped("\(error)", indent: "  ", first: "  ")
        }
    }

    /// The arguments that carry the advice to `bucket`; nil when no price is advised.
    ///
    /// - Throws: ``PricingError/bucketLocked(id:)``; ``PricingError/badValue(field:remedy:)`` for a bucket elsewhere.
    public func conditions(for bucket: PlatformBucket) throws(PricingError) -> BucketConditions? {
        guard bucket.region == replayed.offer.region else {
            throw .badValue(
                field: "the bucket in '\(bucket.region)'",
                remedy: "the advice is for \(replayed.offer.id); name the bucket's own offer by --offer")
        }
        guard !bucket.isLocked else { throw .bucketLocked(id: bucket.bucketID) }
        guard let recommendation else { return nil }
        let perGB = recommendation.price / replayed.offer.tariff.gigabytesPerUnit
        return try BucketConditions(
            price: ReplayPrice(perGB)?.exact, latencyMs: recommendation.promise?.latencyMilliseconds,
            availability: recommendation.promise.map { $0.uptimePercent / 100 }, for: bucket)
    }

    private var dataLines: [String] {
        let newest = evidence.newest.map { ", the newest of \($0), \(max(0, day.ordinal - $0.ordinal)) days old" } ?? ""
        let history = historySource.map { " of \($0)" } ?? ""
        let what =
            listing == nil
            ? "\(problemNames.count) of \(requests.count) requests replayed, \(String(format: "%g", monthlyRate)) such a "
                + "month; \(evidence.ownQuotes) own quotes"
            : "\(String(format: "%.3g", monthlyRate)) choices a month show the offer; \(evidence.ownQuotes) own choices"
        var lines = TextLayout.wrapped(
            "data: \(what) and \(evidence.cohortQuotes) of the cohort\(history)\(newest); stage "
                + decision.stage.rawValue, indent: "  ", first: "  ")
        if let benchmark = decision.benchmark {
            let words =
                benchmark.price.map { price in
                    let range = benchmark.interval.map {
                        " (80% of comparable offers: \(Self.money($0.lowerBound)) … \(Self.money($0.upperBound)))"
                    }
                    return "\(Self.money(price))\(range ?? ""), by \(benchmark.comparables) offers of others"
                } ?? "silent, with \(benchmark.comparables) comparable offers"
            lines += TextLayout.wrapped("benchmark: \(words)", indent: "  ", first: "  ")
        }
        return lines
    }

    // MARK: Words

    static func percent(_ share: Double) -> String { String(format: "%.1f%%", 100 * share) }

    static func words(_ promise: QoSPromise) -> String {
        String(format: "%.7g%% uptime, %.0f ms", promise.uptimePercent, promise.latencyMilliseconds)
    }

    func stored(_ point: PriceCurvePoint) -> String {
        Self.volume(point.volume * replayed.offer.tariff.gigabytesPerUnit)
    }

    private static func plain(_ value: JSONValue) -> String {
        switch value {
        case .string(let text), .number(let text): text
        default: value.text()
        }
    }
}

extension PriceAdvice {
    /// The last day to hold a price if nothing sells.
    func holdUntil(_ recommendation: PriceRecommendation) -> CalendarDay {
        CalendarDay(ordinal: day.ordinal + min(max(0, recommendation.hold.days), 100_000))
    }

    /// How many of the requests that could be replayed arrive in a month, all together.
    var monthlyRate: Double { problem.options.first?.demand.requests.reduce(0) { $0 + $1.monthlyRate } ?? 0 }

    /// The method and the demand parameters that were used, for the audit trail.
    public var model: String {
        let curves = problem.options.first?.demand.acceptances.flatMap(\.draws) ?? []
        let parameters = curves.map { "\($0.intercept) \($0.sensitivity)" }.joined(separator: "\n")
        return (listing == nil ? "replay-acceptance-1" : "listing-choice-1")
            + " \(decision.stage.rawValue) \(curves.count) draws "
            + AuditRecord.digest(of: parameters.utf8)
    }
}
