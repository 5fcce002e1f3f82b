import LinearAlgebra

extension FeaturePrior {
    /// The fewest users with features that a prior is learned from.
    public static let leastUsers = 30

    /// What a user without history is likely to want, learned from those who have one and of whom features are known; nil
    /// of too few, or when their features foretell nothing.
    ///
    /// - Parameters:
    ///   - features: by user ID, as `SLARequest.userFeatures`; users that are not in `users` do not count.
    ///   - users: the IDs of the rows of `factors`.
    /// - Throws: `shapeMismatch`, `nonFinite`, `numerical`. O(n p² + p³ + n p d) for p features of n users.
    public static func ofUsers(
        _ features: [String: [String: Double]], users: [String], factors: Matrix<Float>
    ) throws(RecommendationError) -> FeaturePrior? {
        guard users.count == factors.rows else {
            throw .shapeMismatch(what: "user IDs", expected: "\(factors.rows)", found: "\(users.count)")
        }
        let known = users.indices.filter { features[users[$0]] != nil }
        guard known.count >= leastUsers else { return nil }
        let rows = try numerical { () throws(LinearAlgebraError) in try factors.gatheringRows(known) }
        let prior = try fit(known.map { features[users[$0]] ?? [:] }, factors: rows)
        return prior.skill > 0 ? prior : nil
    }
}
