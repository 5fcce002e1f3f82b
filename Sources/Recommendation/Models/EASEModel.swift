import LinearAlgebra

/// A trained EASE: see `EASE`. A user's scores are the user's row times B, so that users are folded in by taking
/// their rows.
public struct EASEModel: StorableModel, Equatable {
    /// `ModelKind.ease`.
    public static let kind = ModelKind.ease
    /// x, what each user took.
    private let users: SparseMatrix
    /// x G diag(1 / (1 − G_jj)).
    private let filter: SpectralFilter
    /// G_jj.
    private let diagonal: [Float]

    /// The number of users.
    public var userCount: Int { users.rows }
    /// The number of items.
    public var itemCount: Int { filter.basis.rows }

    init(users: SparseMatrix, filter: SpectralFilter, diagonal: [Float]) throws(RecommendationError) {
        try users.check(items: filter.basis.rows)
        guard diagonal.count == filter.basis.rows else {
            throw .shapeMismatch(
                what: "diagonal", expected: "\(filter.basis.rows) items", found: "\(diagonal.count)")
        }
        self.users = users
        self.filter = filter
        self.diagonal = diagonal
    }

    /// x B. O((|S_u| + items) · rank) a user.
    public func score(
        users indices: [Int], items: Range<Int>, into scores: inout Matrix<Float>
    ) throws(RecommendationError) {
        try check(users: indices, items: items, into: scores)
        try numerical { () throws(LinearAlgebraError) in
            let rows = try users.gatheringRows(indices)
            try filter.apply(to: rows, items: items, into: &scores)
            // B_jj = 0: an item says nothing for itself.
            for row in indices.indices {
                for k in rows.rowStarts[row]..<rows.rowStarts[row + 1] {
                    let item = Int(rows.columnIndices[k])
                    guard items.contains(item) else { continue }
                    scores[row, item - items.lowerBound] -= rows.values[k] * diagonal[item] * filter.outputScale[item]
                }
            }
        }
    }

    /// The same B for the users of `interactions`. O(entries).
    public func withUsers(foldedIn interactions: InteractionMatrix) throws(RecommendationError) -> EASEModel {
        try EASEModel(users: try interactions.sparse(), filter: filter, diagonal: diagonal)
    }
}

extension EASEModel {
    /// None.
    public var storedHyperparameters: ImplicitALS.Hyperparameters? { nil }

    /// What users took, `users_*`, the filter, and `diagonal`.
    public func tensors() -> [NamedTensor] {
        users.tensors("users") + filter.tensors + [NamedTensor("diagonal", diagonal)]
    }

    /// The model of a stored file.
    public init(_ file: TensorFile, manifest: ModelManifest) throws(RecommendationError) {
        try self.init(
            users: try file.sparse("users", columns: manifest.itemCount), filter: try SpectralFilter(file),
            diagonal: try file.vector("diagonal"))
    }
}
