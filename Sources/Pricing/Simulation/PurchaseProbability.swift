import Foundation

/// The probability that one request is served by one provider, as a function of that provider's price: a nested logit
/// of which the plain logit is the case ρ = 1.
///
/// With v = (a − αp)/ρ, D = eᵛ + Σ of e^{V/ρ} over the rest of the provider's group, and `outside` the sum of D^ρ over
/// the other groups and 1 for none: P = eᵛ/D · D^ρ / (D^ρ + outside) (McFadden 1978; Train, *Discrete Choice Methods with
/// Simulation*, 2009, eq. 4.2 and 4.3).
package struct PurchaseProbability: Sendable, Hashable {
    /// Utility of the provider at price 0.
    var utility: Double
    /// Utility lost with each unit of the price, positive.
    var sensitivity: Double
    /// Σ of e^{V/ρ} over the other providers shown in the same group.
    var group: Double
    /// Σ of D^ρ over the other groups, and 1 for none.
    var outside: Double
    /// ρ, above 0 and at most 1.
    var dissimilarity = 1.0

    /// At price `price`.
    package func callAsFunction(_ price: Double) -> Double {
        let own = (utility - sensitivity * price) / dissimilarity
        // By the largest exponent, so that no price overflows.
        if dissimilarity == 1 {
            let rest = group + outside
            return own > 0 ? 1 / (1 + rest * exp(-own)) : exp(own) / (exp(own) + rest)
        }
        let inclusive = max(own, log(group)) + log1p(exp(-abs(own - log(group))))
        let within = exp(own - inclusive)
        return within / (1 + outside * exp(-dissimilarity * inclusive))
    }
}

/// The choice probabilities of one request over everybody shown, by the same nested logit.
package enum NestedShares {
    /// For utilities `utilities` in groups `groups` (numbered from 0), each provider's share; none's is the rest.
    /// O(shown + groups).
    package static func shares(_ utilities: [Double], groups: [Int], dissimilarity: Double) -> [Double] {
        let top = max(0, utilities.max() ?? 0)
        var sums = [Double](repeating: 0, count: (groups.max() ?? 0) + 1)
        let powers = utilities.map { exp(($0 - top) / dissimilarity) }
        for (power, group) in zip(powers, groups) { sums[group] += power }
        let total = exp(-top) + sums.reduce(0) { $0 + ($1 > 0 ? pow($1, dissimilarity) : 0) }
        return zip(powers, groups).map { power, group in
            power > 0 ? power * pow(sums[group], dissimilarity - 1) / total : 0
        }
    }
}
