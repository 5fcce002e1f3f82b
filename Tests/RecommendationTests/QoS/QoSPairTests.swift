import Foundation
import Recommendation
import TestSupport
import Testing

@Suite("Pairs that are measured again and again")
struct QoSPairTests {
    private static let world = SyntheticQoS(users: 20, offers: 60, noise: 0.2, seed: 40)

    private static func model() throws -> QoSModel {
        try QoSModel.train(
            world.measurements(world.entries(density: 0.4, seed: 41)), .init(factors: 3, sweeps: 15))
    }

    /// The ratio of the predicted median to the true one.
    private func ratio(_ model: QoSModel, _ user: Int = 3, _ offer: Int = 7) -> Double {
        model.predict(user: "u\(user)", offer: "o\(offer)").median / exp(Self.world.truth(user, offer))
    }

    @Test("One value far off is resisted, before and after others", arguments: [20.0, 1 / 20.0], [0, 6])
    func outlier(factor: Double, others: Int) throws {
        var model = try Self.model()
        var random = SeededGenerator(seed: 42)
        for _ in 0..<others { try model.record(user: "u3", offer: "o7", value: Self.world.value(3, 7, &random)) }
        let before = ratio(model)
        try model.record(user: "u3", offer: "o7", value: factor * exp(Self.world.truth(3, 7)))
        #expect(abs(log(ratio(model) / before)) < 0.25, "\(before) before, \(ratio(model)) after")
        try model.record(user: "u3", offer: "o7", value: Self.world.value(3, 7, &random))
        #expect(abs(log(ratio(model) / before)) < 0.25)
    }

    @Test("A change for good is followed within four measurements", arguments: [6.0, 1 / 6.0], [0, 10])
    func change(factor: Double, others: Int) throws {
        var model = try Self.model()
        var random = SeededGenerator(seed: 43)
        for _ in 0..<others { try model.record(user: "u3", offer: "o7", value: Self.world.value(3, 7, &random)) }
        let elsewhere = [(3, 20), (3, 31), (9, 7), (12, 7)].map { ratio(model, $0.0, $0.1) }
        for _ in 0..<4 { try model.record(user: "u3", offer: "o7", value: factor * Self.world.value(3, 7, &random)) }
        // Far below what training saw, predictions are drawn up: an improvement is believed more slowly.
        let slack = factor < 1 ? log(1.5) : 0
        #expect(
            abs(log(ratio(model) / factor)) < log(1.5) + slack, "\(ratio(model)) times the old median, not \(factor)")
        // One path has become slow: neither the user nor the offer has.
        for ((user, offer), old) in zip([(3, 20), (3, 31), (9, 7), (12, 7)], elsewhere) {
            #expect(abs(log(ratio(model, user, offer) / old)) < log(1.8), "u\(user) o\(offer)")
        }
        for _ in 0..<8 { try model.record(user: "u3", offer: "o7", value: factor * Self.world.value(3, 7, &random)) }
        #expect(abs(log(ratio(model) / factor)) < log(1.25) + slack)
        // And back again; one value far off does not undo it.
        let settled = ratio(model)
        try model.record(user: "u3", offer: "o7", value: exp(Self.world.truth(3, 7)) / factor / factor)
        #expect(abs(log(ratio(model) / settled)) < 0.25)
        for _ in 0..<5 { try model.record(user: "u3", offer: "o7", value: Self.world.value(3, 7, &random)) }
        #expect(abs(log(ratio(model))) < log(1.5))
    }

    @Test("What a model has noticed of its pairs is stored with it")
    func storage() throws {
        var model = try Self.model()
        let far = 9 * exp(Self.world.truth(3, 7))
        for _ in 0..<2 { try model.record(user: "u3", offer: "o7", value: far) }
        try model.record(user: "u5", offer: "o7", value: exp(Self.world.truth(5, 7)))
        var copy = try QoSModel(TensorFile(model.encoded(), name: "m"))
        #expect(try copy.encoded() == model.encoded())
        #expect(ratio(copy) == ratio(model))
        // The third surprise in a row raises the alarm in both.
        try copy.record(user: "u3", offer: "o7", value: far)
        try model.record(user: "u3", offer: "o7", value: far)
        #expect(abs(log(ratio(copy) / ratio(model))) < 1e-3 && ratio(copy) > 4)
    }

    @Test("However often a pair is measured, what is kept of it has an end")
    func bounded() throws {
        var model = try Self.model()
        var random = SeededGenerator(seed: 44)
        for _ in 0..<30 { try model.record(user: "u3", offer: "o7", value: Self.world.value(3, 7, &random)) }
        let size = try model.encoded().count
        for _ in 0..<100 { try model.record(user: "u3", offer: "o7", value: Self.world.value(3, 7, &random)) }
        #expect(try model.encoded().count <= size)
        #expect(abs(log(ratio(model))) < 0.2)
    }
}
