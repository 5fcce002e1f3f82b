import LinearAlgebra

/// Why a user's iALS score of an item is what it is: the share of each of the user's own interactions.
///
/// With A_u = α₀ YᵀY + λ_u I + Y_Sᵀ C_u Y_S the score is y_iᵀ A_u⁻¹ Y_Sᵀ C_u p_u = Σ_j s_ij c_uj p_uj, where
/// s_ij = y_iᵀ A_u⁻¹ y_j is the similarity of items i and j in this user's eyes (Hu, Koren, Volinsky 2008, eq. 7).
public struct Explanation: Sendable, Equatable {
    /// One own interaction's share of the score.
    public struct Contribution: Sendable, Equatable {
        /// The item that the user interacted with.
        public let item: Int
        /// s_ij, how alike the two items are for this user.
        public let similarity: Double
        /// c p, the weight of the interaction.
        public let weight: Double
        /// similarity × weight: what the interaction adds to the score.
        public var amount: Double { similarity * weight }
    }

    /// The item whose score is explained.
    public let item: Int
    /// The contributions, largest magnitude first; equal ones by item.
    public let contributions: [Contribution]
    /// Their sum: the score of the user's exact solution.
    public var score: Double { contributions.reduce(0) { $0 + $1.amount } }
}

extension ImplicitALSModel {
    /// Takes the score of `item` for row `user` of `interactions` apart, in Double. O(n d² + d³ / 3).
    ///
    /// The contributions sum to the score of the user folded in from this row, which for the training matrix is the
    /// score of the model, up to the rounding of Float.
    /// - Throws: `indexOutOfRange`, `shapeMismatch`, `numerical`.
    public func explain(
        user: Int, item: Int, interactions: InteractionMatrix
    ) throws(RecommendationError) -> Explanation {
        try explain(user: user, items: [item], interactions: interactions)[0]
    }

    /// The same for several items, in their order: the user's system is factored once.
    /// O(n d² + d³ / 3), and O(n d + d²) an item.
    public func explain(
        user: Int, items: [Int], interactions: InteractionMatrix
    ) throws(RecommendationError) -> [Explanation] {
        guard (0..<interactions.userCount).contains(user) else {
            throw .indexOutOfRange(kind: "user", index: user, count: interactions.userCount)
        }
        if let outside = items.first(where: { !(0..<itemCount).contains($0) }) {
            throw .indexOutOfRange(kind: "item", index: outside, count: itemCount)
        }
        guard interactions.itemCount == itemCount else {
            throw .shapeMismatch(
                what: "interactions", expected: "\(itemCount) items", found: "\(interactions.itemCount)")
        }
        let entries = interactions.entryRange(of: user)
        let d = hyperparameters.factors
        let ridge = Double(hyperparameters.ridge(degree: entries.count, others: itemCount))
        let similarities = try numerical { () throws(LinearAlgebraError) -> [[Double]] in
            guard !entries.isEmpty else { return items.map { _ in [] } }
            let own = try Matrix<Double>(
                rows: entries.count, columns: d,
                elements: entries.flatMap { k in
                    itemFactors.row(Int(interactions.items[k])).map { Double($0) }
                })
            let weighted = try Matrix<Double>(
                rows: entries.count, columns: d,
                elements: entries.flatMap { k in
                    let confidence = Double(interactions.confidences?[k] ?? 1)
                    return itemFactors.row(Int(interactions.items[k])).map { confidence * Double($0) }
                })
            var diagonal = [Double](repeating: 0, count: d * d)
            for (k, value) in sharedDiagonal.enumerated() { diagonal[k * (d + 1)] = Double(value) + ridge }
            var system = try Matrix<Double>(rows: d, columns: d, elements: diagonal)
            try system.accumulateProduct(own, weighted, transposeA: .transposed, beta: 1)
            let factored = try Cholesky(system)
            var similarities: [[Double]] = []
            for item in items {
                let target = itemFactors.row(item).map { Double($0) }
                similarities.append(try own.multiplied(by: try factored.solve(target)))
            }
            return similarities
        }
        return zip(items, similarities).map { item, similarities in
            let contributions = zip(entries, similarities).map { k, similarity in
                Explanation.Contribution(
                    item: Int(interactions.items[k]), similarity: similarity,
                    weight: Double(interactions.confidences?[k] ?? 1) * Double(interactions.preferences?[k] ?? 1))
            }
            return Explanation(
                item: item,
                contributions: contributions.sorted { (-abs($0.amount), $0.item) < (-abs($1.amount), $1.item) })
        }
    }
}
