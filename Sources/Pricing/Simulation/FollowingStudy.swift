import Foundation
import LinearAlgebra
import Recommendation

/// What becomes of a market in which every provider follows the advice, round after round.
///
/// In each round costs and qualities are drawn, every provider takes the price that advice gives it for its own costs and
/// the others' prices of the round before, users choose by the truth, and demand is estimated anew from all quotes so far.
/// Choice markets only: markets in which the optimizer decides are not simulated yet.
public struct FollowingStudy: Sendable {
    /// One replication.
    public struct Trial: Sendable, Hashable {
        /// Δ = (π̄ − π_Nash)/(π_monopoly − π_Nash) over the judged rounds of the second half.
        public let collusion: Double
        /// Mean price over the Nash price, less 1, in the judged rounds of the last quarter.
        public let priceOverNash: Double
        /// The same less that of the quarter before: the drift.
        public let drift: Double
        /// Mean change of a provider's price, as a share, five rounds after its own cost fell by a fifth.
        public let ownCutChange: Double
        /// Mean change of all prices, as a share, five rounds after all costs fell by a fifth.
        public let commonCutChange: Double
    }

    /// The scenario.
    public let scenario: Scenario
    /// Rounds of each replication.
    public let rounds: Int
    /// One for each replication that had estimates.
    public let trials: [Trial]
    /// Why others had none.
    public let failures: [String]

    /// Runs the replications in parallel; the same for a seed at any number of threads.
    public init(
        _ scenario: Scenario, replications: Int, rounds: Int, threads: Int = ParallelBlocks.defaultThreads,
        progress: @Sendable () -> Void = {}
    ) {
        typealias Outcome = Result<Trial, PricingError>
        let outcomes: [Outcome] =
            scenario.market == .program
            ? []
            : ParallelBlocks.map(count: replications, blockSize: 1, threads: threads) { replication, _ in
                let outcome = Outcome { () throws(PricingError) in
                    var run = try FollowingRun(scenario, replication: replication, rounds: rounds)
                    return try run.trial()
                }
                progress()
                return outcome
            }
        self.scenario = scenario
        self.rounds = rounds
        trials = outcomes.compactMap { try? $0.get() }
        failures = outcomes.compactMap { if case .failure(let error) = $0 { "\(error)" } else { nil } }
    }

    /// The mean over the replications.
    public func mean(_ figure: (Trial) -> Double) -> Double {
        trials.isEmpty ? .nan : trials.reduce(0) { $0 + figure($1) } / Double(trials.count)
    }
}

/// One replication under way.
private struct FollowingRun {
    /// Requests that stand for the truth.
    static let population = 1200
    /// Every so many rounds are judged.
    static let stride = 4

    let market: ChoiceMarket
    let population: [ChoiceMarket.Request]
    let perRound: Int
    let rounds: Int
    var history: ListingHistory
    var prices: [Double]
    var random: SyntheticRandom
    let form: ListingEstimate.Form

    init(_ scenario: Scenario, replication: Int, rounds: Int) throws(PricingError) {
        market = ChoiceMarket(scenario, replication: replication)
        population = market.requests(Self.population, stream: ChoiceMarket.stream(replication, 7))
        perRound = max(1, scenario.quotes / scenario.weeks)
        self.rounds = rounds
        history = market.listingHistory(replication)
        history.weeks = Array(history.weeks.prefix(scenario.weeks))
        prices = market.decision.prices
        random = SyntheticRandom(seed: scenario.seed, stream: ChoiceMarket.stream(replication, 8))
        form = try ListingEstimate.form(of: history, threads: 1)
    }

    mutating func trial() throws(PricingError) -> FollowingStudy.Trial {
        var judged: [(round: Int, profit: Double, nash: Double, monopoly: Double, over: Double)] = []
        var (nash, monopoly): ([Double]?, [Double]?) = (nil, nil)
        // Nobody knows the week's quality when prices are set, the benchmarks as little as the followers.
        let lasting = market.providers.map(\.quality)
        let changes = (0..<Self.population).map { _ in
            lasting.map { _ in market.scenario.demand.weeklyQuality * random.normal() }
        }
        var estimate = try ListingEstimate(history, draws: 0, seed: 0, form: form, threads: 1)
        for round in 0..<rounds {
            var week = drawnWeek()
            prices = advised(week, costs: week.costs, prices, estimate)
            week.prices = prices
            record(week)
            estimate = try ListingEstimate(history, draws: 0, seed: 0, form: form, threads: 1)
            guard round >= rounds / 2, (rounds - 1 - round) % Self.stride == 0 else { continue }
            let quantities = market.demand(population, prices: prices, qualities: lasting, changes: changes).quantities
            let profit = prices.indices.reduce(0) { $0 + (prices[$1] - week.costs[$1]) * quantities[$1] }
            let alone = market.equilibrium(
                population, costs: week.costs, qualities: lasting, changes: changes, isJoint: false, from: nash,
                tolerance: 1e-5)
            let joint = market.equilibrium(
                population, costs: week.costs, qualities: lasting, changes: changes, isJoint: true, from: monopoly,
                tolerance: 1e-5)
            (nash, monopoly) = (alone.prices, joint.prices)
            let over = zip(prices, alone.prices).reduce(0) { $0 + $1.0 / $1.1 - 1 } / Double(prices.count)
            judged.append((round, profit, alone.profits.reduce(0, +), joint.profits.reduce(0, +), over))
        }
        func mean(_ rows: [Double]) -> Double { rows.isEmpty ? 0 : rows.reduce(0, +) / Double(rows.count) }
        let base = mean(judged.map { $0.nash })
        let (late, early) = (judged.filter { $0.round >= rounds * 3 / 4 }, judged.filter { $0.round < rounds * 3 / 4 })
        let (own, common) = cuts(estimate)
        return FollowingStudy.Trial(
            collusion: (mean(judged.map { $0.profit }) - base) / max(mean(judged.map { $0.monopoly }) - base, 1e-12),
            priceOverNash: mean(late.map { $0.over }),
            drift: early.isEmpty ? 0 : mean(late.map { $0.over }) - mean(early.map { $0.over }),
            ownCutChange: own, commonCutChange: common)
    }

    /// Costs and qualities of a round; prices are to be set.
    private mutating func drawnWeek() -> ChoiceMarket.Week {
        let (demand, supply) = (market.scenario.demand, market.scenario.supply)
        var week = ChoiceMarket.Week(costs: [], shifters: [], qualities: [], prices: [])
        for provider in market.providers {
            let shifter = supply.shifter * random.normal()
            week.shifters.append(shifter)
            week.costs.append(max(0.1 * provider.cost, provider.cost + shifter))
            week.qualities.append(provider.quality + demand.weeklyQuality * random.normal())
        }
        return week
    }

    /// What advice gives everybody at `costs`, the others' prices being those of before.
    private func advised(
        _ week: ChoiceMarket.Week, costs: [Double], _ before: [Double], _ estimate: ListingEstimate
    ) -> [Double] {
        let seen = ListingWeek(prices: before, shifters: week.shifters, isAdvised: true)
        let requests = history.quotes.suffix(market.scenario.quotes).map(\.request)
        return costs.indices.map { index in
            ListingDecision(
                for: index, cost: costs[index], week: seen, requests: requests, estimate: estimate, seed: 0
            )?.price ?? before[index]
        }
    }

    /// Users choose, and all of it becomes history.
    private mutating func record(_ week: ChoiceMarket.Week) {
        let number = history.weeks.count
        history.weeks.append(ListingWeek(prices: week.prices, shifters: week.shifters, isAdvised: true))
        for _ in 0..<perRound { history.quotes.append(market.quote(number, week, &random)) }
    }

    /// The mean change of a provider's price after its own cost fell by a fifth, and of all prices after all costs did; five
    /// rounds of answers each, beside five without a cut.
    private mutating func cuts(_ estimate: ListingEstimate) -> (own: Double, common: Double) {
        let week = drawnWeek()
        func settled(_ factors: [Double]) -> [Double] {
            let costs = zip(week.costs, factors).map { $0 * $1 }
            return (0..<5).reduce(prices) { before, _ in advised(week, costs: costs, before, estimate) }
        }
        let ones = [Double](repeating: 1, count: prices.count)
        let without = settled(ones)
        let all = settled(ones.map { $0 * 0.8 })
        let own = prices.indices.prefix(3).map { index in
            var factors = ones
            factors[index] = 0.8
            return settled(factors)[index] / without[index] - 1
        }
        return (
            own.reduce(0, +) / Double(max(1, own.count)),
            zip(all, without).reduce(0) { $0 + $1.0 / $1.1 - 1 } / Double(max(1, all.count))
        )
    }
}
