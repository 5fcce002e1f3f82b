import Foundation
import Marketplace

/// A past interaction that speaks for or against an offer.
public struct Evidence: Sendable, Hashable {
    /// The offer that the user dealt with.
    public let offer: String
    /// What it adds to the preference; the contributions of all interactions sum to the preference.
    public let contribution: Double

    /// A contribution.
    public init(offer: String, contribution: Double) {
        self.offer = offer
        self.contribution = contribution
    }
}

/// What predicts preferences: a trained model with a user's history, or nothing at all.
public protocol PreferenceModel: Sendable {
    /// The model's version, pinned in every quote.
    var version: String { get }
    /// Everything that the predictions are made from, for the hash of a quote's inputs.
    var fingerprint: String { get }
    /// What the predictions rest on, in a few words for people.
    func basis(for user: String) -> String
    /// How much the user will want each of `offers`, about 0…1: what the model predicts in place of a reservation's 1.
    /// Nil for an offer that the model does not know.
    func preferences(of user: String, for offers: [Offer]) -> [Double?]
    /// The user's interactions that weigh most in the preference for `offer`, most first; empty when there are none.
    func evidence(of user: String, for offer: Offer) -> [Evidence]
}

/// One offer in the ranking, with the factors of its score.
public struct RankedOffer: Sendable, Hashable {
    /// The offer.
    public let offer: Offer
    /// preference + weight × QoS utility.
    public let score: Double
    /// What the preference model says, clamped to 0…1; 0 for what it does not know.
    public let preference: Double
    /// Whether the model knows the offer.
    public let isKnown: Bool
    /// How well the offer serves the request's regions, 0…1.
    public let qosUtility: Double
    /// The traffic-weighted mean latency in milliseconds; nil when unknown or without traffic.
    public let meanLatency: Double?
}

/// Step 2 of a quote: eligible offers in the order in which they suit the user.
public struct Ranking: Sendable {
    /// Best first; ties by ID.
    public let offers: [RankedOffer]
    /// The best offer of each provider, best provider first.
    public let providers: [RankedOffer]
    /// For each of the providers what speaks for or against its best offer.
    public let evidence: [[Evidence]]
    /// What the preferences rest on.
    public let basis: String

    /// Ranks `offers`: the predicted preference plus `qosWeight` times the QoS utility against the request. O(n log n).
    public init(
        _ offers: [Offer], request: SLARequest, catalog: Catalog, model: any PreferenceModel, qosWeight: Double
    ) {
        let preferences = model.preferences(of: request.user, for: offers)
        let ranked = zip(offers, preferences).map { offer, preference in
            let latency = Self.meanLatency(offer, request, catalog)
            let utility = Self.utility(offer, latency, request, catalog)
            let liking = min(1, max(0, preference ?? 0))
            return RankedOffer(
                offer: offer, score: liking + qosWeight * utility, preference: liking, isKnown: preference != nil,
                qosUtility: utility, meanLatency: latency)
        }
        let sorted = ranked.sorted { $0.score != $1.score ? $0.score > $1.score : $0.offer.id < $1.offer.id }
        var seen: Set<String> = []
        self.offers = sorted
        providers = sorted.filter { seen.insert($0.offer.provider).inserted }
        evidence = providers.map { $0.isKnown ? model.evidence(of: request.user, for: $0.offer) : [] }
        basis = model.basis(for: request.user)
    }

    /// Liking by offer ID, scaled so that the best is 1: what the allocation's preference goes by.
    public var liking: [String: Double] {
        guard let best = offers.first?.score, best > 0 else { return [:] }
        return Dictionary(offers.map { ($0.offer.id, max(0, $0.score / best)) }) { $1 }
    }

    /// The mean latency over the request's traffic, weighted by reads (or bytes where no reads are given).
    private static func meanLatency(_ offer: Offer, _ request: SLARequest, _ catalog: Catalog) -> Double? {
        guard offer.access == .online else { return nil }
        var sum = 0.0
        var weights = 0.0
        let counted = request.traffic.contains { $0.reads > 0 }
        for part in request.traffic {
            let weight = counted ? Double(part.reads) : Double(part.egressBytes)
            guard weight > 0 else { continue }
            guard let latency = catalog.latency(from: part.region, to: offer.metro) else { return nil }
            sum += weight * latency.milliseconds
            weights += weight
        }
        return weights > 0 ? sum / weights : nil
    }

    /// The mean of two parts, each 0…1: availability, as its share of four nines; and latency, halved for every 100 ms.
    private static func utility(
        _ offer: Offer, _ latency: Double?, _ request: SLARequest, _ catalog: Catalog
    ) -> Double {
        let promised = offer.availability ?? catalog.providers[offer.provider]?.assumedAvailability
        let nines = -log10(max(1e-4, 1 - (promised?.doubleValue ?? 0)))
        let availability = min(1, max(0, nines / 4))
        let asksLatency = request.traffic.contains { $0.reads > 0 || $0.egressBytes > 0 }
        guard asksLatency else { return availability }
        return (availability + (latency.map { exp2(-$0 / 100) } ?? 0)) / 2
    }
}
