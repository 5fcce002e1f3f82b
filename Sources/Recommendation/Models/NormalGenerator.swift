import Foundation

/// SplitMix64 (Steele, Lea, Flood 2014): 64 random bits a step, the same on every platform.
public struct SplitMix64: RandomNumberGenerator, Sendable {
    private var state: UInt64

    /// A generator that `seed` determines.
    public init(seed: UInt64) { state = seed }

    /// Steps over the next `count` numbers. O(1).
    public mutating func skip(_ count: Int) {
        state &+= 0x9E37_79B9_7F4A_7C15 &* UInt64(truncatingIfNeeded: count)
    }

    /// The next 64 bits.
    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

/// Standard normal numbers by the ziggurat of 256 layers (Marsaglia and Tsang, *The Ziggurat Method for Generating
/// Random Variables*, 2000): nearly every number costs one step of the generator, a comparison and a product.
struct NormalGenerator {
    private var bits: SplitMix64

    init(seed: UInt64) { bits = SplitMix64(seed: seed) }

    mutating func next() -> Float {
        while true {
            let word = bits.next()
            // The layer, the sign, and 53 bits for the place in the layer: three separate parts of the word.
            let layer = Int(word & 255)
            let sign: Double = word & 256 == 0 ? 1 : -1
            let x = Double(word >> 11) * 0x1p-53 * Self.layers.widths[layer]
            if x < Self.layers.widths[layer + 1] { return Float(sign * x) }
            if layer == 0 { return Float(sign * tail()) }
            let (low, high) = (Self.layers.heights[layer], Self.layers.heights[layer + 1])
            if low + uniform() * (high - low) < exp(-x * x / 2) { return Float(sign * x) }
        }
    }

    /// In (0, 1].
    private mutating func uniform() -> Double { Double((bits.next() >> 11) + 1) * 0x1p-53 }

    /// A number beyond the lowest layer (Marsaglia 1964).
    private mutating func tail() -> Double {
        while true {
            let x = -log(uniform()) / Layers.start
            let y = -log(uniform())
            if 2 * y > x * x { return Layers.start + x }
        }
    }

    private static let layers = Layers()

    /// 256 layers of equal area under exp(−x²/2), the lowest with the tail.
    private struct Layers {
        /// Where the tail starts, and the area of a layer.
        static let start = 3.654152885361009
        static let area = 0.00492867323399
        /// The right ends of the layers' rectangles, descending, and the density there.
        let widths: [Double]
        let heights: [Double]

        init() {
            let density = { (x: Double) in exp(-x * x / 2) }
            var widths = [Self.area / density(Self.start), Self.start]
            for layer in 2..<256 {
                let last = widths[layer - 1]
                widths.append((-2 * log(Self.area / last + density(last))).squareRoot())
            }
            widths.append(0)
            self.widths = widths
            heights = widths.enumerated().map { $0 == 0 ? 0 : density($1) }
        }
    }
}
