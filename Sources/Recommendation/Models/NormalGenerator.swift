import Foundation

/// SplitMix64 (Steele, Lea, Flood 2014): 64 random bits a step, the same on every platform.
public struct SplitMix64: RandomNumberGenerator, Sendable {
    private var state: UInt64

    /// A generator that `seed` determines.
    public init(seed: UInt64) { state = seed }

    /// The next 64 bits.
    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

/// Standard normal numbers by the transform of Box and Muller.
struct NormalGenerator {
    private var bits: SplitMix64
    private var spare: Double?

    init(seed: UInt64) { bits = SplitMix64(seed: seed) }

    mutating func next() -> Double {
        if let value = spare {
            spare = nil
            return value
        }
        // 53 bits each; the first is in (0, 1], where the logarithm is finite.
        let u = Double((bits.next() >> 11) + 1) * 0x1p-53
        let v = Double(bits.next() >> 11) * 0x1p-53
        let radius = (-2 * log(u)).squareRoot()
        spare = radius * sin(2 * .pi * v)
        return radius * cos(2 * .pi * v)
    }
}
