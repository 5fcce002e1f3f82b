import Documents
import Foundation
import Marketplace

/// A page about one advice: charts and tables, in one file that needs nothing else and prints well.
public struct AdvicePage: Sendable {
    let advice: PriceAdvice

    /// How many comparable offers are named, the nearest by price.
    static let named = 20

    /// The page about `advice`.
    public init(advice: PriceAdvice) { self.advice = advice }

    /// The page with `library`, Chart.js fit for standing in a page, in it.
    public func html(library: String) -> String {
        // Nothing in the data can end the script that it stands in.
        let data = charts.text().replacingOccurrences(of: "<", with: "\\u003c")
        let title = Self.escaped(advice.replayed.offer.id)
        return """
            <!DOCTYPE html>
            <html lang="en"><head><meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>What to charge for \(title)</title>
            <style>\(Self.style)</style></head><body>
            <h1>What to charge for \(title)</h1>
            <p>For \(Self.escaped(advice.provider)) on \(advice.day). Prices in USD per \(unit) and month. Nothing is applied
            by itself.</p>
            \(verdict)
            \(charted(["profit", "acceptance", "stored"]))
            <p>Dashed: the listed price; line: the advised one; shade: at least 98% of the best.</p>
            \(steps)
            <h2>Who it is compared with</h2>
            <p>\(Self.escaped(comparison))</p>
            \(charted(["position"]))
            \(table(["offer", "USD per GB and month", ""], position))
            \(benchmark)
            <h2>What is promised</h2>
            \(promises)
            <h2>What it costs</h2>
            \(costs)
            <h2>What moved the price</h2>
            \(drivers)
            <h2>How sure this is</h2>
            \(list(certainty))
            \(bucket)
            \(origin)
            <h2>What was assumed</h2>
            \(list(advice.assumptions))
            <script>\(library)</script>
            <script>
            const data = \(data);
            \(Self.script)
            </script></body></html>

            """
    }

    private var unit: String { advice.unit }
    private func money(_ price: Double) -> String { PriceAdvice.money(price) }

    // MARK: Sections

    private var verdict: String {
        guard let found = advice.recommendation else {
            return "<div class=\"verdict\"><p><strong>No price is advised.</strong></p>\(list(advice.reasons))</div>"
        }
        let now = advice.replayed.price * advice.replayed.offer.tariff.gigabytesPerUnit
        let until = "\(advice.holdUntil(found)): \(found.hold.words)"
        func row(_ name: String, _ value: (PriceCurvePoint) -> String) -> [String] {
            [name, found.current.map(value) ?? "–", value(found.expected)]
        }
        return """
            <div class="verdict"><p><strong>\(money(found.price))</strong> for the most \(advice.terms.objective.rawValue);
            listed at \(money(now)).</p>
            <p>90% interval \(PriceAdvice.words(found.interval)). At least 98% of the best from \(range(found.nearlyBest)).
            Hold it until \(Self.escaped(until)) – if nothing sells.</p></div>
            \(table(["a month", "as listed", "as advised"], [
                row("profit, USD") { String(format: "%.2f", $0.profit) }
            ] + (found.earnsElsewhere
                ? [row("of it by your other offers") { String(format: "%.2f", $0.otherProfit) }] : []) + [
                row("revenue, USD") { String(format: "%.2f", $0.revenue) }
            ] + (advice.listing == nil ? [row("quoted, of all requests") { PriceAdvice.percent($0.winRate) }] : []) + [
                row(advice.listing == nil ? "accepted, of those quoted" : "taken, of those shown") { $0.winRate > 0 ? PriceAdvice.percent($0.acceptance) : "–" },
                row("stored") { advice.stored($0) },
                row("utilisation") { $0.utilisation.map(PriceAdvice.percent) ?? "no limit known" }
            ]))
            """
    }

    private var steps: String {
        guard advice.listing == nil else { return "" }
        return """
            <h2>What is won up to which price</h2>
            <p>If every quote were accepted and rivals kept their listed prices: at a price, the volume of the first row
            that reaches it. Stored is what lies there on average when such requests keep coming,
            \(String(format: "%g", advice.monthlyRate)) a month.</p>
            \(charted(["won"]))
            \(table(["up to", "stored", "requests a month"], won))
            """
    }

    private var origin: String {
        guard let listing = advice.listing else {
            return "<h2>The requests behind it</h2>"
                + table(["request", "as listed", "enters at", "stored", ""], advice.requestRows)
        }
        return "<h2>The choices behind it</h2>" + list(advice.choiceWords(listing))
    }

    private var won: [[String]] {
        advice.decision.breakpoints.filter { $0.volume > 0 }.map {
            [
                money($0.price) + ($0.isEndOfRange ? ", end of the range" : ""),
                PriceAdvice.volume($0.volume * advice.replayed.offer.tariff.gigabytesPerUnit),
                String(format: "%.3g", $0.requests)
            ]
        }
    }

    private var comparison: String {
        let position = advice.replayed
        let rank =
            "Rank \(position.rank) of \(position.rivals.count + 1) by price for "
            + "\(PriceAdvice.volume(advice.comparability.volumeBytes / 1e9)) stored"
        let quantiles = position.quantiles.map {
            "; half of the others cost at most \(money($0.median)), the cheapest \(money($0.minimum)), the dearest "
                + money($0.maximum)
        }
        return rank + (quantiles ?? "") + ". Comparable: \(PriceAdvice.rule) "
            + String(format: "%g", advice.comparability.priceFactor) + ". Shown are the nearest \(Self.named)."
    }

    /// The offer and its nearest comparables, by price.
    var neighbours: [(offer: String, price: Double, isOwn: Bool)] {
        let rivals = advice.replayed.nearest(Self.named).map { ($0.offer, $0.price, false) }
        return (rivals + [(advice.replayed.offer.id, advice.replayed.price, true)]).sorted {
            ($0.1, $0.0) < ($1.1, $1.0)
        }
    }

    private var position: [[String]] {
        neighbours.map { [$0.offer, money($0.price), $0.isOwn ? "this offer" : ""] }
    }

    private var benchmark: String {
        guard let estimate = advice.decision.benchmark else { return "" }
        let words =
            estimate.price.map { price in
                "An offer in this place with this quality would be expected at \(money(price))"
                    + (estimate.interval.map { ", 80% of them within \(range($0))" } ?? "")
                    + ", by \(estimate.comparables) offers of others (robust ridge of the logarithm of the price)."
            } ?? "The benchmark is silent: only \(estimate.comparables) comparable offers."
        return "<p>\(words)</p>"
    }

    private var promises: String {
        let rows = advice.decision.promises.enumerated().compactMap { index, outcome -> [String]? in
            guard let promise = outcome.promise else { return nil }
            return [
                PriceAdvice.words(promise), PriceAdvice.percent(outcome.breachProbability),
                outcome.best.map { PriceAdvice.percent($0.winRate) } ?? "–",
                outcome.best.map { money($0.price) } ?? "–",
                outcome.best.map { String(format: "%.2f", $0.profit) } ?? "–",
                advice.recommendation?.option == index ? "advised" : ""
            ]
        }
        let measured = advice.measuredWords.map { "<p>\(Self.escaped($0))</p>" }.joined()
        guard !rows.isEmpty else { return measured }
        return measured + "<p>A period that breaks a promise forfeits its whole payment; a request that asks for less "
            + "latency than is promised cannot be quoted the offer.</p>"
            + table(
                ["promise", "a period breaks it", "quoted, of all requests", "best price", "profit a month, USD", ""],
                rows)
    }

    private var costs: String {
        guard let costs = advice.own.costs else { return "<p>Costs are not known; name a file by --costs.</p>" }
        let gigabytes = advice.replayed.offer.tariff.gigabytesPerUnit
        let assumed =
            costs.isAssumption
            ? "<p><strong>Assumed</strong> by \(Self.escaped(costs.source)), not the provider's own.</p>" : ""
        return assumed
            + table(
                ["a \(unit) and month", "USD"],
                [
                    ["power", money(costs.costs.powerPerGigabyteMonth * gigabytes)],
                    ["bandwidth", money(costs.costs.bandwidthPerGigabyteMonth * gigabytes)],
                    ["operations", money(costs.costs.operationsPerGigabyteMonth * gigabytes)],
                    ["marginal cost, with fee and expected forfeits", money(advice.decision.marginalCost)]
                ] + (advice.decision.fullCost.map { [["full cost, with the hardware", money($0)]] } ?? []))
    }

    private var drivers: String {
        guard let drivers = advice.decision.drivers, let previous = advice.own.previous else {
            return "<p>There is no earlier advice to compare with; give one by --previous.</p>"
        }
        return "<p>Since \(previous.day), when it was \(money(drivers.previousPrice)):</p>" + charted(["drivers"])
            + table(
                ["", "change"],
                [
                    ("costs and fee", drivers.cost), ("rivals and requests", drivers.rivals),
                    ("quality and promise", drivers.quality), ("capacity", drivers.capacity),
                    ("together", drivers.total)
                ].map { [$0.0, String(format: "%+.6f", $0.1)] })
    }

    private var certainty: [String] {
        let history = advice.historySource.map { " of \($0)" } ?? ""
        let newest = advice.evidence.newest.map { "; the newest is of \($0)" } ?? ""
        let counts = (own: advice.evidence.ownQuotes, cohort: advice.evidence.cohortQuotes)
        let basis =
            advice.listing == nil
            ? [
                "\(advice.problemNames.count) of \(advice.requests.count) requests could be replayed"
                    + (advice.replays.allSatisfy(\.isExact)
                        ? ", every optimum proven" : "; not every optimum was proven"),
                "Acceptance rests on \(counts.own) own quotes and \(counts.cohort) of the cohort\(history)\(newest)"
            ] : ["Demand rests on \(counts.own) own choices and \(counts.cohort) of the cohort\(history)\(newest)"]
        return basis + (advice.recommendation == nil ? [] : advice.decision.cautions.map(\.words))
            + advice.evidence.notes
    }

    private var bucket: String {
        guard let bucket = advice.own.bucket else { return "" }
        let rows: [[String]]
        do throws(PricingError) {
            guard let conditions = try advice.conditions(for: bucket), conditions.changesAnything else { return "" }
            rows = conditions.arguments.map { [$0.name, $0.value?.text() ?? "unchanged"] }
        } catch {
            return "<h2>Bucket \(bucket.bucketID)</h2><p>\(Self.escaped("\(error)"))</p>"
        }
        return "<h2>Bucket \(bucket.bucketID)</h2><p>Arguments of update_bucket_conditions, to be signed by you:</p>"
            + table(["argument", "value"], rows)
    }

    // MARK: Elements

    private func range(_ range: ClosedRange<Double>) -> String {
        "\(money(range.lowerBound)) to \(money(range.upperBound))"
    }

    private func charted(_ names: [String]) -> String {
        "<div class=\"charts\">" + names.map { "<div><canvas id=\"\($0)\"></canvas></div>" }.joined() + "</div>"
    }

    private func list(_ sentences: [String]) -> String {
        "<ul>" + sentences.map { "<li>\(Self.escaped($0))</li>" }.joined(separator: "\n") + "</ul>"
    }

    private func table(_ head: [String], _ rows: [[String]]) -> String {
        func line(_ cells: [String], _ tag: String) -> String {
            "<tr>" + cells.map { "<\(tag)>\(Self.escaped($0))</\(tag)>" }.joined() + "</tr>"
        }
        guard !rows.isEmpty else { return "<p>None.</p>" }
        let remarks = head.last == "" ? " class=\"remarks\"" : ""
        return "<div class=\"wide\"><table\(remarks)><thead>\(line(head, "th"))</thead><tbody>\n"
            + rows.map { line($0, "td") }.joined(separator: "\n") + "\n</tbody></table></div>"
    }

    static func escaped(_ text: String) -> String {
        text.replacingOccurrences(of: "&", with: "&amp;").replacingOccurrences(of: "<", with: "&lt;")
            .replacingOccurrences(of: ">", with: "&gt;").replacingOccurrences(of: "\"", with: "&quot;")
    }
}
