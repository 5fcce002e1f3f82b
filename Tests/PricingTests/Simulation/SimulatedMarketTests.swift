import Documents
import Foundation
import Pricing
import TestSupport
import Testing

/// The truths of simulated markets by independent means.
@Suite struct SimulatedMarketTests {
    private func scenario(_ market: Scenario.Market) -> Scenario {
        var scenario = Scenario(name: "test", market: market)
        scenario.quotes = 400
        scenario.weeks = 20
        scenario.providers = 6
        switch market {
        case .nested: (scenario.demand.dissimilarity, scenario.demand.groups) = (0.5, 3)
        case .mixed: scenario.demand.sensitivitySpread = 0.5
        default: break
        }
        return scenario
    }

    /// Utility with errors of a generalized extreme value: within a group ρ(ln S + Gumbel), S positive stable of index ρ
    /// (Kanter 1975), which makes the best of them a nested logit.
    @Test func nestedSharesAreThoseOfSimulatedUsers() {
        var random = SeededGenerator(seed: 7)
        func uniform() -> Double { Double.random(in: 1e-12..<1, using: &random) }
        func gumbel() -> Double { -log(-log(uniform())) }
        func logStable(_ rho: Double) -> Double {
            let (u, e) = (Double.pi * uniform(), -log(uniform()))
            return log(sin(rho * u)) - log(sin(u)) / rho + (1 - rho) / rho * (log(sin((1 - rho) * u)) - log(e))
        }
        let (utilities, groups, rho) = ([0.4, -0.3, 0.8, 0.1], [0, 0, 1, 1], 0.5)
        let shares = NestedShares.shares(utilities, groups: groups, dissimilarity: rho)
        let draws = 200_000
        var counts = [Double](repeating: 0, count: 4)
        for _ in 0..<draws {
            let common = (0..<2).map { _ in logStable(rho) }
            let drawn = utilities.indices.map { utilities[$0] + rho * (common[groups[$0]] + gumbel()) }
            guard let best = drawn.indices.max(by: { drawn[$0] < drawn[$1] }), drawn[best] > gumbel() else { continue }
            counts[best] += 1 / Double(draws)
        }
        for (share, count) in zip(shares, counts) { #expect(abs(share - count) < 0.005, "\(shares) \(counts)") }
    }

    @Test(arguments: [Scenario.Market.logit, .nested, .mixed])
    func probabilityOverThePriceIsTheShare(kind: Scenario.Market) {
        let market = ChoiceMarket(scenario(kind), replication: 3)
        let week = market.decision
        for request in market.requests(50, stream: 99) {
            for index in request.shown {
                guard let place = request.shown.firstIndex(of: index) else { continue }
                let curve = market.probability(of: index, request, prices: week.prices, qualities: week.qualities)
                for price in [0.5, 3.0, 9.0, 60.0] {
                    var prices = week.prices
                    prices[index] = price
                    let share = market.shares(request, prices: prices, qualities: week.qualities)[place]
                    #expect(abs((curve?.callAsFunction(price) ?? -1) - share) < 1e-12)
                }
            }
        }
    }

    @Test(arguments: [Scenario.Market.logit, .nested, .mixed])
    func historiesAreDrawnFromTheShares(kind: Scenario.Market) {
        var asked = scenario(kind)
        asked.quotes = 20_000
        let market = ChoiceMarket(asked, replication: 0)
        var excess = [Double](repeating: 0, count: market.providers.count)
        var variance = excess
        for quote in market.history(0) {
            let week = market.weeks[quote.week]
            let shares = market.shares(quote.request, prices: week.prices, qualities: week.qualities)
            for (place, j) in quote.request.shown.enumerated() {
                excess[j] += (quote.chosen == place ? 1 : 0) - shares[place]
                variance[j] += shares[place] * (1 - shares[place])
            }
        }
        for (excess, variance) in zip(excess, variance) { #expect(abs(excess) < 4.5 * variance.squareRoot()) }
    }

    /// First-order conditions against best responses by search.
    @Test(arguments: [Scenario.Market.logit, .nested, .mixed])
    func nashPricesAreBestResponses(kind: Scenario.Market) {
        let market = ChoiceMarket(scenario(kind), replication: 1)
        let (week, requests) = (market.decision, market.requests(150, stream: 5))
        let nash = market.equilibrium(requests, costs: week.costs, qualities: week.qualities, isJoint: false)
        #expect(nash.residual <= 1e-9)
        for index in market.providers.indices {
            let best = ProfitMaximum.search(in: week.costs[index]...week.costs[index] + 15) { price in
                var prices = nash.prices
                prices[index] = price
                let demand = market.demand(requests, prices: prices, qualities: week.qualities)
                return (price - week.costs[index]) * demand.quantities[index]
            }
            #expect(abs(best.price - nash.prices[index]) < 1e-5 * nash.prices[index])
        }
    }

    @Test(arguments: [Scenario.Market.logit, .nested])
    func monopolyEarnsMoreAndNoPriceOfItsImproves(kind: Scenario.Market) {
        let market = ChoiceMarket(scenario(kind), replication: 2)
        let (week, requests) = (market.decision, market.requests(100, stream: 5))
        let nash = market.equilibrium(requests, costs: week.costs, qualities: week.qualities, isJoint: false)
        let joint = market.equilibrium(requests, costs: week.costs, qualities: week.qualities, isJoint: true)
        func profit(_ prices: [Double]) -> Double {
            let quantities = market.demand(requests, prices: prices, qualities: week.qualities).quantities
            return prices.indices.reduce(0) { $0 + (prices[$1] - week.costs[$1]) * quantities[$1] }
        }
        let most = profit(joint.prices)
        #expect(most > profit(nash.prices) * 1.02)
        #expect(zip(joint.prices, nash.prices).allSatisfy { $0 > $1 })
        for index in joint.prices.indices {
            for step in [-0.01, 0.01] {
                var prices = joint.prices
                prices[index] *= 1 + step
                #expect(profit(prices) < most)
            }
        }
    }

    /// Where all see all and are alike, the market is one logit, whose equilibrium is known by other means.
    @Test func nashPricesAreThoseOfTheLogitMarket() throws {
        var asked = scenario(.logit)
        asked.shown = 6...6
        let market = ChoiceMarket(asked, replication: 4)
        let (week, request) = (market.decision, market.requests(1, stream: 5)[0])
        let offers = request.shown.indices.map { place in
            LogitOffer(
                quality: market.taste(request, place, qualities: week.qualities), marginalCost: week.costs[place])
        }
        let known = try LogitMarket(offers, priceSensitivity: asked.demand.priceSensitivity)
        for (isJoint, ownership) in [(false, Ownership.separate(6)), (true, .joint(6))] {
            let found = market.equilibrium(
                [request], costs: week.costs, qualities: week.qualities, isJoint: isJoint, tolerance: 1e-12)
            let expected = try known.equilibrium(ownership).prices
            for (price, other) in zip(found.prices, expected) { #expect(abs(price - other) < 1e-8) }
        }
    }
}
