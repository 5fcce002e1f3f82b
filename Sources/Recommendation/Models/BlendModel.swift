import LinearAlgebra

/// A factorization and graph filters as one: the weighted sum of their scores, each standardised over all items for
/// each user.
///
/// Standardising (mean 0, deviation 1 in a user's row) makes weights comparable across models and users of any scale.
/// Factorizations and neighbourhoods err differently, which is why their sum ranks better than either; compare the
/// linear combination of heterogeneous predictors by Bell, Koren and Volinsky (2007).
public struct BlendModel: StorableModel, Equatable {
    /// `ModelKind.blend`.
    public static let kind = ModelKind.blend
    /// The factorization, of weight 1.
    public let factorization: ImplicitALSModel
    /// The graph filters.
    public let filters: GraphFilterModel
    /// What the filters' standardised scores are multiplied by.
    public let graphFilterWeight: Double

    /// The number of users.
    public var userCount: Int { factorization.userCount }
    /// The number of items.
    public var itemCount: Int { factorization.itemCount }
    /// How both were trained.
    public var hyperparameters: Blend {
        Blend(
            ials: factorization.hyperparameters, graphFilter: filters.hyperparameters,
            graphFilterWeight: graphFilterWeight)
    }

    /// A blend of two models of the same users and items.
    /// - Throws: `invalidHyperparameter`, `shapeMismatch`.
    public init(
        _ factorization: ImplicitALSModel, _ filters: GraphFilterModel, graphFilterWeight: Double
    ) throws(RecommendationError) {
        guard filters.userCount == factorization.userCount, filters.itemCount == factorization.itemCount else {
            throw .shapeMismatch(
                what: "graph filters in a blend", expected: "\(factorization.userCount) × \(factorization.itemCount)",
                found: "\(filters.userCount) × \(filters.itemCount)")
        }
        self.factorization = factorization
        self.filters = filters
        self.graphFilterWeight = graphFilterWeight
        try hyperparameters.validate()
    }

    /// The parts' mean scores as one user's.
    public func meanScores() throws(RecommendationError) -> [Float] {
        try blended(try factorization.meanScores(), try filters.meanScores()).scores
    }

    /// One user's scores by the factorization and by the filters as one, and how they were standardised. O(items).
    func blended(
        _ factors: [Float], _ filtered: [Float]
    ) throws(RecommendationError) -> (scores: [Float], factors: Standard, filtered: Standard) {
        try numerical { () throws(LinearAlgebraError) in
            var sum = Matrix<Float>(rows: 1, columns: factors.count)
            var standards: [Standard] = []
            for (scores, weight) in [(factors, 1), (filtered, Float(graphFilterWeight))] {
                let own = try Matrix(rows: 1, columns: factors.count, elements: scores)
                let (mean, deviation) = own.moments(ofRow: 0)
                standards.append(Standard(mean: mean, scale: deviation > 0 ? Double(weight) / deviation : 0))
                try sum.addStandardizedRows(of: own, weight: weight)
            }
            return (sum.elements, standards[0], standards[1])
        }
    }

    /// How a part's scores enter the sum: scale · (score − mean).
    struct Standard: Sendable {
        let mean: Double
        let scale: Double
    }

    /// Scores whole rows by each part, for the moments, and adds them up. The parts' costs and O(items) a user.
    public func score(
        users: [Int], items: Range<Int>, into scores: inout Matrix<Float>
    ) throws(RecommendationError) {
        try check(users: users, items: items, into: scores)
        var sum = Matrix<Float>(rows: users.count, columns: itemCount)
        var own = sum
        try factorization.score(users: users, items: 0..<itemCount, into: &own)
        try numerical { () throws(LinearAlgebraError) in try sum.addStandardizedRows(of: own, weight: 1) }
        if graphFilterWeight != 0 {
            try filters.score(users: users, items: 0..<itemCount, into: &own)
            try numerical { () throws(LinearAlgebraError) in
                try sum.addStandardizedRows(of: own, weight: Float(graphFilterWeight))
            }
        }
        try numerical { () throws(LinearAlgebraError) in
            for row in users.indices { try scores.replaceRow(row, with: sum.row(row)[from: items]) }
        }
    }

    /// Folds the users of `interactions` into both parts.
    public func withUsers(foldedIn interactions: InteractionMatrix) throws(RecommendationError) -> BlendModel {
        try BlendModel(
            try factorization.withUsers(foldedIn: interactions), try filters.withUsers(foldedIn: interactions),
            graphFilterWeight: graphFilterWeight)
    }
}

extension BlendModel {
    /// The tensors of each part behind the name of its kind: `ials/…`, `gf-cf/…`.
    public func tensors() -> [NamedTensor] {
        func part(_ model: some StorableModel) -> [NamedTensor] {
            model.tensors().map { $0.renamed(Self.prefix(type(of: model).kind) + $0.name) }
        }
        return part(factorization) + part(filters)
    }

    /// The model of a stored file.
    public init(
        _ file: TensorFile, hyperparameters: Blend, users: Int, items: Int
    ) throws(RecommendationError) {
        try self.init(
            ImplicitALSModel(
                file.part(Self.prefix(.ials)), hyperparameters: hyperparameters.ials, users: users, items: items),
            GraphFilterModel(
                file.part(Self.prefix(.graphFilter)), hyperparameters: hyperparameters.graphFilter, users: users,
                items: items), graphFilterWeight: hyperparameters.graphFilterWeight)
    }

    private static func prefix(_ kind: ModelKind) -> String { kind.rawValue + "/" }
}
