import Documents
import Foundation
import Pricing
import TestSupport
import Testing

/// Advice in simulated markets, small; the whole bars are the command's.
@Suite struct SimulationStudyTests {
    private func shipped(_ name: String) throws -> Scenario {
        let url = ShippedData.folder.appendingPathComponent("scenarios/\(name).json")
        return try Scenario(
            JSONValue(parsing: Array(try Data(contentsOf: url)), document: name), document: name)
    }

    @Test(arguments: ["logit", "nested", "mixed", "program"])
    func adviceLosesLittleAndBeatsRulesOfThumb(name: String) throws {
        var scenario = try shipped(name)
        // Each of these is a program solved.
        if scenario.market == .program { scenario.quotes = 600 }
        let study = RegretStudy(scenario, replications: 2, draws: 20)
        #expect(study.failures.isEmpty && study.forecasts.count == 2)
        #expect(study.trials.allSatisfy { $0.advised <= 1 + 1e-6 && $0.optimalPrice > 0 })
        #expect(study.regret < 0.08)
        #expect(study.mean(\.advised) > study.mean(\.costPlus) && study.mean(\.advised) > study.mean(\.median))
        #expect(study.meanForecast(\.logLoss) < study.meanForecast(\.baseRateLogLoss))
        // 600 predictions in ten bins scatter by about 0.04 where all is right.
        #expect(study.meanForecast(\.calibrationError) < 0.06)
    }

    /// Where nothing can be earned, advice that abstains has lost nothing, and who sells at a loss has.
    @Test func whoLosesNothingOfNothingKeepsAll() {
        func trial(_ advised: Double?, optimum: Double) -> PricingTrial {
            PricingTrial(
                replication: 0, provider: 0, advised: advised, interval: nil, cost: 5, markup: 0, postedPrices: [9, 4],
                optimum: (5, optimum)
            ) { $0 < 8 ? min($0 - 5, optimum) : 0 }
        }
        let nothing = trial(nil, optimum: 0)
        #expect(nothing.advised == 1 && nothing.posted == 1 && nothing.costPlus == 1)
        #expect(trial(4, optimum: 0).advised == 0)
        let something = trial(nil, optimum: 2)
        #expect(something.advised == 0 && trial(6, optimum: 2).advised == 0.5 && trial(4, optimum: 2).advised == -0.5)
    }

    @Test func figuresDoNotDependOnThreads() throws {
        var scenario = try shipped("logit")
        (scenario.quotes, scenario.providers, scenario.shown) = (600, 5, 2...4)
        let one = RegretStudy(scenario, replications: 2, draws: 20, threads: 1)
        let two = RegretStudy(scenario, replications: 2, draws: 20, threads: 2)
        #expect(one.trials == two.trials && one.forecasts == two.forecasts && !one.trials.isEmpty)
    }

    @Test func followersCompeteAndPassCostsOn() throws {
        var scenario = try shipped("logit")
        (scenario.providers, scenario.shown, scenario.quotes) = (6, 2...5, 8000)
        let study = FollowingStudy(scenario, replications: 1, rounds: 8)
        #expect(study.failures.isEmpty && study.trials.count == 1)
        for trial in study.trials {
            // One market's index carries the error of its one estimate: nearer to Nash than to monopoly is what it can say.
            #expect(abs(trial.collusion) < 0.5 && abs(trial.priceOverNash) < 0.1)
            #expect(trial.ownCutChange < 0 && trial.commonCutChange < 0)
        }
    }

    @Test(arguments: [
        (#"{"market":"logit"}"#, "/name"), (#"{"name":"a","market":"auction"}"#, "/market"),
        (#"{"name":"a","market":"logit","quotes":5}"#, "/quotes"),
        (#"{"name":"a","market":"logit","providers":4}"#, "/shown/to"),
        (#"{"name":"a","market":"logit","demand":{"groups":3}}"#, "/demand/groups"),
        (#"{"name":"a","market":"nested","demand":{"dissimilarity":0}}"#, "/demand/dissimilarity"),
        (#"{"name":"a","market":"logit","supply":{"cost":{"from":4,"to":2}}}"#, "/supply/cost/to"),
        (#"{"name":"a","market":"logit","acceptance":{"slope":1}}"#, "/acceptance"),
        (#"{"name":"a","market":"mixed","demand":{"sensitivitySpread":1e9}}"#, "/demand/sensitivitySpread")
    ])
    func scenariosAtFaultAreRefused(text: String, field: String) throws {
        let value = try JSONValue(parsing: Array(text.utf8), document: "scenario")
        let error = #expect(throws: InputError.self) { try Scenario(value) }
        #expect(error?.issues.contains { $0.location == field } == true, "\(String(describing: error))")
    }
}
