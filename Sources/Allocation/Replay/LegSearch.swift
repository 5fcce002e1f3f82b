import Marketplace

/// Finds the cheapest placement of one scheme that holds all data and is read in one way, exactly, for charges of any form.
///
/// A leg's charge is given for each set of readers that it serves, so that tiers, free volumes, minimums and limits are
/// what they are. Relaxing "k legs serve each reader" leaves legs that are independent but for the caps of their groups:
///
///     L(t, μ, θ) = k Σ tᵤ − Σ μₛ capₛ + Σ θₕ Aₕ + min over placements of Σⱼ ρⱼ
///     ρⱼ = min over sets S of readers of (chargeⱼ(S) − Σ over u in S of tᵤ) + Σ over groups s of j of μₛ − Σ θₕ wₕⱼ
///
/// It is maximised by Polyak's steps and closed by branching, as in ``PlacementSearch``, whose reading is linear.
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

    private struct Multipliers {
        var readers: [Double]
        var sides: [Double]
        var nats: [Double]
    }

    private struct Node {
        var fixed: [Int]
        var free: [Int]
        var at: Multipliers
    }

    let space: PlacementSpace
    /// Positions in the space of the offers that are searched.
    let legs: [Int]
    /// How many sets of readers there are.
    let masks: Int
    /// Leg-major: what a leg costs over the term when it serves a set of readers; infinite where it cannot.
    var charges: [Double]

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
    private var chosen: [Int] = []
    private var admitted: [[Int]: Bool] = [:]
    private var seen: Set<[Int]> = []
    private var best = Outcome(bound: 0)
    private var incumbent = Double.infinity
    private var nodes = 0
    private var left = Double.infinity

    /// How many nodes are searched before the bound is left open.
    static let nodeLimit = 400
    /// How far above the cheapest an answer may cost, relative to it.
    static let tolerance = 1e-9
    /// The most steps of one assignment.
    private static let assignmentLimit = 200_000

    /// The most readers of whom every set is looked at.
    static let readerLimit = 6

    /// A search among `legs`; nil where there are too many readers for it.
    init?(_ space: PlacementSpace, legs: [Int]) {
        (data, shards) = (space.scheme.data, space.scheme.shards)
        readers = space.readers.count
        guard readers <= Self.readerLimit else { return nil }
        masks = 1 << readers
        states = (0..<readers).reduce(1) { product, _ in product * (space.scheme.data + 1) }
        self.space = space
        self.legs = legs
        charges = [Double](repeating: .infinity, count: legs.count * masks)
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

    /// The cheapest placement below `cutoff`, with the leg `forced` and without the leg `excluded`.
    mutating func run(forced: Int? = nil, excluded: Int? = nil, cutoff: Double = .infinity) -> Outcome {
        best = Outcome(bound: cutoff)
        (incumbent, left, nodes) = (cutoff, .infinity, 0)
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

    private mutating func begin(_ fixed: [Int], _ free: [Int]) -> Multipliers {
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
        let members = fixed + chosen
        var at = Multipliers(
            readers: [], sides: [Double](repeating: 0, count: sideCaps.count),
            nats: [Double](repeating: 0, count: nats.count))
        for u in 0..<readers {
            let prices = members.map { charges[$0 * masks + 1 << u] - charges[$0 * masks] }
                .filter { $0 < .infinity }.sorted()
            at.readers.append(prices.count >= data ? prices[data - 1] : (prices.last ?? 0) + 1)
        }
        return at
    }

    // MARK: Bound

    /// The bound of a node at multipliers, with ``chosen``, ``reduced`` and ``served`` of it; nil when too few legs are
    /// left.
    private mutating func bound(_ node: Node, _ at: Multipliers) -> Double? {
        var value = 0.0
        for (u, t) in at.readers.enumerated() {
            value += Double(data) * t
            for mask in 0..<(1 << u) { sums[mask | 1 << u] = sums[mask] + t }
        }
        let usesSides = at.sides.contains { $0 > 0 }
        if usesSides { for s in at.sides.indices { value -= at.sides[s] * Double(sideCaps[s]) } }
        for h in at.nats.indices { value += at.nats[h] * nats[h].needed }
        for part in [node.fixed, node.free] {
            for j in part {
                let base = j * masks
                var (least, set) = (charges[base], 0)
                for mask in 1..<max(1, masks) {
                    let cost = charges[base + mask] - sums[mask]
                    if cost < least { (least, set) = (cost, mask) }
                }
                if usesSides { for s in sides[j] { least += at.sides[s] } }
                for h in at.nats.indices where at.nats[h] > 0 { least -= at.nats[h] * nats[h].weights[j] }
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
            consider(node.fixed + chosen)
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

    private var slack: Double { incumbent < .infinity ? Self.tolerance * abs(incumbent) : 0 }

    /// Drops legs that no better placement holds.
    private func shrink(_ node: inout Node, _ now: Double) {
        guard incumbent < .infinity, let last = chosen.last else { return }
        let most = reduced[last] + max(0, incumbent - now)
        node.free.removeAll { reduced[$0] > most }
    }

    private func step(_ at: inout Multipliers, _ node: Node, now: Double, _ factor: Double) -> Bool {
        let aim = incumbent < .infinity ? incumbent : now + max(0.1 * abs(now), 1e-3)
        var norm = 0.0
        var reader = [Double](repeating: Double(data), count: readers)
        var side = sideCaps.map { -Double($0) }
        var nat = nats.map(\.needed)
        for part in [node.fixed, chosen] {
            for j in part {
                for u in 0..<readers where served[j] >> u & 1 == 1 { reader[u] -= 1 }
                for s in sides[j] { side[s] += 1 }
                for h in nat.indices { nat[h] -= nats[h].weights[j] }
            }
        }
        for u in reader.indices { norm += reader[u] * reader[u] }
        for s in side.indices {
            if at.sides[s] <= 0, side[s] < 0 { side[s] = 0 }
            norm += side[s] * side[s]
        }
        for h in nat.indices {
            if at.nats[h] <= 0, nat[h] < 0 { nat[h] = 0 }
            norm += nat[h] * nat[h]
        }
        guard norm > 1e-12 else { return false }
        let length = factor * max(aim - now, 1e-7 * abs(aim)) / norm
        for u in reader.indices { at.readers[u] += length * reader[u] }
        for s in side.indices { at.sides[s] = max(0, at.sides[s] + length * side[s]) }
        for h in nat.indices { at.nats[h] = max(0, at.nats[h] + length * nat[h]) }
        return true
    }

    // MARK: Tree

    private mutating func explore(_ start: Node, isRoot: Bool = false) {
        var node = start
        var iterations = isRoot ? 80 : 12
        while true {
            nodes += 1
            guard space.mayGrow(node.fixed.map { legs[$0] }) else { return }
            if node.fixed.count == shards { return consider(node.fixed) }
            guard let now = ascend(&node, iterations: iterations) else { return }
            guard now < incumbent - slack else { return }
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
        guard seen.insert(positions).inserted, let found = assign(members), found.cost < incumbent - slack else {
            return
        }
        let admits = admitted[positions] ?? space.admits(positions)
        admitted[positions] = admits
        guard admits else { return }
        best = Outcome(bound: 0, cost: found.cost, members: members, masks: found.masks)
        incumbent = found.cost
    }

    /// The cheapest way to serve every reader from k of `members`; nil where there is none.
    ///
    /// Where reading costs the sum over readers, each takes its k cheapest: O(n · readers). Else by dynamic programming over
    /// the legs: O(n · (k + 1)^readers · 2^readers); where that is too much, the same k cheapest, a way though perhaps
    /// not the cheapest.
    private func assign(_ members: [Int]) -> (cost: Double, masks: [Int])? {
        let isSmall = states * masks * shards <= Self.assignmentLimit
        if readers <= 1 || !isSmall || members.allSatisfy(isAdditive) {
            var sets = members.map { _ in 0 }
            for u in 0..<readers {
                let extra = members.map { charges[$0 * masks + 1 << u] - charges[$0 * masks] }
                let order = members.indices.sorted { (extra[$0], members[$0]) < (extra[$1], members[$1]) }
                for m in order.prefix(data) { sets[m] |= 1 << u }
            }
            let cost = members.indices.reduce(0) { $0 + charges[members[$1] * masks + sets[$1]] }
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
        var origins = [Int](repeating: 0, count: states * members.count)
        for (m, j) in members.enumerated() {
            var next = [Double](repeating: .infinity, count: states)
            for state in 0..<states where costs[state] < .infinity {
                for mask in 0..<masks where charges[j * masks + mask] < .infinity {
                    guard mask == 0 || hasRoom(state, mask) else { continue }
                    let target = state + steps[mask]
                    let cost = costs[state] + charges[j * masks + mask]
                    if cost < next[target] {
                        next[target] = cost
                        origins[m * states + target] = mask
                    }
                }
            }
            costs = next
        }
        guard costs[states - 1] < .infinity else { return nil }
        var sets = members.map { _ in 0 }
        var state = states - 1
        for m in members.indices.reversed() {
            sets[m] = origins[m * states + state]
            state -= steps[sets[m]]
        }
        return (costs[states - 1], sets)
    }

    /// Whether a leg's charge for all its readers is what they cost one by one.
    private func isAdditive(_ j: Int) -> Bool {
        let base = charges[j * masks]
        var sum = base
        var all = 0
        for u in 0..<readers where charges[j * masks + 1 << u] < .infinity {
            sum += charges[j * masks + 1 << u] - base
            all |= 1 << u
        }
        return abs(charges[j * masks + all] - sum) <= 1e-11 * abs(sum)
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
