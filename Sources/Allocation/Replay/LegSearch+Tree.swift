import Marketplace

/// What closes the gap between the bound and the best placement.
extension LegSearch {
    mutating func explore(_ start: Node, isRoot: Bool = false) {
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
    mutating func list(_ node: Node, _ now: Double) -> Bool {
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
    func gain(_ j: Int) -> Double { charges[j * masks] - reduced[j] }

    /// Drops legs that no better placement can hold, and fixes those that every better one holds.
    func reduce(_ node: inout Node, _ now: Double) {
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
}
