import Foundation

extension PlacementSpace {
    /// The side groups and their caps, with those that failures imply.
    ///
    /// With one shard a provider at most, failures are independent: as many offers that fail as often as some level may
    /// be in a placement as the best others can make up for.
    var sidesWithHazardLevels: (sides: [[Int]], caps: [Int]) {
        var (sides, caps) = (sides, sideCaps)
        let (data, shards) = (scheme.data, scheme.shards)
        guard data > 1, providerCaps.allSatisfy({ $0 <= 1 }) else { return (sides, caps) }
        for hazard in hazards {
            let levels = Set(hazard.logs).sorted(by: >)
            guard let best = levels.last, levels.count <= 32 else { continue }
            for level in levels.dropLast() {
                let most = (0...shards).last {
                    Self.failure(failing: $0, exp(level), of: shards, exp(best), data) <= hazard.probability
                        * (1 + 1e-9)
                }
                let group = hazard.logs.indices.filter { hazard.logs[$0] >= level }
                guard let most, most < min(shards, group.count) else { continue }
                for j in group { sides[j].append(caps.count) }
                caps.append(most)
            }
        }
        return (sides, caps)
    }

    /// The probability that fewer than `data` of `shards` survive, of which `failing` fail with one probability and the
    /// others with another.
    private static func failure(
        failing: Int, _ one: Double, of shards: Int, _ other: Double, _ data: Int
    ) -> Double {
        var failed = [1.0]
        for index in 0..<shards {
            let p = index < failing ? one : other
            var next = [Double](repeating: 0, count: failed.count + 1)
            for (i, q) in failed.enumerated() {
                next[i] += q * (1 - p)
                next[i + 1] += q * p
            }
            failed = next
        }
        return failed.dropFirst(shards - data + 1).reduce(0, +)
    }
}
