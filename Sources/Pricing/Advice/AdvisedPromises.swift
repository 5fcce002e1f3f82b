import Foundation
import Marketplace
import Money

/// The promises that advice weighs against each other.
struct AdvisedPromises {
    /// One promise, and the offer that makes it.
    struct Candidate {
        let promise: QoSPromise?
        let offer: Offer
        let breachProbability: Double

        /// `catalog` with the offer as it would be.
        func listing(_ catalog: Catalog) -> Catalog {
            catalog.listing(
                catalog.offers.map { $0.id == offer.id ? offer : $0 }, version: catalog.version + " " + offer.id)
        }
    }

    /// The candidates; the first is the one that stands.
    let candidates: [Candidate]

    /// The promise that stands, and others of ``AdviceTerms/uptimes``.
    ///
    /// The bucket's promise stands if one is named, else the listing's uptime with a latency that what was measured keeps.
    /// Without measurements nothing can be said of breaches, so that the standing promise is the only candidate. Users
    /// choose by uptime, not by the latency that is promised: that one is set to where breaches are rare.
    init(_ own: OwnRecords, of offer: Offer, in catalog: Catalog, terms: AdviceTerms) {
        let measured = own.measured(offer.id)
        let standing = Self.standing(own, offer, catalog, measured)
        guard let standing, !measured.periods.isEmpty else {
            candidates = [Candidate(promise: standing, offer: offer, breachProbability: 0)]
            return
        }
        let others = terms.uptimes.filter { (0.5..<1).contains($0) }
            .map { QoSPromise(latencyMilliseconds: standing.latencyMilliseconds, uptimePercent: 100 * $0) }
            .filter { abs($0.uptimePercent - standing.uptimePercent) > 1e-9 }
        candidates = ([standing] + others).enumerated().map { index, promise in
            var changed = offer
            if index > 0 {
                let millionths = Int128((promise.uptimePercent * 1e6).rounded())
                changed.availability = try? ExactDecimal(significand: millionths, scale: 8)
            }
            return Candidate(
                promise: promise, offer: changed, breachProbability: measured.breachProbability(of: promise))
        }
    }

    private static func standing(
        _ own: OwnRecords, _ offer: Offer, _ catalog: Catalog, _ measured: MeasuredQoS
    ) -> QoSPromise? {
        if let bucket = own.bucket {
            return QoSPromise(
                latencyMilliseconds: Double(bucket.latencyMs),
                uptimePercent: 100 * Double(bucket.uptime) / Double(bucket.uptimeScale.rawValue))
        }
        let availability = offer.availability ?? catalog.providers[offer.provider]?.assumedAvailability
        guard let availability, let slowest = measured.periods.map(\.latencyMilliseconds).max() else { return nil }
        return QoSPromise(
            latencyMilliseconds: 5 * (1.25 * slowest / 5).rounded(.up), uptimePercent: 100 * availability.doubleValue)
    }
}
