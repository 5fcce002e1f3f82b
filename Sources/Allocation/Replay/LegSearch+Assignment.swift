import Marketplace

/// What a placement costs.
extension LegSearch {
    /// Takes the relaxation's placement for the best one if it is admissible and cheaper.
    mutating func look(_ node: Node) { consider(node.fixed + chosen) }

    /// Takes `members` for the best placement if it is admissible and cheaper.
    mutating func consider(_ members: [Int]) {
        guard members.count == shards else { return }
        // Of more legs than a set can hold none is remembered.
        let isSmall = legs.count <= 256
        var key = LegSet()
        if isSmall {
            for j in members { key[j >> 6] |= 1 << UInt64(j & 63) }
            guard seen.insert(key).inserted else { return }
        }
        // Which is known first, whether it is admissible or what it costs, rules most out; assigning is long without a
        // best cost.
        var admits = isSmall ? admitted[key] : nil
        if admits == nil, incumbent == .infinity { admits = space.admits(members.map { legs[$0] }.sorted()) }
        if isSmall, let admits { admitted[key] = admits }
        guard admits ?? true, let found = cheapest(members), found.cost < incumbent - slack else { return }
        let isAdmissible = admits ?? space.admits(members.map { legs[$0] }.sorted())
        if isSmall { admitted[key] = isAdmissible }
        guard isAdmissible else { return }
        best = Outcome(bound: 0, cost: found.cost, members: members, masks: found.masks)
        incumbent = found.cost
    }

    /// The cheapest way to serve every reader from k of `members`, over all ways in which accounts with several legs may
    /// give one of them their free volumes; nil where there is none.
    mutating func cheapest(_ members: [Int]) -> (cost: Double, masks: [Int])? {
        if accounts == 0 {
            rows.removeAll(keepingCapacity: true)
            for j in members { rows.append(j * masks) }
            return assign()
        }
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
        for way in ways {
            rows = way
            if let found = assign(), found.cost < best?.cost ?? .infinity { best = found }
        }
        return best
    }

    /// The cheapest way to serve every reader from k of the legs whose charges begin at ``rows``; nil where there is none.
    ///
    /// Where reading costs the sum over readers, each takes its k cheapest: O(n² · readers). Else by dynamic programming over
    /// the legs, without what cannot stay below the best cost: O(n · (k + 1)^readers · 2^readers) at most; where that is too
    /// much, the same k cheapest, a way though perhaps not the cheapest.
    private mutating func assign() -> (cost: Double, masks: [Int])? {
        let isSmall = states * masks * shards <= Self.assignmentLimit
        if readers <= 1 || !isSmall || rows.allSatisfy({ isAdditive[$0 / masks % legs.count] }) {
            return assignSingly()
        }
        // By leg: what it and those after it add at least at the multipliers of ``sums``, of which any are valid.
        rest.removeAll(keepingCapacity: true)
        for row in rows {
            var least = charges[row]
            for mask in 1..<masks { least = min(least, charges[row + mask] - sums[mask]) }
            rest.append(least)
        }
        rest.append(Double(data) * sums[masks - 1])
        for m in rows.indices.reversed() { rest[m] += rest[m + 1] }
        guard rest[0] < incumbent else { return nil }
        if origins.count < states * rows.count { origins = [UInt8](repeating: 0, count: states * rows.count) }
        count()
        guard costs[states - 1] < .infinity else { return nil }
        var sets = rows.map { _ in 0 }
        var state = states - 1
        for m in rows.indices.reversed() {
            sets[m] = Int(origins[m * states + state])
            state -= steps[sets[m]]
        }
        return (costs[states - 1], sets)
    }

    /// Writes what the states cost after all of ``rows``, and by row the set of readers by which each was reached.
    private mutating func count() {
        // What is written leaves its place meanwhile: the innermost loops are to check nothing but bounds.
        let (charges, sums, rest, steps, full) = (charges, sums, rest, steps, full)
        var (costs, next, worths, origins) = ([Double](), [Double](), [Double](), [UInt8]())
        swap(&costs, &self.costs)
        swap(&next, &self.next)
        swap(&worths, &self.worths)
        swap(&origins, &self.origins)
        for state in 0..<states { costs[state] = .infinity }
        (costs[0], worths[0]) = (0, 0)
        for (m, row) in rows.enumerated() {
            for state in 0..<states { next[state] = .infinity }
            do {
                let (charge, sum, step) = (charges.span, sums.span, steps.span)
                let before = costs.span
                var after = next.mutableSpan
                var worth = worths.mutableSpan
                var origin = origins.mutableSpan
                let most = incumbent - rest[m]
                for state in 0..<states where before[state] - worth[state] < most {
                    let (cost, known, served) = (before[state], worth[state], full[state])
                    for mask in 0..<masks where mask & served == 0 {
                        let target = state + step[mask]
                        let sum = known + sum[mask]
                        if cost + charge[row + mask] < after[target] {
                            after[target] = cost + charge[row + mask]
                            worth[target] = sum
                            origin[m * states + target] = UInt8(truncatingIfNeeded: mask)
                        }
                    }
                }
            }
            swap(&costs, &next)
        }
        swap(&costs, &self.costs)
        swap(&next, &self.next)
        swap(&worths, &self.worths)
        swap(&origins, &self.origins)
    }

    /// Each reader's k cheapest legs of ``rows``.
    private mutating func assignSingly() -> (cost: Double, masks: [Int])? {
        sets.removeAll(keepingCapacity: true)
        for _ in rows.indices { sets.append(0) }
        for u in 0..<readers {
            extra.removeAll(keepingCapacity: true)
            order.removeAll(keepingCapacity: true)
            for m in rows.indices {
                let cost = charges[rows[m] + 1 << u] - charges[rows[m]]
                extra.append(cost)
                var place = order.count
                while place > 0, (cost, rows[m]) < (extra[order[place - 1]], rows[order[place - 1]]) { place -= 1 }
                if place < data {
                    order.insert(m, at: place)
                    if order.count > data { order.removeLast() }
                }
            }
            for m in order { sets[m] |= 1 << u }
        }
        var cost = 0.0
        for m in rows.indices { cost += charges[rows[m] + sets[m]] }
        return cost < .infinity ? (cost, sets) : nil
    }
}
