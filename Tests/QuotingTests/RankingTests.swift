import Foundation
import Marketplace
import Money
import Quoting
import Testing

@Suite struct RankingTests {
    /// Likes what it is told to.
    private struct Likes: PreferenceModel {
        var probabilities: [String: Double] = [:]
        var version: String { "likes" }
        var fingerprint: String { "\(probabilities.sorted { $0.key < $1.key })" }
        func basis(for user: String) -> String { "what it is told" }
        func preferences(of user: String, for offers: [Offer]) -> [PredictedPreference?] {
            offers.map { offer in
                probabilities[offer.id].map { PredictedPreference(probability: $0, score: $0, origin: .learned) }
            }
        }
        func evidence(of user: String, for offers: [Offer]) -> [[Evidence]] {
            offers.map { [Evidence(offer: $0.id, contribution: 1)] }
        }
    }

    /// Knows the throughput of one offer.
    private struct OneThroughput: QoSPredictor {
        let offer: String?
        var fingerprint: String { "one" }
        func probability(
            _ metric: MeasurementMetric, meets bound: Double, from region: String, at offer: Offer
        ) -> Double? {
            metric == .throughputMBps && offer.id == self.offer ? (bound <= 100 ? 0.8 : 0.3) : nil
        }
    }

    private func rank(
        _ model: any PreferenceModel = NoPreferences(), market: MarketEvidence? = nil,
        qos: (any QoSPredictor)? = nil, _ offers: [Offer]? = nil,
        configure: (inout RankingConfiguration) -> Void = { _ in },
        request: (inout SLARequest) throws -> Void = { _ in }
    ) throws -> Ranking {
        let catalog = try SmallMarket.catalog()
        var configuration = RankingConfiguration()
        configure(&configuration)
        return Ranking(
            offers ?? catalog.offers, request: try SmallMarket.request(request), catalog: catalog, model: model,
            configuration: configuration, qos: qos, market: market)
    }

    private func factor(_ ranking: Ranking, _ offer: String, _ name: ScoreFactor.Name) -> ScoreFactor? {
        ranking.offers.first { $0.offer.id == offer }?.factors.first { $0.name == name }
    }

    @Test func factorsAddUpToTheScoreAndScoresAreInOrder() throws {
        let model = Likes(probabilities: ["alpha/dublin/standard": 0.9, "gamma/virginia/standard": 0.3])
        let market = MarketEvidence(deals: ["alpha": 100, "beta": 3], exposure: ["alpha": 0.8])
        let ranking = try rank(model, market: market)
        #expect(ranking.offers.count == 6)
        for ranked in ranking.offers {
            #expect(abs(ranked.factors.reduce(0) { $0 + $1.contribution } - ranked.score) < 1e-12)
            #expect(ranked.factors.allSatisfy { (0...1).contains($0.value) })
            #expect(Set(ranked.factors.map(\.name)).count == ranked.factors.count)
        }
        let untouched = ranking.offers.filter { $0.moved == nil }.map(\.score)
        #expect(untouched == untouched.sorted(by: >))
        #expect(ranking.liking.values.max() == 1)
    }

    /// Ln of bound over median, over the spread, by the normal distribution: Φ(0) = ½ at the catalogue's own figure.
    @Test(arguments: [("5", 0.5), ("70", 1), ("0.5", 0), ("6.420127083438707", 0.8413447460685429)])
    func latencyIsTheProbabilityOfMeetingTheBound(bound: String, probability: Double) throws {
        let ranking = try rank(request: { $0.qos.latencyMs = try ExactDecimal(bound) })
        let factor = try #require(self.factor(ranking, "beta/dublin/standard", .latency))
        #expect(abs(factor.value - probability) < 1e-9)
        #expect(factor.note == nil)
        let without = try #require(self.factor(try rank(), "beta/dublin/standard", .latency))
        #expect(without.note?.contains("not asked for") == true)
    }

    /// 99.99% over two independent copies asks 99% of each, which the operator assumes of omega: Φ(0).
    @Test func availabilityIsAskedOfEachCopy() throws {
        let offers = try SmallMarket.catalog().offers.map { offer in
            var offer = offer
            if offer.provider == "omega" { offer.availability = nil }
            return offer
        }
        let ranking = try rank(NoPreferences(), offers, request: { $0.qos.availability = try ExactDecimal("0.9999") })
        #expect(abs(try #require(factor(ranking, "omega/dublin/standard", .availability)).value - 0.5) < 1e-9)
        let promised = try #require(factor(ranking, "alpha/dublin/standard", .availability))
        #expect(abs(promised.value - 0.5 * erfc(-log(10.0) / 2.0.squareRoot())) < 1e-9)
    }

    @Test func aBoundOfWhichNothingIsKnownDoesNotCount() throws {
        let asked: (inout SLARequest) throws -> Void = { $0.qos.downloadMBps = try ExactDecimal("80") }
        let ranking = try rank(request: asked)
        #expect(ranking.offers.allSatisfy { ranked in !ranked.factors.contains { $0.name == .throughput } })
        let one = try rank(qos: OneThroughput(offer: "delta/dublin/standard"), request: asked)
        #expect(one.offers.first?.offer.id == "delta/dublin/standard")
        #expect(one.offers.first?.qosUtility == 0.8)
        #expect(factor(one, "alpha/dublin/standard", .throughput)?.note == "nothing is known")
        let nothing = try rank(qos: OneThroughput(offer: nil), request: asked)
        #expect(nothing.offers.allSatisfy { $0.qosUtility == 0 && $0.score == 0 })
        #expect(nothing.liking.isEmpty)
        #expect(nothing.offers.map(\.offer.id) == nothing.offers.map(\.offer.id).sorted())
    }

    @Test func betaWeighsQoSAgainstPreference() throws {
        let model = Likes(probabilities: ["gamma/virginia/standard": 0.4])
        let request: (inout SLARequest) throws -> Void = { $0.qos.latencyMs = try ExactDecimal("20") }
        #expect(
            try rank(model, configure: { $0.qosWeight = 0.1 }, request: request).offers[0].offer.provider == "gamma")
        #expect(
            try rank(model, configure: { $0.qosWeight = 2 }, request: request).offers[0].offer.metro == "dublin")
    }

    @Test func fewDealsOrLowReputationMeanProbationWithItsReason() throws {
        let market = MarketEvidence(deals: ["alpha": 10, "beta": 9, "gamma": 500, "delta": 10, "omega": 10])
        let ranking = try rank(market: market)
        let discount = try #require(factor(ranking, "beta/dublin/standard", .probation))
        #expect(discount.note == "9 deals so far, fewer than 10")
        let ranked = try #require(ranking.offers.first { $0.offer.provider == "beta" })
        #expect(
            abs(
                discount.contribution + 0.1 * (ranked.preference + RankingConfiguration().qosWeight * ranked.qosUtility)
            ) < 1e-12)
        #expect(ranking.offers.filter { $0.probation != nil }.map(\.offer.provider) == ["beta"])
        #expect(try rank().offers.allSatisfy { $0.probation == nil }, "without evidence nobody is suspected")
        let strict = try rank(configure: { $0.probation.minimumReputation = 60 })
        #expect(strict.offers.allSatisfy { $0.probation == "reputation 50, below 60" })
    }

    @Test func offersOnProbationTakeABoundedShareOfTheFirstPlaces() throws {
        let ids = try SmallMarket.catalog().offers.map(\.id)
        let model = Likes(
            probabilities: Dictionary(uniqueKeysWithValues: ids.map { ($0, $0.hasPrefix("omega") ? 1 : 0.1) }))
        let market = MarketEvidence(deals: ["alpha": 99, "beta": 99, "gamma": 99, "delta": 99])
        let ranking = try rank(
            model, market: market,
            configure: {
                $0.concentration.positions = 4
                $0.concentration.maximumShare = 1
                $0.probation.maximumShare = 0.2
            })
        #expect(ranking.offers.prefix(4).allSatisfy { $0.offer.provider != "omega" })
        let waiting = try #require(ranking.offers.first { $0.offer.provider == "omega" })
        #expect(waiting.moved == "offers on probation take at most 0 of the first 4 places")
        #expect(waiting.score == ranking.offers.map(\.score).max())
        let lenient = try rank(
            model, market: market,
            configure: {
                $0.concentration.positions = 4
                $0.concentration.maximumShare = 1
                $0.probation.maximumShare = 0.25
            })
        #expect(lenient.offers.first?.offer.provider == "omega")
    }

    /// Ten offers of one provider before two of others.
    @Test func noProviderTakesMoreThanItsShareOfTheFirstPlaces() throws {
        var offers = try (0..<10).map { number in
            var offer = try SmallMarket.offer("alpha", "dublin", storage: "0.01", egress: "0")
            offer.id = "alpha/dublin/\(number)"
            return offer
        }
        offers += [
            try SmallMarket.offer("beta", "virginia", storage: "0.01", egress: "0"),
            try SmallMarket.offer("gamma", "virginia", storage: "0.01", egress: "0")
        ]
        let ranking = try rank(
            NoPreferences(), offers,
            configure: {
                $0.concentration.positions = 5
                $0.concentration.maximumShare = 0.6
            })
        #expect(ranking.offers.count == 12)
        #expect(Set(ranking.offers.map(\.offer.id)).count == 12)
        #expect(ranking.offers.prefix(5).map(\.offer.provider) == ["alpha", "alpha", "alpha", "beta", "gamma"])
        #expect(ranking.offers[5].moved == "one provider takes at most 3 of the first 5 places")
        #expect(ranking.offers.prefix(5).allSatisfy { $0.moved == nil })
        let alone = try rank(NoPreferences(), Array(offers.prefix(10)), configure: { $0.concentration.positions = 5 })
        #expect(alone.offers.map(\.offer.id) == offers.prefix(10).map(\.id), "with nobody else the cap gives way")
        #expect(try rank(NoPreferences(), []).offers.isEmpty)
    }

    @Test func aProviderThatTakesTooManyFirstPlacesOfAllUsersShrinks() throws {
        let deals = ["alpha": 99, "beta": 99, "gamma": 99, "delta": 99, "omega": 99]
        let ranking = try rank(market: MarketEvidence(deals: deals, exposure: ["beta": 0.8, "gamma": 0.5]))
        let ranked = try #require(ranking.offers.first { $0.offer.provider == "beta" })
        let before = ranked.preference + RankingConfiguration().qosWeight * ranked.qosUtility
        #expect(abs(ranked.score - before * 0.5 / 0.8) < 1e-12)
        #expect(factor(ranking, "beta/dublin/standard", .exposure)?.note == "80% of all first places, more than 50%")
        #expect(factor(ranking, "gamma/virginia/standard", .exposure) == nil)
    }

    @Test func firstPlacesOfFewUsersSayNothing() throws {
        func ranking(_ users: Int) throws -> Ranking {
            let places = (0..<users).map { $0 % 4 == 0 ? "alpha" : "beta" }
            let market = MarketEvidence(deals: [:], firstPlaces: places)
            #expect(market.exposure == ["alpha": 0.25, "beta": 0.75] && market.users == users)
            return try rank(market: market, configure: { $0.probation.minimumDeals = 0 })
        }
        #expect(factor(try ranking(28), "beta/dublin/standard", .exposure) == nil)
        #expect(factor(try ranking(40), "beta/dublin/standard", .exposure)?.value == 0.75)
        #expect(factor(try ranking(40), "alpha/dublin/standard", .exposure) == nil)
    }

    /// Eligibility decides before any score does.
    @Test func noLikingMakesAnOfferEligible() throws {
        let model = Likes(probabilities: ["omega/dublin/standard": 1, "delta/dublin/standard": 1])
        let engine = QuoteEngine(catalog: try SmallMarket.catalog(), model: model, rates: [])
        guard case .quote(let quote) = try engine.answer(SmallMarket.request(), now: SmallMarket.now) else {
            Issue.record("expected a quote")
            return
        }
        #expect(!quote.ranking.offers.contains { ["omega", "delta"].contains($0.offer.provider) })
    }

    @Test func theQuoteNamesTheFactors() throws {
        var configuration = QuotingConfiguration()
        configuration.ranking.probation.minimumDeals = 5
        let deals = MarketEvidence(deals: ["alpha": 7, "gamma": 7])
        let model = Likes(probabilities: ["gamma/virginia/standard": 0.5])
        let engine = QuoteEngine(
            catalog: try SmallMarket.catalog(), model: model, rates: [], configuration: configuration, market: deals)
        let answer = try engine.answer(SmallMarket.request(), now: SmallMarket.now)
        let json = answer.json.text()
        for name in ["preference", "latency", "availability", "probation"] {
            #expect(json.contains("\"name\":\"\(name)\""), "\(name)")
        }
        let words = answer.text.split { $0.isWhitespace }.joined(separator: " ")
        #expect(words.contains("(0 deals so far, fewer than 5)"))
        for line in answer.text.split(separator: "\n") { #expect(line.count <= 96, "\(line)") }
        let other = QuoteEngine(
            catalog: try SmallMarket.catalog(), model: model, rates: [], configuration: configuration,
            market: MarketEvidence(deals: ["alpha": 8, "gamma": 7]))
        #expect(try other.answer(SmallMarket.request(), now: SmallMarket.now).json.text() != json)
    }
}
