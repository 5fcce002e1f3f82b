import Documents
import Foundation
import Marketplace
import Money
import Pricing
import TestSupport
import Testing

/// Advice where users pick from the listing: against known truth, and as it is shown.
@Suite struct ListingAdviceTests {
    private static let outlay = 0.004
    private static let fee = 0.02

    private func decision(_ listing: MadeUpListing, seed: UInt64) throws -> (PriceDecision, [MadeUpListing.Choice]) {
        let choices = listing.draw(seed: seed)
        let evidence = try ListingEvidence(
            try listing.read(choices), provider: "p3", on: SmallMarket.day,
            market: .init(gigabytesPerUnit: 1, upTo: 0.05, rivalSpread: 0))
        let problem = PricingProblem(
            options: [PromiseOption(demand: evidence.demand)], outlay: Self.outlay, platformFee: Self.fee,
            range: 0...0.05, currentPrice: 0.0084, evidence: evidence.evidence)
        return (try PriceDecision(problem), choices)
    }

    @Test func advisedPricesEarnNearlyWhatTheBestWould() throws {
        var listing = MadeUpListing()
        listing.choices = 3500
        var (regret, mostly, covered, advised) = (0.0, 0, 0, 0)
        for seed in 1...8 as ClosedRange<UInt64> {
            let (decision, choices) = try decision(listing, seed: seed)
            let truth = listing.profit(choices, of: 3, outlay: Self.outlay, kept: 1 - Self.fee)
            let best = ProfitMaximum.search(in: Self.outlay...0.05, truth)
            guard let found = decision.recommendation else { continue }
            advised += 1
            regret += 1 - truth(found.price) / best.profit
            if found.interval.contains(best.price) { covered += 1 }
            // Cost plus what the others take: never much better.
            if truth(found.price) > truth(0.0084) { mostly += 1 }
        }
        #expect(advised >= 6)
        #expect(regret / Double(advised) < 0.03, "\(regret / Double(advised))")
        #expect(Double(covered) >= 0.7 * Double(advised), "\(covered) of \(advised)")
        #expect(Double(mostly) >= 0.7 * Double(advised), "\(mostly) of \(advised)")
    }

    @Test func theDecisionIsThatOfThePlainCurves() throws {
        // The closed form of one listing and one draw: the logit's best response.
        let curve = AcceptanceCurve(intercept: 2, sensitivity: 400)
        let problem = PricingProblem(
            options: [
                PromiseOption(
                    demand: PricedDemand(
                        requests: [.listing(monthlyRate: 10, volume: 1000, upTo: 0.05, acceptance: 0)],
                        acceptances: [Acceptance(curve)]))
            ], outlay: 0.004, range: 0...0.05)
        let found = try #require(try PriceDecision(problem).recommendation)
        let best = try curve.bestPrice(base: 0, volume: 1, marginalCost: 0.004)
        #expect(abs(found.price - best.price) <= 1e-6)
    }

    // MARK: The whole advice

    private func advice(
        _ choices: ListingChoices, outlay: Double? = 0.004, terms: AdviceTerms = AdviceTerms(),
        capacityGB: Double? = nil
    ) throws -> PriceAdvice {
        let offers = (0..<8).map { SmallMarket.offer("p\($0)", storage: 6000 + 800 * $0) }
        return try PriceAdvice(
            provider: "p3", requests: [NamedRequest(name: "one", request: SmallMarket.request(1000))],
            catalog: SmallMarket.catalog(offers), day: SmallMarket.day,
            own: OwnRecords(provider: "p3", costs: try outlay.map(AdvisedMarket.costs), capacityGB: capacityGB),
            choices: choices, terms: terms)
    }

    @Test func adviceNamesWhatItRestsOn() throws {
        var listing = MadeUpListing()
        listing.choices = 4000
        let advice = try advice(try listing.read(listing.draw(seed: 1)))
        #expect(advice.recommendation != nil, "\(advice.reasons)")
        #expect(advice.replays.isEmpty)
        let text = advice.text
        for line in text.split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
        #expect(text.contains("CHOICES from the listing"))
        #expect(!text.contains("BREAKPOINTS") && !text.contains("REQUESTS"))
        guard case .object(let json) = advice.json, case .object(let choices) = json["choices"] ?? .null else {
            Issue.record("no choices in the document")
            return
        }
        #expect(json["breakpoints"] == nil && json["inputs"] == nil)
        #expect(choices["shown"] != nil && choices["sensitivity"] != nil && choices["forecast"] != nil)
        #expect(advice.model.hasPrefix("listing-choice-1"))
        let page = AdvicePage(advice: advice).html(library: "")
        #expect(page.contains("The choices behind it") && !page.contains("The requests behind it"))
        #expect(!page.contains("NaN"))
    }

    @Test func nothingIsAdvisedOfWhatCannotBeTold() throws {
        var listing = MadeUpListing()
        listing.choices = 4000
        let choices = listing.draw(seed: 1)
        #expect(try advice(try listing.read(choices), outlay: nil).recommendation == nil)
        #expect(
            try advice(try listing.read(choices), capacityGB: 0).decision.reasons.contains { $0.code == "zeroCapacity" }
        )
        // Costs above every price that anybody takes.
        let dear = try advice(try listing.read(choices), outlay: 5)
        #expect(dear.recommendation == nil)
        #expect(dear.decision.reasons.contains { $0.code == "noProfitablePrice" }, "\(dear.reasons)")
        // Prices that never moved.
        let still = choices.map { choice -> MadeUpListing.Choice in
            var choice = choice
            for place in choice.rows.indices {
                choice.rows[place].price = 0.006 + 0.0008 * Double(choice.rows[place].provider)
            }
            return choice
        }
        let constant = try advice(try listing.read(still))
        #expect(constant.recommendation == nil)
        #expect(constant.reasons.contains { $0.contains("does not vary") || $0.contains("hardly varied") })
        // Tiny and huge prices.
        let tiny = choices.map { choice -> MadeUpListing.Choice in
            var choice = choice
            for place in choice.rows.indices { choice.rows[place].price *= 1e-7 }
            return choice
        }
        let small = try advice(try listing.read(tiny))
        #expect(!small.text.contains("nan") && !small.text.contains("inf"))
    }

    @Test func severalOffersNeedAName() throws {
        let listing = MadeUpListing()
        let choices = try listing.read(listing.draw(seed: 1))
        let offers =
            [SmallMarket.offer("p3", storage: 6000), SmallMarket.offer("p3", "m1", storage: 7000)]
            + (0..<3).map { SmallMarket.offer("p\($0)", storage: 6000) }
        do {
            _ = try PriceAdvice(
                provider: "p3", requests: [NamedRequest(name: "one", request: SmallMarket.request(1000))],
                catalog: SmallMarket.catalog(offers), day: SmallMarket.day, choices: choices)
            Issue.record("an offer was guessed")
        } catch { #expect("\(error)".contains("--offer")) }
    }
}
