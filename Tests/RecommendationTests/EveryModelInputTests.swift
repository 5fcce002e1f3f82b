import Foundation
import LinearAlgebra
import Recommendation
import Testing

/// Input that is thin, extreme or damaged: a clear error, or the right degenerate answer.
@Suite("Every model on bad input")
struct EveryModelInputTests {
    @Test("Of a matrix of rank one every user is shown the strongest items", arguments: ModelKind.allCases)
    func rankOne(kind: ModelKind) throws {
        // Users take the first half of the items, with confidences that are a product of the user's and the item's.
        let train = try InteractionMatrix(
            userCount: 20, itemCount: 12,
            entries: (0..<20).flatMap { user in
                (0..<6).map { .init(user: user, item: $0, confidence: Float(1 + user % 3) * Float(6 - $0)) }
            })
        let model = try SmallData.model(kind, train)
        for ranking in try model.topK(users: Array(0..<20), count: 6) {
            #expect(Set(ranking.items) == Set(0..<6) && ranking.scores.allSatisfy { $0.isFinite })
        }
    }

    @Test("A user who took everything is shown nothing, the others what they lack", arguments: ModelKind.allCases)
    func tookEverything(kind: ModelKind) throws {
        let train = try InteractionMatrix(
            userCount: 5, itemCount: 8,
            entries: (0..<8).map { .init(user: 0, item: $0) } + (1..<5).map { .init(user: $0, item: $0) })
        let model = try SmallData.model(kind, train)
        let rankings = try model.topK(users: [0, 1], count: 8, excluding: train)
        #expect(rankings[0].items.isEmpty && rankings[1].items.count == 7)
        #expect(try model.scores(users: [0, 1]).elements.allSatisfy { $0.isFinite })
    }

    @Test("More factors, directions and neighbours than items", arguments: ModelKind.allCases)
    func wide(kind: ModelKind) throws {
        let train = try SmallData.random(users: 9, items: 6, density: 0.4, seed: 41)
        let scores = try SmallData.model(kind, train, factors: 100).scores(users: Array(0..<9))
        #expect(scores.elements.allSatisfy { $0.isFinite })
    }

    @Test(
        "Huge and tiny weights give finite scores, or an error that says what is not finite",
        arguments: ModelKind.allCases)
    func extremes(kind: ModelKind) throws {
        for confidence: Float in [1e-30, 1e30, .greatestFiniteMagnitude] {
            let train = try InteractionMatrix(
                userCount: 6, itemCount: 6,
                entries: (0..<6).flatMap { user in
                    [0, 2, 3].map { .init(user: user, item: (user + $0) % 6, confidence: $0 == 0 ? confidence : 1) }
                })
            do {
                let scores = try SmallData.model(kind, train).scores(users: Array(0..<6))
                #expect(scores.elements.allSatisfy { $0.isFinite }, "\(confidence)")
            } catch let error as RecommendationError {
                #expect(confidence > 1, "\(error)")
                #expect("\(error)".contains("finite") || "\(error)".contains("infinity"), "\(error)")
            }
        }
    }

    @Test("Hyperparameters without meaning are refused by name before anything is trained")
    func hyperparameters() throws {
        let train = try SmallData.random(users: 9, items: 6, density: 0.4, seed: 42)
        let recipes: [(ModelRecipe, String)] = [
            (.ials(.init(regularization: 0)), "regularization"), (.ease(.init(regularization: 0)), "regularization"),
            (.ease(.init(regularization: .infinity)), "regularization"), (.ease(.init(rank: -1)), "rank"),
            (.graphFilter(.init(rank: 5000)), "rank"), (.graphFilter(.init(lowPassWeight: .nan)), "lowPassWeight"),
            (.itemCosine(.init(neighbours: 0)), "neighbours"), (.itemCosine(.init(shrinkage: -1)), "shrinkage"),
            (.itemCosine(.init(shrinkage: .nan)), "shrinkage"),
            (.blend(.init(ials: .init(regularization: 0))), "regularization"),
            (.blend(.init(graphFilter: .init(iterations: 0))), "iterations"),
            (.blend(.init(graphFilterWeight: -1)), "graphFilterWeight")
        ]
        for (recipe, name) in recipes {
            #expect("\(recipe)") {
                try recipe.train(train)
            } throws: { error in
                guard case .invalidHyperparameter(name, _)? = error as? RecommendationError else { return false }
                return true
            }
        }
    }

    @Test("A file with a bit flipped, or cut short, is no model of any kind", arguments: ModelKind.allCases)
    func damage(kind: ModelKind) throws {
        try TemporaryFolder.with { folder in
            let train = try SmallData.random(users: 30, items: 20, density: 0.2, seed: 43)
            let registry = ModelRegistry(folder: folder)
            let model = try SmallData.model(kind, train)
            let expected = try model.scores(user: 0)
            try registry.save(model, .sample("v", train))
            let file = folder.appendingPathComponent("v/factors.safetensors")
            let whole = try Data(contentsOf: file)
            for place in stride(from: 0, to: whole.count, by: max(1, whole.count / 60)) {
                var bytes = whole
                bytes[place] ^= 0x41
                try bytes.write(to: file)
                #expect(throws: RecommendationError.self, "byte \(place)") { try registry.load("v") }
                // Opening leaves some tensors where they lie; what it takes on must answer or refuse, never trap. A
                // change that verifying does not find is one of the header's free text.
                if let open = try? registry.open("v") {
                    let scores = try? open.model.scores(users: [0])
                    if (try? open.verify()) != nil { #expect(scores?.elements == expected, "byte \(place)") }
                }
                try whole.prefix(place).write(to: file)
                #expect(throws: RecommendationError.self) { try registry.load("v") }
                #expect(throws: RecommendationError.self) { try registry.open("v") }
            }
        }
    }
}
