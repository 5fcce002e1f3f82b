import Marketplace
import Money
import Pricing
import TestSupport
import Testing

/// Other offers of the provider that is advised: what one wins may be taken from another.
@Suite struct OwnOffersTests {
    /// own/m0 beside own/m1 at 0.005 and a rival at 0.006 USD a gigabyte and month.
    private func market() -> AdvisedMarket {
        var market = AdvisedMarket()
        market.offers = [
            SmallMarket.offer("own", "m0", storage: 4000), SmallMarket.offer("own", "m1", storage: 5000),
            SmallMarket.offer("alpha", storage: 6000)
        ]
        market.requests = [SmallMarket.request(1000), SmallMarket.request(3000)]
        return market
    }

    @Test func whatTheOfferDoesNotWinItsSiblingDoes() throws {
        let market = market()
        let replays = try PriceReplay(catalog: SmallMarket.catalog(market.offers), day: SmallMarket.day).replay(
            market.requests.enumerated().map { NamedRequest(name: "\($0)", request: $1) }, of: market.offers[0],
            in: 0...0.02)
        for (replay, gigabytes) in zip(replays, [1000.0, 3000]) {
            #expect(replay.pieces.count == 2)
            #expect(abs(replay.pieces[0].upTo - 0.005) < 1e-9 && replay.pieces[0].siblings.isEmpty)
            let sibling = try #require(replay.pieces[1].siblings.first)
            #expect(sibling.offer == "own/m1/hot" && replay.pieces[1].gigabyteMonths == 0)
            #expect(abs(sibling.gigabyteMonths - 12 * gigabytes) < 1e-6)
            // Twelve monthly bills, each rounded to the cent.
            #expect(abs(sibling.billed - 12 * gigabytes * 0.005) <= 0.06)
        }
    }

    /// The profit of both offers at a price below the sibling's, and that of the sibling alone above it.
    @Test func itsProfitCounts() throws {
        let market = market()
        var terms = AdviceTerms()
        terms.rivalSpread = 0
        terms.whatIf = [0.0045, 0.0055]
        let advice = try market.advice(outlay: 0.001, history: nil, terms: terms)
        let (below, above) = (try #require(advice.whatIf[0]), try #require(advice.whatIf[1]))
        let volume = 12 * 4000.0
        #expect(below.otherProfit == 0 && abs(below.profit - volume * (0.0045 * 0.98 - 0.001)) < 0.01)
        #expect(above.volume == 0 && abs(above.profit - above.otherProfit) < 1e-9)
        #expect(abs(above.otherProfit - volume * (0.005 * 0.98 - 0.001)) < 0.1)
        // Undercutting itself loses: no price below the sibling's is worth as much.
        #expect(above.profit > below.profit)
        #expect(advice.decision.reasons.contains { $0.code == "otherOffersEarnMore" }, "\(advice.reasons)")
        #expect(advice.decision.curve.filter { $0.price < 0.005 }.allSatisfy { $0.profit <= above.profit + 0.1 })
    }

    /// Volume that the sibling would have had at its own price is worth only the difference.
    @Test(arguments: [UInt64(1), 2, 3, 4, 5, 6])
    func everyPieceNamesTheSiblingsOfItsOptimum(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var offers = [
            SmallMarket.offer("own", "m0", storage: 3000 + random.int(0...4000)),
            SmallMarket.offer("own", "m1", storage: 3000 + random.int(0...4000), egress: random.int(0...100)),
            SmallMarket.offer("own", "m2", storage: 3000 + random.int(0...4000), egress: random.int(0...100))
        ]
        for provider in ["alpha", "beta"] {
            offers.append(
                SmallMarket.offer(provider, storage: 3000 + random.int(0...4000), egress: random.int(0...100)))
        }
        let request = SmallMarket.request(2000, copies: 2, egressGB: random.int(0...500))
        let replay = PriceReplay(catalog: SmallMarket.catalog(offers), day: SmallMarket.day)
        let found = try replay.replay([NamedRequest(name: "one", request: request)], of: offers[0], in: 0...0.02)[0]
        var lower = 0.0
        for piece in found.pieces {
            let price = (lower + piece.upTo) / 2
            var changed = offers
            changed[0].tariff.storage = [Tier(price: decimal(Int((price * 1e9).rounded()), 9))]
            // The same allocation by another way: a sibling replayed as it is listed stores what the piece says.
            for sibling in offers[1...2] {
                let listed = try PriceReplay(catalog: SmallMarket.catalog(changed), day: SmallMarket.day).replay(
                    [NamedRequest(name: "one", request: request)], of: sibling, in: 0...0.02)[0].listedGBMonths
                let told = piece.siblings.first { $0.offer == sibling.id }?.gigabyteMonths ?? 0
                #expect(abs((listed ?? 0) - told) < 1e-6 * max(1, told), "\(sibling.id) at \(price)")
            }
            lower = piece.upTo
        }
    }
}
