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
    func cheapest(_ members: [Int]) -> (cost: Double, masks: [Int])? {
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
    func assign(_ rows: [Int]) -> (cost: Double, masks: [Int])? {
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

    /// Whether every reader of a set lacks a leg.
    func hasRoom(_ state: Int, _ mask: Int) -> Bool {
        var rest = state
        for u in 0..<readers {
            if mask >> u & 1 == 1, rest % (data + 1) == data { return false }
            rest /= data + 1
        }
        return true
    }
}
