import Marketplace

/// Prices requests of one profile by themselves, at given prices of capacity: placements that are cheap, priced exactly,
/// and a lower bound of all allocations.
final class FleetOracle {
    private let profile: FleetProfile
    private let problem: FleetProblem
    private let market: FleetMarket
    private let searches: [FleetSearch]
    /// How many placements were priced exactly.
    private(set) var evaluated = 0

    /// Relative to a request's cost, how close the bound is to come before more is done about it.
    static let tolerance = 1e-4
    /// How many candidates a request keeps.
    static let kept = 12

    init(_ profile: FleetProfile, _ problem: FleetProblem, _ market: FleetMarket) {
        self.profile = profile
        self.problem = problem
        self.market = market
        searches = profile.spaces.map(FleetSearch.init)
    }

    /// What a request asks for; nil, and noted, when it is at fault or no scheme has a placement.
    private func demand(_ entry: inout FleetEntry) -> FleetDemand? {
        entry.isPriced = true
        guard !profile.spaces.isEmpty else { return nil }
        do throws(AllocationError) {
            return try FleetDemand(problem.requests[entry.request], profile, problem, market)
        } catch {
            entry.fault = "\(error)"
            return nil
        }
    }

    /// Adds what is cheap at `capacity` to an entry's candidates.
    func find(_ entry: inout FleetEntry, capacity: [Double]) {
        guard let demand = demand(&entry) else { return }
        let costs = FleetCosts(demand: demand, profile: profile, market: market)
        var prices = FleetPrices(demand, profile, market)
        var found = false
        findTypical(costs, &prices, capacity) { s, members, prices in
            found = true
            if let new = candidate(s, members, costs, prices) { _ = insert(new, &entry) }
        }
        if found { entry.hasPlacement = true }
        trim(&entry, capacity)
    }

    /// Sets an entry's bound at `capacity`, and adds the candidates that are met on the way.
    func bound(_ entry: inout FleetEntry, capacity: [Double]) {
        guard let demand = demand(&entry) else { return }
        let costs = FleetCosts(demand: demand, profile: profile, market: market)
        var prices = FleetPrices(demand, profile, market)
        var best = entry.choice(capacity)
        if best.candidate == nil { best.value = .infinity }
        func consider(_ s: Int, _ members: [Int], _ prices: FleetPrices) {
            guard let new = candidate(s, members, costs, prices), insert(new, &entry) else { return }
            let value = new.priced(capacity)
            if value < best.value { best = (entry.candidates.count - 1, value) }
        }
        var bound = -Double.infinity
        for round in 0..<6 {
            if round <= 1, let candidate = best.candidate { complement(&prices, entry.candidates[candidate]) }
            prices.prepare()
            var least = Double.infinity
            var leading: (space: Int, members: [Int], cost: Double)?
            var bounds: [Double] = []
            // Offers of placements that these prices undervalue.
            var missed: Set<Int> = []
            for s in profile.spaces.indices {
                prices.price(profile.spaces[s].scheme, capacity: capacity)
                let own = searches[s].run(
                    hold: prices.hold, read: prices.read,
                    cutoff: round == 0 ? 1.3 * least : min(least, best.value - prices.constant),
                    tolerance: 0.5 * Self.tolerance)
                bounds.append(own)
                least = min(least, own)
                for found in searches[s].found where prices.constant + found.cost < best.value {
                    missed.formUnion(found.members)
                }
                for found in searches[s].found where found.cost < leading?.cost ?? .infinity {
                    leading = (s, found.members, found.cost)
                }
                if !searches[s].found.isEmpty { entry.hasPlacement = true }
                let nearest = searches[s].found.sorted { $0.cost < $1.cost }.prefix(round == 0 ? 3 : 2)
                for found in nearest where prices.constant + found.cost < 1.02 * best.value {
                    consider(s, found.members, prices)
                }
            }
            bound = max(bound, prices.constant + least)
            if best.value - bound <= Self.tolerance * abs(best.value) { break }
            guard let candidate = best.candidate else { break }
            let current = prices.constant + least
            let limits = leading.map { limit(&prices, $0, missing: best.value - current) } ?? false
            if round == 0, prices.givenBack > 0.2 * Self.tolerance * best.value {
                relax(&prices, entry.candidates[candidate], bounds, capacity, worth: 0.5 * Self.tolerance * best.value)
            } else if !limits {
                guard tighten(&prices, entry.candidates[candidate], missed.sorted()) else { break }
            }
        }
        entry.bound = max(0, min(bound, best.value))
        trim(&entry, capacity)
    }

    /// Looks for placements at typical prices, which bound nothing.
    private func findTypical(
        _ costs: FleetCosts, _ prices: inout FleetPrices, _ capacity: [Double],
        _ consider: (Int, [Int], FleetPrices) -> Void
    ) {
        var least = Double.infinity
        for s in profile.spaces.indices {
            prices.priceTypically(profile.spaces[s].scheme, capacity: capacity)
            _ = searches[s].run(
                hold: prices.hold, read: prices.read, cutoff: 1.02 * least, tolerance: 1e-3, iterations: 24)
            let found = searches[s].found.sorted { $0.cost < $1.cost }
            guard let first = found.first, first.cost <= 1.1 * least else { continue }
            least = min(least, first.cost)
            for placement in found.prefix(2) { consider(s, placement.members, prices) }
        }
    }

    /// Sets the multipliers of what `best` uses to what fits it: nothing is paid for a credit that is not used up.
    private func complement(_ prices: inout FleetPrices, _ best: FleetCandidate) {
        for p in best.members {
            let provider = profile.providers[Int(p)]
            if prices.demand.creditProviders.contains(provider) {
                prices.shares[provider] = best.unspent.contains(provider) ? 0 : 1
            }
        }
        prices.referenceData = profile.spaces[best.space].scheme.data
        let elsewhere = (best.patterns.last?.fetched ?? []).flatMap { $0 }
            .filter { !profile.tariffs[Int($0)].limitsEgress }.map { prices.readingSlope(Int($0)) }.max()
        prices.priceElsewhere = elsewhere
    }

    /// Lowers the multipliers of what `best` does not use as far as it stays unused: less must be given back.
    private func relax(
        _ prices: inout FleetPrices, _ best: FleetCandidate, _ bounds: [Double], _ capacity: [Double],
        worth: Double
    ) {
        let inUse = Set(best.members.map { profile.providers[Int($0)] })
        var lowered = prices
        for provider in lowered.shares.indices
        where !inUse.contains(provider) && prices.providerGifts[provider] > worth { lowered.shares[provider] = 0 }
        for p in lowered.feeShares.indices
        where !best.members.contains(UInt16(p)) && prices.offerGifts[p] > 0.1 * worth { lowered.feeShares[p] = 0 }
        lowered.prepare()
        var spared = zip(prices.shares, lowered.shares).map { $0 - $1 }
        var feeSpared = zip(prices.feeShares, lowered.feeShares).map { $0 - $1 }
        let least = bounds.min() ?? 0
        for s in profile.spaces.indices where bounds[s] <= 1.2 * least {
            // A scheme that lags may fall by what it lags, each of its offers by its part.
            let margin = (bounds[s] - least) / Double(profile.spaces[s].scheme.shards)
            prices.price(profile.spaces[s].scheme, capacity: capacity)
            guard let full = searches[s].reducedCosts(prices.hold, prices.read) else { continue }
            lowered.price(profile.spaces[s].scheme, capacity: capacity)
            guard let low = searches[s].reducedCosts(lowered.hold, lowered.read) else { continue }
            for p in full.costs.indices {
                let drop = full.costs[p] - low.costs[p]
                guard drop > 0 else { continue }
                let spare = max(0, min(1, (max(0, full.costs[p] - full.last) + margin) / drop))
                let provider = profile.providers[p]
                if profile.tariffs[p].versions.contains(where: { $0.tariff.fee > 0 }) {
                    feeSpared[p] = min(feeSpared[p], spare)
                    // A credit pays for offers with a fee as well.
                    if demandsCredit(prices, provider) { spared[provider] = min(spared[provider], spare) }
                } else {
                    spared[provider] = min(spared[provider], spare)
                }
            }
        }
        for g in spared.indices { prices.shares[g] -= spared[g] }
        for p in feeSpared.indices { prices.feeShares[p] -= feeSpared[p] }
    }

    /// Moves the price of limited egress by a step towards what would keep the leading placement within its limits;
    /// whether it moved.
    private func limit(
        _ prices: inout FleetPrices, _ leading: (space: Int, members: [Int], cost: Double), missing: Double
    ) -> Bool {
        let demand = prices.demand
        guard leading.members.contains(where: { profile.tariffs[$0].limitsEgress }) else { return false }
        let data = profile.spaces[leading.space].scheme.data
        guard let nearest = served(data, leading.members, demand, prices, avoidsLimits: false) else { return false }
        var beyond = 0.0
        for p in leading.members {
            guard let limit = prices.limitInForce(p) else { continue }
            var egress = 0.0
            for (u, offers) in nearest.enumerated() where offers.contains(UInt16(p)) {
                egress += demand.egress[u] / Double(data)
            }
            beyond += egress - limit * Double(demand.least) / Double(data)
        }
        let months = market.fee * demand.months.reduce(0, +)
        guard abs(beyond) > 1e-6 * demand.egressSum else { return false }
        let price = max(0, prices.elsewhere + 0.6 * missing / (months * beyond))
        guard abs(price - prices.elsewhere) > 1e-3 * max(price, prices.elsewhere) else { return false }
        prices.priceElsewhere = price
        return true
    }

    private func demandsCredit(_ prices: FleetPrices, _ provider: Int) -> Bool {
        prices.demand.creditProviders.contains(provider)
    }

    /// Raises the multipliers of what the leading placement uses beyond `best`; whether there was anything to raise.
    private func tighten(_ prices: inout FleetPrices, _ best: FleetCandidate, _ leading: [Int]) -> Bool {
        let inUse = Set(best.members.map { profile.providers[Int($0)] })
        var changed = false
        for p in leading {
            let provider = profile.providers[p]
            if !inUse.contains(provider), prices.shares[provider] < 1 {
                prices.shares[provider] = 1 - prices.shares[provider] < 0.6 ? 1 : prices.shares[provider] + 0.5
                changed = true
            }
            if prices.feeShares[p] < 1 {
                prices.feeShares[p] = 1
                changed = true
            }
        }
        return changed
    }

    /// Keeps candidates that are cheap at `capacity`, or without any of it.
    private func trim(_ entry: inout FleetEntry, _ capacity: [Double]) {
        guard entry.candidates.count > Self.kept else { return }
        let order = entry.candidates.indices.sorted {
            let (one, other) = (entry.candidates[$0].priced(capacity), entry.candidates[$1].priced(capacity))
            return (one, $0) < (other, $1)
        }
        entry.candidates = order.prefix(Self.kept).sorted().map { entry.candidates[$0] }
    }

    private func insert(_ candidate: FleetCandidate, _ entry: inout FleetEntry) -> Bool {
        let isKnown = entry.candidates.contains {
            $0.space == candidate.space && $0.members == candidate.members && $0.cost <= candidate.cost
        }
        if !isKnown { entry.candidates.append(candidate) }
        return !isKnown
    }

    /// A placement priced exactly; nil when it misses a limit of the request.
    private func candidate(
        _ s: Int, _ members: [Int], _ costs: FleetCosts, _ prices: FleetPrices
    ) -> FleetCandidate? {
        let scheme = profile.spaces[s].scheme
        evaluated += 1
        guard let nearest = served(scheme.data, members, costs.demand, prices, avoidsLimits: false) else { return nil }
        let share = costs.largestShare(scheme, members, nearest)
        var patterns = [FleetPattern(share: share, fetched: nearest)]
        if share < 1 {
            guard let other = served(scheme.data, members, costs.demand, prices, avoidsLimits: true),
                costs.largestShare(scheme, members, other) >= 1
            else { return nil }
            patterns.append(FleetPattern(share: 1 - share, fetched: other))
        }
        guard var priced = costs.cost(scheme, members, patterns) else { return nil }
        if patterns.count > 1 {
            let plain = [FleetPattern(share: 1, fetched: patterns[1].fetched)]
            if let other = costs.cost(scheme, members, plain), other.cost < priced.cost {
                (patterns, priced) = (plain, other)
            }
        }
        let reserved = costs.demand.reserved(scheme.data)
        let uses = members.compactMap { p -> (offer: Int, bytes: Double)? in
            profile.limited[p] < 0 ? nil : (profile.limited[p], reserved)
        }
        if uses.contains(where: { $0.bytes > market.capacities[$0.offer] }) { return nil }
        return FleetCandidate(
            cost: priced.cost, space: s, members: members.map(UInt16.init), patterns: patterns,
            claimants: priced.claimants.map(UInt16.init), unspent: priced.unspent, uses: uses)
    }

    /// By reader the k cheapest members that serve it; none for readers that read nothing.
    private func served(
        _ data: Int, _ members: [Int], _ demand: FleetDemand, _ prices: FleetPrices, avoidsLimits: Bool
    ) -> [[UInt16]]? {
        let count = profile.offers.count
        var fetched: [[UInt16]] = []
        for u in profile.readers.indices {
            guard demand.egress[u] > 0 || demand.reads[u] > 0 else {
                fetched.append([])
                continue
            }
            func price(_ p: Int) -> (Double, Double, Int) {
                let isLimited = avoidsLimits && profile.tariffs[p].limitsEgress
                return (isLimited ? 1 : 0, prices.read[u * count + p], p)
            }
            let near = members.filter { profile.serves[u * count + $0] }.sorted { price($0) < price($1) }
            guard near.count >= data else { return nil }
            fetched.append(near.prefix(data).sorted().map(UInt16.init))
        }
        return fetched
    }
}
