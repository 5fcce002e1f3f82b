import Foundation

/// Who owns which offers of a market.
public enum Ownership: Sendable, Hashable {
    /// Each offer's firm, by any number.
    case firms([Int])
    /// `shares[j][k]`: how much of offer k's profit whoever prices offer j takes into account; 1 on the diagonal.
    case matrix([[Double]])

    /// Every one of `count` offers is a firm of its own.
    public static func separate(_ count: Int) -> Ownership { .firms(Array(0..<max(0, count))) }
    /// One firm owns all `count` offers: the prices of a monopoly or of perfect collusion.
    public static func joint(_ count: Int) -> Ownership { .firms([Int](repeating: 0, count: max(0, count))) }
}

/// Groups of offers that are closer substitutes for each other than for the rest.
public struct LogitNests: Sendable, Hashable {
    /// Each offer's nest, by any number.
    public var nests: [Int]
    /// Correlation ρ of tastes within a nest, 0 ≤ ρ < 1; 0 is the plain logit. Utilities are divided by 1 − ρ, as Berry
    /// (1994) does.
    public var correlation: Double

    /// Nests of given correlation.
    public init(_ nests: [Int], correlation: Double) {
        self.nests = nests
        self.correlation = correlation
    }
}

/// A market in which users choose one offer, or none, by a plain or a nested logit.
///
/// Utility of offer j is a_j − αp_j. Prices and costs share one unit.
public struct LogitMarket: Sendable, Hashable {
    /// The offers.
    public let offers: [LogitOffer]
    /// Price sensitivity α > 0.
    public let priceSensitivity: Double
    /// Utility of choosing none; −∞ when everybody chooses one.
    public let outsideUtility: Double
    /// Nests; nil for the plain logit.
    public let nests: LogitNests?

    /// A market of given offers.
    /// - Throws: ``PricingError/badValue(field:remedy:)``.
    public init(
        _ offers: [LogitOffer], priceSensitivity: Double, outsideUtility: Double = 0, nests: LogitNests? = nil
    ) throws(PricingError) {
        try PricingError.require(!offers.isEmpty, "offers", "give at least one")
        try PricingError.require(
            priceSensitivity > 0 && priceSensitivity.isFinite, "priceSensitivity", "give a finite number above 0")
        try PricingError.require(
            outsideUtility.isFinite || outsideUtility == -.infinity, "outsideUtility",
            "give a finite number, or −∞ for a market without an outside option")
        try PricingError.require(
            offers.allSatisfy { $0.quality.isFinite && (priceSensitivity * $0.marginalCost).isFinite }, "offers",
            "give finite qualities and costs")
        if let nests {
            try PricingError.require(nests.nests.count == offers.count, "nests", "give one nest for each offer")
            try PricingError.require(
                (0..<1).contains(nests.correlation), "correlation", "give a number from 0 to below 1")
        }
        self.offers = offers
        self.priceSensitivity = priceSensitivity
        self.outsideUtility = outsideUtility
        self.nests = nests
    }

    /// Shares of users at some prices.
    public struct Shares: Sendable, Hashable {
        /// Each offer's share of all users.
        public let all: [Double]
        /// Each offer's share of those who choose from its nest; equal to ``all`` over their sum in a plain logit.
        public let within: [Double]
    }

    /// The shares at `prices`, one for each offer. Overflow-safe. O(offers).
    /// - Throws: ``PricingError/badValue(field:remedy:)``.
    public func shares(at prices: [Double]) throws(PricingError) -> Shares {
        try PricingError.require(
            prices.count == offers.count && prices.allSatisfy { !($0 * priceSensitivity).isNaN && $0 > -.infinity },
            "prices",
            "give one number for each offer")
        return uncheckedShares(prices)
    }

    func uncheckedShares(_ prices: [Double]) -> Shares {
        let rho = nests?.correlation ?? 0
        let scaled = zip(offers, prices).map { ($0.quality - priceSensitivity * $1) / (1 - rho) }
        let labels = nests?.nests ?? [Int](repeating: 0, count: offers.count)
        var members: [Int: [Int]] = [:]
        for (index, label) in labels.enumerated() { members[label, default: []].append(index) }
        var within = [Double](repeating: 0, count: offers.count)
        var inclusive: [Int: Double] = [:]
        for (label, indices) in members {
            let value = LogSum.value(indices.map { scaled[$0] })
            inclusive[label] = (1 - rho) * value
            for index in indices { within[index] = value == -.infinity ? 0 : exp(scaled[index] - value) }
        }
        let nestLabels = members.keys.sorted()
        let total = LogSum.value(nestLabels.map { inclusive[$0] ?? -.infinity } + [outsideUtility])
        let all = labels.indices.map { index in
            within[index] * exp((inclusive[labels[index]] ?? -.infinity) - total)
        }
        return Shares(all: all, within: within)
    }
}
