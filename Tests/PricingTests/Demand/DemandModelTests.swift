import Foundation
import Pricing
import Recommendation
import TestSupport
import Testing

@Suite struct DemandModelTests {
    /// Choices of a nested logit: a nest first, by its inclusive value, then an alternative of it.
    static func nested(_ situations: Int, rho: Double, seed: UInt64) throws -> ChoiceData {
        var random = SyntheticRandom(seed: seed)
        var columns = [[Double]](repeating: [], count: 2)
        var (chosen, sizes): ([Int?], [Int]) = ([], [])
        for _ in 0..<situations {
            let x = (0..<6).map { _ in random.normal() }
            let utilities = x.map { (0.5 - $0) / (1 - rho) }
            let values = (0..<3).map { m in (1 - rho) * log(exp(utilities[2 * m]) + exp(utilities[2 * m + 1])) }
            let nest = random.index(weights: values.map { exp($0) } + [1]) ?? 3
            if nest == 3 {
                chosen.append(nil)
            } else {
                let place = random.index(weights: [exp(utilities[2 * nest]), exp(utilities[2 * nest + 1])]) ?? 0
                chosen.append(2 * nest + place)
            }
            columns[0] += x
            columns[1] += [0, 0, 1, 1, 2, 2]
            sizes.append(6)
        }
        return try ChoiceData(variables: ["price", "type"], columns: columns, sizes: sizes, chosen: chosen)
    }

    static let names = [ChoiceData.constant, "price"]

    @Test func nestsAreFoundWhereTheyAre() throws {
        let data = try Self.nested(4000, rho: 0.5, seed: 1)
        let fit = try NestedLogit.fit(data, variables: Self.names, nests: .variable("type"), outside: true)
        let errors = fit.standardErrors
        #expect(abs(fit.rho - 0.5) < 4 * errors[2])
        #expect(abs(fit.coefficients[0] - 0.5) < 4 * errors[0])
        #expect(abs(fit.coefficients[1] + 1) < 4 * errors[1])
        #expect(errors.allSatisfy { $0 > 0 && $0 < 0.2 })
        #expect(fit.logLikelihood > fit.conditionalLogLikelihood + 10)
        let probabilities = try fit.probabilities(of: data)
        for situation in 0..<50 {
            let sum = probabilities.rows[6 * situation..<6 * situation + 6].reduce(0, +)
            #expect(abs(sum + probabilities.outside[situation] - 1) < 1e-12)
        }
        #expect(
            abs(-ChoiceScores.logLoss(probabilities, of: data) * 4000 - fit.logLikelihood) < 1e-6)
        // On choices that came later the nested logit tells better.
        let later = try Self.nested(3000, rho: 0.5, seed: 2)
        let conditional = try ConditionalLogit.fit(data, variables: Self.names, outside: true)
        let (nestedScores, plainScores) = (
            try ChoiceScores(of: fit, on: later, fittedTo: data, outside: true),
            try ChoiceScores(of: conditional, on: later, fittedTo: data, outside: true)
        )
        #expect(nestedScores.logLoss < plainScores.logLoss)
        #expect(nestedScores.calibrationError < 0.03)
    }

    @Test func withoutNestsRhoIsNone() throws {
        let data = try Self.nested(3000, rho: 0, seed: 3)
        let fit = try NestedLogit.fit(data, variables: Self.names, nests: .variable("type"), outside: true)
        #expect(fit.rho < 0.1)
        if fit.isAtBoundary { #expect(fit.logLikelihood == fit.conditionalLogLikelihood) }
        #expect(throws: PricingError.self) {
            try NestedLogit.fit(data, variables: Self.names, nests: .variable("price"), outside: true)
        }
        #expect(throws: PricingError.self) {
            try NestedLogit.fit(data, variables: Self.names, nests: .provider, outside: true)
        }
    }

    @Test(arguments: [0.5, 0])
    func nestsAreTakenWhereTheyForetellMore(_ rho: Double) throws {
        let plain = try Self.nested(2400, rho: rho, seed: 11)
        let data = try ChoiceData(
            variables: plain.variables, columns: plain.variables.map { try plain.values(of: $0) },
            sizes: [Int](repeating: 6, count: 2400),
            chosen: plain.chosen.enumerated().map { $1 < 0 ? nil : $1 - 6 * $0 },
            groupings: ["week": (0..<2400).map { $0 / 60 }])
        let selection = try DemandSelection(
            data, variables: Self.names, nests: .variable("type"), outside: true, split: "week", at: 30)
        #expect(selection.conditional.situations == 600)
        let nested = try #require(selection.nested)
        #expect((nested.logLoss < selection.conditional.logLoss) == selection.isNested)
        if rho > 0 { #expect(selection.isNested) }
        let probabilities = try selection.model.probabilities(of: data)
        #expect(ChoiceScores.logLoss(probabilities, of: data) < 1.9)
    }

    @Test func segmentsBorrowFromEachOther() throws {
        var random = SyntheticRandom(seed: 4)
        let segments = 12
        var (columns, sizes, chosen, labels): ([Double], [Int], [Int?], [Int]) = ([], [], [], [])
        var truth: [Double] = []
        for segment in 0..<segments {
            truth.append(-1 + 0.3 * random.normal())
            for _ in 0..<(segment == 0 ? 400 : 40) {
                var best: (place: Int?, utility: Double) = (nil, random.gumbel())
                for place in 0..<4 {
                    let price = 1 + random.normal()
                    columns.append(price)
                    let utility = 1 + truth[segment] * price + random.gumbel()
                    if utility > best.utility { best = (place, utility) }
                }
                sizes.append(4)
                chosen.append(best.place)
                labels.append(segment)
            }
        }
        let data = try ChoiceData(
            variables: ["price"], columns: [columns], sizes: sizes, chosen: chosen, groupings: ["segment": labels])
        let fit = try PooledSegments.fit(data, variables: Self.names, outside: true, segment: "segment", draws: 50)
        #expect(fit.segments.count == segments)
        var (pooled, shrunk, own) = (0.0, 0.0, 0.0)
        for segment in 0..<segments {
            let alone = try ConditionalLogit.fit(
                data.filtered { labels[$0] == segment }, variables: Self.names, outside: true, ridge: 1e-6)
            let part = try #require(fit.fit(segment))
            let (a, b) = (alone.coefficients[1], try #require(part.coefficient("price")))
            // Between its own estimate and what segments have in common.
            #expect(abs(b - fit.mean[1]) <= abs(a - fit.mean[1]) + 0.1)
            pooled += pow(fit.pooled.coefficients[1] - truth[segment], 2)
            shrunk += pow(b - truth[segment], 2)
            own += pow(a - truth[segment], 2)
            #expect(part.draws.count == 50)
        }
        #expect(shrunk < own)
        #expect(shrunk < pooled)
        #expect(fit.between[1] > 0 && fit.between[1] < 0.5)
        #expect(throws: PricingError.self) {
            try PooledSegments.fit(data, variables: Self.names, outside: true, segment: "none")
        }
    }

    @Test func acceptanceIsFoundWithItsError() throws {
        var random = SyntheticRandom(seed: 5)
        let totals = (0..<3000).map { _ in random.uniform(50, 200) }
        let accepted = totals.map { random.uniform() < 1 / (1 + exp(4 * $0 / 100 - 4)) }
        let references = [Double](repeating: 100, count: 3000)
        let model = try AcceptanceModel.fit(totals: totals, references: references, accepted: accepted, draws: 40)
        #expect(abs(model.estimate.g0 - 4) < 0.5)
        #expect(abs(model.estimate.g1 - 4) < 0.5)
        #expect(model.draws.count == 40)
        #expect(model.quotes == 3000)
        #expect(abs(model.probability(1) - 0.5) < 0.05)
        let slope = (model.probability(1.1 + 1e-6) - model.probability(1.1 - 1e-6)) / 2e-6
        #expect(abs(slope - model.slope(1.1)) < 1e-6)
        #expect(
            try AcceptanceModel.fit(
                totals: totals, references: references, accepted: accepted, draws: 40, threads: 1) == model)
    }

    @Test func quotesWithoutAnswerAreRefused() throws {
        let ones = [Double](repeating: 1, count: 4)
        func fit(_ totals: [Double], _ accepted: [Bool], references: [Double]? = nil, ridge: Double = 0) throws {
            let model = try AcceptanceModel.fit(
                totals: totals, references: references ?? ones, accepted: accepted, ridge: ridge)
            #expect(model.estimate.g0.isFinite && model.estimate.g1.isFinite)
        }
        let mixed = [true, false, true, false]
        #expect(throws: PricingError.self) { try fit([1, 2, .nan, 3], mixed) }
        #expect(throws: PricingError.self) { try fit([1, 2, -1, 3], mixed) }
        #expect(throws: PricingError.self) { try fit([1, 2, 4, 3], [true]) }
        #expect(throws: PricingError.self) { try fit([1, 2, 4, 3], mixed, references: [0, 1, 1, 1]) }
        #expect(throws: PricingError.self) { try fit([2, 2, 2, 2], mixed) }
        #expect(throws: PricingError.self) { try fit([1, 2, 3, 4], [true, true, false, false]) }
        #expect(throws: PricingError.self) { try fit([1, 2, 3, 4], [true, true, true, true]) }
        #expect(throws: PricingError.self) { try fit([], []) }
        try fit([1, 2, 3, 4], [true, true, false, false], ridge: 1)
    }
}
