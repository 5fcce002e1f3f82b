import Foundation
import Marketplace

/// Step 2 of a quote: eligible offers in the order in which they suit the user.
///
/// Score = calibrated preference + β · QoS utility against the request, less what probation and exposure cost. Who may
/// serve the request at all was decided before; no filter hides in a score. The first places are then shared out: no
/// provider, and not all on probation together, take more of them than configured.
public struct Ranking: Sendable {
    /// Best first; ties by ID.
    public let offers: [RankedOffer]
    /// The best offer of each provider, best provider first.
    public let providers: [RankedOffer]
    /// For each of the providers what speaks for or against its best offer.
    public let evidence: [[Evidence]]
    /// What the preferences rest on.
    public let basis: String
    /// What the performance rests on; nil for the catalogue.
    public let performanceBasis: String?

    /// Ranks `offers`. O(n log n + positions · n).
    ///
    /// - Parameters:
    ///   - qos: what predicts performance; the catalogue unless given.
    ///   - market: what is known of the providers' dealings; nil puts nobody on probation for too few.
    public init(
        _ offers: [Offer], request: SLARequest, catalog: Catalog, model: any PreferenceModel,
        configuration: RankingConfiguration = RankingConfiguration(), qos: (any QoSPredictor)? = nil,
        market: MarketEvidence? = nil
    ) {
        let table = RankingTable(
            offers, request: request, catalog: catalog, configuration: configuration, qos: qos, market: market)
        let preferences = model.preferences(of: request.user, for: offers)
        let ranked = table.order(preferences.map(RankingTable.liking)).map { table.ranked($0, preferences[$0.row]) }
        var seen: Set<String> = []
        self.offers = ranked
        providers = ranked.filter { seen.insert($0.offer.provider).inserted }
        evidence = model.evidence(of: request.user, for: providers.map(\.offer))
        basis = model.basis(for: request.user)
        performanceBasis = table.performanceBasis
    }

    /// Liking by offer ID, scaled so that the best is 1: what the allocation's preference goes by.
    public var liking: [String: Double] {
        let best = offers.reduce(0) { max($0, $1.score) }
        guard best > 0 else { return [:] }
        return Dictionary(offers.map { ($0.offer.id, max(0, $0.score / best)) }) { $1 }
    }
}
