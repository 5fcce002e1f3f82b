import Foundation
import Pricing
import TestSupport
import Testing

@Suite(.enabled(if: ChoiceFixtures.isPresent, Comment(rawValue: SharedData.absence)))
struct KnownAnswerTests {
    @Test func everyPublishedNumberIsFound() throws {
        let answers = try KnownAnswer.all()
        #expect(answers.count > 100)
        for answer in answers { #expect(answer.isMet, "\(answer.line)") }
    }

    @Test func controlFunctionBeatsBaseRateAndPriceOnLaterWeeks() throws {
        let (earlier, later) = try ChoiceFixtures.quotes().split(by: "week", at: 30)
        var settings = ControlFunction.Settings()
        settings.draws = 0
        let fit = try ControlFunction.fit(
            earlier, variables: ChoiceFixtures.quoteVariables, outside: true, settings: settings)
        #expect(!fit.isAssociationOnly)
        let scores = try ChoiceScores(
            of: fit.demand, on: fit.extended(later), fittedTo: fit.extended(earlier), outside: true)
        #expect(scores.logLoss < scores.baseRateLogLoss)
        #expect(try scores.logLoss < #require(scores.priceOnlyLogLoss))
        #expect(scores.calibrationError <= 0.03)
        #expect(scores.bins.count == 10)
    }
}
