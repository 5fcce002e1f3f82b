import LinearAlgebra
import Synchronization

/// Item-based collaborative filtering: items are alike when the same users took them (Sarwar et al. 2001; Deshpande and
/// Karypis, *Item-Based Top-N Recommendation Algorithms*, 2004).
///
/// With x_i the column of confidence × preference of item i, s_ij = x_iᵀx_j / (‖x_i‖ ‖x_j‖ + shrinkage), and of each
/// item the most similar others count: s(u, i) = Σ_{j∈S_u, i∈N(j)} r_uj s_ji.
public struct ItemCosine: ModelHyperparameters {
    /// How many neighbours an item has, 1 to 1,000,000.
    public var neighbours: Int
    /// ≥ 0: how much it takes to trust the similarity of items that few took.
    public var shrinkage: Double

    /// Defaults that suit the Gowalla split.
    public init(neighbours: Int = 200, shrinkage: Double = 0) {
        self.neighbours = neighbours
        self.shrinkage = shrinkage
    }

    /// `ModelRecipe.itemCosine`.
    public var recipe: ModelRecipe { .itemCosine(self) }

    /// Refuses values that have no meaning.
    /// - Throws: `invalidHyperparameter`.
    public func validate() throws(RecommendationError) {
        guard (1...1_000_000).contains(neighbours) else {
            throw .invalidHyperparameter(name: "neighbours", requirement: "must be 1 to 1000000, not \(neighbours)")
        }
        guard shrinkage >= 0, Float(shrinkage).isFinite else {
            throw .invalidHyperparameter(name: "shrinkage", requirement: "must be ≥ 0 and finite, not \(shrinkage)")
        }
    }

    /// Compares every pair of items that a user took both of. O(Σ_u |S_u|²); the same bits at any number of threads.
    /// - Throws: `invalidHyperparameter`, `numerical` when confidence × preference overflows.
    public func train(
        _ interactions: InteractionMatrix, threads: Int, progress: (_ epoch: Int) -> Void
    ) throws(RecommendationError) -> ItemCosineModel {
        try validate()
        let users = try interactions.sparse()
        let byItem = users.transposed()
        let norms = (0..<users.columns).map { byItem.rowProduct($0, $0).squareRoot() }
        let blocks = Mutex<[Int: [(items: [Int32], values: [Float])]]>([:])
        ParallelBlocks.forEach(count: users.columns, blockSize: 256, threads: threads) { block, range in
            var sums = [Double](repeating: 0, count: users.columns)
            let rows = range.map { neighbours(of: $0, users, byItem, norms, &sums) }
            blocks.withLock { $0[block] = rows }
        }
        let rows = blocks.withLock { blocks in blocks.keys.sorted().flatMap { blocks[$0] ?? [] } }
        let similarities = try numerical { () throws(LinearAlgebraError) in
            try SparseMatrix(
                rows: users.columns, columns: users.columns,
                rowStarts: rows.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.items.count) },
                columnIndices: rows.flatMap(\.items), values: rows.flatMap(\.values))
        }
        return try ItemCosineModel(
            hyperparameters: self, users: users, similarities: similarities, norms: norms.map { Float($0) })
    }

    /// The most similar items of one, ascending. `sums` is zero before and after.
    private func neighbours(
        of item: Int, _ users: SparseMatrix, _ byItem: SparseMatrix, _ norms: [Double], _ sums: inout [Double]
    ) -> (items: [Int32], values: [Float]) {
        var touched: [Int32] = []
        for k in byItem.rowStarts[item]..<byItem.rowStarts[item + 1] {
            let (user, value) = (Int(byItem.columnIndices[k]), Double(byItem.values[k]))
            for l in users.rowStarts[user]..<users.rowStarts[user + 1] where users.values[l] != 0 && value != 0 {
                let other = users.columnIndices[l]
                if sums[Int(other)] == 0 { touched.append(other) }
                sums[Int(other)] += value * Double(users.values[l])
            }
        }
        var found: [(item: Int32, value: Float)] = []
        // An item is touched twice when its sum has passed through 0, as preferences below 0 allow.
        for other in Set(touched) {
            let product = sums[Int(other)]
            sums[Int(other)] = 0
            guard Int(other) != item, product != 0 else { continue }
            found.append((other, Float(product / (norms[item] * norms[Int(other)] + shrinkage))))
        }
        if found.count > neighbours {
            found.sort { ($1.value, $0.item) < ($0.value, $1.item) }
            found.removeLast(found.count - neighbours)
        }
        found.sort { $0.item < $1.item }
        return (found.map(\.item), found.map(\.value))
    }
}
