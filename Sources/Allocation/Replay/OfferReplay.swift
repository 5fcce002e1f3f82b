import Foundation
import Marketplace

/// Replays many requests at every storage price of one offer, when each takes its cheapest whole placement.
///
/// A request's data lies in one placement, and each reader region reads from fixed offers. Then a placement that holds
/// the offer stores there what its scheme says, and costs a line in the price whose slope the scheme alone decides. So
/// of all placements only the cheapest without the offer and, by scheme, the cheapest with it matter: two searches a
/// scheme find every breakpoint of a request. They are exact (``LegSearch``) and proven; where a provider holds several
/// legs that share credits, or far too many placements cost about the same, the bound may stay apart, and the answer
/// says so.
///
/// What is divided in truth (over tiers, free volumes, limits of egress) is ``AllocationOptimizer``'s: it may be cheaper.
public struct OfferReplay: Sendable {
    /// The cheapest placement with the offer under one scheme, or the cheapest without it.
    public struct Line: Sendable, Hashable {
        /// What the offer stores over the term, in gigabyte-months; 0 without it.
        public let gigabyteMonths: Double
        /// The term's whole cost at price 0, in USD, the fee included.
        public let intercept: Double
        /// How much it rises with the price.
        public let slope: Double
        /// No whole placement of the kind costs less at price 0.
        public let bound: Double
    }

    /// What replaying one request came to.
    public enum Answer: Sendable, Hashable {
        /// The lines, the one without the offer first where there is one; empty where no placement was found. No whole
        /// placement costs less than the cheapest line by more than `gap` USD, at any price of the range: 0 where that is
        /// within a ten-millionth of what it costs, infinite where nothing bounds it.
        case lines([Line], gap: Double)
        /// The offer cannot serve it.
        case ineligible
        /// It asks what whole placements cannot be compared for one by one: a monthly budget, shares or numbers of
        /// providers, data that lies somewhere already, or more reader regions than can be searched; or the offer's
        /// own tariff is to change.
        case beyond
    }

    /// The requests and the market, the offer at no price.
    public let problem: FleetProblem
    /// The offer's ID.
    public let offer: String
    /// How many threads work at a time; answers do not depend on it.
    public var threads: Int

    /// How many processors there are.
    public static var processors: Int { ProcessInfo.processInfo.activeProcessorCount }

    /// A replay of `offer`, which is taken at price 0 without a monthly minimum.
    public init(
        _ problem: FleetProblem, offer: String, threads: Int = OfferReplay.processors
    ) {
        self.problem = problem
        self.offer = offer
        self.threads = threads
    }

    /// By request, in the problem's order: its lines as far as they can be the cheapest at prices of `range`.
    ///
    /// - Parameter stops: asked now and then; true leaves the rest ``Answer/beyond``.
    ///
    /// Deterministic at any number of threads unless stopped. Time grows linearly with the requests that the offer can
    /// serve.
    public func run(in range: ClosedRange<Double>, stops: @escaping @Sendable () -> Bool = { false }) -> [Answer] {
        let market = FleetMarket(problem)
        guard let own = market.positions[offer] else { return problem.requests.map { _ in .ineligible } }
        let order = TariffOrder(market, own: own)
        let workers = FleetWorkers(threads)
        var numbers: [FleetProfile.Key: Int] = [:]
        var members: [[Int]] = []
        for (index, request) in problem.requests.enumerated() {
            let key = FleetProfile.Key(request, hasChanges: market.changes)
            let number = numbers[key] ?? members.count
            if number == members.count {
                numbers[key] = number
                members.append([])
            }
            members[number].append(index)
        }
        let (problem, firsts) = (problem, members.map { $0[0] })
        let profiles = workers.map(firsts.count) { g -> ReplayProfile? in
            guard let profile = try? FleetProfile(problem.requests[firsts[g]], problem, market) else { return nil }
            return ReplayProfile(profile, market, order, own: own)
        }
        var chunks: [(profile: ReplayProfile, requests: ArraySlice<Int>)] = []
        for (g, all) in members.enumerated() {
            guard let profile = profiles[g] else { continue }
            // Neighbours are to be alike: what is read for what is stored decides most.
            let requests = all.map { (Self.reading(problem.requests[$0]), $0) }.sorted { $0 < $1 }.map(\.1)
            for start in stride(from: 0, to: requests.count, by: FleetChunk.size) {
                chunks.append((profile, requests[start..<min(start + FleetChunk.size, requests.count)]))
            }
        }
        let work = chunks
        let found = workers.map(work.count) { c -> [Answer] in
            var chunk = ReplayChunk(
                work[c].profile, problem, market, own: own, range: max(0, range.lowerBound)...max(0, range.upperBound))
            return work[c].requests.map { stops() ? .beyond : chunk.answer(problem.requests[$0]) }
        }
        var answers = [Answer](repeating: .ineligible, count: problem.requests.count)
        for (chunk, own) in zip(work, found) {
            for (request, answer) in zip(chunk.requests, own) { answers[request] = answer }
        }
        return answers
    }

    /// Bytes read a month for a byte stored.
    private static func reading(_ request: SLARequest) -> Double {
        request.traffic.reduce(0) { $0 + Double($1.egressBytes) } / Double(max(1, request.logicalBytes))
    }
}

/// Replays requests of one profile, one after another.
struct ReplayChunk {
    private let ground: ReplayProfile
    private let problem: FleetProblem
    private let market: FleetMarket
    private let own: Int
    private let range: ClosedRange<Double>
    private var searches: [LegSearch?]
    /// The schemes, the one that was the cheapest for the request before first: what is dear is then soon found to be.
    private var sequence: [Int]
    /// By scheme: what each tariff costs for holding the request's data alone, whether that is known, and whether all charges
    /// are in the search.
    private var held: [[Double]]
    private var isHeld: [Bool]
    private var isLoaded: [Bool]

    init(_ ground: ReplayProfile, _ problem: FleetProblem, _ market: FleetMarket, own: Int, range: ClosedRange<Double>)
    {
        self.ground = ground
        self.problem = problem
        self.market = market
        self.own = own
        self.range = range
        searches = ground.legs.map { legs in
            let claims = legs.tariffs.map { LegCosts.claims(market.tariffs[ground.tariffs[$0]]) }
            return LegSearch(ground.profile.spaces[legs.space], legs: legs.positions, claims: claims)
        }
        sequence = Array(ground.legs.indices)
        held = ground.legs.map { _ in [Double](repeating: .infinity, count: ground.tariffs.count) }
        isHeld = ground.legs.map { _ in false }
        isLoaded = isHeld
    }

    /// The request's lines.
    mutating func answer(_ asked: SLARequest) -> OfferReplay.Answer {
        guard asked.budget?.period != .month, asked.maxProviderShare == nil, asked.minProviders <= 1,
            asked.current.isEmpty, market.tariffs[own].versions.count == 1, !searches.contains(where: { $0 == nil })
        else { return .beyond }
        let profile = ground.profile
        var request = asked
        request.budget = nil
        request.credits.removeAll { $0.provider == market.offers[own].provider }
        guard let demand = try? FleetDemand(request, profile, problem, market) else { return .beyond }
        for s in ground.legs.indices { (isHeld[s], isLoaded[s]) = (false, false) }
        let legCosts = LegCosts(demand, profile, market)
        let costs = FleetCosts(demand: demand, profile: profile, market: market)
        let constant = demand.gateway * Double(request.months)
        let slopes = ground.legs.map { slope(demand, legCosts, profile.spaces[$0.space].scheme) }
        var (least, bound) = (Double.infinity, Double.infinity)
        var lines: [OfferReplay.Line] = []
        var cheapest = sequence.first
        for s in sequence {
            let legs = ground.legs[s]
            let found = run(s, demand, legCosts, excluded: legs.own, cutoff: least - constant)
            bound = min(bound, found.bound + constant)
            if let cost = cost(found, legs, costs), cost < least { (least, cheapest) = (cost, s) }
        }
        if let cheapest, let place = sequence.firstIndex(of: cheapest) {
            sequence.remove(at: place)
            sequence.insert(cheapest, at: 0)
        }
        if least < .infinity {
            lines.append(.init(gigabyteMonths: 0, intercept: least, slope: 0, bound: min(least, bound)))
        }
        var bounds = [(intercept: bound, slope: 0.0)]
        for s in ground.legs.indices.sorted(by: { (slopes[$0], $0) < (slopes[$1], $1) }) {
            let legs = ground.legs[s]
            // What is no cheaper than a flatter line at the least price is so at none.
            let most = lines.reduce(Double.infinity) {
                min($0, $1.intercept + ($1.slope - slopes[s]) * range.lowerBound)
            }
            let found = run(s, demand, legCosts, forced: legs.own, cutoff: most - constant)
            let bound = found.bound + constant
            bounds.append((bound, slopes[s]))
            guard let cost = cost(found, legs, costs) else { continue }
            let data = profile.spaces[legs.space].scheme.data
            let stored = demand.months.indices.reduce(0) { $0 + demand.months[$1] * demand.raw($1, data) }
            lines.append(
                .init(
                    gigabyteMonths: stored / 1e9, intercept: cost, slope: slopes[s],
                    bound: min(cost, bound)))
        }
        return .lines(lines, gap: gap(lines, bounds))
    }

    /// How far above the least bound the cheapest line may be at any price of the range.
    ///
    /// Above one bound each line is highest at an end of the range, and the cheapest line is no higher than any.
    private func gap(_ lines: [OfferReplay.Line], _ bounds: [(intercept: Double, slope: Double)]) -> Double {
        bounds.reduce(0) { most, bound in
            guard bound.intercept < .infinity else { return most }
            let gap = lines.reduce(Double.infinity) { least, line in
                let ends = [range.lowerBound, range.upperBound].map { price in
                    let cost = line.intercept + line.slope * price
                    let gap = cost - bound.intercept - bound.slope * price
                    return gap <= Self.tolerance(cost) ? 0 : gap
                }
                return min(least, ends.reduce(0, max))
            }
            return max(most, gap)
        }
    }

    /// How far apart a cost and its bound may be and still be one, in USD.
    private static func tolerance(_ cost: Double) -> Double { 1e-7 * abs(cost) + 1e-7 }

    /// Searches a scheme, unless holding the data costs too much already.
    private mutating func run(
        _ s: Int, _ demand: FleetDemand, _ costs: LegCosts, forced: Int? = nil, excluded: Int? = nil, cutoff: Double
    ) -> LegSearch.Outcome {
        let legs = ground.legs[s]
        if cutoff < .infinity {
            if !isHeld[s] { hold(s, legs, costs) }
            guard
                searches[s]?.mayCostLess(
                    than: cutoff, held[s], legs.tariffs, forced: forced, excluded: excluded) ?? false
            else { return .init(bound: cutoff) }
        }
        if !isLoaded[s] { load(s, legs, demand, costs) }
        return searches[s]?.run(forced: forced, excluded: excluded, cutoff: cutoff) ?? .init(bound: cutoff)
    }

    /// What each tariff costs for holding alone.
    private mutating func hold(_ s: Int, _ legs: ReplayProfile.Legs, _ costs: LegCosts) {
        let scheme = ground.profile.spaces[legs.space].scheme
        for number in legs.distinctTariffs {
            costs.hold(market.tariffs[ground.tariffs[number]], scheme, into: &held[s], at: number)
        }
        isHeld[s] = true
    }

    /// What the term costs more for a USD more a volume unit and month.
    private func slope(_ demand: FleetDemand, _ costs: LegCosts, _ scheme: RedundancyScheme) -> Double {
        let tariff = market.tariffs[own].versions[0].tariff
        let billed = costs.billed(tariff, scheme.data)
        return market.fee * (billed.sum + billed.last * demand.earlyShare(tariff))
            / Double(market.offers[own].tariff.unit.bytes)
    }

    /// Puts the charges of a request into the search of a scheme.
    private mutating func load(
        _ s: Int, _ legs: ReplayProfile.Legs, _ demand: FleetDemand, _ costs: LegCosts
    ) {
        let profile = ground.profile
        let scheme = profile.spaces[legs.space].scheme
        let masks = costs.masks
        var table = [Double](repeating: .infinity, count: 2 * ground.tariffs.count * masks)
        for number in legs.distinctTariffs {
            costs.charge(market.tariffs[ground.tariffs[number]], scheme, into: &table, at: number * masks)
        }
        let (reserved, capacities) = (demand.reserved(scheme.data), market.capacities)
        let limited = profile.limited
        let full = legs.positions.indices.filter { leg in
            let number = limited[legs.positions[leg]]
            return number >= 0 && reserved > capacities[number]
        }
        searches[s]?.load(table, legs.tariffs, legs.distinctTariffs, unserved: legs.unserved, full: full)
        isLoaded[s] = true
    }

    /// The placement's cost as it is; nil when there is none.
    private func cost(_ found: LegSearch.Outcome, _ legs: ReplayProfile.Legs, _ costs: FleetCosts) -> Double? {
        guard found.cost < .infinity else { return nil }
        let profile = ground.profile
        var members: [(position: Int, mask: Int)] = []
        for (leg, mask) in zip(found.members, found.masks) { members.append((legs.positions[leg], mask)) }
        members.sort { $0.position < $1.position }
        let fetched = profile.readers.indices.map { u in
            members.filter { $0.mask >> u & 1 == 1 }.map { UInt16($0.position) }
        }
        return costs.cost(
            profile.spaces[legs.space].scheme, members.map(\.position), [FleetPattern(share: 1, fetched: fetched)])?
            .cost
    }
}
