import Foundation
import LinearAlgebra
import Recommendation
import Testing

@Suite("Implicit ALS against its definition")
struct ImplicitALSTests {
    private func hyperparameters(_ factors: Int, epochs: Int = 3) -> ImplicitALS.Hyperparameters {
        .init(
            factors: factors, epochs: epochs, regularization: 0.02, unobservedWeight: 0.1, frequencyExponent: 0.8,
            seed: 11)
    }

    /// The gradient of the loss in x_u, in Double, from the definition; and the scale of its terms.
    private func gradient(_ model: ImplicitALSModel, _ train: InteractionMatrix, user: Int) -> (Double, Double) {
        let h = model.hyperparameters
        let d = h.factors
        let x = model.userFactors.row(user).map { Double($0) }
        func score(_ item: Int) -> Double {
            zip(x, model.itemFactors.row(item)).reduce(0) { $0 + $1.0 * Double($1.1) }
        }
        let degree = Double(train.items(of: user).count) + h.unobservedWeight * Double(train.itemCount)
        // λ_u = λ (|S_u| + α₀ |I|)^ν with ν = 0.8, or 1.
        let ridge = h.regularization * degree.raised(to: h.frequencyExponent)
        var gradient = x.map { ridge * $0 }
        var scale = x.map { abs(ridge * $0) }
        func add(_ item: Int, _ factor: Double) {
            for (j, y) in model.itemFactors.row(item).enumerated() {
                gradient[j] += factor * Double(y)
                scale[j] += abs(factor * Double(y))
            }
        }
        for item in 0..<train.itemCount { add(item, h.unobservedWeight * score(item)) }
        for k in train.entryRange(of: user) {
            let item = Int(train.items[k])
            let error = score(item) - Double(train.preferences?[k] ?? 1)
            add(item, Double(train.confidences?[k] ?? 1) * error)
        }
        return ((0..<d).map { abs(gradient[$0]) }.max() ?? 0, scale.max() ?? 0)
    }

    @Test("Every user stands where the gradient of the loss vanishes", arguments: [1, 4, 16, 60], [false, true])
    func stationary(factors: Int, valued: Bool) throws {
        let train = try SmallData.random(users: 50, items: 40, density: 0.25, seed: 4, valued: valued)
        let model = try ImplicitALS(hyperparameters(factors)).train(train)
        for user in 0..<50 {
            let (residual, scale) = gradient(model, train, user: user)
            #expect(residual <= 1e-4 * scale + 1e-7, "user \(user)")
        }
    }

    @Test("All solvers come to the same loss and the same scores", arguments: [false, true])
    func fixedPoint(valued: Bool) throws {
        let train = try SmallData.random(users: 60, items: 50, density: 0.2, seed: 12, valued: valued)
        // With ν = 0 and more factors than the solution's rank, its scores are those of a convex problem: unique
        // (Srebro, Rennie, Jaakkola 2004, on the trace norm).
        var h = hyperparameters(24, epochs: 400)
        h.frequencyExponent = 0
        h.regularization = 1
        var models: [ImplicitALS.Solver: ImplicitALSModel] = [:]
        for solver in ImplicitALS.Solver.allCases {
            h.solver = solver
            models[solver] = try ImplicitALS(h, threads: 2).train(train)
        }
        let exact = try #require(models[.exact])
        let (loss, scores) = (try exact.loss(train), try exact.scores(users: Array(0..<60)))
        for (solver, model) in models {
            #expect(abs(try model.loss(train) - loss) < 1e-4 * loss, "\(solver)")
            let others = try model.scores(users: Array(0..<60))
            for (one, other) in zip(scores.elements, others.elements) {
                #expect(abs(one - other) < 2e-3, "\(solver)")
            }
        }
    }

    @Test("A recipe without a solver, as old models have it, is automatic; others survive the round trip")
    func codable() throws {
        let old =
            #"{"factors":8,"epochs":3,"regularization":0.1,"unobservedWeight":0.2,"frequencyExponent":1,"seed":5}"#
        let decoded = try JSONDecoder().decode(ImplicitALS.Hyperparameters.self, from: Data(old.utf8))
        #expect(decoded.solver == .automatic && decoded.seed == 5)
        let stored = String(decoding: try JSONEncoder().encode(decoded), as: UTF8.self)
        #expect(!stored.contains("solver"))
        for solver in ImplicitALS.Solver.allCases {
            var h = decoded
            h.solver = solver
            let bytes = try JSONEncoder().encode(h)
            #expect(try JSONDecoder().decode(ImplicitALS.Hyperparameters.self, from: bytes) == h)
        }
    }

    @Test("The loss never grows from epoch to epoch")
    func descent() throws {
        let train = try SmallData.random(users: 80, items: 60, density: 0.15, seed: 5, valued: true)
        let losses = try (1...6).map { epochs in
            try ImplicitALS(hyperparameters(12, epochs: epochs)).train(train).loss(train)
        }
        for (before, after) in zip(losses, losses.dropFirst()) { #expect(after <= before * (1 + 1e-6)) }
        #expect(losses[5] < 0.9 * losses[0])
    }

    @Test("The loss is its definition, cell by cell")
    func lossByDefinition() throws {
        let train = try SmallData.random(users: 9, items: 8, density: 0.3, seed: 6, valued: true)
        let model = try ImplicitALS(hyperparameters(3)).train(train)
        let h = model.hyperparameters
        var expected = 0.0
        let scores = try model.scores(users: Array(0..<9))
        for user in 0..<9 {
            for item in 0..<8 {
                expected += h.unobservedWeight * Double(scores[user, item]) * Double(scores[user, item])
            }
            for k in train.entryRange(of: user) {
                let error = Double(scores[user, Int(train.items[k])]) - Double(train.preferences?[k] ?? 1)
                expected += Double(train.confidences?[k] ?? 1) * error * error
            }
        }
        for (factors, degrees, others) in [
            (model.userFactors, train.userDegrees, 8.0), (model.itemFactors, train.itemDegrees, 9.0)
        ] {
            for (row, degree) in degrees.enumerated() {
                let frequency = Double(degree) + h.unobservedWeight * others
                let ridge = h.regularization * frequency.raised(to: h.frequencyExponent)
                expected += ridge * factors.row(row).reduce(0.0) { $0 + Double($1) * Double($1) }
            }
        }
        #expect(abs(try model.loss(train) - expected) < 1e-4 * expected)
    }

    @Test("The same seed gives the same bits at any thread count; another seed does not", arguments: [10, 24])
    func determinism(factors: Int) throws {
        let train = try SmallData.random(users: 1300, items: 200, density: 0.05, seed: 7)
        for solver in ImplicitALS.Solver.allCases {
            var h = hyperparameters(factors)
            h.solver = solver
            let one = try ImplicitALS(h, threads: 1).train(train)
            #expect(one == (try ImplicitALS(h, threads: 4).train(train)))
        }
        let one = try ImplicitALS(hyperparameters(factors), threads: 1).train(train)
        var other = hyperparameters(factors)
        other.seed = 12
        #expect(one != (try ImplicitALS(other).train(train)))
    }

    @Test(
        "Folding the training rows in gives the trained users: bit for bit where they are solved exactly, else to 1e-5")
    func foldIn() throws {
        let train = try SmallData.random(users: 60, items: 50, density: 0.2, seed: 8, valued: true)
        for factors in [20, 60] {
            let wide = try ImplicitALS(hyperparameters(factors)).train(train)
            let folded = try wide.foldIn(train)
            for (one, other) in zip(folded.elements, wide.userFactors.elements) { #expect(abs(one - other) < 1e-5) }
        }
        let model = try ImplicitALS(hyperparameters(6)).train(train)
        #expect(try model.foldIn(train) == model.userFactors)
        for user in [0, 3, 59] {
            let range = train.entryRange(of: user)
            let alone = try InteractionMatrix(
                userCount: 1, itemCount: 50, rowStarts: [0, range.count], items: Array(train.items[range]),
                confidences: train.confidences.map { Array($0[range]) },
                preferences: train.preferences.map { Array($0[range]) })
            #expect(try model.foldIn(alone).elements == Array(model.userFactors.row(user)))
            #expect(try model.withUsers(foldedIn: alone).scores(user: 0).count == 50)
        }
        #expect(throws: RecommendationError.self) {
            try model.foldIn(InteractionMatrix(userCount: 1, itemCount: 49, entries: []))
        }
    }

    @Test("An explanation's contributions sum to the score", arguments: [3, 12, 40])
    func explanations(factors: Int) throws {
        let train = try SmallData.random(users: 40, items: 30, density: 0.3, seed: 9, valued: true)
        let model = try ImplicitALS(hyperparameters(factors)).train(train)
        for user in 0..<40 {
            let scores = try model.scores(user: user)
            for item in [0, 7, 29] {
                let explanation = try model.explain(user: user, item: item, interactions: train)
                #expect(explanation.contributions.count == train.items(of: user).count)
                #expect(abs(explanation.score - Double(scores[item])) < 1e-4)
                let amounts = explanation.contributions.map { abs($0.amount) }
                #expect(amounts == amounts.sorted(by: >))
            }
        }
        #expect(throws: RecommendationError.self) { try model.explain(user: 40, item: 0, interactions: train) }
        #expect(throws: RecommendationError.self) { try model.explain(user: 0, item: 30, interactions: train) }
    }

    @Test("Huge confidences are solved, not turned into NaN")
    func hugeConfidences() throws {
        var entries = (0..<6).flatMap { user in
            (0..<6).map {
                InteractionMatrix.Entry(user: user, item: $0, confidence: 1e12, preference: Float(($0 + user) % 2))
            }
        }
        entries[3].confidence = 1e-12
        let train = try InteractionMatrix(userCount: 6, itemCount: 6, entries: entries)
        let model = try ImplicitALS(hyperparameters(4)).train(train)
        #expect(model.userFactors.elements.allSatisfy { $0.isFinite })
    }

    @Test("Hyperparameters without meaning are refused, by name")
    func hyperparameterErrors() {
        func name(_ change: (inout ImplicitALS.Hyperparameters) -> Void) -> String? {
            var h = ImplicitALS.Hyperparameters()
            change(&h)
            do throws(RecommendationError) {
                _ = try ImplicitALS(h)
                return nil
            } catch {
                if case .invalidHyperparameter(let name, _) = error { return name }
                return "\(error)"
            }
        }
        #expect(name { _ in } == nil)
        #expect(name { $0.regularization = 0 } == "regularization")
        #expect(name { $0.regularization = .nan } == "regularization")
        #expect(name { $0.factors = 0 } == "factors")
        #expect(name { $0.factors = 5000 } == "factors")
        #expect(name { $0.epochs = 0 } == "epochs")
        #expect(name { $0.unobservedWeight = -1 } == "unobservedWeight")
        #expect(name { $0.frequencyExponent = .infinity } == "frequencyExponent")
    }

    @Test("A matrix of rank one is learned; one user, one item, nobody and nothing have an answer")
    func degenerate() throws {
        var entries: [InteractionMatrix.Entry] = []
        for user in 0..<20 { for item in 0..<10 { entries.append(.init(user: user, item: item)) } }
        let whole = try InteractionMatrix(userCount: 21, itemCount: 11, entries: entries)
        for factors in [1, 8, 40] {
            var h = hyperparameters(factors, epochs: 30)
            h.regularization = 1e-6
            h.unobservedWeight = 1e-3
            let scores = try ImplicitALS(h).train(whole).scores(users: [0, 20])
            for item in 0..<10 { #expect(abs(scores[0, item] - 1) < 0.02) }
            #expect(scores[0, 10] == 0 && scores[1, 0] == 0)
        }
        for (users, items) in [(1, 1), (1, 5), (5, 1), (0, 0), (0, 3), (3, 0)] {
            let entries = users > 0 && items > 0 ? [InteractionMatrix.Entry(user: 0, item: 0)] : []
            let train = try InteractionMatrix(userCount: users, itemCount: items, entries: entries)
            for factors in [2, 20] {
                let model = try ImplicitALS(hyperparameters(factors)).train(train)
                #expect(model.userFactors.elements.allSatisfy { $0.isFinite })
                #expect(model.itemFactors.rows == items)
            }
        }
    }

    @Test("Regularization near nothing and weights over sixty decades give finite factors", arguments: [4, 20])
    func extremes(factors: Int) throws {
        let data = try SmallData.random(users: 30, items: 20, density: 0.4, seed: 13)
        for (regularization, weight, confidence) in [
            (1e-30, 0.0, 1.0), (1e-12, 1e-12, 1), (1e-3, 0.1, 1e30), (1e-3, 0.1, 1e-30), (1e20, 0.1, 1), (1e-3, 1e20, 1)
        ] {
            var h = hyperparameters(factors, epochs: 4)
            h.regularization = regularization
            h.unobservedWeight = weight
            let train = try InteractionMatrix(
                userCount: 30, itemCount: 20, rowStarts: data.rowStarts, items: data.items,
                confidences: data.items.map { $0 % 2 == 0 ? Float(confidence) : 1 })
            do throws(RecommendationError) {
                let model = try ImplicitALS(h).train(train)
                #expect(model.userFactors.elements.allSatisfy { $0.isFinite })
            } catch {
                guard case .numerical = error else {
                    Issue.record("\(error)")
                    return
                }
            }
        }
        #expect(throws: RecommendationError.self) {
            try InteractionMatrix(
                userCount: 1, itemCount: 1, rowStarts: [0, 1], items: [0], confidences: [.nan])
        }
    }

    @Test("Without unobserved weight, and with more factors than items, training still answers")
    func corners() throws {
        let train = try SmallData.random(users: 9, items: 4, density: 0.5, seed: 10)
        for weight in [0, 0.5] {
            var h = hyperparameters(17)
            h.unobservedWeight = weight
            var epochs: [Int] = []
            let model = try ImplicitALS(h).train(train) { epochs.append($0) }
            #expect(epochs == [1, 2, 3])
            #expect(try model.scores(users: Array(0..<9)).elements.allSatisfy { $0.isFinite })
        }
    }
}
