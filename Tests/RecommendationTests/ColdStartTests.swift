import Foundation
import LinearAlgebra
import Marketplace
import Money
import Recommendation
import TestSupport
import Testing

@Suite("Priors for what has no history")
struct ColdStartTests {
    private static func catalog(_ count: Int) throws -> Catalog {
        var random = SeededGenerator(seed: 21)
        let offers = try (0..<count).map { number in
            Offer(
                id: "o\(number)", provider: "p\(number % 6)", region: "r",
                storageClass: number % 3 == 0 ? "cold" : "hot", metro: ["paris", "tokyo"][number / 6 % 2],
                tariff: Tariff(
                    storage: [Tier(price: try ExactDecimal("0.0\(random.int(10...40))"))], egress: nil,
                    writesPer1000: .zero, readsPer1000: .zero, retrieval: .zero))
        }
        return Catalog(
            version: "1", offers: offers, providers: [],
            metros: [("paris", "FR", "EU"), ("tokyo", "JP", "AS")].map {
                Metro(
                    id: $0.0, name: $0.0, country: $0.1, continent: $0.2, jurisdictions: [$0.1], coordinates: nil)
            }, readerRegions: [], latencies: [:], register: [])
    }

    /// Users who want one of two metros, cold or hot: what they took among the first `known` offers.
    private static func train(_ catalog: Catalog, known: Int) throws -> InteractionMatrix {
        var random = SeededGenerator(seed: 22)
        var entries: [InteractionMatrix.Entry] = []
        for user in 0..<200 {
            for (item, offer) in catalog.offers.enumerated() where Self.number(offer) < known {
                let suits = Self.suits(user, offer)
                if random.chance(suits ? 0.5 : 0.02) { entries.append(.init(user: user, item: item)) }
            }
        }
        return try InteractionMatrix(userCount: 200, itemCount: catalog.offers.count, entries: entries)
    }

    private static func number(_ offer: Offer) -> Int { Int(offer.id.dropFirst()) ?? 0 }

    private static func suits(_ user: Int, _ offer: Offer) -> Bool {
        offer.metro == ["paris", "tokyo"][user % 2] && (offer.storageClass == "cold") == (user % 4 < 2)
    }

    @Test("Offers that nobody has dealt with rank by their features: those that suit above those that do not")
    func newOffers() throws {
        let catalog = try Self.catalog(72)
        let train = try Self.train(catalog, known: 48)
        let model = try ImplicitALS(
            .init(factors: 6, epochs: 15, regularization: 0.01, unobservedWeight: 0.1, seed: 1)
        ).train(train)
        let ids = catalog.offers.map(\.id)
        let bare = try ServingModel(version: "v", model: model, offers: ids)
        let serving = try bare.withOffers(of: catalog)
        let skill = try #require(serving.offerPrior).skill
        #expect(skill > 0.25 && skill <= 1)
        let new = catalog.offers.filter { Self.number($0) >= 48 }
        #expect(new.count == 24)
        for person in 0..<8 {
            let history = train.items(of: person).map {
                Interaction(time: 0, user: "u", offer: ids[Int($0)], kind: .reserved)
            }
            let user = try serving.user(history)
            var (suiting, others): ([Double], [Double]) = ([], [])
            for offer in new {
                #expect(bare.preference(of: user, for: offer.id) == nil)
                let prediction = try #require(serving.preference(of: user, for: offer.id))
                #expect(!prediction.isLearned)
                if Self.suits(person, offer) {
                    suiting.append(prediction.score)
                } else {
                    others.append(prediction.score)
                }
            }
            #expect(try #require(suiting.min()) > #require(others.max()))
            #expect(try serving.evidence(of: user, for: [new[0].id])[0].isEmpty)
        }
        #expect(serving.preference(of: try serving.user([]), for: "no such offer") == nil)
        let learned = try #require(serving.preference(of: try serving.user([]), for: "o1"))
        #expect(learned.isLearned)
        #expect(learned == bare.preference(of: try bare.user([]), for: "o1"))
    }

    @Test("A linear truth is found; features of pure chance are left out")
    func regression() throws {
        var random = SeededGenerator(seed: 5)
        let rows = (0..<300).map { _ in
            ["a": Double.random(in: -1...1, using: &random), "b": Double(random.int(0...1))]
        }
        let truth: [[Float]] = [[2, -1, 0.5], [0, 3, 1]]
        let noise = (0..<300).map { _ in Float.random(in: -0.01...0.01, using: &random) }
        let factors = Matrix<Float>(rows: 300, columns: 3) { row, j in
            Float(rows[row]["a"] ?? 0) * truth[0][j] + Float(rows[row]["b"] ?? 0) * truth[1][j] + 0.7 + noise[row]
        }
        let prior = try FeaturePrior.fit(rows, factors: factors)
        #expect(prior.features == ["a", "b"])
        #expect(prior.skill > 0.99)
        for (found, expected) in zip(prior.factors(["a": 0.5, "b": 1]), [Float(1.7), 3.2, 1.95]) {
            #expect(abs(found - expected) < 0.05)
        }
        let chance = Matrix<Float>(rows: 300, columns: 3) { _, _ in Float.random(in: -1...1, using: &random) }
        let none = try FeaturePrior.fit(rows, factors: chance)
        #expect(none.skill < 0.02)
        let average = (0..<300).reduce(Float(0)) { $0 + chance[$1, 0] } / 300
        #expect(abs(none.factors(["a": 1])[0] - average) < 0.2)
    }

    @Test("No rows, ragged rows and numbers that are none are refused; one row and constant features are not")
    func edges() throws {
        let one = Matrix<Float>(rows: 1, columns: 2, repeating: 3)
        #expect(try FeaturePrior.fit([["a": 1]], factors: one).factors(["a": 5]) == [3, 3])
        let same = Matrix<Float>(rows: 4, columns: 1) { row, _ in Float(row) }
        let constant = [[String: Double]](repeating: ["a": 2], count: 4)
        #expect(try FeaturePrior.fit(constant, factors: same).factors([:]) == [1.5])
        #expect(throws: RecommendationError.self) { try FeaturePrior.fit([], factors: Matrix(rows: 0, columns: 2)) }
        #expect(throws: RecommendationError.self) { try FeaturePrior.fit([["a": 1], ["a": 2]], factors: one) }
        #expect(throws: RecommendationError.self) { try FeaturePrior.fit([["a": .nan]], factors: one) }
        #expect(throws: RecommendationError.self) {
            try FeaturePrior.fit([["a": 1], ["a": 2]], factors: Matrix(rows: 2, columns: 1, repeating: .nan))
        }
    }

    @Test("A stored prior comes back equal; one whose parts do not fit together is refused")
    func coding() throws {
        let prior = try FeaturePrior.fit(
            (0..<9).map { ["a": Double($0)] }, factors: Matrix<Float>(rows: 9, columns: 2) { Float($0 + $1) })
        let text = String(decoding: try JSONEncoder().encode(prior), as: UTF8.self)
        #expect(try JSONDecoder().decode(FeaturePrior.self, from: Data(text.utf8)) == prior)
        for (truth, lie) in [(#""features":["a"]"#, #""features":["a","b"]"#), (#""means":[4]"#, #""means":[]"#)] {
            try #require(text.contains(truth))
            let bytes = Data(text.replacingOccurrences(of: truth, with: lie).utf8)
            #expect(throws: DecodingError.self) { try JSONDecoder().decode(FeaturePrior.self, from: bytes) }
        }
        let turned = Data(#"{"slope":-1,"intercept":0}"#.utf8)
        #expect(throws: DecodingError.self) { try JSONDecoder().decode(Calibration.self, from: turned) }
    }

    @Test("New users' factors are foretold by the features of others, if there are enough and they tell anything")
    func usersPrior() throws {
        let ids = (0..<80).map { "u\($0)" }
        var random = SeededGenerator(seed: 9)
        let factors = Matrix<Float>(rows: 80, columns: 2) { row, _ in
            (row % 2 == 0 ? 1 : -1) + Float.random(in: -0.1...0.1, using: &random)
        }
        let features = Dictionary(
            uniqueKeysWithValues: (0..<60).map { ("u\($0)", ["region \($0 % 2 == 0 ? "eu" : "us")": 1.0]) })
        let prior = try #require(try FeaturePrior.ofUsers(features, users: ids, factors: factors))
        #expect(prior.skill > 0.9)
        #expect(abs(prior.factors(["region eu": 1])[0] - 1) < 0.1 && abs(prior.factors(["region us": 1])[1] + 1) < 0.1)
        // Features of users that the model does not know do not count, nor do too few, nor those that tell nothing.
        #expect(try FeaturePrior.ofUsers(["x": ["region eu": 1]], users: ids, factors: factors) == nil)
        #expect(try FeaturePrior.ofUsers(features.filter { $0.key.count < 3 }, users: ids, factors: factors) == nil)
        let same = features.mapValues { _ in ["log bytes": 3.0] }
        #expect(try FeaturePrior.ofUsers(same, users: ids, factors: factors) == nil)
        #expect(throws: RecommendationError.self) {
            try FeaturePrior.ofUsers(features, users: ["one"], factors: factors)
        }
    }

    @Test("A request tells the shares of its regions and its size")
    func userFeatures() throws {
        let scheme = try #require(RedundancyScheme(data: 1, shards: 2))
        var request = SLARequest(
            user: "u", logicalBytes: 1_000_000, start: try CalendarDay("2026-12-01"), months: 1,
            redundancy: .fixed(scheme))
        #expect(Array(request.userFeatures.keys) == ["log bytes"])
        request.traffic = [
            .init(region: "eu", egressBytes: 0, reads: 300, writes: 0),
            .init(region: "us", egressBytes: 900, reads: 100, writes: 0)
        ]
        #expect(request.userFeatures["region eu"] == 0.75)
        #expect(request.userFeatures["region us"] == 0.25)
    }
}
