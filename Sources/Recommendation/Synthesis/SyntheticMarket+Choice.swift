import Foundation
import Marketplace

extension SyntheticMarket {
    /// The latency, in milliseconds, at which a user neither gains nor loses.
    static let referenceLatency = 60.0

    /// What a month of the user's use costs at the offer, in US dollars; nil when a price that it needs is unpublished.
    public func monthlyPrice(user: Int, offer: Int) -> Double? {
        priceList(user)?.dollars[offer]
    }

    /// The median, over the offers, of what the user's month costs.
    public func referencePrice(user: Int) -> Double { priceList(user)?.reference ?? 1 }

    private func priceList(_ user: Int) -> PriceList? {
        prices[Profile(archetype: users[user].archetype, volumeGB: users[user].volumeGB)]
    }

    /// V(u, o) for every offer, by position; nil where the offer has no price for this user. O(offers · taste dimension).
    public func utilities(user index: Int) -> [Double?] {
        let user = users[index]
        guard let list = priceList(index), let logLatency = terrain.logLatency[user.region] else {
            return catalog.offers.map { _ in nil }
        }
        let isInside = user.jurisdiction.flatMap { terrain.isInside[$0] }
        return catalog.offers.indices.map { position in
            guard let price = list.dollars[position] else { return nil }
            var utility = appeal[position] - user.priceWeight * log(price / list.reference)
            utility -= user.latencyWeight * logLatency[position]
            utility += user.availabilityWeight * (terrain.nines[position] - 3)
            if let isInside, !isInside[position] { utility -= user.jurisdictionWeight }
            if catalog.offers[position].access == .archive, user.archetype.readsAtOnce { utility -= 4 }
            for (taste, trait) in zip(user.taste, traits[position]) { utility += taste * trait }
            return utility
        }
    }

    /// The probabilities with which the user chooses each of `shown`, and nothing.
    ///
    /// Offers without a price for the user have probability 0. The sum is 1.
    public func probabilities(user: Int, among shown: [Int]) -> (offers: [Double], outside: Double) {
        let all = utilities(user: user)
        let values = shown.map { all[$0] ?? -.infinity }
        let top = max(settings.outsideUtility, values.max() ?? -.infinity)
        let weights = values.map { exp($0 - top) }
        let outside = exp(settings.outsideUtility - top)
        let total = outside + weights.reduce(0, +)
        return (weights.map { $0 / total }, outside / total)
    }

    /// One draw of the user's choice among `shown`: a position of the catalogue, or nil for nothing.
    public func choice(user: Int, among shown: [Int], using random: inout SyntheticRandom) -> Int? {
        choose(utilities(user: user), among: shown, using: &random).chosen
    }

    /// Adds a Gumbel error to each utility and takes the largest, which is a draw from the logit. The order of the rest
    /// is the order in which the user looks at the offers.
    func choose(
        _ utilities: [Double?], among shown: [Int], using random: inout SyntheticRandom
    ) -> (chosen: Int?, order: [Int]) {
        let outside = settings.outsideUtility + random.gumbel()
        var ranked: [(offer: Int, value: Double)] = []
        for offer in shown {
            let error = random.gumbel()
            if let utility = utilities[offer] { ranked.append((offer, utility + error)) }
        }
        ranked.sort { ($0.value, $1.offer) > ($1.value, $0.offer) }
        let best = ranked.first.flatMap { $0.value > outside ? $0.offer : nil }
        return (best, ranked.map(\.offer))
    }
}
