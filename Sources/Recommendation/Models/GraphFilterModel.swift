import LinearAlgebra

/// A trained GF-CF: see `GraphFilter`. A user's scores are linear in the user's row of interactions, so that users
/// are folded in by taking their rows.
public struct GraphFilterModel: LinearModel, Equatable {
    /// `ModelKind.graphFilter`.
    public static let kind = ModelKind.graphFilter
    /// How the model was trained.
    public let hyperparameters: GraphFilter
    /// r, what each user took.
    private(set) var users: SparseMatrix
    /// R̃, the interactions of training.
    private let normalized: SparseMatrix
    private let transposed: SparseMatrix
    private let lowPass: SpectralFilter

    init(
        hyperparameters: GraphFilter, users: SparseMatrix, normalized: SparseMatrix, lowPass: SpectralFilter
    ) throws(RecommendationError) {
        try users.check(items: normalized.columns)
        try lowPass.check(rank: hyperparameters.rank)
        guard lowPass.basis.rows == normalized.columns else {
            throw .shapeMismatch(
                what: "low-pass filter", expected: "\(normalized.columns) items", found: lowPass.basis.shape)
        }
        guard lowPass.response.allSatisfy({ $0 == Float(hyperparameters.lowPassWeight) }) else {
            throw .shapeMismatch(
                what: "low-pass filter", expected: "the weight \(hyperparameters.lowPassWeight) throughout",
                found: "another")
        }
        self.hyperparameters = hyperparameters
        self.users = users
        self.normalized = normalized
        transposed = normalized.transposed()
        self.lowPass = lowPass
    }

    /// The root of the degree, 0 for an item that nobody took.
    var takenItems: [Bool] { lowPass.outputScale.map { $0 > 0 } }

    func replacingUsers(_ users: SparseMatrix) throws(RecommendationError) -> GraphFilterModel {
        try users.check(items: itemCount)
        var result = self
        result.users = users
        return result
    }

    /// r R̃ᵀ R̃ + α r D_I^-½ V Vᵀ D_I^½. O(Σ_{j∈S_u} |U_j| + Σ_{v∋j} |S_v| + items · rank) a user.
    func apply(
        to rows: SparseMatrix, items: Range<Int>, into scores: inout Matrix<Float>
    ) throws(LinearAlgebraError) {
        try lowPass.apply(to: rows, items: items, into: &scores)
        let linear = try normalized.leftMultiplied(by: try rows.multiplied(by: transposed))
        try scores.addColumns(items, of: linear)
    }

    /// O(|U_own| + |U_item| + rank).
    func effect(of own: Int, on item: Int) -> Double {
        transposed.rowProduct(own, item) + lowPass.effect(of: own, on: item)
    }
}

extension GraphFilterModel {
    /// What users took, `users_*`, R̃, `normalized_*`, and the low-pass filter with α in its response.
    public func tensors() -> [NamedTensor] {
        users.tensors("users") + normalized.tensors("normalized") + lowPass.tensors
    }

    /// The model of a stored file.
    public init(
        _ file: TensorFile, hyperparameters: GraphFilter, users: Int, items: Int
    ) throws(RecommendationError) {
        try self.init(
            hyperparameters: hyperparameters, users: try file.sparse("users", rows: users, columns: items),
            normalized: try file.sparse("normalized", columns: items), lowPass: try SpectralFilter(file))
    }
}
