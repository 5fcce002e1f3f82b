import Foundation

extension Double {
    /// This number to the power of `exponent`.
    func raised(to exponent: Double) -> Double { pow(self, exponent) }
}
