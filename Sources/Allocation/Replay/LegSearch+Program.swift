import Marketplace

/// The relaxation with the caps of providers, the reading and the claims exact: by dynamic programming over providers.
///
/// Placements that differ only in which of equal legs they hold, or which of them serve whom, are one state here, where
/// branching sees each apart. Only side groups and hazards are left to multipliers. A state is how many legs are taken and how
/// many of them serve each reader. Whatever a leg does costs an *excess* over the least that the multipliers let it cost;
/// excesses add up to how far a placement is above the bound, so that ways whose excess leaves no room below the best cost are
/// dropped, which leaves few.
extension LegSearch {
    /// What the program came to.
    enum ProgramAnswer {
        /// No placement of the node is better than the best.
        case closed
        /// No placement of the node costs less.
        case bound(Double)
        /// It would have taken too long.
        case tooLong
    }

    /// The cheapest way to a state, or a way in which one provider takes part.
    struct ProgramState {
        /// The state: `states` for each leg taken, and the digits of who is served.
        var index: Int
        /// By reader how many legs serve it, a byte each.
        var digits: UInt64
        /// Whether the account's free volumes are claimed.
        var hasClaimed = false
        var excess: Double
        var link: Int32
    }

    /// A leg that was taken, or the last leg of a provider's way, and what was taken before.
    struct ProgramLink {
        var before: Int32
        var taken: Int32
    }

    /// How many moves and states are looked at, and how often multipliers are moved.
    private static let programLimit = 20_000
    private static let stateLimit = 60_000
    private static let wayLimit = 64
    private static let rounds = 8

    /// Solves the program at the node's multipliers, and moves those of side groups and hazards while that helps.
    mutating func program(_ node: Node, _ now: Double) -> ProgramAnswer {
        guard states * (shards + 1) <= Self.stateLimit, data < 128 else { return .tooLong }
        var at = node.at
        var most = now
        for round in 1...Self.rounds {
            guard let base = bound(node, at) else { return .closed }
            let limit = incumbent < .infinity ? incumbent - slack : base + 0.01 * abs(base)
            guard base < limit else { return .closed }
            guard let found = solve(node, at, room: limit - base) else { return most > now ? .bound(most) : .tooLong }
            if found.members.isEmpty { return incumbent < .infinity ? .closed : .bound(max(most, limit)) }
            consider(found.members)
            most = max(most, base + found.excess)
            if most >= incumbent - slack { return .closed }
            guard round < Self.rounds, incumbent < .infinity, move(&at, found.members, incumbent - base - found.excess)
            else { break }
        }
        return .bound(most)
    }

    /// One of Polyak's steps of the multipliers of side groups and hazards; false where none is to be made.
    private func move(_ at: inout [Double], _ members: [Int], _ gap: Double) -> Bool {
        var gradient = sideCaps.map { -Double($0) } + needed
        for j in members {
            for s in sideStarts[j]..<sideStarts[j + 1] { gradient[sides[s]] += 1 }
            for h in needed.indices { gradient[sideCaps.count + h] -= weights[h * legs.count + j] }
        }
        var norm = 0.0
        for i in gradient.indices {
            if at[readers + i] <= 0, gradient[i] < 0 { gradient[i] = 0 }
            norm += gradient[i] * gradient[i]
        }
        guard norm > 1e-12 else { return false }
        for i in gradient.indices { at[readers + i] = max(0, at[readers + i] + gap / norm * gradient[i]) }
        return true
    }

    /// The cheapest way at the multipliers that ``reduced`` is of, with an excess below `room`: without members where there
    /// is none, nil where there are too many states.
    private func solve(_ node: Node, _ at: [Double], room: Double) -> (excess: Double, members: [Int])? {
        let order = (node.fixed + node.free).sorted { (provider[$0], $0) < (provider[$1], $1) }
        let cardinal = chosen.last.map { reduced[$0] } ?? 0
        var links: [ProgramLink] = []
        var groups: [(least: Double, ways: [ProgramState])] = []
        var start = 0
        while start < order.count {
            var end = start
            while end < order.count, provider[order[end]] == provider[order[start]] { end += 1 }
            guard let ways = ways(order[start..<end], node, at, cardinal, room, &links) else { return nil }
            guard let first = ways.first else { return (room, []) }
            groups.append((first.excess, ways))
            start = end
        }
        let least = groups.reduce(0) { $0 + $1.least }
        let left = room - least
        guard left > 0 else { return (room, []) }
        groups.sort { $0.ways.count < $1.ways.count }
        let end = shards * states + states - 1
        let overflow = UInt64(127 - data) &* 0x0101_0101_0101_0101
        var places = [Int32](repeating: -1, count: end + 1)
        var (layer, next) = ([ProgramState(index: 0, digits: 0, excess: 0, link: -1)], [ProgramState]())
        var moves = 0
        for group in groups {
            next.removeAll(keepingCapacity: true)
            for state in layer {
                for way in group.ways {
                    let excess = state.excess + way.excess - group.least
                    if excess >= left { break }
                    moves += 1
                    let index = state.index + way.index
                    let digits = state.digits &+ way.digits
                    guard index <= end, (digits &+ overflow) & 0x8080_8080_8080_8080 == 0 else { continue }
                    let place = Int(places[index])
                    if place >= 0, excess >= next[place].excess { continue }
                    var link = state.link
                    if way.link >= 0 {
                        links.append(ProgramLink(before: state.link, taken: way.link))
                        link = Int32(links.count - 1)
                    }
                    let reached = ProgramState(index: index, digits: digits, excess: excess, link: link)
                    if place >= 0 {
                        next[place] = reached
                    } else {
                        places[index] = Int32(next.count)
                        next.append(reached)
                    }
                }
            }
            guard moves <= Self.programLimit else { return nil }
            for state in next { places[state.index] = -1 }
            swap(&layer, &next)
        }
        guard let last = layer.first(where: { $0.index == end }) else { return (room, []) }
        var members: [Int] = []
        var part = last.link
        while part >= 0 {
            var leg = links[Int(part)].taken
            while leg >= 0 {
                members.append(Int(links[Int(leg)].taken))
                leg = links[Int(leg)].before
            }
            part = links[Int(part)].before
        }
        return (last.excess + least, members)
    }

    /// The ways in which the legs of one provider can take part with an excess below `room`, by rising excess; nil where
    /// they are too many.
    private func ways(
        _ legs: ArraySlice<Int>, _ node: Node, _ at: [Double], _ cardinal: Double, _ room: Double,
        _ links: inout [ProgramLink]
    ) -> [ProgramState]? {
        let hazards = readers + sideCaps.count
        let first = legs[legs.startIndex]
        let cap = space.providerCaps[provider[first]]
        let fixed = legs.count { node.fixed.contains($0) }
        // What the next leg beyond the cap would cost is what a leg within it is worth less.
        var cutoff = cardinal
        let open = cap - fixed
        if legs.count - fixed > open {
            let costs = legs.filter { !node.fixed.contains($0) }.map { reduced[$0] }.sorted()
            cutoff = min(cutoff, costs[max(0, open)])
        }
        var ways = [ProgramState(index: 0, digits: 0, excess: 0, link: -1)]
        var next: [ProgramState] = []
        var claim: Double?
        for j in legs {
            let isFixed = node.fixed.contains(j)
            let base = isFixed ? reduced[j] : cutoff + min(0, reduced[j] - cutoff)
            var extra = -base
            for s in sideStarts[j]..<sideStarts[j + 1] { extra += at[readers + sides[s]] }
            for h in needed.indices { extra -= at[hazards + h] * weights[h * self.legs.count + j] }
            next.removeAll(keepingCapacity: true)
            if !isFixed {
                let skip = max(0, cutoff - reduced[j])
                for way in ways where way.excess + skip < room {
                    next.append(way)
                    next[next.count - 1].excess += skip
                }
            }
            func take(_ row: Int, _ price: Double, _ claims: Bool) {
                for mask in 0..<masks {
                    let excess = charges[row + mask] - sums[mask] + extra + price
                    guard excess < room else { continue }
                    var (step, digit, units) = (states, UInt64(0), 1)
                    for u in 0..<readers {
                        if mask >> u & 1 == 1 {
                            step += units
                            digit += 1 << UInt64(8 * u)
                        }
                        units *= data + 1
                    }
                    for way in ways where way.excess + excess < room && !(claims && way.hasClaimed) {
                        guard way.index / states < cap else { continue }
                        let index = way.index + step
                        let hasClaimed = way.hasClaimed || claims
                        let total = way.excess + excess
                        let place = next.firstIndex { $0.index == index && $0.hasClaimed == hasClaimed }
                        if let place, next[place].excess <= total { continue }
                        links.append(ProgramLink(before: way.link, taken: Int32(j)))
                        let reached = ProgramState(
                            index: index, digits: way.digits + digit, hasClaimed: hasClaimed, excess: total,
                            link: Int32(links.count - 1))
                        if let place { next[place] = reached } else { next.append(reached) }
                    }
                }
            }
            if account[j] >= 0 {
                let price = at[hazards + needed.count + account[j]]
                claim = price
                take(j * masks, price, true)
                take(self.legs.count * masks + j * masks, 0, false)
            } else {
                take(j * masks, 0, false)
            }
            guard next.count <= Self.wayLimit else { return nil }
            swap(&ways, &next)
        }
        for w in ways.indices {
            ways[w].excess += (cardinal - cutoff) * Double(open + fixed - ways[w].index / states)
            if let claim, !ways[w].hasClaimed { ways[w].excess += claim }
        }
        return ways.filter { $0.excess < room }.sorted { ($0.excess, $0.index) < ($1.excess, $1.index) }
    }
}
