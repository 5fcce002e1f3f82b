import Documents
import Foundation
import Marketplace
import MarketplaceStore
import Recommendation
import TestSupport
import Testing

/// What a model learned from a made-up market, against the truth behind it.
@Suite struct RecoveryTests {
    @Test func theTruthRecoversItself() throws {
        let command = try RetrainCommand()
        defer { command.remove() }
        let store = try MarketplaceDatabase(path: command.folder.appendingPathComponent("flashback.sqlite").path)
        let market = SyntheticMarket(seed: 5, users: 3, days: 10, catalog: try store.catalog())
        let offers = market.catalog.offers.map(\.id)
        let truth = market.utilities(user: 1)
        func recovery(_ score: (Double) -> Double, _ user: String = "u00002") throws -> RankRecovery {
            let model = try PopularityModel(userCount: 1, itemScores: truth.map { Float(score($0 ?? 0)) })
            return try market.recovery(of: model, userIDs: [user], offerIDs: offers)
        }
        let same = try recovery { 3 * $0 + 1 }
        // Utilities that are the same in single precision share a rank, no more.
        #expect(same.users == 1 && same.correlation > 0.99999 && same.standing > 0.98)
        let reversed = try recovery { -$0 }
        #expect(reversed.correlation < -0.99999 && reversed.standing < 0.02)
        #expect(try recovery { _ in 7 }.users == 0, "what says nothing cannot be compared")
        #expect(try recovery({ $0 }, "nobody").users == 0)
        #expect(throws: RecommendationError.self) {
            try market.recovery(of: PopularityModel(userCount: 2, itemScores: [1]), userIDs: ["a"], offerIDs: offers)
        }
    }

    @Test func aTrainedModelComesNearerToItThanPopularity() throws {
        let command = try RetrainCommand()
        defer { command.remove() }
        #expect(try command.run("run", "--confidence", "0.5").status == 0)
        let result = try command.run("recovery", "--seed", "5", "--users", "400", "--days", "150", "--json")
        #expect(result.status == 0, "\(result.errors)")
        guard case .object(let figures) = try JSONValue(parsing: Array(result.output.utf8)) else { return }
        func figure(_ name: String) -> Double {
            guard case .number(let digits)? = figures[name] else { return .nan }
            return Double(digits) ?? .nan
        }
        #expect(figure("users") > 300)
        #expect(figure("correlation") > 0.4 && figure("correlation") > figure("popularityCorrelation"))
        #expect(figure("standing") > 0.75 && figure("standing") > figure("popularityStanding"))
        #expect(try command.run("recovery", "--seed", "5", "--users", "400", "--models", "none").status == 3)
    }
}
