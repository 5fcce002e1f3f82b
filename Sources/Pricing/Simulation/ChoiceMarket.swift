import Foundation
import Recommendation

/// One market drawn from a scenario in which users pick a provider themselves.
package struct ChoiceMarket: Sendable {
    /// A provider's lasting traits.
    package struct Provider: Sendable, Hashable {
        /// Mean cost in USD per terabyte and month, before the week's shifter.
        package let cost: Double
        /// Markup over cost in the history, as a share of it.
        package let markup: Double
        /// Egress price in cents per gigabyte.
        package let egress: Double
        /// Nines of availability.
        package let nines: Double
        /// 1 when certified.
        package let certification: Double
        /// Mean latency to users, in 100 ms.
        package let latency: Double
        /// Lasting quality that nobody recorded, in utility.
        package let quality: Double
        /// The group it belongs to.
        package let group: Int
    }

    /// What holds for all providers in one week; by provider.
    package struct Week: Sendable {
        /// Costs in USD per terabyte and month.
        package var costs: [Double]
        /// The part of the costs that is on record.
        package var shifters: [Double]
        /// Unrecorded qualities, lasting and weekly, in utility.
        package var qualities: [Double]
        /// Prices in USD per terabyte and month.
        package var prices: [Double]
    }

    /// What one user asks and sees.
    package struct Request: Sendable, Hashable {
        /// The providers shown, ascending.
        package let shown: [Int]
        /// Latency of each of them, in 100 ms.
        package let latencies: [Double]
        /// The user's price sensitivity: utility lost with each USD.
        package let sensitivity: Double
    }

    package let scenario: Scenario
    package let providers: [Provider]
    /// The weeks of the history, the one that is decided for, and those that estimates are judged on.
    package let weeks: [Week]

    /// How many weeks estimates are judged on.
    static let judged = 10

    /// The market of a replication: independent of every other's, the same every time.
    package init(_ scenario: Scenario, replication: Int) {
        var random = SyntheticRandom(seed: scenario.seed, stream: Self.stream(replication, 0))
        let (demand, supply) = (scenario.demand, scenario.supply)
        self.scenario = scenario
        providers = (0..<scenario.providers).map { index in
            Provider(
                cost: random.uniform(supply.cost.lowerBound, supply.cost.upperBound),
                markup: random.uniform(supply.markup.lowerBound, supply.markup.upperBound),
                egress: random.uniform(0, 9), nines: Double(2 + index % 3),
                certification: random.uniform() < 0.5 ? 1 : 0, latency: random.uniform(0.2, 1.2),
                quality: demand.lastingQuality * random.normal(),
                group: index % max(1, demand.groups))
        }
        weeks =
            providers.indices.isEmpty
            ? [] : Self.weeks(scenario, providers, count: scenario.weeks + 1 + Self.judged, &random)
    }

    private static func weeks(
        _ scenario: Scenario, _ providers: [Provider], count: Int, _ random: inout SyntheticRandom
    ) -> [Week] {
        let (demand, supply) = (scenario.demand, scenario.supply)
        return (0..<count).map { _ in
            var week = Week(costs: [], shifters: [], qualities: [], prices: [])
            for provider in providers {
                let shifter = supply.shifter * random.normal()
                let change = demand.weeklyQuality * random.normal()
                let cost = max(0.1 * provider.cost, provider.cost + shifter)
                let price = cost * (1 + provider.markup) + supply.qualityPassThrough * change
                week.costs.append(cost)
                week.shifters.append(shifter)
                week.qualities.append(provider.quality + change)
                week.prices.append(max(0.05 * provider.cost, price + supply.noise * random.normal()))
            }
            return week
        }
    }

    /// Streams of one replication that nothing else uses.
    static func stream(_ replication: Int, _ part: Int) -> UInt64 {
        UInt64(truncatingIfNeeded: replication) &* 16 &+ UInt64(truncatingIfNeeded: part)
    }

    /// The week that is decided for.
    package var decision: Week {
        weeks.indices.contains(scenario.weeks)
            ? weeks[scenario.weeks] : Week(costs: [], shifters: [], qualities: [], prices: [])
    }

    // MARK: Users

    /// A user's request, drawn.
    func request(_ random: inout SyntheticRandom) -> Request {
        let span = scenario.shown.upperBound - scenario.shown.lowerBound + 1
        let count = min(providers.count, scenario.shown.lowerBound + Int(random.uniform() * Double(span)))
        var order = Array(providers.indices)
        for place in 0..<count {
            order.swapAt(place, place + Int(random.uniform() * Double(order.count - place)))
        }
        let shown = order.prefix(count).sorted()
        let latencies = shown.map { max(0.02, providers[$0].latency + 0.25 * random.normal()) }
        let spread = scenario.demand.sensitivitySpread
        // The mean over users is the scenario's.
        let factor = spread > 0 ? exp(spread * random.normal() - spread * spread / 2) : 1
        return Request(shown: shown, latencies: latencies, sensitivity: scenario.demand.priceSensitivity * factor)
    }

    /// `count` requests of their own stream.
    package func requests(_ count: Int, stream: UInt64) -> [Request] {
        var random = SyntheticRandom(seed: scenario.seed, stream: stream)
        return (0..<count).map { _ in request(&random) }
    }

    /// Utility at price 0 of the provider at `place` of those shown.
    package func taste(_ request: Request, _ place: Int, qualities: [Double]) -> Double {
        let (index, demand) = (request.shown[place], scenario.demand)
        let provider = providers[index]
        return demand.constant + demand.egress * provider.egress + demand.nines * provider.nines
            + demand.certification * provider.certification + demand.latency * request.latencies[place]
            + qualities[index]
    }

    /// The true choice probabilities of those shown; none's is the rest.
    package func shares(_ request: Request, prices: [Double], qualities: [Double]) -> [Double] {
        let utilities = request.shown.indices.map { place in
            taste(request, place, qualities: qualities) - request.sensitivity * prices[request.shown[place]]
        }
        return NestedShares.shares(
            utilities, groups: request.shown.map { providers[$0].group }, dissimilarity: scenario.demand.dissimilarity)
    }

    /// The true probability that a request goes to a provider, as a function of that provider's price; nil when it is not
    /// shown.
    package func probability(
        of index: Int, _ request: Request, prices: [Double], qualities: [Double]
    ) -> PurchaseProbability? {
        guard let own = request.shown.firstIndex(of: index) else { return nil }
        let rho = scenario.demand.dissimilarity
        var sums = [Double](repeating: 0, count: max(1, scenario.demand.groups))
        for (place, other) in request.shown.enumerated() where place != own {
            let utility = taste(request, place, qualities: qualities) - request.sensitivity * prices[other]
            sums[providers[other].group] += exp(utility / rho)
        }
        let group = providers[index].group
        let outside = sums.indices.reduce(1.0) { $0 + ($1 != group && sums[$1] > 0 ? pow(sums[$1], rho) : 0) }
        return PurchaseProbability(
            utility: taste(request, own, qualities: qualities), sensitivity: request.sensitivity, group: sums[group],
            outside: outside, dissimilarity: rho)
    }

    // MARK: History

    /// One quote of the history: what was shown in which week, and what was taken.
    package struct Quote: Sendable, Hashable {
        package let week: Int
        package let request: Request
        /// The place among those shown; nil for none.
        package let chosen: Int?
    }

    /// The history: as many quotes a week as go, in order.
    package func history(_ replication: Int) -> [Quote] {
        var random = SyntheticRandom(seed: scenario.seed, stream: Self.stream(replication, 1))
        return (0..<scenario.quotes).map { number in
            let week = number * scenario.weeks / scenario.quotes
            return quote(week, weeks[week], &random)
        }
    }

    /// `count` quotes that no estimate has seen, in the weeks that estimates are judged on.
    func judgedQuotes(_ count: Int, _ replication: Int) -> [Quote] {
        var random = SyntheticRandom(seed: scenario.seed, stream: Self.stream(replication, 3))
        return (0..<count).map { number in
            let week = scenario.weeks + 1 + number * Self.judged / count
            return quote(week, weeks[week], &random)
        }
    }

    /// A quote in `state`, drawn.
    func quote(_ week: Int, _ state: Week, _ random: inout SyntheticRandom) -> Quote {
        let request = request(&random)
        let shares = shares(request, prices: state.prices, qualities: state.qualities)
        var point = random.uniform()
        let chosen = shares.firstIndex { share in
            point -= share
            return point < 0
        }
        return Quote(week: week, request: request, chosen: chosen)
    }
}
