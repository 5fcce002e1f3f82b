import Foundation
import Recommendation
import TestSupport
import Testing

@Suite("QoS prediction")
struct QoSModelTests {
    private static let settings = QoSHyperparameters(factors: 3, sweeps: 20)

    @Test("The truth behind noisy measurements is found, the better the more there are")
    func recovers() throws {
        let world = SyntheticQoS(users: 40, offers: 150, seed: 1)
        let errors = try [0.1, 0.4].map { density in
            let data = try world.measurements(world.entries(density: density, seed: 2))
            return world.error(try QoSModel.train(data, Self.settings), users: 0..<40)
        }
        #expect(errors[1] < errors[0])
        #expect(errors[1] < 0.7 * world.noise, "log error \(errors[1]) of noise \(world.noise)")
    }

    @Test("Intervals hold what they promise, for known pairs and for users never seen", arguments: [0.8, 0.9])
    func coverage(nominal: Double) throws {
        let world = SyntheticQoS(users: 120, offers: 150, seed: 3)
        let data = try world.measurements(world.entries(density: 0.25, seed: 4) { $0 < 80 })
        // Many folds: the errors are then those of factorizations that know nearly as much as the one in use.
        let model = try QoSModel.train(data, .init(factors: 3, sweeps: 20, folds: 15))
        var generator = SeededGenerator(seed: 5)
        for (users, tolerance) in [(0..<80, 0.02), (80..<120, 0.06)] {
            var (inside, count) = (0.0, 0.0)
            for user in users {
                for offer in 0..<150 {
                    let distribution = try model.predict(user: user, offer: offer)
                    if distribution.interval(nominal).contains(world.value(user, offer, &generator)) { inside += 1 }
                    count += 1
                }
            }
            #expect(abs(inside / count - nominal) < tolerance, "users \(users): \(inside / count) of \(nominal)")
        }
    }

    @Test("A stranger is taken for its region, better than for anyone, and with a wider interval than an acquaintance")
    func strangers() throws {
        let world = SyntheticQoS(users: 60, offers: 100, seed: 6)
        let model = try QoSModel.train(
            world.measurements(world.entries(density: 0.3, seed: 7) { $0 < 40 }), Self.settings)
        var (withRegion, withoutRegion, widths) = (0.0, 0.0, (known: 0.0, unknown: 0.0))
        for user in 40..<60 {
            for offer in 0..<100 {
                let truth = world.truth(user, offer)
                let near = model.predict(
                    user: "new", offer: "o\(offer)", userPath: ["r\(world.regions[user])", "other"])
                let far = model.predict(user: "new", offer: "o\(offer)")
                withRegion += abs(log(near.median) - truth)
                withoutRegion += abs(log(far.median) - truth)
                let known = model.predict(user: "u\(user - 40)", offer: "o\(offer)")
                widths.known += log(known.quantile(0.9) / known.quantile(0.1))
                widths.unknown += log(near.quantile(0.9) / near.quantile(0.1))
            }
        }
        #expect(withRegion < 0.6 * withoutRegion)
        #expect(widths.unknown > 1.3 * widths.known)
        // Who is nobody's neighbour, at an offer that nobody knows, still has a distribution.
        let nobody = model.predict(user: "?", offer: "?", userPath: ["nowhere"], offerPath: ["nowhere"])
        #expect(nobody.median > 0 && nobody.quantile(0.9) > nobody.quantile(0.1))
    }

    @Test("The same bytes at any thread count, others for another seed")
    func deterministic() throws {
        let world = SyntheticQoS(users: 20, offers: 40, seed: 8)
        let data = try world.measurements(world.entries(density: 0.3, seed: 9))
        let one = try QoSModel.train(data, Self.settings, threads: 1).encoded()
        #expect(try QoSModel.train(data, Self.settings, threads: 3).encoded() == one)
        var other = Self.settings
        other.seed = 2
        #expect(try QoSModel.train(data, other, threads: 3).encoded() != one)
    }

    @Test("Another unit changes predictions by its factor and nothing else")
    func units() throws {
        let world = SyntheticQoS(users: 20, offers: 40, seed: 10)
        let entries = world.entries(density: 0.4, seed: 11)
        let seconds = try QoSModel.train(world.measurements(entries), Self.settings)
        let milliseconds = try QoSModel.train(
            world.measurements(entries.map { .init(user: $0.user, offer: $0.offer, value: $0.value * 1000) }),
            Self.settings)
        for offer in 0..<40 {
            let (a, b) = (try seconds.predict(user: 3, offer: offer), try milliseconds.predict(user: 3, offer: offer))
            #expect(abs(b.mean / a.mean / 1000 - 1) < 0.02)
            #expect(abs(b.probability(atMost: 800) - a.probability(atMost: 0.8)) < 0.05)
        }
    }

    @Test("Availability: shares stay within 0…1, and an unreliable offer is told from a reliable one")
    func availability() throws {
        var generator = SeededGenerator(seed: 12)
        let world = SyntheticQoS(users: 20, offers: 30, seed: 12)
        var entries: [QoSMeasurements.Entry] = []
        for user in 0..<20 {
            for offer in 0..<30 where generator.chance(0.6) {
                let failures = (0..<200).count { _ in generator.chance(offer < 10 ? 0.08 : 0.004) }
                entries.append(.init(user: user, offer: offer, value: 1 - Double(failures) / 200))
            }
        }
        let model = try QoSModel.train(world.measurements(entries, scale: .share), Self.settings)
        var meets = (good: 0.0, bad: 0.0)
        for user in 0..<20 {
            let (bad, good) = (try model.predict(user: user, offer: 2), try model.predict(user: user, offer: 20))
            #expect((0...1).contains(bad.mean) && (0...1).contains(good.quantile(0.99)))
            #expect(good.median > bad.median)
            meets.good += good.probability(atLeast: 0.97) / 20
            meets.bad += bad.probability(atLeast: 0.97) / 20
        }
        #expect(meets.good > 0.9 && meets.bad < 0.3, "\(meets)")
    }
}
