import Foundation
import Recommendation
import TestSupport
import Testing

@Suite("QoS models that go on learning")
struct QoSUpdateTests {
    private static let settings = QoSHyperparameters(factors: 3, sweeps: 20)

    @Test("A new user's measurements count at once, and the more of them the better")
    func newUser() throws {
        let world = SyntheticQoS(users: 41, offers: 100, regionSpread: 0.3, seed: 20)
        let model = try QoSModel.train(
            world.measurements(world.entries(density: 0.4, seed: 21) { $0 < 40 }), Self.settings)
        var generator = SeededGenerator(seed: 22)
        let before = world.error(model, users: [40])
        var updated = model
        try updated.record(user: "u40", offer: "o0", value: world.value(40, 0, &generator))
        #expect(updated.predict(user: "u40", offer: "o1").median != model.predict(user: "u40", offer: "o1").median)
        // Other users see no other offers move.
        #expect(updated.predict(user: "u1", offer: "o1").median == model.predict(user: "u1", offer: "o1").median)
        for offer in 1..<40 {
            try updated.record(user: "u40", offer: "o\(offer)", value: world.value(40, offer, &generator))
        }
        #expect(world.error(updated, users: [40]) < 0.5 * before)
        let (narrow, wide) = (updated.predict(user: "u40", offer: "o60"), model.predict(user: "u40", offer: "o60"))
        #expect(narrow.quantile(0.9) / narrow.quantile(0.1) < wide.quantile(0.9) / wide.quantile(0.1))
    }

    @Test("A user and an offer that nobody knew join with one measurement")
    func bothNew() throws {
        let world = SyntheticQoS(users: 20, offers: 50, seed: 23)
        var model = try QoSModel.train(world.measurements(world.entries(density: 0.5, seed: 24)), Self.settings)
        let stranger = model.predict(user: "u?", offer: "o?", userPath: ["r1"]).median
        for _ in 0..<6 { try model.record(user: "u?", offer: "o?", value: 8 * stranger, userPath: ["r1"]) }
        #expect(model.predict(user: "u?", offer: "o?").median > 2 * stranger)
        #expect(model.users.count == 21 && model.offers.count == 51)
        let copy = try QoSModel(TensorFile(model.encoded(), name: "m"))
        #expect(copy.predict(user: "u?", offer: "o?").median == model.predict(user: "u?", offer: "o?").median)
    }

    @Test("A value that cannot be leaves the model as it is", arguments: [Double.nan, .infinity, 0, -1, 1e300])
    func badValue(value: Double) throws {
        let world = SyntheticQoS(users: 5, offers: 10, seed: 25)
        var model = try QoSModel.train(world.measurements(world.entries(density: 0.6, seed: 26)), Self.settings)
        let before = try model.encoded()
        #expect(throws: RecommendationError.self) { try model.record(user: "new", offer: "o1", value: value) }
        #expect(try model.encoded() == before)
    }

    @Test("After drift, a thin slice on top of the old factors beats the slice alone and the old model alone")
    func warmStart() throws {
        var world = SyntheticQoS(users: 40, offers: 150, seed: 27)
        let old = try QoSModel.train(world.measurements(world.entries(density: 0.3, seed: 28)), Self.settings)
        world.drift(by: 0.35, seed: 29)
        let slice = try world.measurements(world.entries(density: 0.04, seed: 30))
        let warm = try QoSModel.train(slice, Self.settings, from: old)
        let cold = try QoSModel.train(slice, Self.settings)
        let errors = [warm, cold, old].map { world.error($0, users: 0..<40) }
        #expect(errors[0] < 0.8 * errors[1] && errors[0] < 0.8 * errors[2], "warm, cold, old: \(errors)")
        // Later measurements move the warm model on, and it can be stored.
        var moved = try QoSModel(TensorFile(warm.encoded(), name: "warm"))
        let median = moved.predict(user: "u0", offer: "o0").median
        #expect(median == warm.predict(user: "u0", offer: "o0").median)
        for _ in 0..<5 { try moved.record(user: "u0", offer: "o0", value: 30 * median) }
        #expect(moved.predict(user: "u0", offer: "o0").median > median)
    }

    @Test("A warm start keeps the parties of before, takes new ones in, and refuses what does not fit")
    func warmParties() throws {
        let world = SyntheticQoS(users: 20, offers: 30, seed: 31)
        let old = try QoSModel.train(
            world.measurements(world.entries(density: 0.5, seed: 32) { $0 < 10 }), Self.settings)
        let slice = try QoSMeasurements(
            scale: .positive, users: QoSParties(ids: ["later", "u3"]), offers: QoSParties(ids: ["o9", "fresh"]),
            entries: [.init(user: 0, offer: 0, value: 2), .init(user: 1, offer: 1, value: 3)])
        let warm = try QoSModel.train(slice, Self.settings, from: old)
        #expect(warm.users.count == 21 && warm.offers.count == 31)
        #expect(warm.users.index("u3") == old.users.index("u3"))
        for user in ["later", "u3", "u7"] { #expect(warm.predict(user: user, offer: "fresh").median > 0) }
        var narrow = Self.settings
        narrow.factors = 2
        #expect(throws: RecommendationError.self) { try QoSModel.train(slice, narrow, from: old) }
        let shares = try QoSMeasurements(
            scale: .share, users: slice.users, offers: slice.offers, entries: [.init(user: 0, offer: 0, value: 1)])
        #expect(throws: RecommendationError.self) { try QoSModel.train(shares, Self.settings, from: old) }
    }
}
