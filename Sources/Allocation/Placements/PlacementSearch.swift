/// Finds the cheapest admissible placement of one scheme at linear prices, exactly.
///
/// The problem is a fault-tolerant k-median: choose n offers under caps on their groups, and for each reader region the
/// k cheapest of them that serve it. Relaxing "a read fetches from an offer that holds" leaves, for given multipliers t
/// (one for each reader), offers that are independent but for the caps of their providers:
///
///     L(t, μ, θ) = k Σ tᵤ − Σ μₛ capₛ + Σ θₕ Aₕ + min over placements of Σⱼ ρⱼ
///     ρⱼ = holdⱼ − Σᵤ max(0, tᵤ − readᵤⱼ) + Σ over groups s of j of μₛ − Σ θₕ wₕⱼ
///
/// a concave function whose maximum is the linear relaxation's bound. Caps of groups that cross providers (metros,
/// regions) and, for copies, the logarithms of their failures are relaxed in the same way. The maximum is approached by
/// Polyak's subgradient steps; what the bound cannot spare is fixed, the rest is branched on. With few readers this takes
/// time linear in the offers. (Beasley, *Lagrangean heuristics for location problems*, 1993.)
final class PlacementSearch {
    /// What a search came to.
    struct Result {
        /// The cheapest placement below the cutoff; nil if there is none.
        var best: PricedPlacement?
        /// No admissible placement costs less, but for the tolerance.
        var bound: Double
        /// Whether the search ran to its end.
        var isComplete = true
    }

    let space: PlacementSpace
    let hold: [Double]
    /// Reader-major: read[u · count + j].
    let read: [Double]
    let count: Int
    let readers: Int
    private let data: Int
    let shards: Int
    /// By hazard that is relaxed, then by offer: what it contributes, and what is asked of the sum.
    private let nats: [(weights: [Double], needed: Double)]
    private let shouldStop: () -> Bool
    private var reduced: [Double]
    private var best: PricedPlacement?
    /// Placements below the cutoff that were the best for a while.
    private(set) var surpassed: [PricedPlacement] = []
    private var incumbent: Double
    private var tolerance: Double
    private var nodes = 0
    private var isCutShort = false
    /// Multipliers to begin with, and those at the root when the search is over.
    private(set) var multipliers: Multipliers

    /// The dual variables of the relaxation.
    struct Multipliers: Sendable {
        var readers: [Double]
        var sides: [Double]
        var nats: [Double]
    }

    /// A search over `space` at `prices` for placements that cost less than `cutoff`.
    ///
    /// - Parameters:
    ///   - start: multipliers of an earlier search of the same space, to start from.
    ///   - relativeTolerance: how far above the cheapest, relative to it, an answer may cost.
    ///   - shouldStop: asked now and then; true ends the search with what there is.
    init(
        _ space: PlacementSpace, _ prices: PlacementPrices, cutoff: Double = .infinity, start: Multipliers? = nil,
        relativeTolerance: Double = 1e-8, shouldStop: @escaping () -> Bool = { false }
    ) {
        self.space = space
        count = space.offers.count
        readers = space.readers.count
        (data, shards) = (space.scheme.data, space.scheme.shards)
        hold = prices.hold
        var flat: [Double] = []
        flat.reserveCapacity(readers * count)
        for (u, row) in prices.read.enumerated() {
            for (j, price) in row.enumerated() { flat.append(space.serves[u][j] ? price : .infinity) }
        }
        read = flat
        nats = space.hazards.compactMap { $0.linear(space.scheme) }
        self.shouldStop = shouldStop
        reduced = [Double](repeating: 0, count: count)
        self.cutoff = cutoff
        // No placement costs more than this: a bound beyond it proves that a node holds none.
        let dearest = prices.hold.reduce(0) { $1 < .infinity ? max($0, abs($1)) : $0 } * Double(shards)
        let farthest = prices.read.reduce(0) { sum, row in
            sum + row.reduce(0) { $1 < .infinity ? max($0, abs($1)) : $0 } * Double(space.scheme.data)
        }
        incumbent = min(cutoff, 1.01 * (dearest + farthest) + 1)
        self.relativeTolerance = relativeTolerance
        tolerance = 0
        multipliers =
            start
            ?? Multipliers(
                readers: [], sides: [Double](repeating: 0, count: space.sideCaps.count),
                nats: [Double](repeating: 0, count: nats.count))
        if multipliers.nats.count != nats.count || multipliers.sides.count != space.sideCaps.count {
            multipliers = Multipliers(
                readers: [], sides: [Double](repeating: 0, count: space.sideCaps.count),
                nats: [Double](repeating: 0, count: nats.count))
        }
    }

    private let relativeTolerance: Double
    private let cutoff: Double

    /// The best placement that the ascent of the root's bound comes by; neither cheapest nor proven.
    func start() -> PricedPlacement? {
        let all = Array(0..<count)
        guard count >= shards, !(0..<readers).contains(where: { u in space.serves[u].count { $0 } < data })
        else { return nil }
        begin(all)
        var root = Node(fixed: [], free: all, multipliers: multipliers)
        _ = ascend(&root, iterations: 100)
        multipliers = root.multipliers
        return best
    }

    /// Runs the search. O(offers × readers) a bound; the number of nodes depends on how tight the bounds are.
    func run() -> Result {
        guard count >= shards else { return Result(best: nil, bound: .infinity) }
        for u in 0..<readers where space.serves[u].count(where: { $0 }) < data {
            return Result(best: nil, bound: .infinity)
        }
        let all = Array(0..<count)
        begin(all)
        let root = Node(fixed: [], free: all, multipliers: multipliers)
        let bound = explore(root, isRoot: true)
        return Result(
            best: best, bound: min(bound, best == nil ? cutoff : incumbent), isComplete: !isCutShort)
    }

    // MARK: Start

    /// A first placement, and multipliers from it where none were given.
    private func begin(_ all: [Int]) {
        var score = hold
        for u in 0..<readers {
            let row = read[(u * count)..<((u + 1) * count)]
            let dearest = row.reduce(0) { $1 < .infinity ? max($0, $1) : $0 }
            let share = Double(data) / Double(shards)
            for j in 0..<count { score[j] += share * min(row[row.startIndex + j], 2 * dearest) }
        }
        reduced = score
        let chosen = select(all, fixed: [])?.chosen ?? []
        consider(chosen)
        guard multipliers.readers.count != readers else { return }
        multipliers.readers = (0..<readers).map { u in
            let prices = chosen.map { read[u * count + $0] }.filter { $0 < .infinity }.sorted()
            return prices.count >= data ? prices[data - 1] : (prices.last ?? 0) + 1
        }
    }

    /// Takes `members` for the best placement if it is admissible and cheaper.
    private func consider(_ members: [Int]) {
        guard members.count == shards, let priced = price(members), priced.cost < incumbent,
            space.admits(members)
        else { return }
        if let best { surpassed.append(best) }
        best = priced
        incumbent = priced.cost
        tolerance = relativeTolerance * max(1e-3, abs(incumbent))
    }

    /// What a placement costs, served from its cheapest offers; nil when a reader cannot be served.
    private func price(_ members: [Int]) -> PricedPlacement? {
        let members = members.sorted()
        var cost = members.reduce(0) { $0 + hold[$1] }
        var served: [[Int]] = []
        for u in 0..<readers {
            let near = members.filter { read[u * count + $0] < .infinity }
            guard near.count >= data else { return nil }
            let cheapest = near.sorted { (read[u * count + $0], $0) < (read[u * count + $1], $1) }.prefix(data)
            cost += cheapest.reduce(0) { $0 + read[u * count + $1] }
            served.append(Array(cheapest))
        }
        return PricedPlacement(members: members, served: served, cost: cost)
    }

    // MARK: Bound

    private struct Node {
        var fixed: [Int]
        var free: [Int]
        var multipliers: Multipliers
    }

    private struct Bound {
        var value: Double
        /// The n offers of least reduced cost, the fixed ones first.
        var chosen: [Int]
        /// The largest reduced cost among those that are not fixed.
        var last: Double
    }

    /// The Lagrangian bound of a node at given multipliers; nil when the caps leave too few offers.
    private func bound(_ node: Node, _ at: Multipliers) -> Bound? {
        var constant = 0.0
        for t in at.readers { constant += Double(data) * t }
        for (s, multiplier) in at.sides.enumerated() where multiplier > 0 {
            constant -= multiplier * Double(space.sideCaps[s])
        }
        for (h, multiplier) in at.nats.enumerated() where multiplier > 0 {
            constant += multiplier * nats[h].needed
        }
        let usesSides = at.sides.contains { $0 > 0 }
        // As a variable of its own, as the class's is checked for exclusive access at every use.
        var costs: [Double] = []
        swap(&costs, &reduced)
        for part in [node.free, node.fixed] {
            for j in part { costs[j] = hold[j] }
            for u in 0..<readers {
                let (t, base) = (at.readers[u], u * count)
                for j in part {
                    let gain = t - read[base + j]
                    if gain > 0 { costs[j] -= gain }
                }
            }
            if usesSides {
                for j in part { for s in space.sides[j] { costs[j] += at.sides[s] } }
            }
            for (h, multiplier) in at.nats.enumerated() where multiplier > 0 {
                for j in part { costs[j] -= multiplier * nats[h].weights[j] }
            }
        }
        swap(&costs, &reduced)
        guard let selection = select(node.free, fixed: node.fixed) else { return nil }
        let sum = node.fixed.reduce(0) { $0 + reduced[$1] } + selection.sum
        return Bound(value: constant + sum, chosen: node.fixed + selection.chosen, last: selection.last)
    }

    /// The cheapest completion of `fixed` by reduced costs under the providers' caps: greedy, as the caps are a matroid.
    private func select(_ free: [Int], fixed: [Int]) -> (chosen: [Int], sum: Double, last: Double)? {
        let wanted = shards - fixed.count
        guard wanted > 0 else { return ([], 0, -.infinity) }
        guard free.count >= wanted else { return nil }
        var room = space.providerCaps
        for j in fixed { room[space.provider[j]] -= 1 }
        // A sorted list of the best so far; a provider that is full gives up its worst for a better one.
        var chosen: [Int] = []
        chosen.reserveCapacity(wanted + 1)
        for j in free {
            let cost = reduced[j]
            if chosen.count == wanted, cost >= reduced[chosen[wanted - 1]] { continue }
            let group = space.provider[j]
            if room[group] > 0 {
                room[group] -= 1
                if chosen.count == wanted {
                    room[space.provider[chosen[wanted - 1]]] += 1
                    chosen.removeLast()
                }
            } else {
                guard let worst = chosen.lastIndex(where: { space.provider[$0] == group }),
                    reduced[chosen[worst]] > cost
                else { continue }
                chosen.remove(at: worst)
            }
            var place = chosen.count
            while place > 0, reduced[chosen[place - 1]] > cost { place -= 1 }
            chosen.insert(j, at: place)
        }
        guard chosen.count == wanted else { return nil }
        return (chosen, chosen.reduce(0) { $0 + reduced[$1] }, reduced[chosen[wanted - 1]])
    }

    // MARK: Ascent

    /// Approaches the maximum of the bound from the node's multipliers; nil when the node is proven to hold nothing.
    private func ascend(_ node: inout Node, iterations: Int) -> Bound? {
        var at = node.multipliers
        var top: Bound?
        var factor = 1.0
        var stale = 0
        for _ in 0..<iterations {
            guard let now = bound(node, at) else { return nil }
            consider(now.chosen)
            if now.value > top?.value ?? -.infinity {
                if now.value > (top?.value ?? -.infinity) + 1e-4 * max(1e-3, abs(now.value)) { stale = 0 }
                top = now
                node.multipliers = at
                shrink(&node, now)
            } else {
                stale += 1
            }
            if now.value >= incumbent - tolerance { return nil }
            if stale >= 6 {
                factor /= 2
                stale = 0
                at = node.multipliers
                if factor < 0.002 { break }
                guard let top, step(&at, top, factor) else { break }
            } else if !step(&at, now, factor) {
                break
            }
        }
        // The reduced costs of the best multipliers, for what follows.
        guard let final = bound(node, node.multipliers) else { return nil }
        return final
    }

    /// Drops the offers that no better placement can hold while there are many: what follows takes time in their number.
    private func shrink(_ node: inout Node, _ now: Bound) {
        let most = now.last + incumbent - tolerance - now.value
        guard node.free.count > 4 * shards, most < .infinity else { return }
        let chosen = Set(now.chosen)
        let costs = reduced
        node.free.removeAll { costs[$0] > most && !chosen.contains($0) }
    }

    /// One of Polyak's steps towards the incumbent's cost; false where the subgradient vanishes.
    private func step(_ at: inout Multipliers, _ now: Bound, _ factor: Double) -> Bool {
        let isAimed = best != nil || cutoff < .infinity
        let target = isAimed ? incumbent : min(incumbent, now.value + max(0.1 * abs(now.value), 1e-3))
        var reader = [Double](repeating: Double(data), count: readers)
        for u in 0..<readers {
            for j in now.chosen where read[u * count + j] < at.readers[u] { reader[u] -= 1 }
        }
        var side = space.sideCaps.map { -Double($0) }
        for j in now.chosen { for s in space.sides[j] { side[s] += 1 } }
        for s in side.indices where at.sides[s] <= 0 && side[s] < 0 { side[s] = 0 }
        var nat = nats.map { nats in nats.needed - now.chosen.reduce(0) { $0 + nats.weights[$1] } }
        for h in nat.indices where at.nats[h] <= 0 && nat[h] < 0 { nat[h] = 0 }
        let norm = (reader + side + nat).reduce(0) { $0 + $1 * $1 }
        guard norm > 1e-12 else { return false }
        let length = factor * max(target - now.value, 1e-9 * max(1, abs(target))) / norm
        for u in 0..<readers { at.readers[u] += length * reader[u] }
        for s in side.indices { at.sides[s] = max(0, at.sides[s] + length * side[s]) }
        for h in nat.indices { at.nats[h] = max(0, at.nats[h] + length * nat[h]) }
        return true
    }

    // MARK: Tree

    /// Searches a node; the least bound of what was left unexplored because of a limit, infinite otherwise.
    private func explore(_ start: Node, isRoot: Bool = false) -> Double {
        var node = start
        var isFirst = isRoot
        var left = Double.infinity
        while true {
            nodes += 1
            guard space.mayGrow(node.fixed) else { return left }
            if node.fixed.count == shards {
                consider(node.fixed)
                return left
            }
            guard let now = ascend(&node, iterations: isFirst ? 500 : 16) else { return left }
            if isFirst { multipliers = node.multipliers }
            if isCutShort || nodes & 63 == 0 && shouldStop() {
                isCutShort = true
                return min(left, now.value)
            }
            guard now.value < incumbent - tolerance else { return left }
            reduce(&node, now)
            if isFirst { node.free = undominated(node.free) }
            isFirst = false
            guard node.fixed.count + node.free.count >= shards else { return left }
            if node.fixed.count == shards { continue }
            let chosen = now.chosen.filter { node.free.contains($0) }
            guard let pivot = chosen.max(by: { gain($0, node.multipliers) < gain($1, node.multipliers) })
            else { continue }
            var inside = node
            inside.free.removeAll { $0 == pivot }
            inside.fixed.append(pivot)
            left = min(left, explore(inside))
            node.free.removeAll { $0 == pivot }
        }
    }

    /// What the relaxation credits an offer for the reads that it could serve.
    private func gain(_ j: Int, _ at: Multipliers) -> Double {
        var gain = 0.0
        for u in 0..<readers { gain += max(0, at.readers[u] - read[u * count + j]) }
        return gain
    }

    /// Drops the offers that no better placement can hold, and fixes those that every better placement holds.
    private func reduce(_ node: inout Node, _ now: Bound) {
        var room = space.providerCaps
        for j in node.fixed { room[space.provider[j]] -= 1 }
        node.free.removeAll { room[space.provider[$0]] <= 0 }
        let gap = incumbent - tolerance - now.value
        let chosen = Set(now.chosen)
        node.free.removeAll { reduced[$0] > now.last + gap && !chosen.contains($0) }
        let next = node.free.reduce(Double.infinity) { chosen.contains($1) ? $0 : min($0, reduced[$1]) }
        let forced = node.free.filter { chosen.contains($0) && next - reduced[$0] > gap }
        guard !forced.isEmpty else { return }
        node.fixed += forced
        node.free.removeAll { forced.contains($0) }
    }
}
