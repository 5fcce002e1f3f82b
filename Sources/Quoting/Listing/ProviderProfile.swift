import Documents
import Marketplace
import Money

/// A provider as everybody may see it: who it is, how it stands, what it offers, how it performs, and where data lies.
public struct ProviderProfile: Sendable {
    /// The provider.
    public let provider: Provider
    /// How it stands in the register.
    public let standing: ProviderStanding
    /// Its offers, by ID; none while it may not sell.
    public let offers: [ListedOffer]
    /// Where its offers lie, by region.
    public let locations: [(region: String, metro: Metro)]
    /// The jurisdictions that data may come under there.
    public let jurisdictions: [String]
    /// The volume that prices are for, in bytes.
    let volumeBytes: Int
    let day: CalendarDay
    let period: Range<Int>

    /// The profile of the provider of that ID; nil when there is none.
    ///
    /// - Parameter qos: what predicts latencies; nil for the catalogue's.
    public init?(
        _ id: String, in catalog: Catalog, on day: CalendarDay, measured: MeasuredPerformance,
        qos: (any QoSPredictor)? = nil
    ) {
        guard let provider = catalog.providers[id] else { return nil }
        self.provider = provider
        standing = catalog.standing(of: id, on: day)
        let own = catalog.offers.filter { $0.provider == id }
        let listing = Listing(catalog, on: day, measured: measured, qos: qos)
        let query = ListingQuery()
        offers = standing.isCertified ? own.compactMap { listing.listed($0, query) } : []
        var places: [String: Metro] = [:]
        for offer in own { places[offer.region] = catalog.metros[offer.metro] }
        locations = places.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        jurisdictions = Set(locations.flatMap(\.metro.jurisdictions)).sorted()
        volumeBytes = query.volumeBytes
        self.day = day
        period = measured.period
    }
}
