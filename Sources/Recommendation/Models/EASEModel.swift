import LinearAlgebra

/// A trained EASE: see `EASE`. A user's scores are the user's row times B, so that users are folded in by taking
/// their rows.
public struct EASEModel: LinearModel, Equatable {
    /// `ModelKind.ease`.
    public static let kind = ModelKind.ease
    /// How the model was trained.
    public let hyperparameters: EASE
    /// x, what each user took.
    let users: SparseMatrix
    /// x G diag(1 / (1 − G_jj)).
    private let filter: SpectralFilter
    /// G_jj.
    private let diagonal: [Float]

    init(
        hyperparameters: EASE, users: SparseMatrix, filter: SpectralFilter, diagonal: [Float]
    ) throws(RecommendationError) {
        try users.check(items: filter.basis.rows)
        try filter.check(rank: hyperparameters.rank)
        guard diagonal.count == filter.basis.rows else {
            throw .shapeMismatch(
                what: "diagonal", expected: "\(filter.basis.rows) items", found: "\(diagonal.count)")
        }
        self.hyperparameters = hyperparameters
        self.users = users
        self.filter = filter
        self.diagonal = diagonal
    }

    /// An item that nobody took has no part in any direction.
    var takenItems: [Bool] { diagonal.map { $0 > 0 } }

    func replacingUsers(_ users: SparseMatrix) throws(RecommendationError) -> EASEModel {
        try EASEModel(hyperparameters: hyperparameters, users: users, filter: filter, diagonal: diagonal)
    }

    /// x B. O((|S_u| + items) · rank) a user.
    func apply(
        to rows: SparseMatrix, items: Range<Int>, into scores: inout Matrix<Float>
    ) throws(LinearAlgebraError) {
        try filter.apply(to: rows, items: items, into: &scores)
        // B_jj = 0: an item says nothing for itself.
        for row in 0..<rows.rows {
            for k in rows.rowStarts[row]..<rows.rowStarts[row + 1] {
                let item = Int(rows.columnIndices[k])
                guard items.contains(item) else { continue }
                scores[row, item - items.lowerBound] -= rows.values[k] * diagonal[item] * filter.outputScale[item]
            }
        }
    }

    func effect(of own: Int, on item: Int) -> Double { own == item ? 0 : filter.effect(of: own, on: item) }
}

extension EASEModel {
    /// What users took, `users_*`, the filter, and `diagonal`.
    public func tensors() -> [NamedTensor] {
        users.tensors("users") + filter.tensors + [NamedTensor("diagonal", diagonal)]
    }

    /// The model of a stored file.
    public init(
        _ file: TensorFile, hyperparameters: EASE, users: Int, items: Int
    ) throws(RecommendationError) {
        try self.init(
            hyperparameters: hyperparameters, users: try file.sparse("users", rows: users, columns: items),
            filter: try SpectralFilter(file), diagonal: try file.vector("diagonal"))
    }
}
