import Foundation

extension Double {
    /// e raised to this number.
    var exponential: Double { exp(self) }
}
