import Documents
import Marketplace

/// Who suits a user best: the head of the ranking that a quote would go by, with the reasons of every place.
public struct Recommendations: Sendable {
    /// What takes a place.
    public enum Unit: String, Sendable, Hashable, CaseIterable {
        /// A provider, by its best offer.
        case provider
        /// An offer.
        case offer
    }

    /// The best, in order.
    public let places: [RankedOffer]
    /// For each of them the user's dealings that weigh most, for or against.
    public let evidence: [[Evidence]]
    /// How many offers were eligible.
    public let eligible: Int
    /// The model's version.
    public let model: String
    /// What the preferences rest on.
    public let basis: String
    /// What the performance rests on; nil for the catalogue.
    public let performanceBasis: String?

    /// The best `limit` of `table` for `user`: the first places of the ``Ranking`` of the same offers.
    ///
    /// O(n log n) and the model's predictions; reasons are worked out for the places alone.
    public init(_ table: RankingTable, for user: String, model: any PreferenceModel, limit: Int, by unit: Unit) {
        let preferences = model.preferences(of: user, for: table.offers)
        var (seen, places): (Set<String>, [RankedOffer]) = ([], [])
        for place in table.order(preferences.map(RankingTable.liking)) {
            guard places.count < limit else { break }
            if unit == .provider, !seen.insert(table.offers[place.row].provider).inserted { continue }
            places.append(table.ranked(place, preferences[place.row]))
        }
        self.places = places
        evidence = model.evidence(of: user, for: places.map(\.offer))
        eligible = table.offers.count
        self.model = model.version
        basis = model.basis(for: user)
        performanceBasis = table.performanceBasis
    }

    /// The places as JSON; probabilities and scores to six decimals.
    public var json: JSONValue {
        JSONValue(members: [
            ("model", .string(model)), ("basis", .string(basis)),
            ("performanceBasis", performanceBasis.map { .string($0) }), ("eligibleOffers", JSONValue(eligible)),
            (
                "recommendations",
                .array(
                    zip(places, evidence).enumerated().map { index, place in
                        Self.json(place.0, place.1, rank: index + 1)
                    })
            )
        ])
    }

    private static func json(_ place: RankedOffer, _ evidence: [Evidence], rank: Int) -> JSONValue {
        JSONValue(members: [
            ("rank", JSONValue(rank)), ("provider", .string(place.offer.provider)),
            ("offer", .string(place.offer.id)), ("region", .string(place.offer.region)),
            ("metro", .string(place.offer.metro)), ("storageClass", .string(place.offer.storageClass)),
            ("score", JSONValue(rounded(place.score, 6))), ("preference", JSONValue(rounded(place.preference, 6))),
            ("preferenceFrom", .string(place.origin.rawValue)),
            ("qosUtility", JSONValue(rounded(place.qosUtility, 6))), ("factors", .array(place.factors.map(\.json))),
            ("moved", place.moved.map { .string($0) }),
            ("latencyMs", place.meanLatency.map { JSONValue(rounded($0, 1)) }),
            (
                "because",
                .array(
                    evidence.map {
                        ["offer": .string($0.offer), "contribution": JSONValue(rounded($0.contribution, 6))]
                    })
            )
        ])
    }
}
