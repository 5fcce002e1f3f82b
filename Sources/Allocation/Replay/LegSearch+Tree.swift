import Marketplace

/// What closes the gap between the bound and the best placement.
extension LegSearch {
    mutating func explore(_ start: Node, isRoot: Bool = false) {
        var node = start
        var stages = isRoot ? Self.stages : [Self.later]
        while true {
            nodes += 1
            if node.fixed.count == shards { return consider(node.fixed) }
            if node.fixed.count > 2, !space.mayGrow(node.fixed.map { legs[$0] }) { return }
            var now = -Double.infinity
            for stage in stages {
                let ascended = ascend(&node, iterations: stage.ascent)
                if isRoot, stages.count > 1 { lasting = node.at }
                guard let value = ascended, value < incumbent - slack else { return }
                now = max(now, value)
                look(node)
                shrink(&node, value)
                if looks < stage.looks, list(node, value, steps: stage.steps, looks: stage.looks) { return }
                guard stage.solves else { continue }
                switch program(node, value) {
                case .closed: return
                case .bound(let better): now = max(now, better)
                case .tooLong: break
                }
            }
            if nodes >= (incumbent < .infinity ? Self.nodeLimit : Self.vainLimit) {
                left = min(left, now)
                return
            }
            stages = [Self.later]
            // Reduced costs tell what to drop beside the bound of their own multipliers alone.
            guard let value = bound(node, node.at) else { return }
            reduce(&node, value)
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
    private mutating func list(_ node: Node, _ now: Double, steps: Int, looks most: Int) -> Bool {
        let wanted = shards - node.fixed.count
        var rest = now
        for j in chosen { rest -= reduced[j] }
        let sorted = node.free.sorted { (reduced[$0], $0) < (reduced[$1], $1) }
        var stack: [Int] = []
        var sum = rest
        var next = 0
        var steps = steps
        while true {
            steps -= 1
            if steps < 0 { return false }
            let needed = wanted - stack.count
            if needed == 0 {
                looks += 1
                if looks > most { return false }
                consider(node.fixed + stack.map { sorted[$0] })
            } else if next + needed <= sorted.count {
                // The least that the legs that lack can add, counted from the next.
                var least = sum
                for i in next..<(next + needed) { least += reduced[sorted[i]] }
                if least < incumbent - slack {
                    stack.append(next)
                    sum += reduced[sorted[next]]
                    next += 1
                    continue
                }
            }
            guard let last = stack.popLast() else { return true }
            sum -= reduced[sorted[last]]
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
