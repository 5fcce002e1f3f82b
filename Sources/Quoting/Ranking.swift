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
        let preferences = model.preferences(of: request.user, for: offers)
        let utility = QoSUtility(
            request, configuration, qos ?? CatalogQoS(catalog, spread: configuration.spread))
        let probabilities = offers.map { utility.probabilities($0) }
        // A bound of which nothing is known anywhere tells no offer from another.
        let isKnown = utility.bounds.indices.map { bound in probabilities.contains { $0[bound] != nil } }
        let judged = utility.bounds.indices.filter { isKnown[$0] }
        let total = judged.reduce(0) { $0 + utility.bounds[$1].weight }

        let ranked = offers.indices.map { index in
            let offer = offers[index]
            let preference = preferences[index]
            let liking = min(1, max(0, preference?.probability ?? 0))
            var factors = [ScoreFactor(name: .preference, value: liking, contribution: liking, note: nil)]
            var mean = 0.0
            for place in judged {
                let bound = utility.bounds[place]
                let value = probabilities[index][place] ?? 0
                mean += bound.weight / total * value
                factors.append(
                    ScoreFactor(
                        name: bound.factor, value: value,
                        contribution: configuration.qosWeight * bound.weight / total * value,
                        note: Self.note(bound, isKnown: probabilities[index][place] != nil)))
            }
            let probation = Self.probation(catalog.providers[offer.provider], offer, configuration.probation, market)
            let exposure = Self.exposure(offer.provider, market, configuration)
            factors += Self.deductions(factors, probation, exposure, configuration)
            return RankedOffer(
                offer: offer, factors: factors, score: factors.reduce(0) { $0 + $1.contribution }, preference: liking,
                origin: preference?.origin ?? .unknown, qosUtility: mean,
                meanLatency: Self.meanLatency(offer, request, catalog, qos), probation: probation)
        }
        let sorted = ranked.sorted { $0.score != $1.score ? $0.score > $1.score : $0.offer.id < $1.offer.id }
        let shared = Self.sharingPlaces(sorted, configuration)
        var seen: Set<String> = []
        self.offers = shared
        providers = shared.filter { seen.insert($0.offer.provider).inserted }
        evidence = model.evidence(of: request.user, for: providers.map(\.offer))
        basis = model.basis(for: request.user)
        performanceBasis = qos?.basis
    }

    /// Liking by offer ID, scaled so that the best is 1: what the allocation's preference goes by.
    public var liking: [String: Double] {
        let best = offers.reduce(0) { max($0, $1.score) }
        guard best > 0 else { return [:] }
        return Dictionary(offers.map { ($0.offer.id, max(0, $0.score / best)) }) { $1 }
    }

    private static func note(_ bound: QoSUtility.Bound, isKnown: Bool) -> String? {
        if !isKnown { return "nothing is known" }
        return bound.isAsked ? nil : "not asked for; against the operator's reference"
    }

    /// Why a provider is on probation; nil when it is not.
    private static func probation(
        _ provider: Provider?, _ offer: Offer, _ rule: RankingConfiguration.Probation, _ market: MarketEvidence?
    ) -> String? {
        if let market {
            let deals = market.deals[offer.provider] ?? 0
            if deals < rule.minimumDeals { return "\(deals) deals so far, fewer than \(rule.minimumDeals)" }
        }
        if let reputation = provider?.reputation, reputation < rule.minimumReputation {
            return "reputation \(reputation), below \(rule.minimumReputation)"
        }
        return nil
    }

    /// The share of all users' first places that a provider takes; 0 of too few users.
    private static func exposure(
        _ provider: String, _ market: MarketEvidence?, _ configuration: RankingConfiguration
    ) -> Double {
        guard let market, market.users ?? .max >= configuration.concentration.minimumUsers else { return 0 }
        return market.exposure[provider] ?? 0
    }

    private static func deductions(
        _ factors: [ScoreFactor], _ probation: String?, _ exposure: Double, _ configuration: RankingConfiguration
    ) -> [ScoreFactor] {
        var rest = factors.reduce(0) { $0 + $1.contribution }
        var result: [ScoreFactor] = []
        if let probation {
            let discount = min(1, max(0, configuration.probation.discount))
            result.append(
                ScoreFactor(name: .probation, value: discount, contribution: -discount * rest, note: probation))
            rest -= discount * rest
        }
        let most = configuration.concentration.maximumExposure
        if exposure > most {
            let discount = 1 - max(0, most) / exposure
            result.append(
                ScoreFactor(
                    name: .exposure, value: exposure, contribution: -discount * rest,
                    note: "\(percent(exposure)) of all first places, more than \(percent(most))"))
        }
        return result
    }

    /// The order of scores, but that the first places are shared: whoever would take too many of them waits.
    ///
    /// Where nobody else is left, the limits give way: a place is never left empty.
    private static func sharingPlaces(
        _ sorted: [RankedOffer], _ configuration: RankingConfiguration
    ) -> [RankedOffer] {
        let positions = max(0, configuration.concentration.positions)
        func places(_ share: Double) -> Int { Int((Double(positions) * min(1, max(0, share))).rounded(.down)) }
        let limit = max(1, places(configuration.concentration.maximumShare))
        let probationLimit = places(configuration.probation.maximumShare)
        var (placed, waiting): ([RankedOffer], [RankedOffer]) = ([], sorted)
        var (taken, onProbation) = ([String: Int](), 0)
        while placed.count < positions, !waiting.isEmpty {
            let next = waiting.firstIndex { offer in
                taken[offer.offer.provider, default: 0] < limit
                    && (offer.probation == nil || onProbation < probationLimit)
            }
            let chosen = next ?? 0
            for index in 0..<chosen where waiting[index].moved == nil {
                let isFull = taken[waiting[index].offer.provider, default: 0] >= limit
                waiting[index].moved =
                    isFull
                    ? "one provider takes at most \(limit) of the first \(positions) places"
                    : "offers on probation take at most \(probationLimit) of the first \(positions) places"
            }
            let offer = waiting.remove(at: chosen)
            taken[offer.offer.provider, default: 0] += 1
            onProbation += offer.probation == nil ? 0 : 1
            placed.append(offer)
        }
        return placed + waiting
    }

    /// The mean over the request's traffic of latency as it is predicted, or told by the catalogue, weighted by reads (or bytes where no reads are given).
    private static func meanLatency(
        _ offer: Offer, _ request: SLARequest, _ catalog: Catalog, _ qos: (any QoSPredictor)?
    ) -> Double? {
        guard offer.access == .online else { return nil }
        var sum = 0.0
        var weights = 0.0
        let counted = request.traffic.contains { $0.reads > 0 }
        for part in request.traffic {
            let weight = counted ? Double(part.reads) : Double(part.egressBytes)
            guard weight > 0 else { continue }
            let learned = qos?.median(.latencyMs, from: part.region, at: offer)
            guard let latency = learned ?? catalog.latency(from: part.region, to: offer.metro)?.milliseconds else {
                return nil
            }
            sum += weight * latency
            weights += weight
        }
        return weights > 0 ? sum / weights : nil
    }
}
