import Money
import TestSupport

extension SeededGenerator {
    /// A decimal of `units` / 10^`scale`, `units` within the range.
    mutating func decimal(_ units: ClosedRange<Int>, scale: Int) -> ExactDecimal {
        (try? ExactDecimal(significand: Int128(int(units)), scale: scale)) ?? .zero
    }
}
