import Foundation
import Recommendation
import TestSupport

/// Log-normal QoS of known truth: regions, a pair effect of rank 2, and independent noise.
struct SyntheticQoS {
    let userCount: Int
    let offerCount: Int
    let noise: Double
    private(set) var userVectors: [[Double]]
    let offerVectors: [[Double]]
    let regions: [Int]

    init(users: Int, offers: Int, noise: Double = 0.25, regionSpread: Double = 1, seed: UInt64) {
        userCount = users
        offerCount = offers
        self.noise = noise
        var generator = SeededGenerator(seed: seed)
        let centers = (0..<4).map { _ in (0..<3).map { _ in regionSpread * Self.normal(&generator) } }
        regions = (0..<users).map { $0 % 4 }
        userVectors = (0..<users).map { user in centers[user % 4].map { $0 + 0.3 * Self.normal(&generator) } }
        offerVectors = (0..<offers).map { _ in (0..<2).map { _ in Self.normal(&generator) } + [1] }
    }

    static func normal(_ generator: inout SeededGenerator) -> Double {
        (-2 * log(Double.random(in: 1e-12..<1, using: &generator))).squareRoot()
            * cos(2 * .pi * Double.random(in: 0..<1, using: &generator))
    }

    /// The logarithm of the median of a pair.
    func truth(_ user: Int, _ offer: Int) -> Double {
        zip(userVectors[user], offerVectors[offer]).reduce(-1) { $0 + $1.0 * $1.1 }
    }

    /// Moves every user's vector.
    mutating func drift(by size: Double, seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        userVectors = userVectors.map { $0.map { $0 + size * Self.normal(&generator) } }
    }

    func value(_ user: Int, _ offer: Int, _ generator: inout SeededGenerator) -> Double {
        exp(truth(user, offer) + noise * Self.normal(&generator))
    }

    /// Each pair with probability `density`, of the users that `includes` says.
    func entries(
        density: Double, seed: UInt64, where includes: (Int) -> Bool = { _ in true }
    ) -> [QoSMeasurements.Entry] {
        var generator = SeededGenerator(seed: seed)
        var entries: [QoSMeasurements.Entry] = []
        for user in 0..<userCount where includes(user) {
            for offer in 0..<offerCount where generator.chance(density) {
                entries.append(.init(user: user, offer: offer, value: value(user, offer, &generator)))
            }
        }
        return entries
    }

    /// Measurements of `entries`; users' IDs are `u0`…, with their region as path.
    func measurements(
        _ entries: [QoSMeasurements.Entry], scale: QoSScale = .positive
    ) throws -> QoSMeasurements {
        let ids = (0..<userCount).map { "u\($0)" }
        let paths = Dictionary(uniqueKeysWithValues: ids.enumerated().map { ($1, ["r\(regions[$0])"]) })
        return try QoSMeasurements(
            scale: scale, users: QoSParties(ids: ids, paths: paths),
            offers: QoSParties(ids: (0..<offerCount).map { "o\($0)" }), entries: entries)
    }

    /// The mean absolute error of the median's logarithm against the truth.
    func error(_ model: QoSModel, users: some Sequence<Int>) -> Double {
        var (sum, count) = (0.0, 0.0)
        for user in users {
            for offer in 0..<offerCount {
                let median = model.predict(user: "u\(user)", offer: "o\(offer)", userPath: ["r\(regions[user])"]).median
                sum += abs(log(median) - truth(user, offer))
                count += 1
            }
        }
        return sum / count
    }
}
