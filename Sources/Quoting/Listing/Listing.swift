import Foundation
import Marketplace
import Money

/// One offer as the public listing shows it.
public struct ListedOffer: Sendable {
    /// The offer; its capacity is what is still free.
    public let offer: Offer
    /// Who sells it.
    public let provider: Provider
    /// Where it lies.
    public let metro: Metro
    /// What the volume costs a month: storage, base fee and what lacks to the minimum, exact; nil where the tariff cannot
    /// bill it.
    public let monthly: Amount?
    /// Milliseconds from the readers asked for: the predicted median where a model has measurements to go by, else the
    /// catalogue's; nil when unknown, not asked for, or when reads take hours.
    public let latencyMs: Double?
    /// What was measured.
    public let measured: [MeasurementMetric: MeasurementSummary]

    /// ``monthly`` for one GB (10⁹ bytes), rounded up to the sixth decimal.
    func pricePerGB(_ volumeBytes: Int) -> ExactDecimal? {
        guard let monthly, volumeBytes > 0 else { return nil }
        let scale = Int128(1_000_000) * 1_000_000_000
        let scaled = monthly.minor.multipliedReportingOverflow(by: scale)
        guard !scaled.overflow else { return nil }
        let divisor = Int128(volumeBytes) * monthly.asset.unit
        return try? ExactDecimal(significand: (scaled.partialValue + divisor - 1) / divisor, scale: 6)
    }
}

/// The public listing on one day: offers of certified providers, with prices, certifications and measured performance in
/// the open.
public struct Listing: Sendable {
    /// A place in the order of a query: pages go on behind it, whatever has come or gone before it meanwhile.
    public struct Place: Sendable, Hashable {
        /// What is sorted by: minor units of money, or nanoseconds; nil where there is no value.
        public let key: Int128?
        /// The offer's ID.
        public let id: String

        /// A place.
        public init(key: Int128?, id: String) {
            self.key = key
            self.id = id
        }
    }

    private let catalog: Catalog
    private let day: CalendarDay
    private let certified: Set<String>
    private let qos: (any QoSPredictor)?
    private let measured: MeasuredPerformance

    /// The listing of `catalog` on `day`.
    ///
    /// - Parameter qos: what predicts latencies; nil for the catalogue's.
    public init(_ catalog: Catalog, on day: CalendarDay, measured: MeasuredPerformance, qos: (any QoSPredictor)?) {
        self.catalog = catalog
        self.day = day
        self.measured = measured
        self.qos = qos
        certified = catalog.certifiedProviders(on: day)
    }

    /// Those that a query asks for, in its order. O(offers · log offers).
    public func offers(_ query: ListingQuery) -> [(listed: ListedOffer, place: Place)] {
        let found = catalog.offers.compactMap { offer -> (listed: ListedOffer, place: Place)? in
            guard admits(offer, query), let listed = listed(offer, query), admits(listed, query) else { return nil }
            return (listed, Place(key: key(listed, query), id: offer.id))
        }
        return found.sorted { Self.precedes($0.place, $1.place, query) }
    }

    /// Whether `one` stands before `other`.
    public static func precedes(_ one: Place, _ other: Place, _ query: ListingQuery) -> Bool {
        switch (one.key, other.key) {
        case (let a?, let b?) where a != b: return query.isDescending ? a > b : a < b
        case (.some, nil): return true
        case (nil, .some): return false
        // Without a value, or with an equal one, IDs decide; of providers they are all there is.
        default: return query.isDescending && query.order == .provider ? one.id > other.id : one.id < other.id
        }
    }

    /// The offer of one provider, listed or not, as the listing would show it.
    func listed(_ offer: Offer, _ query: ListingQuery) -> ListedOffer? {
        guard let provider = catalog.providers[offer.provider], let metro = catalog.metros[offer.metro] else {
            return nil
        }
        return ListedOffer(
            offer: offer, provider: provider, metro: metro, monthly: Self.monthly(offer, query.volumeBytes, day),
            latencyMs: query.readers.flatMap { latency(offer, from: $0) }, measured: measured.of(offer.id))
    }

    private func key(_ listed: ListedOffer, _ query: ListingQuery) -> Int128? {
        switch query.order {
        case .provider: nil
        case .price: listed.monthly?.minor
        case .latency: listed.latencyMs.map { Int128(($0 * 1e6).rounded()) }
        }
    }

    private func latency(_ offer: Offer, from region: String) -> Double? {
        guard offer.access == .online else { return nil }
        let known =
            qos?.median(.latencyMs, from: region, at: offer)
            ?? catalog.latency(from: region, to: offer.metro)?.milliseconds
        return known.flatMap { $0.isFinite && (0...1e9).contains($0) ? $0 : nil }
    }

    /// What `bytes` cost in a month by the tariff of `day`, without any traffic.
    private static func monthly(_ offer: Offer, _ bytes: Int, _ day: CalendarDay) -> Amount? {
        let tariff = offer.tariff(on: day)
        let usage = Usage(storedBytes: bytes, objects: max(1, bytes / SLARequest.defaultMeanObjectBytes))
        guard let charges = try? tariff.bill(usage) else { return nil }
        return try? Amount.sum(charges.map(\.amount), tariff.asset)
    }

    /// The filters that need no prices.
    private func admits(_ offer: Offer, _ query: ListingQuery) -> Bool {
        func among(_ set: Set<String>, _ value: String?) -> Bool { set.isEmpty || value.map(set.contains) ?? false }
        let provider = catalog.providers[offer.provider]
        let metro = catalog.metros[offer.metro]
        guard certified.contains(offer.provider), among(query.providers, offer.provider),
            among(query.regions, offer.region), among(query.metros, offer.metro),
            among(query.continents, metro?.continent), query.access == nil || query.access == offer.access,
            query.storageClass == nil || query.storageClass == offer.storageClass,
            query.jurisdictions.isEmpty || !query.jurisdictions.isDisjoint(with: metro?.jurisdictions ?? []),
            query.certifications.isSubset(of: provider?.certifications ?? []),
            query.features.isSubset(of: provider?.features ?? []),
            query.api.map({ provider?.apis.contains($0) ?? false }) ?? true
        else { return false }
        if let least = query.minimumAvailability {
            guard let promised = offer.availability, promised >= least else { return false }
        }
        if let bytes = query.availableBytes, let free = offer.capacityBytes, free < bytes { return false }
        guard let word = query.text?.lowercased() else { return true }
        return [offer.id, offer.storageClass, provider?.name ?? "", metro?.name ?? ""]
            .contains { $0.lowercased().contains(word) }
    }

    private func admits(_ listed: ListedOffer, _ query: ListingQuery) -> Bool {
        if query.minimumPrice != nil || query.maximumPrice != nil {
            guard let price = listed.pricePerGB(query.volumeBytes) else { return false }
            if let least = query.minimumPrice, price < least { return false }
            if let most = query.maximumPrice, price > most { return false }
        }
        if let most = query.maximumLatencyMs {
            guard let latency = listed.latencyMs, latency <= most else { return false }
        }
        return true
    }
}
