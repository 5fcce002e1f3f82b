import Foundation

/// What a provider itself sets around the advice: how far one step may go, and a floor it would not like to go below.
///
/// The cap is as wide downwards as upwards, so that it favours neither; the floor is the provider's own, never the
/// platform's, and only warns.
public struct PriceLimits: Sendable, Hashable {
    /// The most that a price may change at once, as a share of the present one; nil for no cap.
    public var maximumChange: Double?
    /// A price below which the provider is warned, in USD per volume unit and month; nil for none.
    public var floor: Double?

    /// Limits; `maximumChange` lies within 0…1.
    public init(maximumChange: Double? = nil, floor: Double? = nil) {
        self.maximumChange = maximumChange.map { min(max($0, 0), 1) }
        self.floor = floor
    }

    /// `price` drawn into the cap around `current`; unchanged without a cap.
    public func capped(_ price: Double, from current: Double) -> Double {
        guard let maximumChange else { return price }
        return min(max(price, current * (1 - maximumChange)), current * (1 + maximumChange))
    }

    /// The warning about `price`; nil when it keeps the floor. The price is never changed by it.
    public func warning(about price: Double) -> String? {
        guard let floor, price < floor else { return nil }
        return String(format: "%.6g is below your own floor of %.6g; the advice is not changed by it", price, floor)
    }
}
