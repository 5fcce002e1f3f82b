import Documents
import Foundation
import Marketplace
import Money
import Pricing
import TestSupport
import Testing

/// The structure of the page, and that nothing of its data can break it. Pixels are looked at, not tested.
@Suite struct AdvicePageTests {
    private func matches(_ pattern: String, _ text: String) throws -> [String] {
        let expression = try NSRegularExpression(pattern: pattern, options: [.dotMatchesLineSeparators])
        return expression.matches(in: text, range: NSRange(text.startIndex..., in: text)).compactMap { match in
            Range(match.range(at: 1), in: text).map { String(text[$0]) }
        }
    }

    private func data(_ page: String) throws -> [String: JSONValue] {
        let text = try #require(try matches("const data = (.*?);\n", page).first)
        guard case .object(let members) = try JSONValue(parsing: Array(text.utf8)) else { return [:] }
        return members
    }

    @Test func headingsTablesAndChartsAreTheGoldenOnes() throws {
        let market = AdvisedMarket()
        let page = AdvicePage(advice: try market.advice(history: market.history(), capacityGB: 1e6)).html(library: "")
        #expect(
            try matches("<h[12]>(.*?)</h", page) == [
                "What to charge for own/m0/hot", "What is won up to which price", "Who it is compared with",
                "What is promised", "What it costs", "What moved the price", "How sure this is",
                "The requests behind it", "What was assumed"
            ])
        #expect(
            try matches("<thead><tr>(.*?)</tr>", page).map { try matches("<th>(.*?)</th>", $0) } == [
                ["a month", "as listed", "as advised"], ["up to", "stored", "requests a month"],
                ["offer", "USD per GB and month", ""], ["a GB and month", "USD"],
                ["request", "as listed", "enters at", "stored", ""]
            ])
        #expect(
            try matches("<canvas id=\"(.*?)\"", page) == ["profit", "acceptance", "stored", "won", "position"])
        let members = try data(page)
        #expect(
            Set(members.keys) == [
                "unit", "profit", "acceptance", "stored", "utilisation", "won", "listed", "advised", "interval",
                "nearlyBest", "position", "acceptanceTitle"
            ])
        for name in ["profit", "acceptance", "stored"] {
            guard case .object(let band) = members[name] else { Issue.record("\(name)"); continue }
            #expect(Set(band.keys) == ["mean", "low", "high"])
        }
    }

    @Test func anAbstentionHasItsReasonsAndItsBreakpoints() throws {
        let page = AdvicePage(advice: try AdvisedMarket().advice(outlay: nil)).html(library: "")
        #expect(page.contains("No price is advised.") && page.contains("name a file by --costs"))
        #expect(try data(page)["advised"] == nil && page.contains("<canvas id=\"won\">"))
    }

    @Test func nothingIsFetchedAndNothingEscapes() throws {
        var market = AdvisedMarket()
        market.own = "</script><b>&\"'"
        market.offers[0] = SmallMarket.offer(market.own, storage: 5000)
        let page = AdvicePage(advice: try market.advice(history: market.history())).html(library: "/* the library */")
        #expect(!page.contains("</script><b>") && page.contains("&lt;/script&gt;&lt;b&gt;&amp;&quot;"))
        #expect(page.components(separatedBy: "</script>").count == 3)
        for word in ["<script src", "<link", "http:", "https:", "@import", "url("] { #expect(!page.contains(word)) }
        #expect(page.contains("name=\"viewport\"") && page.contains("@media print"))
    }

    @Test func driversAreDrawnBesideAnEarlierAdvice() throws {
        let market = AdvisedMarket()
        let history = market.history()
        let previous = try PreviousAdvice(try market.advice(history: history).json, document: "before.json")
        let advice = try market.advice(outlay: 0.004, history: history, previous: previous)
        let page = AdvicePage(advice: advice).html(library: "")
        #expect(page.contains("<canvas id=\"drivers\">"))
        guard case .object(let drivers) = try data(page)["drivers"] else { Issue.record("no drivers"); return }
        #expect(Set(drivers.keys) == ["costs and fee", "rivals and requests", "quality and promise", "capacity"])
    }
}
