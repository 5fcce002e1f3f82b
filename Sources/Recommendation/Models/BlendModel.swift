import LinearAlgebra

/// Several models as one: the weighted sum of their scores, each standardised over all items for each user.
///
/// Standardising (mean 0, deviation 1 in a user's row) makes weights comparable across models and users of any scale.
/// Factorizations and neighbourhoods err differently, which is why their sum ranks better than either; compare the
/// linear combination of heterogeneous predictors by Bell, Koren and Volinsky (2007).
public struct BlendModel: StorableModel {
    /// `ModelKind.blend`.
    public static let kind = ModelKind.blend

    /// A model and its weight.
    public struct Part: Sendable {
        /// The model.
        public let model: any StorableModel
        /// What its standardised scores are multiplied by.
        public let weight: Float

        /// A part of a blend.
        public init(_ model: any StorableModel, weight: Float) {
            self.model = model
            self.weight = weight
        }

        var kind: ModelKind { type(of: model).kind }
    }

    /// The parts, each of another kind.
    public let parts: [Part]
    /// The number of users.
    public let userCount: Int
    /// The number of items.
    public let itemCount: Int

    /// A blend of `parts`, at least one, each of another kind and none a blend.
    /// - Throws: `invalidHyperparameter`, `shapeMismatch`.
    public init(_ parts: [Part]) throws(RecommendationError) {
        guard let first = parts.first, Set(parts.map(\.kind)).count == parts.count,
            !parts.contains(where: { $0.kind == .blend })
        else {
            throw .invalidHyperparameter(
                name: "parts", requirement: "must be models of different kinds, at least one, none of them a blend")
        }
        guard parts.allSatisfy({ $0.weight.isFinite }) else { throw .nonFinite(what: "the weights of a blend") }
        (userCount, itemCount) = (first.model.userCount, first.model.itemCount)
        for part in parts where part.model.userCount != userCount || part.model.itemCount != itemCount {
            throw .shapeMismatch(
                what: "\(part.kind.rawValue) in a blend", expected: "\(userCount) × \(itemCount)",
                found: "\(part.model.userCount) × \(part.model.itemCount)")
        }
        self.parts = parts
    }

    /// Scores whole rows by each part, for the moments, and adds them up. The parts' costs and O(items) a user.
    public func score(
        users: [Int], items: Range<Int>, into scores: inout Matrix<Float>
    ) throws(RecommendationError) {
        try check(users: users, items: items, into: scores)
        var sum = Matrix<Float>(rows: users.count, columns: itemCount)
        var own = sum
        for part in parts where part.weight != 0 {
            try part.model.score(users: users, items: 0..<itemCount, into: &own)
            try numerical { () throws(LinearAlgebraError) in try sum.addStandardizedRows(of: own, weight: part.weight) }
        }
        try numerical { () throws(LinearAlgebraError) in
            for row in users.indices { try scores.replaceRow(row, with: sum.row(row)[from: items]) }
        }
    }

    /// Folds the users of `interactions` into every part.
    public func withUsers(foldedIn interactions: InteractionMatrix) throws(RecommendationError) -> BlendModel {
        var folded: [Part] = []
        for part in parts {
            folded.append(Part(try part.model.withUsers(foldedIn: interactions), weight: part.weight))
        }
        return try BlendModel(folded)
    }
}

extension BlendModel {
    /// Those of its factorization.
    public var storedHyperparameters: ImplicitALS.Hyperparameters? {
        parts.lazy.compactMap(\.model.storedHyperparameters).first
    }

    /// `weight`, one number, and the tensors of each part behind the name of its kind: `ials/weight`, `ials/…`.
    public func tensors() -> [NamedTensor] {
        parts.flatMap { part in
            ([NamedTensor("weight", [part.weight])] + part.model.tensors()).map {
                $0.renamed(part.kind.rawValue + "/" + $0.name)
            }
        }
    }

    /// The model of a stored file.
    public init(_ file: TensorFile, manifest: ModelManifest) throws(RecommendationError) {
        var parts: [Part] = []
        for kind in ModelKind.allCases where kind != .blend && file.entries[kind.rawValue + "/weight"] != nil {
            let own = file.part(kind.rawValue + "/")
            let weights = try own.vector("weight")
            guard weights.count == 1 else {
                throw .brokenModel(version: manifest.version, reason: "a weight of the blend is not one number")
            }
            parts.append(Part(try kind.storage.init(own, manifest: manifest), weight: weights[0]))
        }
        try self.init(parts)
    }
}
