import Documents
import Foundation
import Marketplace
import Money
import Pricing
import TestSupport
import Testing

/// What advice must not know, do or favour.
@Suite struct AdviceGuardrailTests {
    private func decided(_ advice: PriceAdvice) -> JSONValue {
        guard case .object(let members) = advice.json else { return .null }
        return members["advice"] ?? .null
    }

    @Test func rivalsRecentQuotesChangeNothing() throws {
        let market = AdvisedMarket()
        let history = market.history()
        let day = SmallMarket.day.ordinal
        // Other outcomes, and other totals, of every quote of rivals within the last three months.
        let changed = QuoteHistory(
            history.quotes.map { quote in
                guard !quote.providers.contains("own"), day - quote.day.ordinal < 91 else { return quote }
                return .init(
                    day: quote.day, user: quote.user, total: quote.total * 3, reference: quote.reference,
                    isAccepted: !quote.isAccepted, providers: quote.providers)
            }, source: history.source)
        #expect(changed != history)
        #expect(decided(try market.advice(history: history)) == decided(try market.advice(history: changed)))
    }

    @Test func ofManyOwnQuotesAllRivalsQuotesChangeNothing() throws {
        let market = AdvisedMarket()
        let history = market.history()
        let own = QuoteHistory(history.quotes.filter { $0.providers.contains("own") }, source: history.source)
        #expect(own.quotes.count > AcceptanceEvidence.enough)
        #expect(try market.advice(history: history).decision == (try market.advice(history: own).decision))
    }

    @Test func whoOfTheCohortAcceptedWhatCannotBeTold() throws {
        // The same cohort with its providers' names exchanged, none of them told apart by the advice.
        var market = AdvisedMarket()
        market.ownShare = 0.02
        let history = market.history()
        let names = Dictionary(
            uniqueKeysWithValues: zip(
                AdvisedMarket.providers.dropFirst(), AdvisedMarket.providers.dropFirst().reversed()))
        let renamed = QuoteHistory(
            history.quotes.map { quote in
                .init(
                    day: quote.day, user: quote.user, total: quote.total, reference: quote.reference,
                    isAccepted: quote.isAccepted, providers: Set(quote.providers.map { names[$0] ?? $0 }))
            }, source: history.source)
        #expect(decided(try market.advice(history: history)) == decided(try market.advice(history: renamed)))
    }

    @Test func aDominatedOrNarrowCohortIsNotUsed() throws {
        var market = AdvisedMarket()
        market.ownShare = 0.02
        let history = market.history()
        let narrow = QuoteHistory(
            history.quotes.map { quote in
                let isKept = quote.providers.isSubset(of: ["own", "alpha", "beta", "gamma"])
                return .init(
                    day: quote.day, user: quote.user, total: quote.total, reference: quote.reference,
                    isAccepted: quote.isAccepted, providers: isKept ? quote.providers : ["alpha"])
            }, source: history.source)
        let evidence = AcceptanceEvidence(narrow, provider: "own", on: SmallMarket.day)
        #expect(evidence.cohortQuotes == 0 && evidence.acceptance == nil)
        #expect(evidence.notes.contains { $0.contains("4 providers") && $0.contains("% of the cohort's weight") })
    }

    @Test func othersMeasurementsAreDropped() {
        let rival = Marketplace.Measurement(
            time: 0, region: "north", offer: "rival/m0/hot", metric: .latencyMs, value: 9)
        let own = Marketplace.Measurement(time: 0, region: "north", offer: "own/m0/hot", metric: .latencyMs, value: 9)
        #expect(OwnRecords(provider: "own", measurements: [rival, own]).measurements == [own])
    }

    @Test func recordsOfAnotherProviderAreNotTaken() throws {
        let market = AdvisedMarket()
        let advice = try PriceAdvice(
            provider: "own", requests: [NamedRequest(name: "r", request: market.requests[0])],
            catalog: SmallMarket.catalog(market.offers), day: SmallMarket.day,
            own: OwnRecords(provider: "alpha", costs: try AdvisedMarket.costs(0.001)), history: market.history())
        #expect(advice.own.costs == nil && advice.recommendation == nil)
    }

    private func isWholeTick(_ price: Double) -> Bool {
        let ticks = price * PriceTick.perUSD
        return abs(ticks - ticks.rounded()) < 1e-6
    }

    @Test func breakpointsAreWholeTicks() throws {
        let market = AdvisedMarket()
        let advice = try market.advice(history: market.history())
        #expect(!advice.decision.breakpoints.isEmpty)
        for breakpoint in advice.decision.breakpoints {
            #expect(isWholeTick(breakpoint.price))
        }
        #expect(isWholeTick(try #require(advice.recommendation).price))
    }

    @Test(arguments: [0.05, 0.1])
    func theCapIsAsWideDownwardsAsUpwards(cap: Double) throws {
        var terms = AdviceTerms()
        terms.largestChange = cap
        for storage in [2000, 5400] {
            var market = AdvisedMarket()
            market.offers[0] = SmallMarket.offer("own", storage: storage)
            let free = try #require(try market.advice(history: market.history()).recommendation).price
            let listed = Double(storage) / 1e6
            let advice = try market.advice(history: market.history(), terms: terms)
            let price = try #require(advice.recommendation).price
            // A best price beyond the cap is drawn to its edge, to the tick, whichever side it lies on.
            let edge = free > listed ? listed * (1 + cap) : listed * (1 - cap)
            let (beyond, off, change) = (abs(free / listed - 1), abs(price - edge), abs(price / listed - 1))
            #expect(beyond > cap && off < 0.05 * listed, "\(storage) \(free) \(price)")
            #expect(change <= cap + 1e-9)
        }
    }

    @Test func aFloorWarnsAndChangesNothing() throws {
        let market = AdvisedMarket()
        let history = market.history()
        let free = try market.advice(history: history)
        var terms = AdviceTerms()
        terms.floor = 1
        let floored = try market.advice(history: history, terms: terms)
        #expect(floored.recommendation == free.recommendation)
        #expect(floored.text.contains("your own floor of 1.000000"))
        #expect(!free.text.contains("floor"))
    }

    @Test func neitherRankingNorQuotesNorFeesKnowOfAdvice() throws {
        // Nobody but the advisor's own command, the service's routes of advice, and the console's pages, which show where
        // listed prices stand, may use the module: there is no benefit for who follows.
        let sources = SharedData.packageRoot.appendingPathComponent("Sources").resolvingSymlinksInPath()
        let files = try #require(FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil))
        var readers = Set<String>()
        for case let file as URL in files where file.pathExtension == "swift" {
            if try String(contentsOf: file, encoding: .utf8).contains("import Pricing\n") {
                readers.insert(file.deletingLastPathComponent().lastPathComponent)
            }
        }
        #expect(readers == ["pricing-advisor", "Advice", "Console"])
    }

    @Test func theSameInputsGiveTheSameAdvice() throws {
        let market = AdvisedMarket()
        let history = market.history()
        let (one, two) = (try market.advice(history: history), try market.advice(history: history))
        #expect(one.json == two.json && one.text == two.text && one.model == two.model)
    }
}
