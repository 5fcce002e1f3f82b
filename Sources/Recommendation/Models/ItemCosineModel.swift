import LinearAlgebra

/// Item-based collaborative filtering: items are alike when the same users took them.
///
/// s(u, i) = Σ_{j∈S_u, j≠i} r_uj cos(i, j), where r is confidence × preference and cos(i, j) the cosine of the items'
/// columns of it (Sarwar et al. 2001), without pruning. With X̂ the columns scaled to length 1 that is
/// r_u X̂ᵀ X̂ − r_u: two sparse products.
public struct ItemCosineModel: StorableModel, Equatable {
    /// `ModelKind.itemCosine`.
    public static let kind = ModelKind.itemCosine
    /// What each user took.
    private let users: SparseMatrix
    /// X̂, the interactions of training with columns of length 1.
    private let normalized: SparseMatrix
    private let transposed: SparseMatrix
    /// cos(i, i): 1, or 0 for an item that nobody took.
    private let ownCosines: [Float]

    /// The number of users.
    public var userCount: Int { users.rows }
    /// The number of items.
    public var itemCount: Int { normalized.columns }

    /// Prepares the columns. O(entries).
    /// - Throws: `numerical` when confidence × preference overflows.
    public init(_ interactions: InteractionMatrix) throws(RecommendationError) {
        let users = try interactions.sparse()
        var squares = [Double](repeating: 0, count: users.columns)
        for (item, value) in zip(users.columnIndices, users.values) {
            squares[Int(item)] += Double(value) * Double(value)
        }
        let factors = squares.map { $0 > 0 ? Float(1 / $0.squareRoot()) : 0 }
        let normalized = try numerical { () throws(LinearAlgebraError) in try users.scaled(columns: factors) }
        try self.init(users: users, normalized: normalized)
    }

    private init(users: SparseMatrix, normalized: SparseMatrix) throws(RecommendationError) {
        try users.check(items: normalized.columns)
        self.users = users
        self.normalized = normalized
        transposed = normalized.transposed()
        var squares = [Float](repeating: 0, count: normalized.columns)
        for (item, value) in zip(normalized.columnIndices, normalized.values) { squares[Int(item)] += value * value }
        ownCosines = squares
    }

    /// From each user's items to their users to the items of those. O(Σ_{j∈S_u} |U_j| + Σ_{v∋j} |S_v|) a user.
    public func score(
        users indices: [Int], items: Range<Int>, into scores: inout Matrix<Float>
    ) throws(RecommendationError) {
        try check(users: indices, items: items, into: scores)
        try numerical { () throws(LinearAlgebraError) in
            let rows = try users.gatheringRows(indices)
            let sums = try normalized.leftMultiplied(by: try rows.multiplied(by: transposed))
            for row in indices.indices { try scores.replaceRow(row, with: sums.row(row)[from: items]) }
            for row in indices.indices {
                for k in rows.rowStarts[row]..<rows.rowStarts[row + 1] {
                    let item = Int(rows.columnIndices[k])
                    guard items.contains(item) else { continue }
                    scores[row, item - items.lowerBound] -= rows.values[k] * ownCosines[item]
                }
            }
        }
    }

    /// The same neighbourhoods for the users of `interactions`. O(entries).
    public func withUsers(foldedIn interactions: InteractionMatrix) throws(RecommendationError) -> ItemCosineModel {
        try ItemCosineModel(users: try interactions.sparse(), normalized: normalized)
    }
}

extension ItemCosineModel {
    /// None.
    public var storedHyperparameters: ImplicitALS.Hyperparameters? { nil }

    /// What users took, `users_*`, and the normalised columns by row, `normalized_*`.
    public func tensors() -> [NamedTensor] { users.tensors("users") + normalized.tensors("normalized") }

    /// The model of a stored file.
    public init(_ file: TensorFile, manifest: ModelManifest) throws(RecommendationError) {
        try self.init(
            users: try file.sparse("users", columns: manifest.itemCount),
            normalized: try file.sparse("normalized", columns: manifest.itemCount))
    }
}

extension ArraySlice {
    /// The elements at offsets `range` from the start of the slice.
    subscript(from range: Range<Int>) -> ArraySlice {
        self[startIndex + range.lowerBound..<startIndex + range.upperBound]
    }
}
