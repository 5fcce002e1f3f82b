import Money

/// A small generator of random numbers (SplitMix64), so that a seed names a test case.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// A number of up to `digits` digits, of either sign; short ones are as likely as long ones.
    mutating func integer(digits: Int) -> Int128 {
        var value: Int128 = 0
        for _ in 0..<Int.random(in: 0...digits, using: &self) {
            value = value * 10 + Int128(Int.random(in: 0...9, using: &self))
        }
        return Bool.random(using: &self) ? value : -value
    }
}

/// 10 to the `exponent`.
func power(_ exponent: Int) -> Int128 { (0..<exponent).reduce(Int128(1)) { value, _ in value * 10 } }

func decimal(_ text: String) throws -> ExactDecimal { try ExactDecimal(text) }
