import Marketplace

/// Finds the cheapest placement of one scheme that holds all data and is read in one way, exactly, for charges of any form.
///
/// A leg's charge is given for each set of readers that it serves, so that tiers, free volumes, minimums and limits are
/// what they are. Relaxing "k legs serve each reader" leaves legs that are independent but for the caps of their groups:
///
///     L(t, μ, θ) = k Σ tᵤ − Σ μₛ capₛ + Σ θₕ Aₕ + min over placements of Σⱼ ρⱼ
///     ρⱼ = min over sets S of readers of (chargeⱼ(S) − Σ over u in S of tᵤ) + Σ over groups s of j of μₛ − Σ θₕ wₕⱼ
///
/// It is maximised by Polyak's steps, as in ``PlacementSearch``, whose reading is linear. The placements whose own bound at
/// the multipliers lies below the best cost are then listed, or branched on where they are many. A charge takes the
/// account's free volumes for the leg's own; what a placement costs gives them to one leg of each account.
struct LegSearch {
    /// What a search came to.
    struct Outcome {
        /// No placement below the cutoff costs less.
        var bound: Double
        /// The cheapest that was found; infinite where there is none below the cutoff.
        var cost = Double.infinity
        /// Its legs, by their numbers, and the readers that each serves.
        var members: [Int] = []
        var masks: [Int] = []
    }

    private struct Node {
        var fixed: [Int]
        var free: [Int]
        /// By reader, by side group, by hazard: the multipliers.
        var at: [Double]
    }

    let space: PlacementSpace
    /// Positions in the space of the offers that are searched.
    let legs: [Int]
    /// How many sets of readers there are.
    let masks: Int
    /// Leg-major: what a leg costs over the term when it serves a set of readers; infinite where it cannot. In the second
    /// half the same without the account's free volumes.
    private(set) var charges: [Double]
    /// By leg: whether it claims the account's free volumes.
    private let claims: [Bool]

    private let readers: Int
    private let data: Int
    private let shards: Int
    private let provider: [Int]
    private let sides: [[Int]]
    private let sideCaps: [Int]
    private let nats: [(weights: [Double], needed: Double)]
    /// How many ways of serving there are on the way of an assignment.
    private let states: Int
    private var reduced: [Double]
    private var served: [Int]
    private var room: [Int]
    private var sums: [Double]
    private var gradient: [Double] = []
    /// The multipliers that the last search ended with.
    private var lasting: [Double] = []
    private var chosen: [Int] = []
    private var admitted: [[Int]: Bool] = [:]
    private var seen: Set<[Int]> = []
    private var best = Outcome(bound: 0)
    private var incumbent = Double.infinity
    private var nodes = 0
    private var looks = 0
    private var left = Double.infinity

    /// How many nodes are searched before the bound is left open.
    static let nodeLimit = 40
    /// How many steps listing placements may take before it is branched instead.
    private static let listLimit = 200
    /// How many placements a search looks at in lists.
    private static let lookLimit = 60
    /// How far above the cheapest an answer may cost, relative to it.
    static let tolerance = 3e-8
    /// The most steps of one assignment.
    private static let assignmentLimit = 200_000

    /// The most readers of whom every set is looked at.
    static let readerLimit = 6

    /// A search among `legs`; nil where there are too many readers for it.
    ///
    /// - Parameter claims: by leg: whether it claims its account's free volumes.
    init?(_ space: PlacementSpace, legs: [Int], claims: [Bool]) {
        (data, shards) = (space.scheme.data, space.scheme.shards)
        readers = space.readers.count
        guard readers <= Self.readerLimit else { return nil }
        masks = 1 << readers
        states = (0..<readers).reduce(1) { product, _ in product * (space.scheme.data + 1) }
        self.space = space
        self.legs = legs
        self.claims = claims
        charges = [Double](repeating: .infinity, count: 2 * legs.count * masks)
        provider = legs.map { space.provider[$0] }
        let levels = space.sidesWithHazardLevels
        sides = legs.map { levels.sides[$0] }
        sideCaps = levels.caps
        nats =
            data == 1
            ? space.hazards.map { hazard in (legs.map { -hazard.logs[$0] }, -hazard.allowed - 1e-9) } : []
        reduced = [Double](repeating: 0, count: legs.count)
        served = [Int](repeating: 0, count: legs.count)
        room = space.providerCaps
        sums = [Double](repeating: 0, count: masks)
    }

    /// Puts in the charges of a request.
    ///
    /// - Parameters:
    ///   - table: by tariff, then by set of readers: with the account's free volumes, and without in a second half.
    ///   - tariffs: by leg: which tariff it has.
    ///   - unserved: by leg: sets of readers that it cannot serve.
    ///   - hasRoom: by leg, whether the request fits.
    mutating func load(_ table: [Double], _ tariffs: [Int], unserved: [[Int]], hasRoom: (Int) -> Bool) {
        let (half, second) = (table.count / 2, legs.count * masks)
        for (leg, tariff) in tariffs.enumerated() {
            let (from, to) = (tariff * masks, leg * masks)
            let fits = hasRoom(leg)
            for mask in 0..<masks {
                charges[to + mask] = fits ? table[from + mask] : .infinity
                charges[second + to + mask] = fits ? table[half + from + mask] : .infinity
            }
            for mask in unserved[leg] {
                charges[to + mask] = .infinity
                charges[second + to + mask] = .infinity
            }
        }
        lasting = []
    }

    /// The cheapest placement below `cutoff`, with the leg `forced` and without the leg `excluded`.
    mutating func run(forced: Int? = nil, excluded: Int? = nil, cutoff: Double = .infinity) -> Outcome {
        best = Outcome(bound: cutoff)
        (incumbent, left, nodes, looks) = (cutoff, .infinity, 0, 0)
        seen.removeAll(keepingCapacity: true)
        let free = legs.indices.filter { $0 != forced && $0 != excluded && charges[$0 * masks] < .infinity }
        let fixed = forced.map { [$0] } ?? []
        if let forced, charges[forced * masks] == .infinity { return best }
        guard fixed.count + free.count >= shards else { return best }
        // Holding alone may cost too much already.
        if cutoff < .infinity {
            let bases = free.map { charges[$0 * masks] }.sorted().prefix(shards - fixed.count)
            if fixed.reduce(bases.reduce(0, +), { $0 + charges[$1 * masks] }) >= cutoff { return best }
        }
        explore(Node(fixed: fixed, free: free, at: begin(fixed, free)), isRoot: true)
        best.bound = min(left, incumbent)
        return best
    }

    // MARK: Start

    /// A first placement, and multipliers from it, or those of the search before where there was one.
    private mutating func begin(_ fixed: [Int], _ free: [Int]) -> [Double] {
        let share = Double(data) / Double(shards)
        for part in [fixed, free] {
            for j in part {
                let base = j * masks
                var most = charges[base]
                for mask in stride(from: masks - 1, to: 0, by: -1) where charges[base + mask] < .infinity {
                    most = charges[base + mask]
                    break
                }
                reduced[j] = charges[base] + share * (most - charges[base])
            }
        }
        if select(free, fixed) { consider(fixed + chosen) }
        if !lasting.isEmpty { return lasting }
        let members = best.members.isEmpty ? fixed + chosen : best.members
        var at = [Double](repeating: 0, count: readers + sideCaps.count + nats.count)
        for u in 0..<readers {
            let prices = members.map { charges[$0 * masks + 1 << u] - charges[$0 * masks] }
                .filter { $0 < .infinity }.sorted()
            at[u] = prices.count >= data ? prices[data - 1] : (prices.last ?? 0) + 1
        }
        return at
    }

    // MARK: Bound

    /// The bound of a node at multipliers, with ``chosen``, ``reduced`` and ``served`` of it; nil when too few legs are
    /// left.
    private mutating func bound(_ node: Node, _ at: [Double]) -> Double? {
        var value = 0.0
        for u in 0..<readers {
            let t = at[u]
            value += Double(data) * t
            for mask in 0..<(1 << u) { sums[mask | 1 << u] = sums[mask] + t }
        }
        let hazards = readers + sideCaps.count
        var usesSides = false
        for s in sideCaps.indices where at[readers + s] > 0 {
            value -= at[readers + s] * Double(sideCaps[s])
            usesSides = true
        }
        for h in nats.indices { value += at[hazards + h] * nats[h].needed }
        for isFixed in [true, false] {
            for j in isFixed ? node.fixed : node.free {
                let base = j * masks
                var (least, set) = (charges[base], 0)
                for mask in 1..<max(1, masks) {
                    let cost = charges[base + mask] - sums[mask]
                    if cost < least { (least, set) = (cost, mask) }
                }
                if usesSides { for s in sides[j] { least += at[readers + s] } }
                for h in nats.indices where at[hazards + h] > 0 { least -= at[hazards + h] * nats[h].weights[j] }
                reduced[j] = least
                served[j] = set
            }
        }
        guard select(node.free, node.fixed) else { return nil }
        for j in node.fixed { value += reduced[j] }
        for j in chosen { value += reduced[j] }
        return value
    }

    /// The legs of least reduced cost that complete `fixed` under the caps of their providers.
    private mutating func select(_ free: [Int], _ fixed: [Int]) -> Bool {
        chosen.removeAll(keepingCapacity: true)
        let wanted = shards - fixed.count
        guard wanted > 0 else { return wanted == 0 }
        for g in room.indices { room[g] = space.providerCaps[g] }
        for j in fixed { room[provider[j]] -= 1 }
        for j in free {
            let cost = reduced[j]
            if chosen.count == wanted, cost >= reduced[chosen[wanted - 1]] { continue }
            let group = provider[j]
            if room[group] > 0 {
                room[group] -= 1
                if chosen.count == wanted { room[provider[chosen.removeLast()]] += 1 }
            } else {
                guard let worst = chosen.lastIndex(where: { provider[$0] == group }), reduced[chosen[worst]] > cost
                else { continue }
                chosen.remove(at: worst)
            }
            var place = chosen.count
            while place > 0, reduced[chosen[place - 1]] > cost { place -= 1 }
            chosen.insert(j, at: place)
        }
        return chosen.count == wanted
    }

    // MARK: Ascent

    /// Approaches the maximum of the node's bound; nil when the node is proven to hold nothing cheaper.
    private mutating func ascend(_ node: inout Node, iterations: Int) -> Double? {
        var at = node.at
        var top = -Double.infinity
        var (factor, stale) = (1.0, 0)
        for _ in 0..<iterations {
            guard let now = bound(node, at) else { return nil }
            if now >= incumbent - slack { return nil }
            if now > top { consider(node.fixed + chosen) }
            if now > top {
                if now > top + 1e-5 * abs(now) { stale = 0 } else { stale += 1 }
                top = now
                node.at = at
                shrink(&node, now)
            } else {
                stale += 1
            }
            if stale >= 5 {
                factor /= 2
                stale = 0
                if factor < 0.004 { break }
                at = node.at
                guard bound(node, at) != nil else { return nil }
            }
            guard step(&at, node, now: max(now, top), factor) else { break }
        }
        return bound(node, node.at)
    }

    /// What costs no less than this is as good as what is known.
    private var slack: Double { incumbent < .infinity ? Self.tolerance * abs(incumbent) : 0 }

    /// Drops legs that no better placement holds.
    private func shrink(_ node: inout Node, _ now: Double) {
        guard incumbent < .infinity, let last = chosen.last else { return }
        let most = reduced[last] + max(0, incumbent - now)
        node.free.removeAll { reduced[$0] > most }
    }

    /// One of Polyak's steps towards the best cost; false where the subgradient vanishes.
    private mutating func step(_ at: inout [Double], _ node: Node, now: Double, _ factor: Double) -> Bool {
        let aim = incumbent < .infinity ? incumbent : now + max(0.1 * abs(now), 1e-3)
        let hazards = readers + sideCaps.count
        gradient.removeAll(keepingCapacity: true)
        for _ in 0..<readers { gradient.append(Double(data)) }
        for cap in sideCaps { gradient.append(-Double(cap)) }
        for nat in nats { gradient.append(nat.needed) }
        for isFixed in [true, false] {
            for j in isFixed ? node.fixed : chosen {
                for u in 0..<readers where served[j] >> u & 1 == 1 { gradient[u] -= 1 }
                for s in sides[j] { gradient[readers + s] += 1 }
                for h in nats.indices { gradient[hazards + h] -= nats[h].weights[j] }
            }
        }
        var norm = 0.0
        for i in gradient.indices {
            if i >= readers, at[i] <= 0, gradient[i] < 0 { gradient[i] = 0 }
            norm += gradient[i] * gradient[i]
        }
        guard norm > 1e-12 else { return false }
        let length = factor * max(aim - now, 1e-7 * abs(aim)) / norm
        for i in gradient.indices {
            let next = at[i] + length * gradient[i]
            at[i] = i < readers ? next : max(0, next)
        }
        return true
    }

    // MARK: Tree

    private mutating func explore(_ start: Node, isRoot: Bool = false) {
        var node = start
        var iterations = isRoot ? 80 : 12
        while true {
            nodes += 1
            if node.fixed.count > 1, !space.mayGrow(node.fixed.map { legs[$0] }) { return }
            if node.fixed.count == shards { return consider(node.fixed) }
            let ascended = ascend(&node, iterations: iterations)
            if iterations > 12 { lasting = node.at }
            guard let now = ascended, now < incumbent - slack else { return }
            if looks <= Self.lookLimit, list(node, now) { return }
            if nodes >= Self.nodeLimit {
                left = min(left, now)
                return
            }
            iterations = 12
            reduce(&node, now)
            guard node.fixed.count + node.free.count >= shards else { return }
            if node.fixed.count == shards { continue }
            let ready = chosen.filter { node.free.contains($0) }
            guard let pivot = ready.max(by: { gain($0) < gain($1) }) else { continue }
            var inside = node
            inside.free.removeAll { $0 == pivot }
            inside.fixed.append(pivot)
            explore(inside)
            node.free.removeAll { $0 == pivot }
        }
    }

    /// Tries every placement of a node whose bound at the current multipliers is below the best cost, the multipliers being
    /// those of ``reduced``; false when they are too many.
    private mutating func list(_ node: Node, _ now: Double) -> Bool {
        let wanted = shards - node.fixed.count
        var rest = now
        for j in chosen { rest -= reduced[j] }
        let order = node.free.sorted { (reduced[$0], $0) < (reduced[$1], $1) }
        // By how many of the first legs, counted from any: the least that `wanted` of them can add.
        var stack: [Int] = []
        var sum = rest
        var next = 0
        var steps = 0
        while true {
            steps += 1
            if steps > Self.listLimit { return false }
            let needed = wanted - stack.count
            if needed == 0 {
                looks += 1
                if looks > Self.lookLimit { return false }
                consider(node.fixed + stack.map { order[$0] })
            } else if next + needed <= order.count {
                var least = sum
                for i in next..<(next + needed) { least += reduced[order[i]] }
                if least < incumbent - slack {
                    stack.append(next)
                    sum += reduced[order[next]]
                    next += 1
                    continue
                }
            }
            guard let last = stack.popLast() else { return true }
            sum -= reduced[order[last]]
            next = last + 1
        }
    }

    /// What serving is worth to a leg at the current multipliers.
    private func gain(_ j: Int) -> Double { charges[j * masks] - reduced[j] }

    /// Drops legs that no better placement can hold, and fixes those that every better one holds.
    private func reduce(_ node: inout Node, _ now: Double) {
        var room = space.providerCaps
        for j in node.fixed { room[provider[j]] -= 1 }
        node.free.removeAll { room[provider[$0]] <= 0 }
        guard let last = chosen.last else { return }
        let gap = incumbent - slack - now
        let limit = reduced[last] + gap
        node.free.removeAll { reduced[$0] > limit && !chosen.contains($0) }
        let next = node.free.reduce(Double.infinity) { chosen.contains($1) ? $0 : min($0, reduced[$1]) }
        let forced = node.free.filter { chosen.contains($0) && next - reduced[$0] > gap }
        guard !forced.isEmpty else { return }
        node.fixed += forced
        node.free.removeAll { forced.contains($0) }
    }

    // MARK: Placements

    /// Takes `members` for the best placement if it is admissible and cheaper.
    private mutating func consider(_ members: [Int]) {
        guard members.count == shards else { return }
        let positions = members.map { legs[$0] }.sorted()
        guard seen.insert(positions).inserted, let found = cheapest(members), found.cost < incumbent - slack else {
            return
        }
        let admits = admitted[positions] ?? space.admits(positions)
        admitted[positions] = admits
        guard admits else { return }
        best = Outcome(bound: 0, cost: found.cost, members: members, masks: found.masks)
        incumbent = found.cost
    }

    /// The cheapest way to serve every reader from k of `members`, over all ways in which accounts with several legs may
    /// give one of them their free volumes; nil where there is none.
    private func cheapest(_ members: [Int]) -> (cost: Double, masks: [Int])? {
        let second = legs.count * masks
        var ways = [members.map { $0 * masks }]
        var done: [Int] = []
        for (m, j) in members.enumerated() where claims[j] && !done.contains(provider[j]) {
            done.append(provider[j])
            let able = members.indices.filter { $0 >= m && claims[members[$0]] && provider[members[$0]] == provider[j] }
            guard able.count > 1 else { continue }
            // Of many ways only some are tried; what they cost stays true.
            let tried = ways.count * able.count <= 32 ? able : Array(able.prefix(1))
            ways = ways.flatMap { way in
                tried.map { claimant in
                    var rows = way
                    for other in able where other != claimant { rows[other] += second }
                    return rows
                }
            }
        }
        var best: (cost: Double, masks: [Int])?
        for rows in ways {
            if let found = assign(rows), found.cost < best?.cost ?? .infinity { best = found }
        }
        return best
    }

    /// The cheapest way to serve every reader from k of the legs whose charges begin at `rows`; nil where there is none.
    ///
    /// Where reading costs the sum over readers, each takes its k cheapest: O(n · readers). Else by dynamic programming over
    /// the legs: O(n · (k + 1)^readers · 2^readers); where that is too much, the same k cheapest, a way though perhaps
    /// not the cheapest.
    private func assign(_ rows: [Int]) -> (cost: Double, masks: [Int])? {
        let isSmall = states * masks * shards <= Self.assignmentLimit
        if readers <= 1 || !isSmall || rows.allSatisfy(isAdditive) {
            var sets = rows.map { _ in 0 }
            for u in 0..<readers {
                let extra = rows.map { charges[$0 + 1 << u] - charges[$0] }
                let order = rows.indices.sorted { (extra[$0], rows[$0]) < (extra[$1], rows[$1]) }
                for m in order.prefix(data) { sets[m] |= 1 << u }
            }
            let cost = rows.indices.reduce(0) { $0 + charges[rows[$1] + sets[$1]] }
            return cost < .infinity ? (cost, sets) : nil
        }
        // A state counts by reader how many legs serve it already, as digits to the base k + 1.
        var steps = [Int](repeating: 0, count: masks)
        var unit = 1
        for u in 0..<readers {
            for mask in 0..<(1 << u) { steps[mask | 1 << u] = steps[mask] + unit }
            unit *= data + 1
        }
        var costs = [Double](repeating: .infinity, count: states)
        costs[0] = 0
        var origins = [Int](repeating: 0, count: states * rows.count)
        for (m, row) in rows.enumerated() {
            var next = [Double](repeating: .infinity, count: states)
            for state in 0..<states where costs[state] < incumbent {
                for mask in 0..<masks where charges[row + mask] < .infinity {
                    guard mask == 0 || hasRoom(state, mask) else { continue }
                    let target = state + steps[mask]
                    let cost = costs[state] + charges[row + mask]
                    if cost < next[target] {
                        next[target] = cost
                        origins[m * states + target] = mask
                    }
                }
            }
            costs = next
        }
        guard costs[states - 1] < .infinity else { return nil }
        var sets = rows.map { _ in 0 }
        var state = states - 1
        for m in rows.indices.reversed() {
            sets[m] = origins[m * states + state]
            state -= steps[sets[m]]
        }
        return (costs[states - 1], sets)
    }

    /// Whether a leg's charge for all its readers is what they cost one by one.
    private func isAdditive(_ row: Int) -> Bool {
        let base = charges[row]
        var sum = base
        var all = 0
        for u in 0..<readers where charges[row + 1 << u] < .infinity {
            sum += charges[row + 1 << u] - base
            all |= 1 << u
        }
        return abs(charges[row + all] - sum) <= 1e-11 * abs(sum)
    }

    /// Whether every reader of a set lacks a leg.
    private func hasRoom(_ state: Int, _ mask: Int) -> Bool {
        var rest = state
        for u in 0..<readers {
            if mask >> u & 1 == 1, rest % (data + 1) == data { return false }
            rest /= data + 1
        }
        return true
    }
}
