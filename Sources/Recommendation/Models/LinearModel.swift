import LinearAlgebra

/// A model whose scores are linear in the user's row of confidence × preference: s_u = r_u B, for items × items B.
///
/// So users are folded in by taking their rows, exactly, and a score is the sum of what each own interaction adds.
protocol LinearModel: StorableModel {
    /// r, what each user took.
    var users: SparseMatrix { get }
    /// Which items somebody took in training.
    var takenItems: [Bool] { get }
    /// The same B for users of other rows.
    /// - Throws: `shapeMismatch`.
    func replacingUsers(_ users: SparseMatrix) throws(RecommendationError) -> Self
    /// Writes `rows` times the columns `items` of B.
    func apply(to rows: SparseMatrix, items: Range<Int>, into scores: inout Matrix<Float>) throws(LinearAlgebraError)
    /// B_ji for items that the model has: what a weight of 1 on item `own` adds to the score of `item`.
    func effect(of own: Int, on item: Int) -> Double
}

extension LinearModel {
    /// The number of users.
    public var userCount: Int { users.rows }
    /// The number of items.
    public var itemCount: Int { users.columns }

    /// r B for the rows of the users.
    public func score(
        users indices: [Int], items: Range<Int>, into scores: inout Matrix<Float>
    ) throws(RecommendationError) {
        try check(users: indices, items: items, into: scores)
        try numerical { () throws(LinearAlgebraError) in
            try apply(to: try users.gatheringRows(indices), items: items, into: &scores)
        }
    }

    /// The same B for the users of `interactions`. O(entries).
    public func withUsers(foldedIn interactions: InteractionMatrix) throws(RecommendationError) -> Self {
        try replacingUsers(try interactions.sparse())
    }

    /// The scores of all items for the user whose row is the mean of all that are not empty: the mean of those users'
    /// scores, which ranks by what is popular. O(entries) and the cost of a row of all items.
    public func meanScores() throws(RecommendationError) -> [Float] {
        var sums = [Double](repeating: 0, count: itemCount)
        for (item, value) in zip(users.columnIndices, users.values) { sums[Int(item)] += Double(value) }
        let known = zip(users.rowStarts.dropFirst(), users.rowStarts).count { $0 > $1 }
        let taken = sums.indices.filter { sums[$0] != 0 }
        return try numerical { () throws(LinearAlgebraError) in
            let row = try SparseMatrix(
                rows: 1, columns: itemCount, rowStarts: [0, taken.count],
                columnIndices: taken.map { Int32(truncatingIfNeeded: $0) },
                values: taken.map { Float(sums[$0] / Double(max(1, known))) })
            var scores = Matrix<Float>(rows: 1, columns: itemCount)
            try apply(to: row, items: 0..<itemCount, into: &scores)
            return scores.elements
        }
    }
}
