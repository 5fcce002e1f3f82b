import Foundation
import Recommendation
import TestSupport
import Testing

@Suite("The evaluation protocol")
struct EvaluationTests {
    @Test("Recall, NDCG and their relatives on a case by hand")
    func byHand() throws {
        let test = try InteractionMatrix(
            userCount: 3, itemCount: 6,
            entries: [(0, 1), (0, 2), (0, 3), (0, 4), (1, 5)].map { .init(user: $0.0, item: $0.1) })
        let model = try PopularityModel(userCount: 3, itemScores: [6, 5, 4, 3, 2, 1])
        // User 0 is offered 0, 1, 2: hits at ranks 2 and 3 of 4 held-out items. User 1 has no hit, user 2 no test item.
        let none = try InteractionMatrix(userCount: 3, itemCount: 6, entries: [])
        let metrics = try Evaluation.measure(model, train: none, test: test, k: 3)
        #expect(metrics.users == 2)
        #expect(abs(metrics.recall - (2.0 / 4) / 2) < 1e-15)
        #expect(abs(metrics.truncatedRecall - (2.0 / 3) / 2) < 1e-15)
        #expect(abs(metrics.hitRate - 0.5) < 1e-15)
        #expect(abs(metrics.coverage - 3.0 / 6) < 1e-15)
        let ideal = 1 + 1 / log2(3.0) + 1 / log2(4.0)
        #expect(abs(metrics.ndcg - (1 / log2(3.0) + 1 / log2(4.0)) / ideal / 2) < 1e-15)
        #expect(metrics.perUser.map(\.user) == [0, 1])
        #expect(metrics.perUser[0].recall == 2.0 / 4 && metrics.perUser[0].truncatedRecall == 2.0 / 3)
        // With 0, 1 and 2 masked, user 0 is offered 3, 4, 5.
        let train = try InteractionMatrix(userCount: 3, itemCount: 6, entries: (0..<3).map { .init(user: 0, item: $0) })
        #expect(try Evaluation.measure(model, train: train, test: test, k: 3).perUser[0].recall == 0.5)
        #expect(throws: RecommendationError.self) { try Evaluation.measure(model, train: none, test: test, k: 0) }
    }

    @Test("The report is one flat object with the measures by name")
    func report() throws {
        let (train, _) = try SmallData.checkerboard(12)
        let (_, report) = try Evaluation.trainAndMeasure(
            .ials(.init(factors: 2, epochs: 2)), train: train, test: train, k: 20)
        let object = try JSONSerialization.jsonObject(with: try JSONEncoder().encode(report)) as? [String: Any]
        for key in ["recall@20", "ndcg@20", "trainSeconds", "epochSeconds", "peakMemoryMB"] {
            #expect(object?[key] is NSNumber, "\(key)")
        }
        #expect(object?["model"] as? String == "ials")
        #expect(report.peakMemoryMB > 1)
    }

    @Test(
        "Popularity on Gowalla gives the published figures to 12 digits",
        .enabled(if: SharedData.isPresent("gowalla/train.txt"), Comment(rawValue: SharedData.absence)))
    func golden() throws {
        let (train, test) = try gowalla()
        #expect(train.userCount == 29858 && train.itemCount == 40981)
        #expect(train.count == 810_128 && test.count == 217_242)
        let metrics = try Evaluation.measure(PopularityModel(train), train: train, test: test)
        // Equal counts are ordered by ascending item index.
        #expect(abs(metrics.recall - 0.041630978929956) < 1e-14)
        #expect(abs(metrics.ndcg - 0.031689929274216) < 1e-14)
    }

    @Test(
        "iALS on Gowalla is far above popularity after two epochs of sixteen factors",
        .enabled(if: SharedData.isPresent("gowalla/train.txt"), Comment(rawValue: SharedData.absence)))
    func ialsOnGowalla() throws {
        let (train, test) = try gowalla()
        let model = try ImplicitALS(.init(factors: 16, epochs: 2)).train(train)
        let metrics = try Evaluation.measure(model, train: train, test: test)
        #expect(metrics.recall > 0.085 && metrics.recall < 0.15, "recall@20 \(metrics.recall)")
        let explanation = try model.explain(user: 0, item: 500, interactions: train)
        #expect(abs(explanation.score - Double(try model.scores(user: 0)[500])) < 1e-5)
    }

    @Test(
        "GF-CF on a fifth of Gowalla's users gives the published figures",
        .enabled(if: SharedData.isPresent("gowalla/train.txt"), Comment(rawValue: SharedData.absence)))
    func graphFilterOnGowalla() throws {
        let (train, test) = try gowalla()
        var entries: [InteractionMatrix.Entry] = []
        for user in stride(from: 0, to: test.userCount, by: 5) {
            entries += test.items(of: user).map { .init(user: user, item: Int($0)) }
        }
        let fifth = try InteractionMatrix(userCount: test.userCount, itemCount: test.itemCount, entries: entries)
        let model = try GraphFilter(rank: 256, lowPassWeight: 0.3).train(train)
        let metrics = try Evaluation.measure(model, train: train, test: fifth)
        // 0.1849 and 0.1518 of all users on the leaderboard of BARS (openbenchmark.github.io/BARS); twice the standard
        // error of a mean over a fifth of them is 0.005.
        #expect(abs(metrics.recall - 0.1849) < 0.005, "recall@20 \(metrics.recall)")
        #expect(abs(metrics.ndcg - 0.1518) < 0.005, "NDCG@20 \(metrics.ndcg)")
    }

    private func gowalla() throws -> (train: InteractionMatrix, test: InteractionMatrix) {
        let folder = SharedData.url("gowalla")
        return try InteractionText.readSplit(
            train: folder.appendingPathComponent("train.txt"), test: folder.appendingPathComponent("test.txt"))
    }
}
