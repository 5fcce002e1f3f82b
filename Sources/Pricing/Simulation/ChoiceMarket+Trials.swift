import Foundation

extension ChoiceMarket {
    /// How many requests stand for the truth, and how many quotes estimates are judged on.
    static let population = 20_000
    static let judgedQuotes = 5000

    /// The true demand for a provider in the week that is decided for: probabilities over its price.
    func truth(for index: Int, _ population: [Request]) -> [PurchaseProbability] {
        let week = decision
        return population.compactMap { probability(of: index, $0, prices: week.prices, qualities: week.qualities) }
    }

    /// The best price of a provider under the truth, and the profit of one request that shows it.
    static func optimum(_ truth: [PurchaseProbability], cost: Double, sensitivity: Double) -> (
        price: Double, profit: Double
    ) {
        ProfitMaximum.search(in: cost...cost + 12 / sensitivity, points: 48) { profit(truth, cost: cost, $0) }
    }

    /// The true profit of one request that shows the provider.
    static func profit(_ truth: [PurchaseProbability], cost: Double, _ price: Double) -> Double {
        (price - cost) * truth.reduce(0) { $0 + $1(price) } / Double(max(1, truth.count))
    }

    /// Advises every provider of one replication for the week that follows its history.
    ///
    /// - Throws: what the estimates throw.
    static func trials(
        _ scenario: Scenario, replication: Int, draws: Int
    ) throws(PricingError) -> (trials: [PricingTrial], forecast: ForecastTrial) {
        let market = ChoiceMarket(scenario, replication: replication)
        let history = market.listingHistory(replication)
        let estimate = try ListingEstimate(
            history, draws: draws, seed: scenario.seed &+ UInt64(replication), threads: 1)
        var later = history
        later.quotes = market.judgedQuotes(judgedQuotes, replication)
        let scores = try estimate.scores(later, fittedTo: history)
        let forecast = ForecastTrial(
            logLoss: scores.logLoss, baseRateLogLoss: scores.baseRateLogLoss,
            priceOnlyLogLoss: scores.priceOnlyLogLoss ?? scores.baseRateLogLoss,
            calibrationError: scores.calibrationError)
        let population = market.requests(population, stream: stream(replication, 4))
        let (week, requests) = (market.decision, history.quotes.map(\.request))
        let trials = market.providers.indices.map { index in
            let cost = week.costs[index]
            let truth = market.truth(for: index, population)
            let decision = ListingDecision(
                for: index, cost: cost, week: market.publicWeek(week), requests: requests, estimate: estimate,
                seed: scenario.seed &+ UInt64(replication))
            return PricingTrial(
                replication: replication, provider: index, advised: decision?.price, interval: decision?.interval,
                cost: cost, markup: market.usualMarkup(index), postedPrices: week.prices,
                optimum: optimum(truth, cost: cost, sensitivity: scenario.demand.priceSensitivity)
            ) { profit(truth, cost: cost, $0) }
        }
        return (trials, forecast)
    }

    /// What a provider took over cost in its history on average, as a share of cost.
    func usualMarkup(_ index: Int) -> Double {
        let past = weeks.prefix(scenario.weeks)
        return past.reduce(0) { $0 + $1.prices[index] / $1.costs[index] - 1 } / Double(max(1, past.count))
    }
}
