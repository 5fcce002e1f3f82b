/// Interactions for strong generalisation: the users that are tested are none of those that train.
///
/// All three matrices have the rows and columns of the whole.
public struct StrongSplit: Sendable {
    /// All entries of the users that train.
    public let train: InteractionMatrix
    /// What is known of the users that are tested.
    public let foldIn: InteractionMatrix
    /// What is held out of them.
    public let test: InteractionMatrix
}

extension InteractionMatrix {
    /// Users with fewer entries than this keep all of them: what is left would say too little.
    private static var fewestToSplit: Int { 5 }

    /// Moves a random `share` of each user's entries, at least one, into a second matrix: a validation part of
    /// training data. Users with fewer than 5 entries keep theirs. Deterministic for a seed. O(entries).
    /// - Throws: `invalidHyperparameter` unless 0 < share < 1.
    public func holdingOut(
        share: Double, seed: UInt64
    ) throws(RecommendationError) -> (train: InteractionMatrix, held: InteractionMatrix) {
        let isHeld = try heldEntries(share: share, seed: seed) { _ in true }
        return (selecting { !isHeld[$1] }, selecting { isHeld[$1] })
    }

    /// Draws `testUsers` users of at least 5 entries who do not train, and holds a random `share` of their entries out
    /// (Liang et al. 2018: 0.2). Deterministic for a seed. O(entries).
    /// - Throws: `invalidHyperparameter` unless 0 < share < 1 and there are that many such users and others besides.
    public func strongSplit(
        testUsers: Int, share: Double = 0.2, seed: UInt64
    ) throws(RecommendationError) -> StrongSplit {
        var generator = SplitMix64(seed: seed)
        let eligible = (0..<userCount).filter { entryRange(of: $0).count >= Self.fewestToSplit }
        guard testUsers >= 1, testUsers <= eligible.count, testUsers < userCount else {
            throw .invalidHyperparameter(
                name: "testUsers",
                requirement: "must be 1 to \(min(eligible.count, userCount - 1)), the users with at least "
                    + "\(Self.fewestToSplit) interactions, not \(testUsers)")
        }
        let tested = Set(eligible.shuffled(using: &generator).prefix(testUsers))
        let isHeld = try heldEntries(share: share, seed: generator.next()) { tested.contains($0) }
        return StrongSplit(
            train: selecting { user, _ in !tested.contains(user) },
            foldIn: selecting { tested.contains($0) && !isHeld[$1] }, test: selecting { isHeld[$1] })
    }

    private func heldEntries(
        share: Double, seed: UInt64, of isSplit: (_ user: Int) -> Bool
    ) throws(RecommendationError) -> [Bool] {
        guard share > 0, share < 1 else {
            throw .invalidHyperparameter(name: "share", requirement: "must be between 0 and 1, not \(share)")
        }
        var generator = SplitMix64(seed: seed)
        var isHeld = [Bool](repeating: false, count: count)
        for user in 0..<userCount where isSplit(user) && entryRange(of: user).count >= Self.fewestToSplit {
            let range = entryRange(of: user)
            let number = max(1, Int((share * Double(range.count)).rounded()))
            for k in range.shuffled(using: &generator).prefix(number) { isHeld[k] = true }
        }
        return isHeld
    }

    /// The entries k of users u for which `isKept(u, k)`, in a matrix of the same shape. O(entries).
    func selecting(_ isKept: (_ user: Int, _ k: Int) -> Bool) -> InteractionMatrix {
        var starts = [0]
        var positions: [Int] = []
        for user in 0..<userCount {
            positions += entryRange(of: user).filter { isKept(user, $0) }
            starts.append(positions.count)
        }
        return InteractionMatrix(
            trustedUserCount: userCount, itemCount: itemCount, rowStarts: starts, items: positions.map { items[$0] },
            confidences: confidences.map { values in positions.map { values[$0] } },
            preferences: preferences.map { values in positions.map { values[$0] } })
    }
}
