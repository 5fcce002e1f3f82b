import Marketplace

/// The Lagrangian bound and its ascent.
extension LegSearch {
    /// The bound of a node at multipliers, with ``chosen``, ``reduced`` and ``served`` of it; nil when too few legs are
    /// left.
    mutating func bound(_ node: Node, _ at: [Double]) -> Double? {
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
        for h in needed.indices { value += at[hazards + h] * needed[h] }
        for a in 0..<accounts { value -= at[hazards + needed.count + a] }
        price(node.fixed, at, usesSides)
        price(node.free, at, usesSides)
        guard select(node.free, node.fixed) else { return nil }
        for j in node.fixed { value += reduced[j] }
        for j in chosen { value += reduced[j] }
        return value
    }

    /// Writes legs' reduced costs, and the sets of readers that they would serve.
    private mutating func price(_ priced: [Int], _ multipliers: [Double], _ usesSides: Bool) {
        // What is written leaves its place meanwhile: the innermost loops are to check nothing but bounds.
        let (charges, sums, isAdditive, account) = (charges, sums, isAdditive, account)
        var (reduced, served) = ([Double](), [Int]())
        swap(&reduced, &self.reduced)
        swap(&served, &self.served)
        do {
            let (charge, sum, at) = (charges.span, sums.span, multipliers.span)
            var reducedSpan = reduced.mutableSpan
            var servedSpan = served.mutableSpan
            let (masks, readers) = (masks, readers)
            let (hazards, half) = (readers + sideCaps.count, legs.count * masks)
            for j in priced {
                let base = j * masks
                var least = charge[base]
                var set = 0
                if isAdditive[j], account[j] < 0 {
                    let held = least
                    for u in 0..<readers {
                        let worth = charge[base + 1 << u] - held - at[u]
                        if worth < 0 {
                            least += worth
                            set |= 1 << u
                        }
                    }
                } else {
                    for mask in 1..<max(1, masks) {
                        let cost = charge[base + mask] - sum[mask]
                        if cost < least { (least, set) = (cost, mask) }
                    }
                }
                if account[j] >= 0 {
                    // A claim at the price of claims, or none.
                    least += at[hazards + needed.count + account[j]]
                    hasClaim[j] = true
                    for mask in 0..<masks {
                        let cost = charge[half + base + mask] - sum[mask]
                        if cost < least {
                            (least, set) = (cost, mask)
                            hasClaim[j] = false
                        }
                    }
                }
                if usesSides { for s in sideStarts[j]..<sideStarts[j + 1] { least += at[readers + sides[s]] } }
                for h in needed.indices { least -= at[hazards + h] * weights[h * legs.count + j] }
                reducedSpan[j] = least
                servedSpan[j] = set
            }
        }
        swap(&reduced, &self.reduced)
        swap(&served, &self.served)
    }

    /// The legs of least reduced cost that complete `fixed` under the caps of their providers.
    mutating func select(_ free: [Int], _ fixed: [Int]) -> Bool {
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

    /// Approaches the maximum of the node's bound; nil when the node is proven to hold nothing cheaper.
    mutating func ascend(_ node: inout Node, iterations: Int) -> Double? {
        var at = node.at
        var top = -Double.infinity
        var (factor, stale) = (1.0, 0)
        for _ in 0..<iterations {
            guard let now = bound(node, at) else { return nil }
            if now >= incumbent - slack { return nil }
            if now > top {
                look(node)
                if now > top + 1e-5 * abs(now) { stale = 0 } else { stale += 1 }
                top = now
                for i in at.indices { node.at[i] = at[i] }
                shrink(&node, now)
            } else {
                stale += 1
            }
            if stale >= 5 {
                factor /= 2
                stale = 0
                if factor < 0.004 { break }
                for i in at.indices { at[i] = node.at[i] }
                guard bound(node, at) != nil else { return nil }
            }
            guard step(&at, node, now: max(now, top), factor) else { break }
        }
        return bound(node, node.at)
    }

    /// What costs no less than this is as good as what is known.
    var slack: Double { incumbent < .infinity ? Self.tolerance * abs(incumbent) : 0 }

    /// Drops legs that no better placement holds.
    func shrink(_ node: inout Node, _ now: Double) {
        guard incumbent < .infinity, let last = chosen.last else { return }
        let most = reduced[last] + max(0, incumbent - now)
        node.free.removeAll { reduced[$0] > most }
    }

    /// One of Polyak's steps towards the best cost; false where the subgradient vanishes.
    mutating func step(_ at: inout [Double], _ node: Node, now: Double, _ factor: Double) -> Bool {
        let aim = incumbent < .infinity ? incumbent : now + max(0.1 * abs(now), 1e-3)
        gradient.removeAll(keepingCapacity: true)
        for _ in 0..<readers { gradient.append(Double(data)) }
        for cap in sideCaps { gradient.append(-Double(cap)) }
        for need in needed { gradient.append(need) }
        for _ in 0..<accounts { gradient.append(-1) }
        for j in node.fixed { count(j) }
        for j in chosen { count(j) }
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

    /// Takes what a leg of the relaxation's placement does off the subgradient.
    private mutating func count(_ j: Int) {
        let hazards = readers + sideCaps.count
        for u in 0..<readers where served[j] >> u & 1 == 1 { gradient[u] -= 1 }
        for s in sideStarts[j]..<sideStarts[j + 1] { gradient[readers + sides[s]] += 1 }
        for h in needed.indices { gradient[hazards + h] -= weights[h * legs.count + j] }
        if account[j] >= 0, hasClaim[j] { gradient[hazards + needed.count + account[j]] += 1 }
    }
}
