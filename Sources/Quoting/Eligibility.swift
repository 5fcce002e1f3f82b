import Marketplace
import Money

/// Why an offer may not serve a request: machine-readable, stable.
public enum RejectionReason: String, Sendable, Hashable, CaseIterable {
    /// The provider is not in the register of certified storage providers today.
    case notCertified = "not-certified"
    /// The request allows other providers only.
    case notAllowed = "not-allowed"
    /// The request denies the provider.
    case denied
    /// The data would lie outside the jurisdictions asked for.
    case jurisdiction
    /// The provider lacks a certification.
    case certification
    /// The storage lacks a feature.
    case feature
    /// The storage does not speak the interface.
    case api
    /// The provider's reputation is too low.
    case reputation
    /// Reads would wait for hours.
    case archiveAccess = "archive-access"
    /// A price that the request needs is not published.
    case unpublishedPrice = "unpublished-price"
    /// Not even the smallest shard of any scheme fits.
    case capacity
}

/// An offer that was dropped, and every reason for it.
public struct Rejection: Sendable, Hashable {
    /// One reason with what it is about.
    public struct Cause: Sendable, Hashable {
        /// The reason.
        public let reason: RejectionReason
        /// What is lacking, e.g. the name of the certification.
        public let detail: String
    }

    /// The offer's ID.
    public let offer: String
    /// The provider.
    public let provider: String
    /// All causes, in the order of the filters.
    public let causes: [Cause]
}

/// Step 1 of a quote: the offers that may serve the request. Hard filters, never a score.
public struct Eligibility: Sendable {
    /// Offers that pass every filter, by ID.
    public let offers: [Offer]
    /// The others, by ID.
    public let rejections: [Rejection]

    /// Filters the catalogue for `request` on `day`. O(offers).
    public init(_ request: SLARequest, _ catalog: Catalog, on day: CalendarDay) {
        let certified = catalog.certifiedProviders(on: day)
        var offers: [Offer] = []
        var rejections: [Rejection] = []
        for offer in catalog.offers {
            let causes = Self.causes(offer, request, catalog, certified)
            if causes.isEmpty {
                offers.append(offer)
            } else {
                rejections.append(Rejection(offer: offer.id, provider: offer.provider, causes: causes))
            }
        }
        self.offers = offers
        self.rejections = rejections
    }

    /// How many offers each reason dropped, most first; an offer counts for each of its reasons.
    public var counts: [(reason: RejectionReason, offers: Int)] {
        var counts: [RejectionReason: Int] = [:]
        for rejection in rejections {
            for reason in Set(rejection.causes.map(\.reason)) { counts[reason, default: 0] += 1 }
        }
        return counts.map { ($0.key, $0.value) }.sorted {
            $0.offers != $1.offers ? $0.offers > $1.offers : $0.reason.rawValue < $1.reason.rawValue
        }
    }

    private static func causes(
        _ offer: Offer, _ request: SLARequest, _ catalog: Catalog, _ certified: Set<String>
    ) -> [Rejection.Cause] {
        var causes: [Rejection.Cause] = []
        func drop(_ reason: RejectionReason, _ detail: String) { causes.append(.init(reason: reason, detail: detail)) }
        let asked = request.eligibility
        let provider = catalog.providers[offer.provider]

        if !certified.contains(offer.provider) { drop(.notCertified, offer.provider) }
        if !asked.allow.isEmpty, !asked.allow.contains(offer.provider) { drop(.notAllowed, offer.provider) }
        if asked.deny.contains(offer.provider) { drop(.denied, offer.provider) }
        let jurisdictions = catalog.metros[offer.metro]?.jurisdictions ?? []
        if !asked.jurisdictions.isEmpty, !asked.jurisdictions.contains(where: jurisdictions.contains) {
            drop(.jurisdiction, jurisdictions.joined(separator: ", "))
        }
        for name in asked.certifications where provider?.certifications.contains(name) != true {
            drop(.certification, name)
        }
        for name in asked.features where provider?.features.contains(name) != true { drop(.feature, name) }
        if let api = asked.api, provider?.apis.contains(api) != true { drop(.api, api) }
        if let least = asked.minReputation, provider?.reputation ?? 0 < least {
            drop(.reputation, "\(provider?.reputation ?? 0)")
        }
        let reads = request.traffic.contains { $0.reads > 0 || $0.egressBytes > 0 }
        if reads, offer.access == .archive { drop(.archiveAccess, offer.storageClass) }
        var missing: [UnpublishedPrice] = []
        for tariff in offer.tariffs(for: request) {
            missing += tariff.unpublished(for: request.fullUsage).filter { !missing.contains($0) }
        }
        for price in missing { drop(.unpublishedPrice, price.rawValue) }
        if let capacity = offer.capacityBytes, capacity < request.logicalBytes / 64 {
            drop(.capacity, "\(capacity) bytes")
        }
        return causes
    }
}

extension SLARequest {
    /// What one offer would carry if it served the whole request alone.
    var fullUsage: Usage {
        Usage(
            storedBytes: logicalBytes, objects: logicalBytes / max(1, meanObjectBytes),
            egressBytes: traffic.reduce(0) { $0 + $1.egressBytes }, reads: traffic.reduce(0) { $0 + $1.reads },
            writes: traffic.reduce(0) { $0 + $1.writes })
    }
}
