import Foundation
import Marketplace

/// How failures are shared: a tree of provider → provider's region → offer, with causes that take down a subtree.
///
/// Independence is the special case of zero shared causes. Ford et al. (*Availability in Globally Distributed Storage
/// Systems*, OSDI 2010) found about 37% of node failures in correlated bursts, which is the default share of a
/// region's causes; no public figure gives the share of provider-wide causes or the rate of providers' exits, so those
/// two are the operator's assumptions.
public struct FailureModel: Sendable, Hashable {
    /// Share of an offer's unavailability whose cause takes down the provider's whole region.
    public var regionCauseShare = 0.37
    /// Share of an offer's unavailability whose cause takes down the whole provider.
    public var providerCauseShare = 0.05
    /// Probability that a provider, or the user's account there, ceases within a year, with all its shards.
    public var providerExitPerYear = 1e-4
    /// Days until lost shards are rebuilt elsewhere.
    public var repairDays = 30.0
    /// Availability of an offer that promises none and whose provider states no assumption.
    public var assumedAvailability = 0.99
    /// Nines of durability of an offer that states none.
    public var assumedDurabilityNines = 9

    /// The defaults.
    public init() {}

    /// Independent failures: no shared cause, no exit.
    public static var independent: FailureModel {
        var model = FailureModel()
        (model.regionCauseShare, model.providerCauseShare, model.providerExitPerYear) = (0, 0, 0)
        return model
    }
}

/// One shard's place in the failure tree with its probabilities.
public struct FailureLeaf: Sendable, Hashable {
    /// The provider.
    public let provider: String
    /// The provider's region.
    public let region: String
    /// Probability that the offer cannot be reached, from all causes.
    public let unavailability: Double
    /// Probability that the offer loses a shard within a year, its provider's exit aside.
    public let annualLoss: Double

    /// A leaf of given probabilities.
    public init(provider: String, region: String, unavailability: Double, annualLoss: Double) {
        self.provider = provider
        self.region = region
        self.unavailability = unavailability
        self.annualLoss = annualLoss
    }
}

extension FailureModel {
    /// The leaf of an offer; `assumed` is its provider's availability where the offer promises none.
    public func leaf(of offer: Offer, assumed: Double?) -> FailureLeaf {
        FailureLeaf(
            provider: offer.provider, region: offer.region,
            unavailability: offer.availability?.complement ?? (1 - (assumed ?? assumedAvailability)),
            annualLoss: pow(10, -Double(offer.durabilityNines ?? assumedDurabilityNines)))
    }

    /// Probability that at least `data` of the shards on `leaves` can be reached. Exact for the tree, by convolving
    /// the number of reachable shards upwards; O(n²).
    ///
    /// A shared cause has the share of the *most* available offer below it, so that no offer's own promise is exceeded;
    /// what remains of an offer's unavailability is its own.
    public func availability(_ leaves: [FailureLeaf], data: Int) -> Double {
        1 - failureProbability(leaves, data: data)
    }

    /// Probability that fewer than `data` shards can be reached: ``availability(_:data:)`` without its cancellation.
    public func failureProbability(_ leaves: [FailureLeaf], data: Int) -> Double {
        probabilityOfFewer(leaves, than: data) { group, level in
            switch level {
            case .provider: providerCauseShare * (group.map(\.unavailability).min() ?? 0)
            case .region: regionCauseShare * (group.map(\.unavailability).min() ?? 0)
            case .offer(let shared):
                group.map { shared < 1 ? max(0, ($0.unavailability - shared) / (1 - shared)) : 0 }.first ?? 0
            }
        }
    }

    /// The repair window as a share of a year, at most 1.
    var repairWindow: Double { min(1, max(repairDays, 1e-3) / 365) }

    /// Nines of annual durability: −log₁₀ of the probability that more than n − k shards are lost within one repair
    /// window, summed over the windows of a year, with providers' exits as shared causes.
    public func durabilityNines(_ leaves: [FailureLeaf], data: Int) -> Double {
        let window = repairWindow
        let loss = probabilityOfFewer(leaves, than: data) { group, level in
            switch level {
            case .provider: providerExitPerYear * window
            case .region: 0
            case .offer: (group.first?.annualLoss ?? 0) * window
            }
        }
        return -log10(max(loss / window, 1e-300))
    }

    private enum Level {
        case provider
        case region
        /// A leaf, below shared causes of this total probability.
        case offer(shared: Double)
    }

    /// Probability that fewer than `data` shards survive when `failure` gives each node's own probability of failing.
    ///
    /// Counts *failed* shards, so that tiny probabilities are sums of tiny terms and keep their precision.
    private func probabilityOfFewer(
        _ leaves: [FailureLeaf], than data: Int, failure: ([FailureLeaf], Level) -> Double
    ) -> Double {
        var total = [1.0]
        for provider in grouped(leaves, by: \.provider) {
            let shared = failure(provider, .provider)
            var below = [1.0]
            for region in grouped(provider, by: \.region) {
                let regional = failure(region, .region)
                var inside = [1.0]
                for leaf in region {
                    let own = failure([leaf], .offer(shared: 1 - (1 - shared) * (1 - regional)))
                    inside = convolve(inside, [1 - own, own])
                }
                below = convolve(below, strike(inside, regional))
            }
            total = convolve(total, strike(below, shared))
        }
        let tolerated = leaves.count - data
        return min(1, total.enumerated().reduce(0) { $0 + ($1.offset > tolerated ? $1.element : 0) })
    }

    /// The leaves in runs of equal key, in order of first appearance.
    private func grouped(_ leaves: [FailureLeaf], by key: KeyPath<FailureLeaf, String>) -> [[FailureLeaf]] {
        var order: [String] = []
        var groups: [String: [FailureLeaf]] = [:]
        for leaf in leaves {
            if groups[leaf[keyPath: key]] == nil { order.append(leaf[keyPath: key]) }
            groups[leaf[keyPath: key], default: []].append(leaf)
        }
        return order.compactMap { groups[$0] }
    }

    /// The distribution of the sum of two independent counts.
    private func convolve(_ one: [Double], _ other: [Double]) -> [Double] {
        var result = [Double](repeating: 0, count: one.count + other.count - 1)
        for (i, p) in one.enumerated() { for (j, q) in other.enumerated() { result[i + j] += p * q } }
        return result
    }

    /// The distribution of failed shards when, with `probability`, all of them fail at once.
    private func strike(_ failed: [Double], _ probability: Double) -> [Double] {
        var result = failed.map { $0 * (1 - probability) }
        result[result.count - 1] += probability
        return result
    }
}
