import Money
import TestSupport

extension SeededGenerator {
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
