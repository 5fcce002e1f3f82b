import LinearAlgebra

/// A trained GF-CF: see `GraphFilter`. A user's scores are linear in the user's row of interactions, so that users
/// are folded in by taking their rows.
public struct GraphFilterModel: StorableModel, Equatable {
    /// `ModelKind.graphFilter`.
    public static let kind = ModelKind.graphFilter
    /// r, what each user took.
    private let users: SparseMatrix
    /// R̃, the interactions of training.
    private let normalized: SparseMatrix
    private let transposed: SparseMatrix
    private let lowPass: SpectralFilter

    /// The number of users.
    public var userCount: Int { users.rows }
    /// The number of items.
    public var itemCount: Int { normalized.columns }

    init(
        users: SparseMatrix, normalized: SparseMatrix, lowPass: SpectralFilter
    ) throws(RecommendationError) {
        try users.check(items: normalized.columns)
        guard lowPass.basis.rows == normalized.columns else {
            throw .shapeMismatch(
                what: "low-pass filter", expected: "\(normalized.columns) items", found: lowPass.basis.shape)
        }
        self.users = users
        self.normalized = normalized
        transposed = normalized.transposed()
        self.lowPass = lowPass
    }

    /// r R̃ᵀ R̃ + α r D_I^-½ V Vᵀ D_I^½. O(Σ_{j∈S_u} |U_j| + Σ_{v∋j} |S_v| + items · rank) a user.
    public func score(
        users indices: [Int], items: Range<Int>, into scores: inout Matrix<Float>
    ) throws(RecommendationError) {
        try check(users: indices, items: items, into: scores)
        try numerical { () throws(LinearAlgebraError) in
            let rows = try users.gatheringRows(indices)
            try lowPass.apply(to: rows, items: items, into: &scores)
            let linear = try normalized.leftMultiplied(by: try rows.multiplied(by: transposed))
            try scores.addColumns(items, of: linear)
        }
    }

    /// The same filters for the users of `interactions`. O(entries).
    public func withUsers(foldedIn interactions: InteractionMatrix) throws(RecommendationError) -> GraphFilterModel {
        try GraphFilterModel(users: try interactions.sparse(), normalized: normalized, lowPass: lowPass)
    }
}

extension GraphFilterModel {
    /// None.
    public var storedHyperparameters: ImplicitALS.Hyperparameters? { nil }

    /// What users took, `users_*`, R̃, `normalized_*`, and the low-pass filter with α in its response.
    public func tensors() -> [NamedTensor] {
        users.tensors("users") + normalized.tensors("normalized") + lowPass.tensors
    }

    /// The model of a stored file.
    public init(_ file: TensorFile, manifest: ModelManifest) throws(RecommendationError) {
        try self.init(
            users: try file.sparse("users", columns: manifest.itemCount),
            normalized: try file.sparse("normalized", columns: manifest.itemCount), lowPass: try SpectralFilter(file))
    }
}
