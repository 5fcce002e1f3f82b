import LinearAlgebra
import Recommendation
import Testing

@Suite("The blend")
struct BlendTests {
    @Test("Scores are the weighted sum of the parts' standardised scores")
    func byHand() throws {
        let train = try SmallData.random(users: 20, items: 30, density: 0.2, seed: 21)
        let (first, second) = (try SmallData.model(.itemCosine, train), try SmallData.model(.ials, train))
        let blend = try BlendModel([.init(first, weight: 1), .init(second, weight: 0.5)])
        for user in 0..<20 {
            let expected = zip(
                standardized(try first.scores(user: user)), standardized(try second.scores(user: user))
            ).map { $0 + 0.5 * $1 }
            for (found, expected) in zip(try blend.scores(user: user), expected) {
                #expect(abs(Double(found) - expected) < 1e-4)
            }
        }
    }

    @Test("One part alone ranks as itself; constant scores add nothing")
    func alone() throws {
        let train = try SmallData.random(users: 30, items: 40, density: 0.2, seed: 22)
        let cosine = try SmallData.model(.itemCosine, train)
        let blend = try BlendModel([
            .init(cosine, weight: 2),
            .init(try PopularityModel(userCount: 30, itemScores: [Float](repeating: 7, count: 40)), weight: 1)
        ])
        let users = (0..<30).filter { !train.items(of: $0).isEmpty }
        #expect(
            try blend.topK(users: users, count: 5, excluding: train).map(\.items)
                == cosine.topK(users: users, count: 5, excluding: train).map(\.items))
    }

    @Test("Parts that do not fit together are refused")
    func refusals() throws {
        let popularity = try PopularityModel(userCount: 2, itemScores: [1, 2])
        let other = try PopularityModel(userCount: 2, itemScores: [1, 2, 3])
        let cosine = try ItemCosineModel(InteractionMatrix(userCount: 2, itemCount: 2, entries: []))
        let blend = try BlendModel([.init(popularity, weight: 1)])
        for parts: [BlendModel.Part] in [
            [], [.init(popularity, weight: 1), .init(popularity, weight: 1)], [.init(blend, weight: 1)],
            [.init(cosine, weight: .nan)], [.init(cosine, weight: 1), .init(other, weight: 1)]
        ] {
            #expect(throws: RecommendationError.self) { try BlendModel(parts) }
        }
    }

    private func standardized(_ scores: [Float]) -> [Double] {
        let values = scores.map { Double($0) }
        let mean = values.reduce(0, +) / Double(values.count)
        let deviation = (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)).squareRoot()
        return values.map { deviation > 1e-6 * abs(mean) ? ($0 - mean) / deviation : 0 }
    }
}
