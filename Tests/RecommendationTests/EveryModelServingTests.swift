import Foundation
import LinearAlgebra
import Marketplace
import Recommendation
import Testing

/// What a model of any kind does from the registry to a ranking.
@Suite("Every model in service")
struct EveryModelServingTests {
    private static let offers = (0..<40).map { "offer-\($0)" }
    private static func event(_ item: Int, _ kind: InteractionKind = .reserved) -> Interaction {
        Interaction(time: 1, user: "u", offer: offers[item], kind: kind)
    }

    private func serving(_ kind: ModelKind) throws -> (any StorableModel, InteractionMatrix, ServingModel) {
        let train = try SmallData.random(users: 60, items: 40, density: 0.15, seed: 31)
        let model = try SmallData.model(kind, train)
        return (
            model, train,
            try ServingModel(version: "v", model: model, offers: Self.offers)
        )
    }

    @Test("A champion of any kind is opened and serves what batch scoring says", arguments: ModelKind.allCases)
    func throughTheRegistry(kind: ModelKind) throws {
        try TemporaryFolder.with { folder in
            let (model, train, _) = try serving(kind)
            let registry = ModelRegistry(folder: folder)
            try registry.save(model, .sample("v", train, itemIDs: Self.offers))
            try registry.promote("v", at: Date(timeIntervalSince1970: 0))
            let serving = try ServingModel(championIn: folder.path)
            #expect(serving.kind == kind)
            for user in [0, 7, 25, 58] {
                let seen = train.items(of: user).map { Int($0) }
                let found = try serving.user(seen.map { Self.event($0) })
                let expected = try model.scores(user: user)
                for item in 0..<40 {
                    guard let prediction = serving.preference(of: found, for: Self.offers[item]) else {
                        #expect(train.itemDegrees[item] == 0)
                        continue
                    }
                    #expect(prediction.isLearned)
                    #expect(abs(prediction.score - Double(expected[item])) <= 1e-4 * (1 + abs(Double(expected[item]))))
                }
                let ranking = try model.topK(users: [user], count: 5, excluding: train)[0]
                let best = try serving.best(5, for: found)
                #expect(best.count == 5 && best.allSatisfy { !seen.map { Self.offers[$0] }.contains($0.offer) })
                for (offer, score) in zip(best.map(\.score), ranking.scores) {
                    #expect(abs(offer - Double(score)) <= 1e-4 * (1 + abs(Double(score))))
                }
            }
        }
    }

    @Test(
        "A user's scores are the sum of the answers to its items, and serving gives them",
        arguments: [ModelKind.ials, .ease, .graphFilter, .itemCosine, .blend])
    func foldIn(kind: ModelKind) throws {
        // With the items as they are, retraining a user whose scores are linear in its row is to add up what each of its
        // items adds; the factorization's own oracle stands in ServingModelTests.
        let (model, _, serving) = try serving(kind)
        let items = [3, 8, 17, 30]
        let row = try InteractionMatrix(
            userCount: 1, itemCount: 40, entries: items.map { .init(user: 0, item: $0) })
        let folded = try model.withUsers(foldedIn: row).scores(user: 0)
        let user = try serving.user(items.map { Self.event($0) })
        let predictions = Self.offers.map { serving.preference(of: user, for: $0)?.score }
        for (score, prediction) in zip(folded, predictions) {
            if let prediction { #expect(abs(Double(score) - prediction) <= 1e-5 * (1 + abs(prediction))) }
        }
        guard kind != .ials, kind != .blend else { return }
        let singles = try InteractionMatrix(
            userCount: 4, itemCount: 40, entries: items.enumerated().map { .init(user: $0, item: $1) })
        let responses = try model.withUsers(foldedIn: singles).scores(users: [0, 1, 2, 3])
        for item in 0..<40 {
            let sum = (0..<4).reduce(0.0) { $0 + Double(responses[$1, item]) }
            #expect(abs(sum - Double(folded[item])) <= 1e-5 * (1 + abs(sum)))
        }
    }

    @Test(
        "Evidence sums to the probability less that of score 0, of a blend of one score a user; popularity has none",
        arguments: ModelKind.allCases)
    func evidence(kind: ModelKind) throws {
        let model = try SmallData.model(kind, try SmallData.random(users: 60, items: 40, density: 0.15, seed: 31))
        let serving = try ServingModel(
            version: "v", model: model, offers: Self.offers, calibration: Calibration(slope: 1, intercept: -1))
        let user = try serving.user([3, 8, 17, 30].map { Self.event($0) } + [Self.event(22, .cancelled)])
        let evidence = try serving.evidence(of: user, for: Self.offers + ["unknown"], limit: 100)
        #expect(evidence.count == 41 && evidence[40].isEmpty)
        var differences: [Double] = []
        for (offer, parts) in zip(Self.offers, evidence) {
            guard let prediction = serving.preference(of: user, for: offer) else {
                #expect(parts.isEmpty)
                continue
            }
            if kind == .popularity {
                #expect(parts.isEmpty)
                continue
            }
            #expect(parts.count == 5)
            // The score at which the probability is what the contributions leave of it.
            let rest = prediction.probability - parts.reduce(0) { $0 + $1.contribution }
            differences.append(log(rest / (1 - rest)) + 1)
        }
        let shift = kind == .blend ? differences.first ?? 0 : 0
        for difference in differences { #expect(abs(difference - shift) <= 1e-3) }
        #expect(kind == .popularity ? user.origin == .everyone : user.origin == .history(offers: 5))
        #expect(try serving.evidence(of: serving.user([]), for: [Self.offers[1]])[0].isEmpty)
    }

    @Test(
        "Without history every kind ranks for the mean user, and is the same for the same user",
        arguments: ModelKind.allCases)
    func meanUser(kind: ModelKind) throws {
        let (model, train, serving) = try serving(kind)
        let user = try serving.user([])
        #expect(user.origin == (kind == .popularity ? .everyone : .average))
        #expect(try serving.best(40, for: user).allSatisfy { $0.score.isFinite })
        #expect(try serving.user([]).fingerprint == user.fingerprint)
        #expect(try serving.user([Self.event(1)]).fingerprint == serving.user([Self.event(1)]).fingerprint)
        if kind != .popularity {
            #expect(try serving.user([Self.event(1)]).fingerprint != serving.user([Self.event(2)]).fingerprint)
        }
        // Of what is linear in the user's row the mean user has the mean of all scores.
        guard kind != .blend, kind != .popularity else { return }
        let known = (0..<60).filter { !train.items(of: $0).isEmpty }
        let scores = try model.scores(users: known)
        for item in 0..<40 {
            guard let prediction = serving.preference(of: user, for: Self.offers[item]) else { continue }
            let mean = known.indices.reduce(0.0) { $0 + Double(scores[$1, item]) } / Double(known.count)
            #expect(abs(prediction.score - mean) <= 1e-4 * (1 + abs(mean)))
        }
    }

    @Test(
        "A manifest that tells another recipe than the tensors is refused",
        arguments: ModelKind.allCases.filter { $0 != .popularity })
    func lyingManifest(kind: ModelKind) throws {
        try TemporaryFolder.with { folder in
            let (model, train, _) = try serving(kind)
            let registry = ModelRegistry(folder: folder)
            try registry.save(model, .sample("good", train, itemIDs: Self.offers))
            try registry.promote("good", at: Date(timeIntervalSince1970: 0))
            try registry.save(model, .sample("bad", train, itemIDs: Self.offers))
            let file = folder.appendingPathComponent("bad/manifest.json")
            let text = try String(contentsOf: file, encoding: .utf8)
            let changes =
                switch kind {
                case .popularity: [("", "")]
                case .ials:
                    [("\"factors\" : 8", "\"factors\" : 9"), ("\"regularization\" : 0.01", "\"regularization\" : 0")]
                case .itemCosine:
                    [("\"neighbours\" : 200", "\"neighbours\" : 1"), ("\"shrinkage\" : 0", "\"shrinkage\" : -1")]
                case .ease: [("\"regularization\" : 2", "\"regularization\" : 3"), ("\"rank\" : 1024", "\"rank\" : 5")]
                case .graphFilter:
                    [("\"rank\" : 8", "\"rank\" : 3"), ("\"lowPassWeight\" : 0.6", "\"lowPassWeight\" : 0.5")]
                case .blend:
                    [
                        ("\"graphFilterWeight\" : 0.7", "\"graphFilterWeight\" : 7"),
                        ("\"factors\" : 8", "\"factors\" : 7")
                    ]
                }
            let all =
                changes + [
                    ("\"kind\" : \"\(kind.rawValue)\"", "\"kind\" : \"popularity\""),
                    ("\"kind\" : \"\(kind.rawValue)\"", "\"kind\" : \"oracle\""),
                    ("\"itemCount\" : 40", "\"itemCount\" : 41"), ("\"userCount\" : 60", "\"userCount\" : 59")
                ]
            for (old, new) in all {
                #expect(text.contains(old), "\(old)")
                try Data(text.replacingOccurrences(of: old, with: new).utf8).write(to: file)
                for attempt in [
                    { _ = try registry.load("bad") }, { _ = try registry.open("bad") },
                    {
                        _ = try registry.promote("bad", at: Date(timeIntervalSince1970: 1))
                    }
                ] as [() throws -> Void] {
                    #expect("\(new)") {
                        try attempt()
                    } throws: { error in
                        guard case .brokenModel(let version, _)? = error as? RecommendationError else { return false }
                        return version == "bad"
                    }
                }
            }
            #expect(try registry.champion().manifest.version == "good")
            #expect(try ServingModel(championIn: folder.path).version == "good")
        }
    }

    @Test("Manifests from before every kind had a recipe still open")
    func oldManifests() throws {
        try TemporaryFolder.with { folder in
            let (model, train, _) = try serving(.ials)
            let registry = ModelRegistry(folder: folder)
            for version in ["old", "ancient"] {
                try registry.save(model, .sample(version, train, itemIDs: Self.offers))
            }
            let file = folder.appendingPathComponent("old/manifest.json")
            var object = try #require(
                try JSONSerialization.jsonObject(with: try Data(contentsOf: file)) as? [String: Any])
            var recipe = try #require(object.removeValue(forKey: "recipe") as? [String: Any])
            object["kind"] = recipe.removeValue(forKey: "kind")
            object["hyperparameters"] = recipe
            try JSONSerialization.data(withJSONObject: object).write(to: file)
            #expect(try registry.manifest("old").recipe == model.recipe)
            #expect(try registry.load("old").model as? ImplicitALSModel == model as? ImplicitALSModel)
            object["kind"] = "ease"
            try JSONSerialization.data(withJSONObject: object).write(to: file)
            #expect("a kind whose hyperparameters were not kept") {
                try registry.manifest("old")
            } throws: { "\($0)".contains("recipe") && "\($0)".contains("retrain") }
        }
    }
}
