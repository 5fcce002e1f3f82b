import Foundation

/// A deterministic source of randomness: xoshiro256++ (Blackman and Vigna, *Scrambled linear pseudorandom number
/// generators*, 2021), seeded through SplitMix64. The same seed gives the same numbers on every machine and run.
public struct SyntheticRandom: RandomNumberGenerator, Sendable {
    private var state: (UInt64, UInt64, UInt64, UInt64)

    /// The stream of that number under `seed`; streams are independent for all practical purposes.
    public init(seed: UInt64, stream: UInt64 = 0) {
        var mixer = seed
        // Two rounds of mixing keep seed 1, stream 2 apart from seed 2, stream 1.
        var counter = Self.splitMix(&mixer) ^ (stream &* 0xD134_2543_DE82_EF95)
        state = (
            Self.splitMix(&counter), Self.splitMix(&counter), Self.splitMix(&counter), Self.splitMix(&counter)
        )
    }

    /// A generator in a given state, for comparison with published sequences.
    package init(state: (UInt64, UInt64, UInt64, UInt64)) { self.state = state }

    /// The next number of SplitMix64 (Steele, Lea and Flood, 2014).
    package static func splitMix(_ counter: inout UInt64) -> UInt64 {
        counter &+= 0x9E37_79B9_7F4A_7C15
        var z = counter
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// 64 random bits.
    public mutating func next() -> UInt64 {
        func rotated(_ value: UInt64, _ count: UInt64) -> UInt64 { (value << count) | (value >> (64 - count)) }
        let result = rotated(state.0 &+ state.3, 23) &+ state.0
        let shifted = state.1 << 17
        state.2 ^= state.0
        state.3 ^= state.1
        state.1 ^= state.2
        state.0 ^= state.3
        state.2 ^= shifted
        state.3 = rotated(state.3, 45)
        return result
    }

    /// Uniform in [0, 1).
    public mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

    /// Uniform in (0, 1]: safe to take the logarithm of.
    private mutating func positive() -> Double { 1 - uniform() }

    /// Uniform in [low, high).
    public mutating func uniform(_ low: Double, _ high: Double) -> Double { low + (high - low) * uniform() }

    /// Exponential with mean 1.
    public mutating func exponential() -> Double { -log(positive()) }

    /// Standard normal (Box and Muller, 1958).
    public mutating func normal() -> Double {
        let radius = (2 * exponential()).squareRoot()
        return radius * cos(2 * .pi * uniform())
    }

    /// Standard Gumbel: the error of a logit.
    public mutating func gumbel() -> Double {
        // An exponential of exactly zero has no logarithm; the smallest positive number stands in for it.
        -log(max(exponential(), .leastNormalMagnitude))
    }

    /// Log-normal of the given median and spread of its logarithm.
    public mutating func logNormal(median: Double, sigma: Double) -> Double { median * exp(sigma * normal()) }

    /// Poisson by counting exponential gaps; O(mean).
    public mutating func poisson(_ mean: Double) -> Int {
        var left = mean
        var count = -1
        repeat {
            left -= exponential()
            count += 1
        } while left > 0
        return count
    }

    /// An index in proportion to `weights`, which are not negative; nil when none is positive.
    public mutating func index(weights: [Double]) -> Int? {
        let total = weights.reduce(0, +)
        guard total > 0 else { return nil }
        var point = uniform() * total
        for (index, weight) in weights.enumerated() where weight > 0 {
            point -= weight
            if point < 0 { return index }
        }
        return weights.lastIndex { $0 > 0 }
    }

    /// A vector of `count` independent normals with the given standard deviation.
    mutating func vector(_ count: Int, deviation: Double) -> [Double] { (0..<count).map { _ in deviation * normal() } }
}
