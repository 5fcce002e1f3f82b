import Foundation
import LinearAlgebra
import Marketplace
import Recommendation
import Testing

@Suite("A model in service")
struct ServingModelTests {
    private static let offers = (0..<40).map { "p\($0 % 5)/metro/\($0)" }

    private static func model(factors: Int = 8) throws -> ImplicitALSModel {
        let train = try SmallData.random(users: 60, items: 40, density: 0.15, seed: 4, valued: true)
        return try ImplicitALS(
            .init(factors: factors, epochs: 12, regularization: 0.01, unobservedWeight: 0.1, seed: 7)
        ).train(train)
    }

    private static func serving(_ calibration: Calibration? = nil) throws -> ServingModel {
        try ServingModel(version: "v", model: try model(), offers: offers, calibration: calibration)
    }

    private static func event(_ item: Int, _ kind: InteractionKind, day: Int) -> Interaction {
        Interaction(time: 86_400 * day, user: "u", offer: offers[item], kind: kind)
    }

    private static let history = [
        event(3, .viewed, day: 1), event(3, .reserved, day: 2), event(17, .renewed, day: 100),
        event(8, .reserved, day: 3), event(8, .cancelled, day: 200), event(30, .accepted, day: 300)
    ]

    /// The user's factors by their definition: (α₀ YᵀY + λ_u I + Σ c y yᵀ) x = Σ c p y, in Double.
    private static func solved(_ model: ImplicitALSModel, _ history: [Interaction]) throws -> [Double] {
        let d = model.hyperparameters.factors
        let evidence = InteractionWeighting().evidence(history, now: history.map(\.time).max() ?? 0)["u"] ?? [:]
        let items = model.itemFactors
        let settings = model.hyperparameters
        let degree = Double(evidence.count) + settings.unobservedWeight * Double(items.rows)
        var system = Matrix<Double>(rows: d, columns: d)
        var right = Matrix<Double>(rows: d, columns: 1)
        for i in 0..<d {
            system[i, i] += settings.regularization * degree.raised(to: settings.frequencyExponent)
            for j in 0..<d {
                for item in 0..<items.rows {
                    system[i, j] += settings.unobservedWeight * Double(items[item, i]) * Double(items[item, j])
                }
            }
        }
        for (offer, pair) in evidence {
            let item = try #require(offers.firstIndex(of: offer))
            for i in 0..<d {
                right[i, 0] += pair.confidence * pair.preference * Double(items[item, i])
                for j in 0..<d { system[i, j] += pair.confidence * Double(items[item, i]) * Double(items[item, j]) }
            }
        }
        return try system.solve(right).elements
    }

    @Test("After each event the user is what retraining that user would give")
    func foldIn() throws {
        let model = try Self.model()
        let serving = try Self.serving()
        for count in 1...Self.history.count {
            let history = Array(Self.history.prefix(count))
            let user = try serving.user(history)
            let expected = try Self.solved(model, history)
            for (x, expected) in zip(user.factors, expected) { #expect(abs(Double(x) - expected) <= 1e-5) }
            #expect(user.origin == .history(offers: Set(history.map(\.offer)).count))
        }
    }

    @Test("A recorded event changes the next ranking; nothing else is needed")
    func eventToRanking() throws {
        let serving = try Self.serving()
        let before = try serving.best(40, for: try serving.user([Self.event(3, .reserved, day: 1)]))
        let after = try serving.best(
            40, for: try serving.user([Self.event(3, .reserved, day: 1), Self.event(17, .renewed, day: 2)]))
        #expect(before.count == 39)
        #expect(after.count == 38)
        #expect(before.filter { $0.offer != Self.offers[17] }.map(\.score) != after.map(\.score))
    }

    @Test("Top k is the order of the preferences, without what was seen or denied, within what is allowed")
    func best() throws {
        let serving = try Self.serving()
        let user = try serving.user(Self.history)
        let seen = Set(Self.history.map(\.offer))
        var scored: [(offer: String, score: Double)] = []
        for offer in Self.offers where !seen.contains(offer) {
            if let prediction = serving.preference(of: user, for: offer) { scored.append((offer, prediction.score)) }
        }
        let expected = scored.sorted { $0.score > $1.score }.map(\.offer)
        let found = try serving.best(100, for: user).map(\.offer)
        // Offers that nobody has dealt with have factors of zero: their score is zero, but no preference is claimed.
        #expect(found.filter { serving.preference(of: user, for: $0) != nil } == expected)
        let allowed = Self.offers.filter { $0.hasPrefix("p2") } + ["unknown"]
        let few = try serving.best(3, for: user, allowed: allowed, denied: [allowed[1], "unknown"])
        #expect(few.map(\.offer) == found.filter { allowed.contains($0) && $0 != allowed[1] }.prefix(3).map(\.self))
        let all = try serving.best(3, for: user, allowed: [String]?.none, denied: [], includesSeen: true)
        #expect(all.contains { seen.contains($0.offer) })
    }

    @Test("A user who took everything is shown nothing more, and is still folded in")
    func tookEverything() throws {
        let serving = try Self.serving()
        let user = try serving.user(Self.offers.indices.map { Self.event($0, .reserved, day: $0) })
        #expect(user.offers == 40)
        #expect(user.factors.allSatisfy { $0.isFinite })
        #expect(try serving.best(5, for: user).isEmpty)
    }

    @Test("Unknown offers do not count; without history the user is the mean, or the prior of its features")
    func unknownUsers() throws {
        let model = try Self.model()
        let serving = try Self.serving()
        let unknown = try serving.user([Interaction(time: 1, user: "u", offer: "nobody/knows/it", kind: .renewed)])
        #expect(unknown.origin == .average)
        for j in 0..<8 {
            let known = (0..<60).filter { user in model.userFactors.row(user).contains { $0 != 0 } }
            let mean = known.reduce(0.0) { $0 + Double(model.userFactors[$1, j]) } / Double(known.count)
            #expect(abs(Double(unknown.factors[j]) - mean) <= 1e-6)
        }
        #expect(serving.preference(of: unknown, for: "nobody/knows/it") == nil)
        let rows = (0..<60).map { ["region a": $0 % 2 == 0 ? 1.0 : 0] }
        var factors = model.userFactors
        for user in 0..<60 { for j in 0..<8 { factors[user, j] = user % 2 == 0 ? 1 : -1 } }
        let prior = try FeaturePrior.fit(rows, factors: factors)
        let informed = try ServingModel(version: "v", model: model, offers: Self.offers, userPrior: prior)
        let user = try informed.user([], features: ["region a": 1, "never seen": 3])
        #expect(user.origin == .features)
        #expect(user.factors.allSatisfy { $0 > 0.9 })
        #expect(try informed.user([], features: ["never seen": 3]).origin == .average)
    }

    @Test("One item, and calibrated probabilities keep the order")
    func small() throws {
        let train = try InteractionMatrix(userCount: 1, itemCount: 1, entries: [.init(user: 0, item: 0)])
        let one = try ServingModel(
            version: "v", model: try ImplicitALS(.init(factors: 4, epochs: 2)).train(train), offers: ["only"])
        #expect(try one.best(20, for: try one.user([])).map(\.offer) == ["only"])
        let event = Interaction(time: 0, user: "u", offer: "only", kind: .reserved)
        #expect(try one.best(20, for: try one.user([event])).isEmpty)

        let calibrated = try Self.serving(Calibration(slope: 5, intercept: -4))
        let user = try calibrated.user(Self.history)
        let predictions = Self.offers.compactMap { calibrated.preference(of: user, for: $0) }
        for prediction in predictions {
            #expect(abs(prediction.probability - 1 / (1 + exp(4 - 5 * prediction.score))) <= 1e-12)
        }
        #expect(throws: RecommendationError.self) {
            try ServingModel(version: "v", model: try Self.model(), offers: ["too", "few"])
        }
    }

    @Test("Evidence sums to the probability, less that of no interactions", arguments: [nil, 6.0, 0.0])
    func evidence(slope: Double?) throws {
        let calibration = slope.flatMap { Calibration(slope: $0, intercept: -3) }
        let serving = try ServingModel(
            version: "v", model: try Self.model(), offers: Self.offers, calibration: calibration)
        let user = try serving.user(Self.history)
        let evidence = try serving.evidence(of: user, for: Self.offers + ["unknown"], limit: 100)
        #expect(evidence.count == 41 && evidence[40].isEmpty)
        for (offer, parts) in zip(Self.offers, evidence) {
            guard let prediction = serving.preference(of: user, for: offer) else { continue }
            let sum = parts.reduce(0) { $0 + $1.contribution }
            let nothing = calibration?.probability(0) ?? 0
            #expect(parts.count == 4 && abs(sum - (prediction.probability - nothing)) <= 1e-5)
        }
    }
}
