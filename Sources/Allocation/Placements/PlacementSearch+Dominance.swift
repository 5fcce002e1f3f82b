import Marketplace

/// Which offers a search can do without.
extension PlacementSearch {
    /// Offers that are not needed beside better ones of the same provider.
    ///
    /// In a placement that holds b but not a better a, b can be replaced by a unless the other shards stand in the way.
    /// They can block only so many: one fewer than the provider may hold, and where a lies in another metro, those in
    /// metros that are full. Among cheapest placements take one whose offers come earliest in the order of dominance: it
    /// holds no offer that has more dominators than can be blocked.
    func undominated(_ free: [Int]) -> [Int] {
        guard free.count <= 2_000 else { return free }
        let byProvider = Dictionary(grouping: free) { space.provider[$0] }
        return free.filter { b in
            let rivals = byProvider[space.provider[b]] ?? []
            let cap = max(1, min(shards, space.providerCaps[space.provider[b]]))
            let dominators = rivals.filter { $0 != b && dominates($0, b, cap) }
            if dominators.count(where: { space.shareMetro($0, b) }) >= cap { return false }
            switch space.ground.relaxed.contains(.toleratedRegions) ? 0 : space.problem.request.toleratedRegions {
            case 0: return dominators.count < cap
            case 1:
                guard space.scheme.parity > 0 else { return true }
                return distinctMetros(dominators) < cap + (shards - 1) / space.scheme.parity
            default: return true
            }
        }
    }

    private func distinctMetros(_ offers: [Int]) -> Int {
        Set(offers.map { space.ground.metro[$0] }).count
    }

    /// Whether `a` is at least as good as `b` in everything but its place; of equals the earlier one.
    private func dominates(_ a: Int, _ b: Int, _ cap: Int) -> Bool {
        if !space.hazards.isEmpty {
            let (one, other) = (space.leaf(a), space.leaf(b))
            // Several shards with one provider fail together more often in one region than in two.
            if cap > 1, one.region != other.region || one.unavailability != other.unavailability { return false }
            guard one.unavailability <= other.unavailability, one.annualLoss <= other.annualLoss else { return false }
        }
        guard hold[a] <= hold[b] else { return false }
        for u in 0..<readers where read[u * count + a] > read[u * count + b] { return false }
        if a < b { return true }
        if hold[a] < hold[b] { return true }
        for u in 0..<readers where read[u * count + a] < read[u * count + b] { return true }
        if !space.hazards.isEmpty {
            let (one, other) = (space.leaf(a), space.leaf(b))
            return one.unavailability < other.unavailability || one.annualLoss < other.annualLoss
        }
        return false
    }
}
