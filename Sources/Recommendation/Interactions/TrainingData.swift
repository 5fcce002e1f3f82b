import LinearAlgebra

/// Interactions as a factorization needs them: by user and by item, in memory or in a mapped file.
public struct TrainingData: Sendable {
    /// The number of users.
    public let userCount: Int
    /// The number of items.
    public let itemCount: Int
    /// A system for each user, its columns the user's items.
    let byUser: RidgeSystems
    /// A system for each item, its columns the item's users.
    let byItem: RidgeSystems
    /// The interactions of a matrix. O(entries).
    public init(_ interactions: InteractionMatrix) {
        self.init(interactions, interactions.transposed())
    }

    private init(_ matrix: InteractionMatrix, _ transposed: InteractionMatrix) {
        self.init(
            userCount: matrix.userCount, itemCount: matrix.itemCount, byUser: Self.systems(matrix),
            byItem: Self.systems(transposed))
    }

    init(userCount: Int, itemCount: Int, byUser: RidgeSystems, byItem: RidgeSystems) {
        self.userCount = userCount
        self.itemCount = itemCount
        self.byUser = byUser
        self.byItem = byItem
    }

    /// What tells these interactions from others, in memory or in a file. O(entries).
    func fingerprint() -> UInt64 {
        var hash = UInt64(truncatingIfNeeded: userCount)
        hash = byUser.rowStarts.mixed(into: hash ^ UInt64(truncatingIfNeeded: itemCount) << 32)
        hash = byUser.columns.mixed(into: hash)
        if let weights = byUser.weights { hash = weights.mixed(into: hash &+ 1) }
        if let targets = byUser.targets { hash = targets.mixed(into: hash &+ 2) }
        return hash
    }

    private static func systems(_ matrix: InteractionMatrix) -> RidgeSystems {
        RidgeSystems(
            rowStarts: matrix.rowStarts, columns: matrix.items, weights: matrix.confidences,
            targets: matrix.preferences)
    }
}
