import Foundation

/// The Wright omega function ω(y) = W(eʸ) of real arguments: the w > 0 that solves w + ln w = y.
///
/// Lambert's W as price formulas need it, without the exponential that would overflow beyond y = 709. Lawrence, Corless
/// and Jeffrey, *Algorithm 917* (2012); the iteration is that of Fritsch, Shafer and Crowley, *Algorithm 443* (1973),
/// of fourth order.
public enum WrightOmega {
    /// ω(y), to a few units in the last place; 0 where it is below every double (y < −745), +∞ at +∞, NaN at NaN.
    public static func value(_ y: Double) -> Double {
        // Here w = eʸ(1 − eʸ + …), and the second term is below the rounding of the first.
        guard y > -37 else { return exp(y) }
        guard y < 1e17 else { return y }
        var w = y < 1 ? exp(y) / (1 + exp(y) / (1 + exp(y))) : y - log(y)
        if y >= 1, w < 0.5 { w = 0.5 }
        for _ in 0..<6 {
            let residual = y - w - log(w)
            let ahead = 1 + w
            let q = 2 * ahead * (ahead + 2 * residual / 3)
            let next = w * (1 + residual / ahead * (q - residual) / (q - 2 * residual))
            guard next > 0, abs(next - w) > 1e-16 * w else { return next > 0 ? next : w }
            w = next
        }
        return w
    }
}
