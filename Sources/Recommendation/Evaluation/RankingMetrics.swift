import Foundation
import LinearAlgebra

/// How well rankings foretell held-out interactions, a mean over the users that have any.
public struct RankingMetrics: Sendable, Equatable {
    /// K, the length of the rankings that counts.
    public let k: Int
    /// The number of users with held-out items.
    public let users: Int
    /// hits / |T_u|.
    public let recall: Double
    /// Binary NDCG with the ideal over min(K, |T_u|): Σ_hits 1/log₂(rank + 1) over its greatest possible value.
    public let ndcg: Double
    /// hits / min(K, |T_u|): the recall of the strong-generalisation protocol (Liang et al. 2018; Rendle et al. 2021).
    /// Not comparable with `recall`.
    public let truncatedRecall: Double
    /// The share of users with at least one hit.
    public let hitRate: Double
    /// The share of all items that stand in at least one ranking.
    public let coverage: Double
    /// Each measured user's own measures, for paired tests and slices; in the order of the rankings.
    public let perUser: [PerUser]

    /// One user's part.
    public struct PerUser: Sendable, Equatable {
        /// The user's index.
        public let user: Int
        /// hits / |T_u|.
        public let recall: Double
        /// Binary NDCG.
        public let ndcg: Double
        /// hits / min(K, |T_u|).
        public let truncatedRecall: Double
    }

    /// Measures the first `k` items of each ranking against the held-out row of its user. O(users · k · log |T_u|).
    /// - Throws: `indexOutOfRange`, `invalidHyperparameter` for k < 1.
    public init(_ rankings: [Ranking], test: InteractionMatrix, k: Int) throws(RecommendationError) {
        guard k >= 1 else { throw .invalidHyperparameter(name: "k", requirement: "must be at least 1, not \(k)") }
        let discounts = (0..<k).map { 1 / log2(Double($0 + 2)) }
        var ideal = [0.0]
        for discount in discounts { ideal.append((ideal.last ?? 0) + discount) }
        var perUser: [PerUser] = []
        var hitUsers = 0
        var recommended = Set<Int32>()
        for ranking in rankings {
            guard (0..<test.userCount).contains(ranking.user) else {
                throw .indexOutOfRange(kind: "user", index: ranking.user, count: test.userCount)
            }
            recommended.formUnion(ranking.items.prefix(k))
            let held = test.items(of: ranking.user)
            guard !held.isEmpty else { continue }
            var (hits, gain) = (0, 0.0)
            for (rank, item) in ranking.items.prefix(k).enumerated() where held.containsSorted(item) {
                hits += 1
                gain += discounts[rank]
            }
            perUser.append(
                PerUser(
                    user: ranking.user, recall: Double(hits) / Double(held.count),
                    ndcg: gain / ideal[min(k, held.count)], truncatedRecall: Double(hits) / Double(min(k, held.count))))
            hitUsers += hits > 0 ? 1 : 0
        }
        let count = Double(max(1, perUser.count))
        self.k = k
        users = perUser.count
        recall = perUser.reduce(0) { $0 + $1.recall } / count
        ndcg = perUser.reduce(0) { $0 + $1.ndcg } / count
        truncatedRecall = perUser.reduce(0) { $0 + $1.truncatedRecall } / count
        hitRate = Double(hitUsers) / count
        coverage = Double(recommended.count) / Double(max(1, test.itemCount))
        self.perUser = perUser
    }
}

extension ArraySlice<Int32> {
    /// Whether an ascending slice holds `value`. O(log n).
    func containsSorted(_ value: Int32) -> Bool { positionSorted(of: value) != nil }

    /// Where an ascending slice holds `value`; nil where it does not. O(log n).
    func positionSorted(of value: Int32) -> Int? {
        var (low, high) = (startIndex, endIndex)
        while low < high {
            let middle = low + (high - low) / 2
            if self[middle] < value { low = middle + 1 } else { high = middle }
        }
        return low < endIndex && self[low] == value ? low : nil
    }
}
