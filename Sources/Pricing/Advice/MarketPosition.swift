import Marketplace

/// Where an offer stands among comparable offers of other providers, by what the public listing says.
public struct MarketPosition: Sendable {
    /// A comparable offer.
    public struct Rival: Sendable, Hashable {
        /// The offer's ID.
        public let offer: String
        /// Its storage price, in USD per gigabyte and month.
        public let price: Double
    }

    /// Quantiles of the comparable prices, in USD per gigabyte and month.
    public struct Quantiles: Sendable, Hashable {
        /// The lowest price.
        public let minimum: Double
        /// A quarter costs at most this.
        public let lowerQuartile: Double
        /// Half cost at most this.
        public let median: Double
        /// Three quarters cost at most this.
        public let upperQuartile: Double
        /// The highest price.
        public let maximum: Double
    }

    /// The round trip from one reader region.
    public struct Reach: Sendable, Hashable {
        /// The reader region.
        public let region: String
        /// Milliseconds, and whether they were measured; nil when unknown.
        public let latency: Latency?
    }

    /// The offer.
    public let offer: Offer
    /// Its storage price, in USD per gigabyte and month.
    public let price: Double
    /// One more than the number of rivals that are cheaper.
    public let rank: Int
    /// The comparable offers, by price ascending.
    public let rivals: [Rival]
    /// Quantiles of the rivals' prices; nil without rivals.
    public let quantiles: Quantiles?
    /// How far readers are, in the order of the regions asked for.
    public let reach: [Reach]

    /// The position of `offer`, with its latency from `regions`. O(offers · log offers).
    public init(
        of offer: Offer, in catalog: Catalog, comparability: Comparability = Comparability(), regions: [String] = []
    ) {
        self.offer = offer
        let price = comparability.storagePrice(of: offer)
        let rivals = comparability.rivals(of: offer, in: catalog).map {
            Rival(offer: $0.id, price: comparability.storagePrice(of: $0))
        }
        self.price = price
        self.rivals = rivals
        rank = 1 + rivals.count { $0.price < price * (1 - 1e-12) }
        quantiles = Quantiles(rivals.map(\.price))
        reach = regions.map { region in
            Reach(
                region: region,
                latency: offer.access == .archive ? nil : catalog.latency(from: region, to: offer.metro))
        }
    }

    /// The `count` rivals whose prices are nearest to the offer's, nearest first.
    public func nearest(_ count: Int) -> [Rival] {
        let byDistance = rivals.sorted { (abs($0.price - price), $0.offer) < (abs($1.price - price), $1.offer) }
        return Array(byDistance.prefix(count))
    }

    /// The mean latency from the regions with a known one, in milliseconds; nil when none is known.
    var meanLatency: Double? {
        let known = reach.compactMap { $0.latency?.milliseconds }
        return known.isEmpty ? nil : known.reduce(0, +) / Double(known.count)
    }
}

extension MarketPosition.Quantiles {
    /// Quantiles of `sorted` values by linear interpolation between order statistics (Hyndman and Fan, *Sample Quantiles
    /// in Statistical Packages*, 1996, definition 7); nil without values.
    init?(_ sorted: [Double]) {
        guard let first = sorted.first, let last = sorted.last else { return nil }
        func quantile(_ share: Double) -> Double {
            let position = share * Double(sorted.count - 1)
            let index = Int(position)
            let next = min(index + 1, sorted.count - 1)
            return sorted[index] + (position - Double(index)) * (sorted[next] - sorted[index])
        }
        self.init(
            minimum: first, lowerQuartile: quantile(0.25), median: quantile(0.5), upperQuartile: quantile(0.75),
            maximum: last)
    }
}
