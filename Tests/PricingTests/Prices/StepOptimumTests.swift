import Foundation
import Pricing
import TestSupport
import Testing

/// The best price over steps, acceptance and rivals' spread, against the definition.
@Suite struct StepOptimumTests {
    private func profit(_ problem: PricingProblem, _ price: Double) -> Double {
        let figures = RandomDemand.figures(problem.options[0].demand, at: price, tick: problem.tick)
        let sold = min(figures.volume, problem.capacity ?? .infinity)
        return ((1 - problem.platformFee) * price - problem.outlay) * sold + figures.other
    }

    @Test(arguments: 0..<40)
    func noPriceOfADenseGridIsBetter(seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed))
        let factors = seed % 3 == 0 ? [1.0] : [0.93, 0.98, 1.01, 1.08]
        let demand = RandomDemand.demand(
            &random, requests: random.int(1...12), draws: seed % 2 == 0 ? 1 : 5, factors: factors,
            sensitivity: Double.random(in: 0...12, using: &random), falling: seed % 5 != 4)
        var problem = PricingProblem(
            options: [PromiseOption(demand: demand)], outlay: Double.random(in: 0...0.8, using: &random),
            platformFee: 0.02,
            capacity: seed % 4 == 0 ? Double.random(in: 50...1500, using: &random) : nil, range: 0...4, tick: 1e-4)
        problem.evidence.sensitivityDraws = [1]
        let decision = try PriceDecision(problem)
        guard let best = decision.recommendation else {
            // What is not told for its width may be; what earns nothing must earn nothing anywhere.
            for reason in decision.reasons {
                if case .noProfitablePrice = reason {
                    #expect((0...40_000).allSatisfy { profit(problem, Double($0) / 10_000) <= 1e-9 })
                }
            }
            return
        }
        let found = profit(problem, best.price)
        #expect(abs(found - best.expected.profit) <= 1e-9 * max(1, found))
        #expect(best.objectiveBound >= found * (1 - 1e-9) && best.objectiveBound <= found * (1 + 2e-9))
        let top = (0...40_000).map { profit(problem, Double($0) / 10_000) }.max() ?? 0
        #expect(found >= top * (1 - 2e-9))
        #expect(best.price >= decision.marginalCost && best.expected.volume <= (problem.capacity ?? .infinity))
        // All prices that are said to keep 98% do, and their neighbours do not.
        for part in 0...200 {
            let range = best.nearlyBest
            let price = range.lowerBound + (range.upperBound - range.lowerBound) * Double(part) / 200
            let tick = (price * 10_000).rounded() / 10_000
            #expect(profit(problem, tick) >= 0.98 * found * (1 - 1e-8))
        }
        for neighbour in [best.nearlyBest.lowerBound - 1e-4, best.nearlyBest.upperBound + 1e-4]
        where neighbour >= decision.marginalCost && neighbour <= 4 {
            #expect(profit(problem, (neighbour * 10_000).rounded() / 10_000) < 0.98 * found * (1 + 1e-8))
        }
    }

    @Test func oneListedOfferIsTheClosedForm() throws {
        for (a, alpha, c, rivals) in [
            (2.0, 1.0, 1.0, 0.0), (3, 0.8, 2, log(4.5)), (1.2, 250, 0.004, log(3)), (5, 2.5, 0.7, 3)
        ] {
            let closed = try LogitBestResponse(
                LogitOffer(quality: a, marginalCost: c), priceSensitivity: alpha, logRivals: rivals)
            let limit = c + 20 / alpha
            let demand = PricedDemand(
                requests: [.listing(monthlyRate: 1, volume: 1, upTo: limit, acceptance: 0)],
                acceptances: [Acceptance(AcceptanceCurve(intercept: a - rivals, sensitivity: alpha))])
            let best = try PriceDecision(
                PricingProblem(
                    options: [PromiseOption(demand: demand)], outlay: c, range: 0...limit, tick: 1e-12 / alpha)
            ).told()
            #expect(abs(best.price - closed.price) <= 2e-9 * closed.price)
            #expect(abs(best.expected.profit - closed.profit) <= 1e-12 * closed.profit)
            #expect(abs(best.expected.acceptance - closed.share) <= 1e-8)
        }
    }

    @Test func capacityIsTheClosedForm() throws {
        let closed = try LogitCapacityResponse(
            LogitOffer(quality: 2, marginalCost: 1), priceSensitivity: 1, logRivals: 0, users: 1000, capacity: 150)
        let demand = PricedDemand(
            requests: [.listing(monthlyRate: 1000, volume: 1, upTo: 20, acceptance: 0)],
            acceptances: [Acceptance(AcceptanceCurve(intercept: 2, sensitivity: 1))])
        let best = try PriceDecision(
            PricingProblem(
                options: [PromiseOption(demand: demand)], outlay: 1, capacity: 150, range: 0...20, tick: 1e-9)
        ).told()
        #expect(abs(best.price - closed.price) < 2e-9 && best.expected.volume <= 150)
        #expect(abs(best.capacityShadowPrice - closed.shadowPrice) < 1e-6)
    }

    @Test func withoutAcceptanceTheBestPriceIsJustBelowAStep() throws {
        let demand = PricedDemand(
            requests: [
                PricedRequest(
                    pieces: [
                        .init(upTo: 4, volume: 60, costIntercept: 0, costSlope: 60),
                        .init(upTo: 4.5, volume: 30, costIntercept: 120, costSlope: 30),
                        .init(upTo: 8, volume: 0, costIntercept: 255, costSlope: 0)
                    ], referenceTotal: 100)
            ], acceptances: [Acceptance(.certain)])
        let problem = PricingProblem(options: [PromiseOption(demand: demand)], outlay: 1, range: 0...8, tick: 0.01)
        let decision = try PriceDecision(problem)
        #expect(try decision.told().price == 3.99)
        #expect(
            decision.breakpoints.map(\.price) == [3.99, 4.49, 8] && decision.breakpoints.map(\.volume) == [60, 30, 0])
        // With dearer storage the smaller volume earns more.
        var dear = problem
        dear.outlay = 3.6
        #expect(try PriceDecision(dear).told().price == 4.49)
    }

    @Test(arguments: 0..<8)
    func currencyDoesNotMatter(seed: Int) throws {
        func decide(_ scale: Double) throws -> PriceDecision {
            var random = SeededGenerator(seed: UInt64(seed))
            let demand = RandomDemand.demand(&random, requests: 6, draws: 30, factors: [0.95, 1.05], scale: scale)
            return try PriceDecision(
                PricingProblem(
                    options: [PromiseOption(demand: demand)], outlay: 0.3 * scale, platformFee: 0.02,
                    capacity: seed % 2 == 0 ? 400 : nil, range: 0...(4 * scale), tick: 1e-4 * scale))
        }
        let one = try decide(1)
        for scale in [1e-9, 0x1p-30, 0x1p30, 1e9] {
            let other = try decide(scale)
            guard let best = one.recommendation else { #expect(other.recommendation == nil); continue }
            let scaled = try other.told()
            #expect(abs(scaled.price / scale - best.price) < 1e-9 * best.price)
            #expect(abs(scaled.expected.profit / scale - best.expected.profit) < 1e-7 * best.expected.profit)
            #expect(abs(scaled.interval.lowerBound / scale - best.interval.lowerBound) < 1e-3 * best.price)
        }
    }

    @Test func dearerStorageRaisesThePriceAndNeverBelowCost() throws {
        for seed in 0..<6 {
            var random = SeededGenerator(seed: UInt64(100 + seed))
            let demand = RandomDemand.demand(&random, requests: 8, draws: 1, factors: [0.97, 1, 1.03])
            var last = 0.0
            for step in 0..<12 {
                let outlay = 0.1 + 0.15 * Double(step)
                let decision = try PriceDecision(
                    PricingProblem(
                        options: [PromiseOption(demand: demand)], outlay: outlay, platformFee: 0.1, range: 0...4,
                        tick: 1e-4))
                guard let best = decision.recommendation else { break }
                // Where two prices earn the same the higher cost takes the higher one.
                #expect(best.price >= last - 1e-9 && best.price * 0.9 >= outlay)
                last = best.price
            }
            #expect(last > 0)
        }
    }

    @Test(arguments: PriceObjective.allCases)
    func objectivesAreTheProviders(objective: PriceObjective) throws {
        var random = SeededGenerator(seed: 77)
        let demand = RandomDemand.demand(&random, requests: 10, draws: 1)
        var problem = PricingProblem(
            options: [PromiseOption(demand: demand)], outlay: 0.5, platformFee: 0.02, range: 0...4, tick: 1e-3)
        problem.objective = objective
        let best = try PriceDecision(problem).told()
        for tick in 0...4000 {
            let price = Double(tick) / 1000
            guard price >= 0.5 / 0.98 else { continue }
            let volume = RandomDemand.figures(demand, at: price, tick: 1e-3).volume
            switch objective {
            case .profit: #expect(profit(problem, price) <= best.expected.profit * (1 + 1e-8))
            case .revenue: #expect(price * volume <= best.expected.revenue * (1 + 1e-8))
            case .utilisation: #expect(volume <= best.expected.volume * (1 + 1e-8))
            }
        }
        #expect(best.price >= 0.5 / 0.98)
    }

    @Test func otherOwnOffersCount() throws {
        let pieces: [PricedRequest.Piece] = [
            .init(upTo: 2, volume: 100, costIntercept: 0, costSlope: 100),
            .init(upTo: 5, volume: 0, costIntercept: 200, costSlope: 0)
        ]
        func best(_ other: Double) throws -> PriceDecision {
            var moved = pieces
            moved[1].otherProfit = other
            let demand = PricedDemand(
                requests: [
                    PricedRequest(pieces: moved, referenceTotal: 200),
                    PricedRequest(
                        pieces: [.init(upTo: 5, volume: 10, costIntercept: 0, costSlope: 10)], referenceTotal: 50)
                ], acceptances: [Acceptance(.certain)])
            return try PriceDecision(
                PricingProblem(options: [PromiseOption(demand: demand)], outlay: 1, range: 0...5, tick: 0.01))
        }
        #expect(abs(try best(0).told().price - 1.99) < 1e-9)
        // When the data would lie with another own offer that earns more, it is let go there.
        #expect(abs(try best(150).told().price - 5) < 1e-9)
    }
}
