import LinearAlgebra
import Recommendation
import Testing

@Suite("The blend")
struct BlendTests {
    @Test("Scores are the weighted sum of the parts' standardised scores")
    func byHand() throws {
        let train = try SmallData.random(users: 20, items: 30, density: 0.2, seed: 21)
        let first = try ImplicitALS(.init(factors: 8, epochs: 20)).train(train)
        let second = try GraphFilter(rank: 8).train(train)
        let blend = try BlendModel(first, second, graphFilterWeight: 0.5)
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
        let factorization = try ImplicitALS(.init(factors: 4, epochs: 5)).train(train)
        let filters = try GraphFilter(rank: 8).train(train)
        let users = (0..<30).filter { !train.items(of: $0).isEmpty }
        let rankings = { (model: any Recommender) in
            try model.topK(users: users, count: 5, excluding: train).map(\.items)
        }
        #expect(
            try rankings(BlendModel(factorization, filters, graphFilterWeight: 0)) == rankings(factorization))
        let constant = try ImplicitALSModel(
            userFactors: Matrix(rows: 30, columns: 1) { _, _ in 1 },
            itemFactors: Matrix(rows: 40, columns: 1) { _, _ in 7 }, sharedDiagonal: [0],
            hyperparameters: .init(factors: 1))
        #expect(try rankings(BlendModel(constant, filters, graphFilterWeight: 2)) == rankings(filters))
    }

    @Test("Parts that do not fit together are refused")
    func refusals() throws {
        func interactions(_ users: Int, _ items: Int) throws -> InteractionMatrix {
            try InteractionMatrix(userCount: users, itemCount: items, entries: [])
        }
        let factorization = try ImplicitALS(.init(factors: 2)).train(interactions(2, 3))
        let filters = try GraphFilter().train(interactions(2, 3))
        for weight in [-1, .nan, .infinity] {
            #expect(throws: RecommendationError.self) {
                try BlendModel(factorization, filters, graphFilterWeight: weight)
            }
        }
        for (users, items) in [(3, 3), (2, 2)] {
            #expect(throws: RecommendationError.self) {
                try BlendModel(factorization, GraphFilter().train(interactions(users, items)), graphFilterWeight: 1)
            }
        }
    }

    private func standardized(_ scores: [Float]) -> [Double] {
        let values = scores.map { Double($0) }
        let mean = values.reduce(0, +) / Double(values.count)
        let deviation = (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)).squareRoot()
        return values.map { deviation > 1e-6 * abs(mean) ? ($0 - mean) / deviation : 0 }
    }
}
