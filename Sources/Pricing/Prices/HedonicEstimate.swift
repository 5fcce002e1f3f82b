import Foundation

/// An offer of the public listing, as the benchmark sees it.
public struct HedonicListing: Sendable, Hashable {
    /// The provider, or the group of providers under one owner.
    public var provider: String
    /// The region.
    public var region: String
    /// The month it was listed in, counted from anywhere.
    public var month: Int
    /// The price of a volume unit and month, above 0.
    public var price: Double
    /// Quality figures, the same ones in the same order for every listing: nines, latency, features.
    public var qualities: [Double]

    /// A listing.
    public init(provider: String, region: String, month: Int, price: Double, qualities: [Double]) {
        self.provider = provider
        self.region = region
        self.month = month
        self.price = price
        self.qualities = qualities
    }
}

/// What comparable offers would cost with the offer's region, month and quality.
public struct HedonicEstimate: Sendable, Hashable {
    /// How much the estimate can bear.
    public enum Standing: String, Sendable, Hashable {
        /// 30 comparables or more.
        case usable
        /// 8 to 29 comparables.
        case cautious
        /// Fewer than 8: no price is told.
        case silent
    }

    /// The price; nil when silent.
    public let price: Double?
    /// The range in which 80% of comparable offers would be priced; nil when silent.
    public let interval: ClosedRange<Double>?
    /// Offers of others that it rests on.
    public let comparables: Int
    /// How much it can bear.
    public let standing: Standing
}
