import Foundation
import Marketplace

/// When two offers compete for the same data.
///
/// A rival's offer is comparable when it belongs to another provider, lies on the same continent, has the same access
/// (online or archive), promises the same level of availability, and when its storage price is within a factor of this
/// one's: the last two together stand for a similar storage class. All of it is in the public listing.
public struct Comparability: Sendable, Hashable {
    /// The most that the dearer storage price may be of the cheaper one.
    public var priceFactor = 4.0
    /// The volume at which storage prices with tiers are compared, in bytes.
    public var volumeBytes = 10e12
    /// The availability of an offer that promises none and whose provider states no assumption.
    public var assumedAvailability = 0.99

    /// The defaults.
    public init() {}

    /// The offers of other providers that are comparable with `offer`, by storage price, then by ID. O(offers).
    ///
    /// A price of zero is comparable with a price of zero only.
    public func rivals(of offer: Offer, in catalog: Catalog) -> [Offer] {
        let continent = catalog.metros[offer.metro]?.continent
        let level = availabilityLevel(of: offer, in: catalog)
        let price = storagePrice(of: offer)
        let alike = catalog.offers.filter { rival in
            guard rival.provider != offer.provider, rival.access == offer.access,
                catalog.metros[rival.metro]?.continent == continent,
                availabilityLevel(of: rival, in: catalog) == level
            else { return false }
            let other = storagePrice(of: rival)
            return max(price, other) <= priceFactor * min(price, other) * (1 + 1e-12)
        }
        return alike.sorted { (storagePrice(of: $0), $0.id) < (storagePrice(of: $1), $1.id) }
    }

    /// The mean storage price at ``volumeBytes``, in USD per gigabyte (10⁹ bytes) and month.
    public func storagePrice(of offer: Offer) -> Double { offer.tariff.meanStoragePrice(atBytes: volumeBytes) }

    /// Whole nines of availability, as promised, or as assumed where nothing is promised: 0.9995 has 3.
    public func availabilityLevel(of offer: Offer, in catalog: Catalog) -> Int {
        let availability =
            offer.availability?.doubleValue ?? catalog.providers[offer.provider]?.assumedAvailability.doubleValue
            ?? assumedAvailability
        return Int((-log10(max(1 - availability, 1e-12)) + 1e-9).rounded(.down))
    }
}
