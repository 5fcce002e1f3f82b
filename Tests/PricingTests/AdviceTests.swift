import Documents
import Marketplace
import Money
import Pricing
import Testing

/// Positions, the choice of an offer, refusals, and the two forms of the advice.
@Suite struct AdviceTests {
    private let offers = [
        SmallMarket.offer("own", "m0", storage: 6000), SmallMarket.offer("own", "m1", storage: 8000),
        SmallMarket.offer("alpha", storage: 5000), SmallMarket.offer("beta", storage: 7000),
        SmallMarket.offer("gamma", storage: 9000), SmallMarket.offer("dear", storage: 90_000)
    ]

    private func advice(
        _ offers: [Offer], provider: String = "own", offer: String? = nil,
        requests: [SLARequest] = [SmallMarket.request(1000)], latency: (String, String) -> Double? = { _, _ in 20 }
    ) throws -> PriceAdvice {
        try PriceAdvice(
            provider: provider, offer: offer,
            requests: requests.enumerated().map { NamedRequest(name: "request-\($0)", request: $1) },
            catalog: SmallMarket.catalog(offers, latency: latency), day: SmallMarket.day)
    }

    // MARK: Position

    @Test func anOfferIsRankedAmongItsComparables() throws {
        let position = try advice(offers).positions[0]
        #expect(position.offer.id == "own/m0/hot" && position.rank == 2)
        #expect(position.rivals.map(\.offer) == ["alpha/m0/hot", "beta/m0/hot", "gamma/m0/hot"])
        let quantiles = try #require(position.quantiles)
        let found = [
            quantiles.minimum, quantiles.lowerQuartile, quantiles.median, quantiles.upperQuartile, quantiles.maximum
        ]
        #expect(zip(found, [0.005, 0.006, 0.007, 0.008, 0.009]).allSatisfy { abs($0 - $1) < 1e-12 })
        #expect(position.nearest(2).map(\.offer) == ["alpha/m0/hot", "beta/m0/hot"])
    }

    @Test func comparablesShareContinentAccessLevelAndPriceBand() {
        let own = SmallMarket.offer("own", storage: 6000)
        var archive = SmallMarket.offer("archive", storage: 6000)
        archive.access = .archive
        var better = SmallMarket.offer("better", storage: 6000)
        better.availability = decimal(99_999, 5)
        let catalog = SmallMarket.catalog([
            own, archive, better, SmallMarket.offer("own", "m1", storage: 6000),
            SmallMarket.offer("atFour", storage: 24_000), SmallMarket.offer("aboveFour", storage: 24_001),
            SmallMarket.offer("atQuarter", storage: 1500), SmallMarket.offer("elsewhere", "nowhere", storage: 6000)
        ])
        let rivals = Comparability().rivals(of: own, in: catalog)
        #expect(rivals.map(\.provider) == ["atQuarter", "atFour"])
    }

    @Test func tiersAndUnitsAreComparedAtOneVolume() {
        var tiered = SmallMarket.offer("own", storage: 10_000)
        tiered.tariff.storage = [
            Tier(upTo: ExactDecimal(1000), price: .zero), Tier(price: decimal(10_000, 6))
        ]
        #expect(abs(Comparability().storagePrice(of: tiered) - 0.009) < 1e-12)
        let gibibyte = SmallMarket.offer("own", storage: 10_000, unit: .gibibyte)
        #expect(abs(Comparability().storagePrice(of: gibibyte) - 0.01 / 1.073741824) < 1e-12)
    }

    @Test func nothingOfARivalButItsListingIsShown() throws {
        let text = try advice(offers, requests: [SmallMarket.request(1000), SmallMarket.request(500, copies: 2)]).text
        // Which rival wins a request, and at what total, is not the listing's to tell.
        let requestPart = text.split(separator: "REQUESTS").last ?? ""
        #expect(["alpha", "beta", "gamma", "dear"].allSatisfy { !requestPart.contains($0) })
    }

    // MARK: Choice

    @Test func theNearestOfEquallyEligibleOffersIsReplayed() throws {
        var request = SmallMarket.request(1000, egressGB: 10)
        let near = try advice(offers, requests: [request]) { $1 == "m1" ? 5 : 50 }
        #expect(near.replayed.offer.id == "own/m1/hot" && near.choice == .mostEligible(requests: 1, tied: 1))
        #expect(near.positions.map(\.offer.id) == ["own/m0/hot", "own/m1/hot"])
        let named = try advice(offers, offer: "own/m0/hot", requests: [request]) { $1 == "m1" ? 5 : 50 }
        #expect(named.replayed.offer.id == "own/m0/hot" && named.choice == .named && named.positions.count == 1)
        request.eligibility.deny = ["own"]
        let open = SmallMarket.request(10)
        #expect(try advice(offers, requests: [request, open]).choice == .mostEligible(requests: 1, tied: 1))
    }

    @Test func theRangeIsTwiceTheDearestComparable() throws {
        #expect(abs(try advice(offers).range.upperBound - 0.018) < 1e-12)
        #expect(abs(try advice([SmallMarket.offer("own", storage: 6000)]).range.upperBound - 0.012) < 1e-12)
        #expect(try advice([SmallMarket.offer("own", storage: 0)]).range.upperBound == 0.1)
    }

    // MARK: Refusals

    @Test func anUnknownProviderIsRefusedWithTheNearest() {
        do {
            _ = try advice(offers, provider: "alpah")
            Issue.record("not refused")
        } catch let error as PricingError {
            guard case .unknownProvider = error else { Issue.record("\(error)"); return }
            #expect(error.description.contains("did you mean 'alpha'?"))
        } catch {
            Issue.record("\(error)")
        }
    }

    @Test(arguments: [
        ("own/m1/hto", "did you mean 'own/m1/hot'?"), ("m1", "did you mean 'own/m1/hot'?"),
        ("own", "own/m0/hot, own/m1/hot"), ("alpha/m0/hot", "did you mean 'own/m0/hot'?")
    ])
    func anUnknownOfferIsRefusedWithWhatThereIs(id: String, remedy: String) {
        do {
            _ = try advice(offers, offer: id)
            Issue.record("not refused")
        } catch let error as PricingError {
            guard case .unknownOffer = error else { Issue.record("\(error)"); return }
            #expect(error.description.contains(remedy))
        } catch {
            Issue.record("\(error)")
        }
    }

    @Test func noRequestsAreRefused() {
        #expect(throws: PricingError.self) { try advice(offers, requests: []) }
    }

    // MARK: Forms

    @Test(arguments: 1...12 as ClosedRange<UInt64>)
    func textFitsEightyColumnsAndJSONReadsBack(seed: UInt64) throws {
        let market = RandomMarket(seed: seed)
        let advice = try PriceAdvice(
            provider: "p0", requests: market.requests, catalog: market.catalog, day: SmallMarket.day)
        for line in advice.text.split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
        let text = advice.json.text(indented: true)
        #expect(try JSONValue(parsing: Array(text.utf8)) == advice.json)
    }

    @Test func theTextTellsStepsAndEntries() throws {
        let text = try advice(offers, offer: "own/m0/hot").text
        #expect(text.contains("up to 0.004999 USD/GB wins 1 TB (1 request)"))
        #expect(text.contains("own/m0/hot"))
        #expect(text.contains("2/4"))
        #expect(text.contains("loses"))
    }

    @Test func breakpointsWithinOneTickAreShownOnce() throws {
        // Breakpoints at 0.009 and, with 5 GB read of 1000 GB stored at 0.0001 more, at 0.0089995.
        let market = [
            SmallMarket.offer("own", storage: 6000, egress: 1), SmallMarket.offer("rival", storage: 9000, egress: 0)
        ]
        let advice = try advice(market, requests: [SmallMarket.request(1000), SmallMarket.request(1000, egressGB: 5)])
        #expect(advice.steps.map(\.total) == [24_000, 12_000, 0])
        #expect(advice.shownSteps.map(\.total) == [24_000, 0])
        #expect(advice.text.contains("up to 0.008999 USD/GB wins 2 TB (2 requests)"))
    }

    @Test(arguments: [(0.009, 8999), (0.009_000_4, 9000), (0.008_999_999_9999, 8999), (0.0, 0), (0.000_000_5, 0)])
    func ticksLieBelowTheirBreakpoint(price: Double, ticks: Int) {
        #expect(PriceTick.below(price) == decimal(ticks, 6))
    }
}
