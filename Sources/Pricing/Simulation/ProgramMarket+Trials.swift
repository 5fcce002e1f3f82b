import Foundation
import LinearAlgebra
import Marketplace
import Recommendation

extension ProgramMarket {
    /// Replayed demand for one offer: for each request its pieces and the unit of its total. Prices per gigabyte.
    struct Replayed: Sendable {
        let demand: ReplayedDemand
        let references: [Double]
        /// Prices are looked at up to here, in USD per terabyte and month.
        let highest: Double

        /// Profit of each request over its term if it is accepted, and its total in reference totals, at a price in USD per
        /// terabyte and month; nil where the offer is given nothing.
        func stake(_ request: Int, price: Double, cost: Double) -> (profit: Double, total: Double)? {
            let tariff = min(price / 1000, demand.range.upperBound)
            guard let piece = demand.piece(of: request, below: tariff), piece.gigabyteMonths > 0 else { return nil }
            return (piece.gigabyteMonths * (price - cost) / 1000, piece.cost(at: tariff) / references[request])
        }

        /// Expected profit at a price where `acceptance` tells who accepts which total.
        func profit(price: Double, cost: Double, _ acceptance: (Double) -> Double) -> Double {
            (0..<demand.count).reduce(0) { sum, request in
                guard let stake = stake(request, price: price, cost: cost) else { return sum }
                return sum + stake.profit * acceptance(stake.total)
            }
        }
    }

    /// Requests of the truth and of the advice, whose number bounds the time.
    static let replayed = 600

    /// Replays `requests` at the prices of the week that is decided for, over all prices of provider `index`.
    ///
    /// - Throws: what ``PriceReplay`` throws.
    func replay(_ requests: [NamedRequest], of index: Int, prices: [Double]) throws(PricingError) -> Replayed {
        let catalog = listing(prices)
        guard let offer = catalog.offer(offers[index]) else { throw .noRequests }
        let range = 0...highestPrice / 1000
        let replays = try PriceReplay(catalog: catalog, day: Self.day).replay(requests, of: offer, in: range)
        return Replayed(
            demand: ReplayedDemand(replays.map(\.pieces), range: range),
            references: requests.map { referenceTotal($0.request) }, highest: highestPrice)
    }

    /// The best price under the truth, to a thousandth of a grid's step and just below the breakpoints beside it.
    func optimum(_ truth: Replayed, cost: Double) -> (price: Double, profit: Double) {
        func profit(_ price: Double) -> Double { truth.profit(price: price, cost: cost, acceptance) }
        var best = ProfitMaximum.search(in: cost...max(cost * 1.01, truth.highest), points: 240, profit)
        let step = (truth.highest - cost) / 240
        for end in truth.demand.steps.map({ $0.upTo * 1000 - 1e-9 }) where abs(end - best.price) < 3 * step {
            let value = profit(end)
            if value > best.profit { best = (end, value) }
        }
        return best
    }

    /// Advises one provider of one replication for the week that follows its history.
    ///
    /// - Throws: what the optimizer, the replay and the estimates throw.
    static func trials(
        _ scenario: Scenario, replication: Int, draws: Int
    ) throws(PricingError) -> (trials: [PricingTrial], forecast: ForecastTrial) {
        let market = ProgramMarket(scenario, replication: replication)
        let index = replication % max(1, scenario.providers)
        let (week, cost) = (market.decision, market.decision.costs[index])
        let quotes = try market.history(replication)
        let seed = scenario.seed &+ UInt64(replication)
        let acceptance = try AcceptanceModel.fit(
            totals: quotes.map(\.total), references: quotes.map { _ in 1 }, accepted: quotes.map(\.isAccepted),
            users: quotes.map(\.week), draws: draws, seed: seed, threads: 1)
        let step = max(1, quotes.count / replayed)
        let own = try market.replay(
            stride(from: 0, to: quotes.count, by: step).map { quotes[$0].request }, of: index, prices: week.prices)
        let decision = own.decide(cost: cost, acceptance, seed: seed)
        let truth = try market.replay(
            market.requests(2 * replayed, stream: ChoiceMarket.stream(replication, 4)), of: index, prices: week.prices)
        let past = market.weeks.prefix(scenario.weeks)
        let markup = past.reduce(0) { $0 + $1.prices[index] / $1.costs[index] - 1 } / Double(past.count)
        let trial = PricingTrial(
            replication: replication, provider: index, advised: decision?.price, interval: decision?.interval,
            cost: cost, markup: markup, postedPrices: week.prices, optimum: market.optimum(truth, cost: cost)
        ) { truth.profit(price: $0, cost: cost, market.acceptance) }
        return ([trial], try market.forecast(acceptance, quotes, replication))
    }

    /// How acceptance is foretold in quotes that no estimate saw, at the prices of the week that is decided for.
    private func forecast(
        _ model: AcceptanceModel, _ quotes: [Quote], _ replication: Int
    ) throws(PricingError) -> ForecastTrial {
        let listing = listing(decision.prices)
        var random = SyntheticRandom(seed: scenario.seed, stream: ChoiceMarket.stream(replication, 5))
        var later: [(total: Double, price: Double, isAccepted: Bool)] = []
        for request in requests(scenario.quotes, stream: ChoiceMarket.stream(replication, 6)) {
            let draw = random.uniform()
            guard let cost = try total(request.request, in: listing) else { continue }
            let total = cost / referenceTotal(request.request)
            later.append((total, cost, draw < acceptance(total)))
        }
        let rate = Double(quotes.count(where: \.isAccepted)) / Double(max(1, quotes.count))
        let priceOnly = try AcceptanceModel.fit(
            totals: quotes.map { $0.total * referenceTotal($0.request.request) }, references: quotes.map { _ in 1000 },
            accepted: quotes.map(\.isAccepted), threads: 1)
        func loss(_ probability: (Int) -> Double) -> Double {
            later.indices.reduce(0) { sum, index in
                let chance = probability(index)
                return sum - log(max(later[index].isAccepted ? chance : 1 - chance, .leastNormalMagnitude))
            } / Double(max(1, later.count))
        }
        let predictions = later.map { (probability: model.probability($0.total), isTrue: $0.isAccepted) }
        return ForecastTrial(
            logLoss: loss { predictions[$0].probability }, baseRateLogLoss: loss { _ in rate },
            priceOnlyLogLoss: loss { priceOnly.probability(later[$0].price / 1000) },
            calibrationError: CalibrationError.of(predictions))
    }
}

extension ProgramMarket.Replayed {
    /// The most expected profit over the draws of acceptance, and the draws' own best prices, each over requests drawn anew.
    func decide(
        cost: Double, _ model: AcceptanceModel, seed: UInt64
    ) -> (price: Double, interval: ClosedRange<Double>)? {
        let points = 160
        guard highest > cost else { return nil }
        let grid = (1...points).map { cost + Double($0) * (highest - cost) / Double(points) }
        let parameters = model.draws.isEmpty ? [model.estimate] : model.draws
        var random = SyntheticRandom(seed: seed, stream: 9)
        let weights = parameters.map { _ in
            var counts = [Double](repeating: 0, count: demand.count)
            for _ in counts.indices { counts[Int(random.uniform() * Double(counts.count))] += 1 }
            return counts
        }
        var own = [[Double]](repeating: [Double](repeating: 0, count: points), count: parameters.count)
        var mean = [Double](repeating: 0, count: points)
        for (point, price) in grid.enumerated() {
            for request in 0..<demand.count {
                guard let stake = stake(request, price: price, cost: cost) else { continue }
                for draw in parameters.indices {
                    let profit = stake.profit * parameters[draw].probability(stake.total)
                    own[draw][point] += weights[draw][request] * profit
                    mean[point] += profit
                }
            }
        }
        guard (mean.max() ?? 0) > 0 else { return nil }
        func best(_ values: [Double]) -> Double { grid[values.indices.max { values[$0] < values[$1] } ?? 0] }
        let prices = own.map(best)
        return (best(mean), Quantile.of(prices, 0.05)...Quantile.of(prices, 0.95))
    }
}

/// Expected calibration error of probabilities.
enum CalibrationError {
    /// Σ share · |mean prediction − share that came true| over ten bins of equally many predictions.
    static func of(_ predictions: [(probability: Double, isTrue: Bool)]) -> Double {
        let sorted = predictions.sorted { ($0.probability, $0.isTrue ? 1 : 0) < ($1.probability, $1.isTrue ? 1 : 0) }
        return (0..<10).reduce(0.0) { sum, bin in
            let part = sorted[(sorted.count * bin / 10)..<(sorted.count * (bin + 1) / 10)]
            let difference = part.reduce(0.0) { $0 + $1.probability - ($1.isTrue ? 1 : 0) }
            return sum + abs(difference) / Double(max(1, sorted.count))
        }
    }
}
