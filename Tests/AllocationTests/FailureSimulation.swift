import Allocation
import TestSupport

/// Draws the causes of a failure tree, 64 trees at a time: bit i of every word belongs to tree i.
struct FailureSimulation {
    private struct Region {
        let cause: Double
        let own: [Double]
    }

    private struct Provider {
        let cause: Double
        let regions: [Region]
    }

    private let providers: [Provider]
    private let shards: Int

    /// The tree of `leaves`, with the probabilities of a cause that strikes a provider, a region, and of an offer that
    /// is not struck by either failing by itself.
    init(
        _ leaves: [FailureLeaf], provider: ([FailureLeaf]) -> Double, region: ([FailureLeaf]) -> Double,
        own: (_ leaf: FailureLeaf, _ shared: Double) -> Double
    ) {
        shards = leaves.count
        providers = Dictionary(grouping: leaves, by: \.provider).sorted { $0.key < $1.key }.map { _, below in
            let strikesAll = provider(below)
            let regions = Dictionary(grouping: below, by: \.region).sorted { $0.key < $1.key }.map { _, inside in
                let strikes = region(inside)
                let shared = 1 - (1 - strikesAll) * (1 - strikes)
                return Region(cause: strikes, own: inside.map { own($0, shared) })
            }
            return Provider(cause: strikesAll, regions: regions)
        }
    }

    /// What makes offers unreachable under `model`: its causes have a share of what the best offer below them fails.
    init(unavailabilityOf leaves: [FailureLeaf], _ model: FailureModel) {
        self.init(
            leaves, provider: { model.providerCauseShare * ($0.map(\.unavailability).min() ?? 0) },
            region: { model.regionCauseShare * ($0.map(\.unavailability).min() ?? 0) },
            own: { leaf, shared in max(0, (leaf.unavailability - shared) / (1 - shared)) })
    }

    /// In how many of `batches` × 64 trees fewer than `data` shards are left.
    func failures(than data: Int, batches: Int, seed: UInt64) -> Int {
        var random = SeededGenerator(seed: seed)
        var count = 0
        // Failed shards are added up in eight bits each, from where the eighth is set by one more than may fail.
        let start = 127 - (shards - data)
        for _ in 0..<batches {
            var planes: (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0, 0, 0, 0, 0)
            func plane(_ bit: Int) -> UInt64 { start >> bit & 1 == 1 ? .max : 0 }
            planes = (plane(0), plane(1), plane(2), plane(3), plane(4), plane(5), plane(6), plane(7))
            func add(_ bits: UInt64) {
                var carry = bits
                (planes.0, carry) = (planes.0 ^ carry, planes.0 & carry)
                (planes.1, carry) = (planes.1 ^ carry, planes.1 & carry)
                (planes.2, carry) = (planes.2 ^ carry, planes.2 & carry)
                (planes.3, carry) = (planes.3 ^ carry, planes.3 & carry)
                (planes.4, carry) = (planes.4 ^ carry, planes.4 & carry)
                (planes.5, carry) = (planes.5 ^ carry, planes.5 & carry)
                (planes.6, carry) = (planes.6 ^ carry, planes.6 & carry)
                planes.7 ^= carry
            }
            for provider in providers {
                let struck = Self.draw(provider.cause, &random)
                for region in provider.regions {
                    let below = struck | Self.draw(region.cause, &random)
                    for own in region.own { add(below | Self.draw(own, &random)) }
                }
            }
            count += planes.7.nonzeroBitCount
        }
        return count
    }

    /// 64 independent events of a probability: uniform numbers are compared with it bit by bit, until all differ.
    private static func draw(_ probability: Double, _ random: inout SeededGenerator) -> UInt64 {
        guard probability > 0 else { return 0 }
        guard probability < 1 else { return .max }
        var (undecided, result) = (UInt64.max, UInt64(0))
        var bits = UInt64(probability * 0x1p62) << 2
        while undecided != 0, bits != 0 {
            let word = random.next()
            if bits >> 63 == 1 {
                result |= undecided & ~word
                undecided &= word
            } else {
                undecided &= ~word
            }
            bits <<= 1
        }
        return result
    }

    /// The exact probability, by listing every set of causes; for few causes.
    func probability(than data: Int) -> Double {
        var causes: [(probability: Double, strikes: Range<Int>)] = []
        var next = 0
        for provider in providers {
            let first = next
            for region in provider.regions {
                let start = next
                for own in region.own {
                    causes.append((own, next..<(next + 1)))
                    next += 1
                }
                causes.append((region.cause, start..<next))
            }
            causes.append((provider.cause, first..<next))
        }
        causes.removeAll { $0.probability == 0 }
        var sum = 0.0
        for choice in 0..<(1 << causes.count) {
            var probability = 1.0
            var failed: Set<Int> = []
            for (index, cause) in causes.enumerated() {
                if choice >> index & 1 == 1 {
                    probability *= cause.probability
                    failed.formUnion(cause.strikes)
                } else {
                    probability *= 1 - cause.probability
                }
            }
            if shards - failed.count < data { sum += probability }
        }
        return sum
    }
}
