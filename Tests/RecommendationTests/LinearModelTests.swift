import LinearAlgebra
import Recommendation
import TestSupport
import Testing

@Suite("Closed-form models against dense algebra")
struct LinearModelTests {
    /// More users than items, and fewer.
    static let shapes = [(users: 60, items: 25), (users: 25, items: 40)]

    @Test("EASE is the ridge regression of each item on all others", arguments: shapes, [false, true])
    func ease(shape: (users: Int, items: Int), valued: Bool) throws {
        let train = try SmallData.random(
            users: shape.users, items: shape.items, density: 0.2, seed: 11, valued: valued)
        let lambda = 3.0
        let x = dense(train)
        let model = try EASE(regularization: lambda).train(train)
        let scores = try model.scores(users: Array(0..<shape.users))
        for item in 0..<shape.items {
            // The constraint B_jj = 0, met by leaving item j out of its own regressors.
            let others = (0..<shape.items).filter { $0 != item }
            let regressors = Matrix<Double>(rows: shape.users, columns: others.count) { x[$0, others[$1]] }
            var system = regressors.gram()
            for i in others.indices { system[i, i] += lambda }
            let target = try regressors.multiplied(by: (0..<shape.users).map { x[$0, item] }, transposed: .transposed)
            let expected = try regressors.multiplied(by: try Cholesky(system).solve(target))
            for user in 0..<shape.users {
                #expect(abs(Double(scores[user, item]) - expected[user]) < 1e-4 * (1 + abs(expected[user])))
            }
        }
    }

    @Test("GF-CF is the linear filter and the low-pass filter of the dense decomposition", arguments: shapes)
    func graphFilter(shape: (users: Int, items: Int)) throws {
        let train = try SmallData.random(users: shape.users, items: shape.items, density: 0.2, seed: 12, valued: true)
        let (rank, alpha) = (6, 0.4)
        let model = try GraphFilter(rank: rank, lowPassWeight: alpha, iterations: 40).train(train)
        let scores = try model.scores(users: Array(0..<shape.users))
        let r = dense(train)
        let userSums = (0..<shape.users).map { r.row($0).reduce(0, +) }
        let itemSums = (0..<shape.items).map { item in (0..<shape.users).reduce(0.0) { $0 + r[$1, item] } }
        func inverseRoot(_ x: Double) -> Double { x > 0 ? 1 / x.squareRoot() : 0 }
        let normalized = Matrix<Double>(rows: shape.users, columns: shape.items) {
            r[$0, $1] * inverseRoot(userSums[$0]) * inverseRoot(itemSums[$1])
        }
        let svd = try SingularValueDecomposition(normalized)
        #expect(svd.values[rank - 1] > 1.001 * svd.values[rank], "the cut must be well defined")
        let linear = normalized.gram()
        let filter = Matrix<Double>(rows: shape.items, columns: shape.items) { i, j in
            let lowPass = (0..<rank).reduce(0.0) { $0 + svd.vTransposed[$1, i] * svd.vTransposed[$1, j] }
            return linear[i, j] + alpha * inverseRoot(itemSums[i]) * lowPass * itemSums[j].squareRoot()
        }
        let expected = try Matrix.product(r, filter)
        for user in 0..<shape.users {
            for item in 0..<shape.items {
                #expect(
                    abs(Double(scores[user, item]) - expected[user, item]) < 1e-4 * (1 + abs(expected[user, item])))
            }
        }
    }

    @Test("Item cosine is the sum of cosines over the user's other items")
    func itemCosine() throws {
        let train = try SmallData.random(users: 40, items: 30, density: 0.2, seed: 13, valued: true)
        let x = dense(train)
        let gram = x.gram()
        let scores = try ItemCosine().train(train).scores(users: Array(0..<40))
        for user in 0..<40 {
            for item in 0..<30 {
                let expected = (0..<30).reduce(0.0) { sum, other in
                    let norms = (gram[item, item] * gram[other, other]).squareRoot()
                    return other == item || norms == 0 ? sum : sum + x[user, other] * gram[item, other] / norms
                }
                #expect(abs(Double(scores[user, item]) - expected) < 1e-4 * (1 + abs(expected)))
            }
        }
    }

    @Test("A rank that nothing limits keeps a sixteenth of the smaller dimension, and 0 keeps nothing")
    func automaticRank() throws {
        let train = try SmallData.random(users: 70, items: 64, density: 0.2, seed: 14)
        let users = Array(0..<70)
        #expect(
            try GraphFilter().train(train).scores(users: users)
                == GraphFilter(rank: 4).train(train).scores(users: users))
        #expect(
            try GraphFilter(rank: 0).train(train).scores(users: users)
                == GraphFilter(rank: 4, lowPassWeight: 0).train(train).scores(users: users))
    }

    @Test("Hyperparameters without meaning are refused")
    func refusals() {
        #expect(throws: RecommendationError.self) { try EASE(regularization: 0).validate() }
        #expect(throws: RecommendationError.self) { try EASE(regularization: .nan).validate() }
        #expect(throws: RecommendationError.self) { try EASE(rank: 5000).validate() }
        #expect(throws: RecommendationError.self) { try GraphFilter(rank: -1).validate() }
        #expect(throws: RecommendationError.self) { try GraphFilter(lowPassWeight: -0.1).validate() }
        #expect(throws: RecommendationError.self) { try GraphFilter(iterations: 0).validate() }
        #expect(throws: RecommendationError.self) { try Blend(graphFilterWeight: .infinity).validate() }
    }

    private func dense(_ train: InteractionMatrix) -> Matrix<Double> {
        var result = Matrix<Double>(rows: train.userCount, columns: train.itemCount)
        for user in 0..<train.userCount {
            for k in train.entryRange(of: user) {
                result[user, Int(train.items[k])] = Double(
                    (train.confidences?[k] ?? 1) * (train.preferences?[k] ?? 1))
            }
        }
        return result
    }
}
