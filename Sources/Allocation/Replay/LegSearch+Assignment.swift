import Marketplace

/// What a placement costs.
extension LegSearch {
    /// Takes `members` for the best placement if it is admissible and cheaper.
    mutating func consider(_ members: [Int]) {
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
    mutating func cheapest(_ members: [Int]) -> (cost: Double, masks: [Int])? {
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
    /// the legs, without what cannot stay below the best cost: O(n · (k + 1)^readers · 2^readers) at most; where that is too
    /// much, the same k cheapest, a way though perhaps not the cheapest.
    mutating func assign(_ rows: [Int]) -> (cost: Double, masks: [Int])? {
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
        // By leg: what it and those after it add at least at the multipliers of ``sums``, of which any are valid.
        var rest = [Double](repeating: Double(data) * sums[masks - 1], count: rows.count + 1)
        for m in rows.indices.reversed() {
            var least = charges[rows[m]]
            for mask in 1..<masks { least = min(least, charges[rows[m] + mask] - sums[mask]) }
            rest[m] = rest[m + 1] + least
        }
        guard rest[0] < incumbent else { return nil }
        for state in 0..<states { costs[state] = .infinity }
        (costs[0], worths[0]) = (0, 0)
        if origins.count < states * rows.count { origins = [UInt8](repeating: 0, count: states * rows.count) }
        for (m, row) in rows.enumerated() {
            for state in 0..<states { next[state] = .infinity }
            for state in 0..<states where costs[state] - worths[state] + rest[m] < incumbent {
                for mask in 0..<masks where mask & full[state] == 0 {
                    let target = state + steps[mask]
                    let cost = costs[state] + charges[row + mask]
                    if cost < next[target] {
                        next[target] = cost
                        worths[target] = worths[state] + sums[mask]
                        origins[m * states + target] = UInt8(truncatingIfNeeded: mask)
                    }
                }
            }
            swap(&costs, &next)
        }
        guard costs[states - 1] < .infinity else { return nil }
        var sets = rows.map { _ in 0 }
        var state = states - 1
        for m in rows.indices.reversed() {
            sets[m] = Int(origins[m * states + state])
            state -= steps[sets[m]]
        }
        return (costs[states - 1], sets)
    }

    /// Whether a leg's charge for all its readers is what they cost one by one.
    func isAdditive(_ row: Int) -> Bool {
        let base = charges[row]
        var sum = base
        var all = 0
        for u in 0..<readers where charges[row + 1 << u] < .infinity {
            sum += charges[row + 1 << u] - base
            all |= 1 << u
        }
        return abs(charges[row + all] - sum) <= 1e-11 * abs(sum)
    }
}
