import Foundation
import Pricing
import TestSupport
import Testing

@Suite struct ControlFunctionTests {
    static func fit(
        _ data: ChoiceData, draws: Int = 0, clusters: [String] = ["week"], threads: Int = 2, seed: UInt64 = 1
    ) throws -> ControlFunction {
        var settings = ControlFunction.Settings()
        (settings.draws, settings.clusters, settings.threads, settings.seed) = (draws, clusters, threads, seed)
        return try ControlFunction.fit(data, variables: QuoteMarket.variables, outside: true, settings: settings)
    }

    /// A short version of `choice-peers --monte-carlo 60`.
    @Test func biasIsTakenAwayAndTheBootstrapKnowsItsError() throws {
        let study = try DemandStudy(replications: 12, draws: 30)
        #expect(DemandStudy.mean(study.naive) > -0.60)
        #expect(abs(DemandStudy.mean(study.controlled) + 0.75) < 0.06)
        #expect(study.naiveCovered == 0)
        #expect(study.bootstrapCovered >= 9)
        #expect(DemandStudy.mean(study.bootstrapErrors) > 1.1 * DemandStudy.mean(study.oneStepErrors))
    }

    /// All sixty replications with 200 draws each, some minutes.
    @Test(.enabled(if: ProcessInfo.processInfo.environment["FLASHBACK_LONG_TESTS"] != nil, "set FLASHBACK_LONG_TESTS"))
    func intervalsOfTheBootstrapCoverTheTruth() throws {
        let study = try DemandStudy(replications: 60, draws: 200)
        #expect(abs(DemandStudy.mean(study.controlled) + 0.75) < 0.02)
        #expect(study.bootstrapCovered >= 52)
        #expect(study.oneStepCovered < study.bootstrapCovered)
    }

    @Test func drawsDependOnTheSeedAlone() throws {
        var market = QuoteMarket()
        market.requests = 600
        let data = try market.draw(seed: 5)
        let first = try Self.fit(data, draws: 9, threads: 1)
        #expect(try Self.fit(data, draws: 9, threads: 3) == first)
        #expect(try Self.fit(data, draws: 9, seed: 2).demand.draws != first.demand.draws)
        #expect(first.demand.draws.count == 9)
        #expect(first.demand.draws.allSatisfy { $0.count == 7 && $0.allSatisfy(\.isFinite) })
    }

    @Test func weeksAndUsersAreDrawnTogether() throws {
        var market = QuoteMarket()
        market.requests = 800
        let weekly = try market.draw(seed: 6)
        let prices = try weekly.values(of: "price")
        let data = try ChoiceData(
            variables: weekly.variables, columns: weekly.variables.map { try weekly.values(of: $0) },
            sizes: zip(weekly.starts.dropFirst(), weekly.starts).map { $0 - $1 },
            chosen: zip(weekly.chosen, weekly.starts).map { $0 < 0 ? nil : $0 - $1 },
            providers: weekly.providerOfRow.map { weekly.providers[Int($0)] },
            groupings: ["week": weekly.grouping("week"), "user": (0..<800).map { $0 % 100 }])
        #expect(prices.count == data.rows)
        let fit = try Self.fit(data, draws: 40, clusters: ["week", "user"])
        let both = try #require(fit.demand.standardErrors(.bootstrap))
        let weeks = try #require(try Self.fit(data, draws: 40).demand.standardErrors(.bootstrap))
        // The pigeonhole bootstrap counts what is random in both ways.
        #expect(both[1] > weeks[1])
    }

    @Test func weakShiftersAreAssociationOnly() throws {
        var market = QuoteMarket()
        market.requests = 500
        #expect(try Self.fit(market.draw(seed: 7)).firstStage.fStatistic > 100)
        market.shift = 0.01
        let weak = try Self.fit(market.draw(seed: 7))
        #expect(weak.firstStage.fStatistic < 10)
        #expect(weak.isAssociationOnly)
    }

    @Test func residualsAreThoseOfTheFirstStage() throws {
        var market = QuoteMarket()
        market.requests = 500
        let data = try market.draw(seed: 8)
        let fit = try Self.fit(data)
        #expect(abs(fit.firstStage.coefficients[0] - 0.95) < 0.15)
        #expect(fit.firstStage.attributes.isEmpty)
        #expect(fit.firstStage.observations <= 480)
        let again = try fit.extended(data)
        let refit = try ConditionalLogit.fit(
            again, variables: QuoteMarket.variables + [ControlFunction.residual], outside: true)
        for (one, two) in zip(refit.coefficients, fit.demand.coefficients) { #expect(abs(one - two) < 1e-9) }
        let stranger = try ChoiceData(
            variables: data.variables, columns: data.variables.map { _ in [1] }, sizes: [1], chosen: [0],
            providers: ["nobody"])
        #expect(throws: PricingError.self) { try fit.firstStage.residuals(of: stranger) }
    }

    @Test func pricesThatHardlyVaryAreRefused() throws {
        var market = QuoteMarket()
        market.requests = 300
        let data = try market.draw(seed: 9)
        let flat = try data.adding("price", data.providerOfRow.map { 3 + Double($0) })
        #expect(throws: PricingError.self) { try Self.fit(flat) }
        let still = try data.adding("cost_shifter", [Double](repeating: 1, count: data.rows))
        #expect(throws: PricingError.self) { try Self.fit(still) }
        // A price that cost explains to the last digit leaves no residual to control for.
        let exact = try data.adding("price", data.values(of: "cost_shifter").map { 2 * $0 })
        #expect(throws: PricingError.self) { try Self.fit(exact) }
    }
}
