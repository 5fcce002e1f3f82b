import Foundation

/// Prices of firms that are all alike, one offer each, in a logit market: known truths to measure markets by.
public struct SymmetricLogit: Sendable, Hashable {
    /// The price of every firm when each does its best alone.
    public let nashPrice: Double
    /// The share of each at it.
    public let nashShare: Double
    /// The profit of each from one user at it.
    public let nashProfit: Double
    /// The price of every firm when all are priced as one; nil without an outside option, where there is no highest.
    public let monopolyPrice: Double?
    /// The profit of each from one user at it.
    public let monopolyProfit: Double?

    /// The prices of `firms` firms.
    ///
    /// - Parameter outsideUtility: utility of choosing none; −∞ when everybody chooses one: then
    ///   p = c + n/((n − 1)α).
    /// - Throws: ``PricingError/badValue(field:remedy:)``; a single firm needs an outside option.
    public init(
        firms: Int, offer: LogitOffer, priceSensitivity: Double, outsideUtility: Double = 0
    ) throws(PricingError) {
        try PricingError.require(firms > 0, "firms", "give at least one")
        try PricingError.require(
            outsideUtility.isFinite || (outsideUtility == -.infinity && firms > 1), "outsideUtility",
            "give a finite number, or −∞ for two firms or more")
        let count = Double(firms)
        guard outsideUtility.isFinite else {
            _ = try LogitBestResponse(offer, priceSensitivity: priceSensitivity, logRivals: 0)
            nashShare = 1 / count
            nashProfit = 1 / (priceSensitivity * (count - 1))
            nashPrice = offer.marginalCost + count / (priceSensitivity * (count - 1))
            (monopolyPrice, monopolyProfit) = (nil, nil)
            return
        }
        let joint = try LogitBestResponse(
            [LogitOffer](repeating: offer, count: firms), priceSensitivity: priceSensitivity, logRivals: outsideUtility)
        monopolyPrice = joint.price
        monopolyProfit = joint.profit / count
        guard firms > 1 else {
            (nashPrice, nashShare, nashProfit) = (joint.price, joint.share, joint.profit)
            return
        }
        let y = offer.quality - priceSensitivity * offer.marginalCost - outsideUtility
        let share = Self.share(count, y)
        nashShare = share
        nashPrice = offer.marginalCost + 1 / (priceSensitivity * (1 - share))
        nashProfit = share / (priceSensitivity * (1 - share))
    }

    /// The share s of each of n ≥ 2 firms: ln s − ln(1 − ns) + 1/(1 − s) = y. With ns = 1/(1 + e⁻ˣ) the left side is
    /// x − ln n + 1/(1 − s), which rises with x by at least 1: Newton's steps, kept within the bracket.
    private static func share(_ n: Double, _ y: Double) -> Double {
        var (low, high) = (y + log(n) - n / (n - 1), y + log(n) - 1)
        var x = high
        for _ in 0..<200 {
            let all = 1 / (1 + exp(-x))
            let share = all / n
            let excess = x - log(n) + 1 / (1 - share) - y
            if excess > 0 { high = x } else { low = x }
            let slope = 1 + all * (1 - all) / n / ((1 - share) * (1 - share))
            var next = x - excess / slope
            if !(next > low && next < high) { next = (low + high) / 2 }
            guard abs(next - x) > 1e-16 * max(1, abs(x)) else { break }
            x = next
        }
        return 1 / (1 + exp(-x)) / n
    }
}
