import Foundation
import LinearAlgebra
import Recommendation
import Testing

@Suite("What every model must do")
struct EveryModelTests {
    @Test(
        "The item that completes a checkerboard is ranked first",
        arguments: ModelKind.allCases.filter { $0 != .popularity })
    func checkerboard(kind: ModelKind) throws {
        let (train, missing) = try SmallData.checkerboard(40)
        let model = try SmallData.model(kind, train)
        let rankings = try model.topK(users: Array(0..<40), count: 1, excluding: train)
        #expect(rankings.map { Int($0.items[0]) } == missing)
    }

    @Test("Batches, parts of the items and single users give the same scores", arguments: ModelKind.allCases)
    func batches(kind: ModelKind) throws {
        let train = try SmallData.random(users: 60, items: 50, density: 0.1, seed: 1)
        let model = try SmallData.model(kind, train)
        let users = [5, 0, 59, 5, 17]
        let batch = try model.scores(users: users)
        for (row, user) in users.enumerated() {
            let single = try model.scores(user: user)
            for item in 0..<50 { #expect(abs(batch[row, item] - single[item]) <= 1e-5 * (1 + abs(single[item]))) }
        }
        var part = Matrix<Float>(rows: 5, columns: 13)
        try model.score(users: users, items: 20..<33, into: &part)
        for row in 0..<5 {
            for j in 0..<13 { #expect(abs(part[row, j] - batch[row, 20 + j]) <= 1e-5 * (1 + abs(part[row, j]))) }
        }
    }

    @Test("Top k is the sorted scores without what was seen", arguments: ModelKind.allCases, [1, 3])
    func topK(kind: ModelKind, threads: Int) throws {
        let train = try SmallData.random(users: 300, items: 90, density: 0.1, seed: 2)
        let model = try SmallData.model(kind, train)
        let rankings = try model.topK(users: Array(0..<300), count: 10, excluding: train, threads: threads)
        #expect(rankings.map(\.user) == Array(0..<300))
        let scores = try model.scores(users: Array(0..<300))
        for ranking in rankings {
            let seen = Set(train.items(of: ranking.user))
            #expect(ranking.items.count == 10 && Set(ranking.items).count == 10)
            #expect(seen.isDisjoint(with: ranking.items))
            let unseen = (0..<90).filter { !seen.contains(Int32($0)) }
            let best = unseen.map { scores[ranking.user, $0] }.sorted(by: >).prefix(10)
            for (found, expected) in zip(ranking.scores, best) {
                #expect(abs(found - expected) <= 1e-5 * (1 + abs(expected)))
            }
            for (left, right) in zip(ranking.items.indices, ranking.items.indices.dropFirst())
            where ranking.scores[left] == ranking.scores[right] {
                #expect(ranking.items[left] < ranking.items[right], "ties go to the lower index")
            }
        }
    }

    @Test("More items asked for than left: those left come back", arguments: ModelKind.allCases)
    func fewLeft(kind: ModelKind) throws {
        let train = try InteractionMatrix(
            userCount: 2, itemCount: 3,
            entries: [.init(user: 0, item: 0), .init(user: 0, item: 1), .init(user: 1, item: 2)])
        let model = try SmallData.model(kind, train, factors: 2)
        let rankings = try model.topK(users: [0, 1], count: 10, excluding: train)
        #expect(rankings[0].items == [2])
        #expect(Set(rankings[1].items) == [0, 1])
        #expect(try model.topK(users: [0], count: 0)[0].items.isEmpty)
        #expect(try model.topK(users: [], count: 5).isEmpty)
    }

    @Test("Users and items without interactions get finite scores", arguments: ModelKind.allCases)
    func emptyRows(kind: ModelKind) throws {
        let train = try InteractionMatrix(
            userCount: 4, itemCount: 5, entries: [.init(user: 1, item: 2), .init(user: 2, item: 2)])
        let model = try SmallData.model(kind, train, factors: 3)
        #expect(try model.scores(users: [0, 1, 2, 3]).elements.allSatisfy { $0.isFinite })
        let nothing = try InteractionMatrix(userCount: 2, itemCount: 2, entries: [])
        #expect(try SmallData.model(kind, nothing).scores(user: 0) == [0, 0])
        let single = try InteractionMatrix(userCount: 1, itemCount: 1, entries: [.init(user: 0, item: 0)])
        #expect(try SmallData.model(kind, single).topK(users: [0], count: 1)[0].items == [0])
        let none = try InteractionMatrix(userCount: 0, itemCount: 0, entries: [])
        #expect(try SmallData.model(kind, none).userCount == 0)
    }

    @Test("Unknown users and wrong shapes are refused", arguments: ModelKind.allCases)
    func refusals(kind: ModelKind) throws {
        let (train, _) = try SmallData.checkerboard(10)
        let model = try SmallData.model(kind, train)
        #expect(throws: RecommendationError.indexOutOfRange(kind: "user", index: 10, count: 10)) {
            try model.scores(user: 10)
        }
        #expect(throws: RecommendationError.self) { try model.topK(users: [-1], count: 1) }
        #expect(throws: RecommendationError.self) {
            try model.topK(users: [0], count: 1, excluding: InteractionMatrix(userCount: 1, itemCount: 1, entries: []))
        }
        var wrong = Matrix<Float>(rows: 1, columns: 4)
        #expect(throws: RecommendationError.self) { try model.score(users: [0], items: 0..<5, into: &wrong) }
        #expect(throws: RecommendationError.self) { try model.score(users: [0], items: 8..<12, into: &wrong) }
    }

    @Test(
        "Folding in the rows of training gives its scores, in any order and among strangers",
        arguments: ModelKind.allCases)
    func foldIn(kind: ModelKind) throws {
        let train = try SmallData.random(users: 60, items: 50, density: 0.15, seed: 4, valued: true)
        let model = try SmallData.model(kind, train)
        // User u of the new matrix is user 59 − u of the old one; then three strangers, the last without entries.
        var entries: [InteractionMatrix.Entry] = [.init(user: 60, item: 5), .init(user: 61, item: 7, confidence: 3)]
        for user in 0..<60 {
            for k in train.entryRange(of: user) {
                entries.append(
                    .init(
                        user: 59 - user, item: Int(train.items[k]), confidence: train.confidences?[k] ?? 1,
                        preference: train.preferences?[k] ?? 1))
            }
        }
        let rows = try InteractionMatrix(userCount: 63, itemCount: 50, entries: entries)
        let folded = try model.withUsers(foldedIn: rows)
        #expect(folded.userCount == 63)
        let (old, new) = (try model.scores(users: Array(0..<60)), try folded.scores(users: Array(0..<63)))
        for user in 0..<60 {
            for item in 0..<50 {
                #expect(abs(old[user, item] - new[59 - user, item]) <= 2e-4 * (1 + abs(old[user, item])))
            }
        }
        #expect(new.elements.allSatisfy { $0.isFinite })
        #expect(throws: RecommendationError.self) {
            try model.withUsers(foldedIn: InteractionMatrix(userCount: 1, itemCount: 49, entries: []))
        }
    }

    @Test("A round trip through the registry keeps every score's bits", arguments: ModelKind.allCases, [false, true])
    func roundTrip(kind: ModelKind, valued: Bool) throws {
        try TemporaryFolder.with { folder in
            let train = try SmallData.random(users: 30, items: 40, density: 0.1, seed: 3, valued: valued)
            let model = try SmallData.model(kind, train)
            let registry = ModelRegistry(folder: folder)
            try registry.save(model, .sample("v1", train))
            let loaded = try registry.load("v1")
            #expect(type(of: loaded.model).kind == kind)
            #expect(try loaded.model.scores(users: Array(0..<30)) == model.scores(users: Array(0..<30)))
            #expect(loaded.manifest.recipe == SmallData.recipe(kind))
            #expect(loaded.model.recipe == SmallData.recipe(kind))
            let folded: any StorableModel = try loaded.model.withUsers(foldedIn: train)
            try registry.save(folded, .sample("v2", train))
            #expect(
                try registry.load("v2").model.scores(users: Array(0..<30)) == folded.scores(users: Array(0..<30)))
        }
    }
}
