import Foundation
import Marketplace

/// What the utilities need of the catalogue's geography, looked up once instead of for every user and offer.
struct SyntheticTerrain: Sendable {
    /// ln((latency + 10) / (reference + 10)) by reader region, then by the offer's position.
    let logLatency: [String: [Double]]
    /// Whether the offer lies on the continent of the reader region, by region, then by position.
    let isNear: [String: [Bool]]
    /// Whether the offer lies in the jurisdiction, by jurisdiction, then by position.
    let isInside: [String: [Bool]]
    /// Nines of availability, by position.
    let nines: [Double]

    init(_ catalog: Catalog) {
        let reference = SyntheticMarket.referenceLatency
        logLatency = catalog.readerRegions.mapValues { region in
            catalog.offers.map { offer in
                // A network without a place has no known latency: neither good nor bad.
                let known = catalog.latency(from: region.id, to: offer.metro)?.milliseconds ?? reference
                return log((known + 10) / (reference + 10))
            }
        }
        isNear = catalog.readerRegions.mapValues { region in
            let home = catalog.metros[region.metro]?.continent
            return catalog.offers.map { home != nil && catalog.metros[$0.metro]?.continent == home }
        }
        let jurisdictions = Set(catalog.metros.values.flatMap(\.jurisdictions))
        isInside = Dictionary(
            uniqueKeysWithValues: jurisdictions.map { jurisdiction in
                (
                    jurisdiction,
                    catalog.offers.map { catalog.metros[$0.metro]?.jurisdictions.contains(jurisdiction) == true }
                )
            })
        nines = catalog.offers.map { min(6, -log10(max(1e-6, 1 - catalog.availability(of: $0)))) }
    }
}

extension Catalog {
    /// The availability that the offer promises, or that is assumed of its provider.
    func availability(of offer: Offer) -> Double {
        (offer.availability ?? providers[offer.provider]?.assumedAvailability)?.doubleValue ?? 0.99
    }
}
