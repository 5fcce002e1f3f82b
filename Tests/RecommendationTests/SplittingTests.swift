import Recommendation
import Testing

@Suite("Splits of interactions")
struct SplittingTests {
    @Test("A validation part and the rest make up the whole", arguments: [0.1, 0.5], [1, 2] as [UInt64])
    func holdingOut(share: Double, seed: UInt64) throws {
        let all = try SmallData.random(users: 50, items: 60, density: 0.2, seed: 31, valued: true)
        let (train, held) = try all.holdingOut(share: share, seed: seed)
        for user in 0..<50 {
            let (known, hidden) = (Set(train.items(of: user)), Set(held.items(of: user)))
            #expect(known.isDisjoint(with: hidden) && known.union(hidden) == Set(all.items(of: user)))
            let count = all.items(of: user).count
            #expect(hidden.count == (count < 5 ? 0 : max(1, Int((share * Double(count)).rounded()))))
        }
        #expect(train.count + held.count == all.count)
        #expect(Set(values(train) + values(held)) == Set(values(all)))
        #expect(try all.holdingOut(share: share, seed: seed).held == held)
        #expect(try all.holdingOut(share: share, seed: seed + 9).held != held)
    }

    @Test("By strong generalisation tested users do not train")
    func strong() throws {
        let all = try SmallData.random(users: 50, items: 60, density: 0.2, seed: 32)
        let split = try all.strongSplit(testUsers: 12, seed: 3)
        let tested = (0..<50).filter { !split.test.items(of: $0).isEmpty }
        #expect(tested.count == 12)
        for user in 0..<50 {
            let (train, foldIn, test) = (
                Set(split.train.items(of: user)), Set(split.foldIn.items(of: user)), Set(split.test.items(of: user))
            )
            if tested.contains(user) {
                #expect(train.isEmpty && foldIn.isDisjoint(with: test))
                #expect(foldIn.union(test) == Set(all.items(of: user)))
                #expect(test.count == max(1, Int((0.2 * Double(foldIn.count + test.count)).rounded())))
            } else {
                #expect(train == Set(all.items(of: user)) && foldIn.isEmpty)
            }
        }
    }

    @Test(
        "Strangers of the checkerboard are folded in and their missing items found", arguments: [ModelKind.ials, .blend]
    )
    func strongGeneralization(kind: ModelKind) throws {
        let all = try SmallData.checkerboard(40).train
        let split = try all.strongSplit(testUsers: 8, seed: 5)
        let (_, report) = try Evaluation.trainAndMeasure(SmallData.recipe(kind), split: split, k: 6)
        #expect(report.metrics.users == 8)
        #expect(report.metrics.truncatedRecall > 0.6)
    }

    @Test("Shares and numbers of users without meaning are refused")
    func refusals() throws {
        let all = try SmallData.random(users: 20, items: 30, density: 0.3, seed: 33)
        for share in [0, 1, -0.5, .nan] {
            #expect(throws: RecommendationError.self) { try all.holdingOut(share: share, seed: 1) }
        }
        for users in [0, 21] {
            #expect(throws: RecommendationError.self) { try all.strongSplit(testUsers: users, seed: 1) }
        }
    }

    private func values(_ matrix: InteractionMatrix) -> [[Float]] {
        (0..<matrix.userCount).flatMap { user in
            matrix.entryRange(of: user).map {
                [Float(user), Float(matrix.items[$0]), matrix.confidences?[$0] ?? 1, matrix.preferences?[$0] ?? 1]
            }
        }
    }
}
