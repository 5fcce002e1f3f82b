import Foundation

/// An offer in a logit market.
public struct LogitOffer: Sendable, Hashable {
    /// Utility at price 0.
    public var quality: Double
    /// Marginal cost of a unit sold, in the price's unit.
    public var marginalCost: Double

    /// An offer of given quality and cost.
    public init(quality: Double, marginalCost: Double) {
        self.quality = quality
        self.marginalCost = marginalCost
    }
}

/// The price that earns most where users choose by a logit and rivals' prices stand, in closed form.
///
/// With E = Σ over rivals and the outside option of e^utility, w solves w + ln w = a − αc − 1 − ln E, and
/// p* = c + (1 + w)/α with share w/(1 + w) and profit w/α for each user (Li and Huh 2011; Aravindakshan and Ratchford
/// 2011). Several own offers have one markup, with Σ e^{a_j − αc_j} in place of e^{a − αc}. E is taken by its logarithm,
/// so that nothing overflows.
public struct LogitBestResponse: Sendable, Hashable {
    /// The best prices, in the order of the offers.
    public let prices: [Double]
    /// Their shares of users.
    public let shares: [Double]
    /// Price less marginal cost, the same for every offer.
    public let markup: Double
    /// The expected profit from one user.
    public let profit: Double
    /// Price sensitivity α.
    public let priceSensitivity: Double
    private let costs: [Double]

    /// The best prices of `offers`.
    ///
    /// - Parameters:
    ///   - offers: the provider's own, at least one.
    ///   - priceSensitivity: α > 0, utility lost with each unit of price.
    ///   - logRivals: ln E; −∞ when there is neither a rival nor an outside option is refused, for then no price is best.
    /// - Throws: ``PricingError/badValue(field:remedy:)``. O(offers).
    public init(_ offers: [LogitOffer], priceSensitivity: Double, logRivals: Double) throws(PricingError) {
        try PricingError.require(!offers.isEmpty, "offers", "give at least one")
        try PricingError.require(
            priceSensitivity > 0 && priceSensitivity.isFinite, "priceSensitivity", "give a finite number above 0")
        try PricingError.require(
            logRivals.isFinite, "logRivals",
            "give the finite logarithm of the rivals' and the outside option's e^utility")
        try PricingError.require(
            offers.allSatisfy { $0.quality.isFinite && ($0.quality - priceSensitivity * $0.marginalCost).isFinite },
            "offers", "give finite qualities and costs")
        let utilities = offers.map { $0.quality - priceSensitivity * $0.marginalCost }
        let inclusive = LogSum.value(utilities)
        let omega = WrightOmega.value(inclusive - 1 - logRivals)
        self.priceSensitivity = priceSensitivity
        costs = offers.map(\.marginalCost)
        markup = (1 + omega) / priceSensitivity
        profit = omega / priceSensitivity
        let total = omega / (1 + omega)
        prices = offers.map { [markup] in $0.marginalCost + markup }
        shares = utilities.map { total * exp($0 - inclusive) }
    }

    /// The best price of one offer; see ``init(_:priceSensitivity:logRivals:)``.
    public init(_ offer: LogitOffer, priceSensitivity: Double, logRivals: Double) throws(PricingError) {
        try self.init([offer], priceSensitivity: priceSensitivity, logRivals: logRivals)
    }

    /// The share of all own offers together.
    public var share: Double { shares.reduce(0, +) }
    /// The price of the first offer.
    public var price: Double { prices.first ?? 0 }

    /// How a price moves with its own offer's figures, to first order.
    public struct Derivatives: Sendable, Hashable {
        /// ∂p/∂a.
        public let quality: Double
        /// ∂p/∂α.
        public let priceSensitivity: Double
        /// ∂p/∂c.
        public let marginalCost: Double
        /// ∂p/∂ ln E.
        public let logRivals: Double
    }

    /// The derivatives of the price of offer `index`; nil when there is none. From dw/dy = w/(1 + w).
    public func derivatives(_ index: Int = 0) -> Derivatives? {
        guard shares.indices.contains(index) else { return nil }
        let pull = zip(shares, costs).reduce(0) { $0 + $1.0 * $1.1 }
        return Derivatives(
            quality: shares[index] / priceSensitivity,
            priceSensitivity: -(markup + pull) / priceSensitivity,
            marginalCost: 1 - shares[index], logRivals: -share / priceSensitivity)
    }
}

/// The best price of one logit offer whose capacity is limited.
public struct LogitCapacityResponse: Sendable, Hashable {
    /// The best price without the limit.
    public let unconstrainedPrice: Double
    /// The price at which demand meets capacity; nil when demand never reaches it.
    public let capacityPrice: Double?
    /// The higher of both.
    public let price: Double
    /// What one more unit of capacity would earn; 0 when there is enough.
    public let shadowPrice: Double

    /// The best price when `users` choose and at most `capacity` can be served.
    ///
    /// - Parameters:
    ///   - users: how many choose, above 0.
    ///   - capacity: how many can be served, above 0.
    /// - Throws: ``PricingError/badValue(field:remedy:)``.
    public init(
        _ offer: LogitOffer, priceSensitivity: Double, logRivals: Double, users: Double, capacity: Double
    ) throws(PricingError) {
        try PricingError.require(users > 0 && users.isFinite, "users", "give a finite number above 0")
        try PricingError.require(
            capacity > 0 && capacity.isFinite, "capacity", "give a finite number above 0; with none nothing can be sold"
        )
        let free = try LogitBestResponse(offer, priceSensitivity: priceSensitivity, logRivals: logRivals)
        unconstrainedPrice = free.price
        guard capacity < users else {
            (capacityPrice, price, shadowPrice) = (nil, free.price, 0)
            return
        }
        let share = capacity / users
        let meets = (offer.quality - logRivals - log(share) + log1p(-share)) / priceSensitivity
        capacityPrice = meets
        price = max(meets, free.price)
        shadowPrice = meets > free.price ? meets - offer.marginalCost - 1 / (priceSensitivity * (1 - share)) : 0
    }
}

/// ln Σ e^x without overflow.
enum LogSum {
    /// The logarithm of the sum; −∞ of nothing.
    static func value(_ terms: [Double]) -> Double {
        guard let top = terms.max(), top.isFinite else { return terms.max() ?? -.infinity }
        return top + log(terms.reduce(0) { $0 + exp($1 - top) })
    }
}
