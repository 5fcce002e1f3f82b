import LinearAlgebra

/// Item-based collaborative filtering: items are alike when the same users took them.
///
/// s(u, i) = Σ_{j∈S_u} c_uj p_uj cos(i, j), where cos(i, j) is the cosine of the items' columns of confidence ×
/// preference (Sarwar et al. 2001), without pruning. Item i does not count as its own neighbour.
public struct ItemCosineModel: Recommender, Equatable {
    /// `ModelKind.itemCosine`.
    public static let kind = ModelKind.itemCosine
    /// What the users took: the neighbourhoods are sums over its columns.
    public let interactions: InteractionMatrix
    private let byItem: InteractionMatrix
    private let inverseNorms: [Float]

    /// The number of users.
    public var userCount: Int { interactions.userCount }
    /// The number of items.
    public var itemCount: Int { interactions.itemCount }

    /// Prepares the transpose and the norms. O(entries).
    public init(_ interactions: InteractionMatrix) {
        self.interactions = interactions
        byItem = interactions.transposed()
        inverseNorms = (0..<interactions.itemCount).map { [byItem] item in
            let square = byItem.entryRange(of: item).reduce(0.0) { sum, k in
                let value = Double(byItem.value(k))
                return sum + value * value
            }
            return square > 0 ? Float(1 / square.squareRoot()) : 0
        }
    }

    /// Walks from each user's items over their users to the items of those. O(Σ_{j∈S_u} Σ_{v∋j} |S_v|) a user.
    public func score(
        users: [Int], items: Range<Int>, into scores: inout Matrix<Float>
    ) throws(RecommendationError) {
        try check(users: users, items: items, into: scores)
        for (row, user) in users.enumerated() {
            let sums = neighbourhoodScores(of: user)
            try numerical { () throws(LinearAlgebraError) in try scores.replaceRow(row, with: sums[items]) }
        }
    }

    private func neighbourhoodScores(of user: Int) -> [Float] {
        // The weight that reaches each other user v over the common items.
        var sums = [Float](repeating: 0, count: itemCount)
        for k in interactions.entryRange(of: user) {
            let item = Int(interactions.items[k])
            let weight = interactions.value(k) * inverseNorms[item]
            var selfSum: Float = 0
            for l in byItem.entryRange(of: item) {
                let other = Int(byItem.items[l])
                let passed = weight * byItem.value(l)
                selfSum += passed * byItem.value(l)
                for m in interactions.entryRange(of: other) {
                    sums[Int(interactions.items[m])] += passed * interactions.value(m)
                }
            }
            sums[item] -= selfSum
        }
        for item in sums.indices { sums[item] *= inverseNorms[item] }
        return sums
    }
}

extension InteractionMatrix {
    /// confidence × preference of entry `k`.
    func value(_ k: Int) -> Float { (confidences?[k] ?? 1) * (preferences?[k] ?? 1) }
}
