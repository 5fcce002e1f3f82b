import LinearAlgebra

/// A trained factorization: score(u, i) = x_uᵀ y_i.
///
/// The factors stand in the eigenbasis of the items' Gram matrix YᵀY, so that α₀ YᵀY, which fold-in needs, travels
/// along as its diagonal.
public struct ImplicitALSModel: Recommender, Equatable {
    /// `ModelKind.ials`.
    public static let kind = ModelKind.ials
    /// X, userCount × d.
    public let userFactors: Matrix<Float>
    /// Y, itemCount × d.
    public let itemFactors: Matrix<Float>
    /// The diagonal of α₀ YᵀY, d values.
    public let sharedDiagonal: [Float]
    /// How the model was trained.
    public let hyperparameters: ImplicitALS.Hyperparameters

    /// The number of users.
    public var userCount: Int { userFactors.rows }
    /// The number of items.
    public var itemCount: Int { itemFactors.rows }

    /// A model of known factors. User factors in a mapped file are not read, and so not known to be finite.
    /// - Throws: `shapeMismatch`, `invalidHyperparameter`, `nonFinite`.
    public init(
        userFactors: Matrix<Float>, itemFactors: Matrix<Float>, sharedDiagonal: [Float],
        hyperparameters: ImplicitALS.Hyperparameters
    ) throws(RecommendationError) {
        try hyperparameters.validate()
        let d = hyperparameters.factors
        guard userFactors.columns == d, itemFactors.columns == d, sharedDiagonal.count == d else {
            throw .shapeMismatch(
                what: "factors", expected: "\(d) columns and a shared diagonal of \(d)",
                found: "\(userFactors.columns) and \(itemFactors.columns), \(sharedDiagonal.count)")
        }
        guard sharedDiagonal.allSatisfy({ $0.isFinite && $0 >= 0 }) else {
            throw .nonFinite(what: "the shared diagonal (finite and not negative)")
        }
        try numerical { () throws(LinearAlgebraError) in
            if !userFactors.isMapped { try userFactors.requireFinite("the user factors") }
            try itemFactors.requireFinite("the item factors")
        }
        self.userFactors = userFactors
        self.itemFactors = itemFactors
        self.sharedDiagonal = sharedDiagonal
        self.hyperparameters = hyperparameters
    }

    /// X_users Y_itemsᵀ by sgemm; one user by sgemv. O(users · items · d).
    public func score(
        users: [Int], items: Range<Int>, into scores: inout Matrix<Float>
    ) throws(RecommendationError) {
        try check(users: users, items: items, into: scores)
        try numerical { () throws(LinearAlgebraError) in
            let queries = try userFactors.gatheringRows(users)
            try scores.accumulateProduct(queries, itemFactors, rowsOfB: items, transposeB: .transposed)
        }
    }
}

extension ImplicitALSModel {
    /// The factors of users from their own interactions, exactly as training's half-step solves them.
    ///
    /// - Parameter interactions: any users × the model's items.
    /// - Returns: interactions.userCount × d.
    /// - Throws: `shapeMismatch`, `numerical`. O(n² d) a user with n < d interactions.
    public func foldIn(
        _ interactions: InteractionMatrix, threads: Int = ParallelBlocks.defaultThreads
    ) throws(RecommendationError) -> Matrix<Float> {
        guard interactions.itemCount == itemCount else {
            throw .shapeMismatch(
                what: "interactions to fold in", expected: "\(itemCount) items", found: "\(interactions.itemCount)")
        }
        let side = ImplicitALS.Side(
            RidgeSystems(
                rowStarts: interactions.rowStarts, columns: interactions.items, weights: interactions.confidences,
                targets: interactions.preferences), others: itemCount, hyperparameters)
        return try numerical { () throws(LinearAlgebraError) in
            try side.systems.solve(
                basis: itemFactors, sharedDiagonal: sharedDiagonal, ridges: side.ridges, threads: threads)
        }
    }

    /// A model that knows the users of `interactions` instead: new or changed users without retraining.
    public func withUsers(foldedIn interactions: InteractionMatrix) throws(RecommendationError) -> ImplicitALSModel {
        try ImplicitALSModel(
            userFactors: foldIn(interactions), itemFactors: itemFactors, sharedDiagonal: sharedDiagonal,
            hyperparameters: hyperparameters)
    }

    /// The training loss in Double, for tests and for the convergence of training. O(entries d + (users + items) d²).
    public func loss(_ interactions: InteractionMatrix) throws(RecommendationError) -> Double {
        guard interactions.userCount == userCount, interactions.itemCount == itemCount else {
            throw .shapeMismatch(
                what: "interactions", expected: "\(userCount) × \(itemCount)",
                found: "\(interactions.userCount) × \(interactions.itemCount)")
        }
        var loss = 0.0
        for user in 0..<userCount {
            let x = userFactors.row(user)
            for k in interactions.entryRange(of: user) {
                let y = itemFactors.row(Int(interactions.items[k]))
                let score = zip(x, y).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
                let error = score - Double(interactions.preferences?[k] ?? 1)
                loss += Double(interactions.confidences?[k] ?? 1) * error * error
            }
        }
        // Σ_u Σ_i (x_uᵀ y_i)² = ⟨XᵀX, YᵀY⟩.
        let (gramX, gramY) = (userFactors.gramInDouble(), itemFactors.gramInDouble())
        loss += hyperparameters.unobservedWeight * zip(gramX.elements, gramY.elements).reduce(0) { $0 + $1.0 * $1.1 }
        for (factors, degrees, others) in [
            (userFactors, interactions.userDegrees, itemCount), (itemFactors, interactions.itemDegrees, userCount)
        ] {
            for (row, degree) in degrees.enumerated() {
                let square = factors.row(row).reduce(0.0) { $0 + Double($1) * Double($1) }
                loss += Double(hyperparameters.ridge(degree: degree, others: others)) * square
            }
        }
        return loss
    }
}
