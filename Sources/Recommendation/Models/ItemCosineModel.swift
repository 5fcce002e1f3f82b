import LinearAlgebra

/// Trained neighbourhoods of items: see `ItemCosine`. A user's scores are the user's row times the similarities.
public struct ItemCosineModel: LinearModel, Equatable {
    /// `ModelKind.itemCosine`.
    public static let kind = ModelKind.itemCosine
    /// How the model was trained.
    public let hyperparameters: ItemCosine
    /// r, what each user took.
    let users: SparseMatrix
    /// s, each item's row with its neighbours, ascending.
    private let similarities: SparseMatrix
    /// ‖x_i‖.
    private let norms: [Float]

    init(
        hyperparameters: ItemCosine, users: SparseMatrix, similarities: SparseMatrix, norms: [Float]
    ) throws(RecommendationError) {
        try users.check(items: similarities.columns)
        guard similarities.rows == similarities.columns, norms.count == similarities.columns else {
            throw .shapeMismatch(
                what: "similarities", expected: "items × items, and as many norms",
                found: "\(similarities.rows) × \(similarities.columns), \(norms.count)")
        }
        let starts = similarities.rowStarts
        let most = zip(starts.dropFirst(), starts).map { $0 - $1 }.max() ?? 0
        guard most <= hyperparameters.neighbours else {
            throw .shapeMismatch(
                what: "neighbours", expected: "at most \(hyperparameters.neighbours)", found: "\(most)")
        }
        self.hyperparameters = hyperparameters
        self.users = users
        self.similarities = similarities
        self.norms = norms
    }

    var takenItems: [Bool] { norms.map { $0 > 0 } }

    func replacingUsers(_ users: SparseMatrix) throws(RecommendationError) -> ItemCosineModel {
        try ItemCosineModel(hyperparameters: hyperparameters, users: users, similarities: similarities, norms: norms)
    }

    /// r s. O(|S_u| · neighbours + items) a user.
    func apply(
        to rows: SparseMatrix, items: Range<Int>, into scores: inout Matrix<Float>
    ) throws(LinearAlgebraError) {
        let sums = try rows.multiplied(by: similarities)
        for row in 0..<rows.rows { try scores.replaceRow(row, with: sums.row(row)[from: items]) }
    }

    /// O(log neighbours).
    func effect(of own: Int, on item: Int) -> Double {
        let row = similarities.rowStarts[own]..<similarities.rowStarts[own + 1]
        let position = similarities.columnIndices[row].positionSorted(of: Int32(truncatingIfNeeded: item))
        return position.map { Double(similarities.values[$0]) } ?? 0
    }
}

extension ItemCosineModel {
    /// What users took, `users_*`, the neighbours by row, `similarities_*`, and `norms`.
    public func tensors() -> [NamedTensor] {
        users.tensors("users") + similarities.tensors("similarities") + [NamedTensor("norms", norms)]
    }

    /// The model of a stored file.
    public init(
        _ file: TensorFile, hyperparameters: ItemCosine, users: Int, items: Int
    ) throws(RecommendationError) {
        try self.init(
            hyperparameters: hyperparameters, users: try file.sparse("users", rows: users, columns: items),
            similarities: try file.sparse("similarities", rows: items, columns: items), norms: try file.vector("norms"))
    }
}

extension ArraySlice {
    /// The elements at offsets `range` from the start of the slice.
    subscript(from range: Range<Int>) -> ArraySlice {
        self[startIndex + range.lowerBound..<startIndex + range.upperBound]
    }
}
