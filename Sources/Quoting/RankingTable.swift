import Marketplace

/// What of a ranking is the same for every user: the eligible offers, how well each is likely to meet the request, and
/// what probation and exposure cost its provider.
///
/// Made once for a question, O(offers · (regions + bounds)), and scored for as many users as ask it, O(offers) each.
public struct RankingTable: Sendable {
    /// One offer's part that no user changes.
    struct Row: Sendable {
        /// What the probabilities of meeting the bounds add to the score.
        let factors: [ScoreFactor]
        let qosUtility: Double
        let meanLatency: Double?
        /// Why the provider is on probation; nil when it is not.
        let probation: String?
        /// The share of all users' first places that the provider takes.
        let exposure: Double
    }

    /// An offer in its place.
    struct Place: Sendable {
        /// Its row.
        let row: Int
        let score: Double
        /// Why it stands lower than its score.
        var moved: String?
    }

    /// The offers that are ranked.
    public let offers: [Offer]
    let rows: [Row]
    let configuration: RankingConfiguration
    /// What the performance rests on; nil for the catalogue.
    let performanceBasis: String?

    /// The table of `offers`; the parameters are those of ``Ranking``.
    public init(
        _ offers: [Offer], request: SLARequest, catalog: Catalog,
        configuration: RankingConfiguration = RankingConfiguration(), qos: (any QoSPredictor)? = nil,
        market: MarketEvidence? = nil
    ) {
        let utility = QoSUtility(
            request, configuration, qos ?? CatalogQoS(catalog, spread: configuration.spread))
        let probabilities = offers.map { utility.probabilities($0) }
        // A bound of which nothing is known anywhere tells no offer from another.
        let isKnown = utility.bounds.indices.map { bound in probabilities.contains { $0[bound] != nil } }
        let judged = utility.bounds.indices.filter { isKnown[$0] }
        let total = judged.reduce(0) { $0 + utility.bounds[$1].weight }
        rows = offers.indices.map { index in
            let offer = offers[index]
            var (factors, mean): ([ScoreFactor], Double) = ([], 0)
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
            return Row(
                factors: factors, qosUtility: mean, meanLatency: Self.meanLatency(offer, request, catalog, qos),
                probation: Self.probation(catalog.providers[offer.provider], offer, configuration.probation, market),
                exposure: Self.exposure(offer.provider, market, configuration))
        }
        self.offers = offers
        self.configuration = configuration
        performanceBasis = qos?.basis
    }

    /// The rows in the order in which they suit a user who likes them as `likings` says, each a probability.
    ///
    /// O(n log n + positions · n).
    func order(_ likings: [Double]) -> [Place] {
        let places = rows.indices.map { Place(row: $0, score: score(rows[$0], likings[$0])) }
        return sharingPlaces(
            places.sorted { $0.score != $1.score ? $0.score > $1.score : offers[$0.row].id < offers[$1.row].id })
    }

    /// The offer in its place with everything that its score is made of.
    func ranked(_ place: Place, _ preference: PredictedPreference?) -> RankedOffer {
        let (row, liking) = (rows[place.row], Self.liking(preference))
        var factors = [ScoreFactor(name: .preference, value: liking, contribution: liking, note: nil)] + row.factors
        factors += deductions(row, factors.reduce(0) { $0 + $1.contribution })
        return RankedOffer(
            offer: offers[place.row], factors: factors, score: place.score, preference: liking,
            origin: preference?.origin ?? .unknown, qosUtility: row.qosUtility, meanLatency: row.meanLatency,
            probation: row.probation, moved: place.moved)
    }

    /// A preference as scores count it.
    static func liking(_ preference: PredictedPreference?) -> Double { min(1, max(0, preference?.probability ?? 0)) }

    // MARK: Scores

    /// The sum of all factors, in the order in which ``ranked(_:_:)`` lists them.
    private func score(_ row: Row, _ liking: Double) -> Double {
        var sum = liking
        for factor in row.factors { sum += factor.contribution }
        var (rest, score) = (sum, sum)
        if row.probation != nil {
            score += -probationDiscount * rest
            rest -= probationDiscount * rest
        }
        if let discount = exposureDiscount(row) { score += -discount * rest }
        return score
    }

    private func deductions(_ row: Row, _ sum: Double) -> [ScoreFactor] {
        var rest = sum
        var result: [ScoreFactor] = []
        if let probation = row.probation {
            let discount = probationDiscount
            result.append(
                ScoreFactor(name: .probation, value: discount, contribution: -discount * rest, note: probation))
            rest -= discount * rest
        }
        if let discount = exposureDiscount(row) {
            let most = percent(configuration.concentration.maximumExposure)
            result.append(
                ScoreFactor(
                    name: .exposure, value: row.exposure, contribution: -discount * rest,
                    note: "\(percent(row.exposure)) of all first places, more than \(most)"))
        }
        return result
    }

    private var probationDiscount: Double { min(1, max(0, configuration.probation.discount)) }

    /// The share of its score that an offer loses to exposure; nil when it loses none.
    private func exposureDiscount(_ row: Row) -> Double? {
        let most = configuration.concentration.maximumExposure
        return row.exposure > most ? 1 - max(0, most) / row.exposure : nil
    }

    /// The order of scores, but that the first places are shared: whoever would take too many of them waits.
    ///
    /// Where nobody else is left, the limits give way: a place is never left empty.
    private func sharingPlaces(_ sorted: [Place]) -> [Place] {
        let positions = max(0, configuration.concentration.positions)
        func places(_ share: Double) -> Int { Int((Double(positions) * min(1, max(0, share))).rounded(.down)) }
        let limit = max(1, places(configuration.concentration.maximumShare))
        let probationLimit = places(configuration.probation.maximumShare)
        var (placed, waiting): ([Place], [Place]) = ([], sorted)
        var (taken, onProbation) = ([String: Int](), 0)
        func provider(_ place: Place) -> String { offers[place.row].provider }
        while placed.count < positions, !waiting.isEmpty {
            let next = waiting.firstIndex { place in
                taken[provider(place), default: 0] < limit
                    && (rows[place.row].probation == nil || onProbation < probationLimit)
            }
            let chosen = next ?? 0
            for index in 0..<chosen where waiting[index].moved == nil {
                let isFull = taken[provider(waiting[index]), default: 0] >= limit
                waiting[index].moved =
                    isFull
                    ? "one provider takes at most \(limit) of the first \(positions) places"
                    : "offers on probation take at most \(probationLimit) of the first \(positions) places"
            }
            let place = waiting.remove(at: chosen)
            taken[provider(place), default: 0] += 1
            onProbation += rows[place.row].probation == nil ? 0 : 1
            placed.append(place)
        }
        return placed + waiting
    }

    // MARK: Rows

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

    /// The mean over the request's traffic of latency as it is predicted, or told by the catalogue, weighted by reads (or
    /// bytes where no reads are given).
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
