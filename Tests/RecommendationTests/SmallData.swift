import LinearAlgebra
import Recommendation

/// Interactions for tests, all from explicit seeds.
enum SmallData {
    /// Users and items of equal parity like each other; each user misses its item of index user + 2 (mod n).
    static func checkerboard(_ n: Int) throws -> (train: InteractionMatrix, missing: [Int]) {
        let missing = (0..<n).map { ($0 + 2) % n }
        var entries: [InteractionMatrix.Entry] = []
        for user in 0..<n {
            for item in stride(from: user % 2, to: n, by: 2) where item != missing[user] {
                entries.append(.init(user: user, item: item))
            }
        }
        return (try InteractionMatrix(userCount: n, itemCount: n, entries: entries), missing)
    }

    /// Random entries with random degrees, some rows and columns empty; valued on demand.
    static func random(
        users: Int, items: Int, density: Double, seed: UInt64, valued: Bool = false
    ) throws -> InteractionMatrix {
        var generator = SplitMix64(seed: seed)
        var entries: [InteractionMatrix.Entry] = []
        for user in 0..<users where user % 7 != 3 {
            let share = density * Double.random(in: 0..<2, using: &generator)
            for item in 0..<items where item % 11 != 5 && Double.random(in: 0..<1, using: &generator) < share {
                entries.append(
                    .init(
                        user: user, item: item,
                        confidence: valued ? Float.random(in: 0.25..<4, using: &generator) : 1,
                        preference: valued && Bool.random(using: &generator) ? 0 : 1))
            }
        }
        return try InteractionMatrix(userCount: users, itemCount: items, entries: entries)
    }

    /// A recipe of each kind that suits small data.
    static func recipe(_ kind: ModelKind, factors: Int = 8) -> ModelRecipe {
        let ials = ImplicitALS.Hyperparameters(
            factors: factors, epochs: 20, regularization: 0.01, unobservedWeight: 0.1, seed: 7)
        let filter = GraphFilter(rank: factors)
        return switch kind {
        case .popularity: .popularity
        case .itemCosine: .itemCosine(.init())
        case .ials: .ials(ials)
        case .ease: .ease(.init(regularization: 2))
        case .graphFilter: .graphFilter(filter)
        case .blend: .blend(.init(ials: ials, graphFilter: filter))
        }
    }

    /// A model of each kind, trained on `train`.
    static func model(_ kind: ModelKind, _ train: InteractionMatrix, factors: Int = 8) throws -> any StorableModel {
        try recipe(kind, factors: factors).train(train)
    }
}
