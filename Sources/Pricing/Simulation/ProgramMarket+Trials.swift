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

    /// Replays `requests` at the prices of the week that is decided for, over all prices of provider `index`.
    ///
    /// - Throws: what ``PriceReplay`` throws.
    func replay(_ requests: [NamedRequest], of index: Int, prices: [Double]) throws(PricingError) -> Replayed {
        let catalog = listing(prices)
        guard let offer = catalog.offer(offers[index]) else { throw .noRequests }
        // Tariffs without tiers and free volumes give nothing for dividing the data.
        let demand = try PriceReplay(catalog: catalog, day: Self.day).demand(
            of: offer, requests.map(\.request), in: 0...highestPrice / 1000, laying: .whole, threads: 1)
        return Replayed(
            demand: demand, references: requests.map { referenceTotal($0.request) }, highest: highestPrice)
    }

    /// The best of the prices that can be asked, under the truth: of the whole ticks near a grid's best and just below the
    /// breakpoints beside it. What lies between two ticks nobody could have advised.
    func optimum(_ truth: Replayed, cost: Double) -> (price: Double, profit: Double) {
        func profit(_ price: Double) -> Double { truth.profit(price: price, cost: cost, acceptance) }
        let top = ProfitMaximum.search(in: cost...max(cost * 1.01, truth.highest), points: 240, profit)
        guard let ticks = PriceGrid(tick: PricingProblem.finestTick, limit: truth.highest / 1000) else { return top }
        let step = (truth.highest - cost) / 240
        let ends = truth.demand.steps.filter { abs($0.upTo * 1000 - top.price) < step }.map { ticks.below($0.upTo) }
        let prices = ([ticks.floor(top.price / 1000)] + ends).map { ticks.price($0) * 1000 }
        return prices.map { ($0, profit($0)) }.max { $0.1 < $1.1 } ?? top
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
        let own = try market.replay(quotes.map(\.request), of: index, prices: week.prices)
        let decision = try own.decide(cost: cost, acceptance)
        let truth = try market.replay(
            market.requests(8 * scenario.quotes, stream: ChoiceMarket.stream(replication, 4)), of: index,
            prices: week.prices)
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
    /// ``PriceDecision``'s price and interval, in USD per terabyte and month; nil when it abstains.
    func decide(
        cost: Double, _ model: AcceptanceModel
    ) throws(PricingError) -> (price: Double, interval: ClosedRange<Double>)? {
        let requests = (0..<demand.count).map { request in
            PricedRequest(
                pieces: demand.pieces(of: request).map {
                    PricedRequest.Piece(
                        upTo: $0.upTo, volume: $0.gigabyteMonths, costIntercept: $0.costIntercept,
                        costSlope: $0.costSlope)
                }, referenceTotal: references[request])
        }
        let parameters = model.draws.isEmpty ? [model.estimate] : model.draws
        let draws = parameters.map { AcceptanceCurve(intercept: $0.g0, sensitivity: $0.g1) }
        let problem = PricingProblem(
            options: [PromiseOption(demand: PricedDemand(requests: requests, acceptances: [Acceptance(draws)]))],
            outlay: cost / 1000, range: demand.range)
        guard let recommendation = try PriceDecision(problem, threads: 1).recommendation else { return nil }
        let interval = recommendation.interval
        return (recommendation.price * 1000, interval.lowerBound * 1000...interval.upperBound * 1000)
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
