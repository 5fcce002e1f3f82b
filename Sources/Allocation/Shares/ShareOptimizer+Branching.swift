import MathematicalProgramming

/// How a node is parted where its relaxation falls short of the truth.
extension ShareOptimizer {
    /// Parts of a node that leave out its solution; nil when no part can be told apart.
    func branch(_ node: ShareNode, _ solution: ShareSolution) -> [ShareNode]? {
        let division = divided(solution)
        let candidate = model.evaluate(division)
        if !node.everyMonth, model.request.budget?.period == .month,
            candidate.missed.contains(.budget) || model.budgetExcess(candidate) != nil
        {
            var exact = node
            exact.everyMonth = true
            return [exact]
        }
        if candidate.missed.contains(.minProviders),
            let provider = solution.counted.filter({ $0.value > 1e-6 && $0.value < 1 - 1e-6 })
                .max(by: { ($0.value, $1.key) < ($1.value, $0.key) })?.key
        {
            var (counts, not) = (node, node)
            counts.counted[provider] = true
            not.counted[provider] = false
            return [counts, not]
        }
        let loads = model.loads(division)
        if let children = branch(node, slivers: candidate.slivers, loads) { return children }
        let gaps = loads.keys.sorted().map { j in (offer: j, gap: relaxed(j, loads, division, solution, candidate)) }
        for (j, _) in gaps.sorted(by: { ($0.gap, $1.offer) > ($1.gap, $0.offer) }) {
            guard let load = loads[j] else { continue }
            if let children = branch(node, j, load, candidate, loads) { return children }
        }
        // Nothing is relaxed any more: what is left is the rounding of the bill's lines.
        guard let excess = model.budgetExcess(candidate), excess > 0, node.tightening < 100 * excess else { return nil }
        var tightened = node
        tightened.tightening += excess
        return [tightened]
    }

    /// Uses an offer that holds too little, or its whole provider, in earnest, or not at all.
    private func branch(_ node: ShareNode, slivers: [Int], _ loads: [Int: OfferLoad]) -> [ShareNode]? {
        guard let j = slivers.min(by: { loads[$0]?.share ?? 0 < loads[$1]?.share ?? 0 }) else { return nil }
        let provider = model.costs[j].provider
        let together = loads.keys.sorted().filter { model.costs[$0].provider == provider }
            .reduce(0) { $0 + (loads[$1]?.share ?? 0) }
        var (used, out) = (node, node)
        if together < model.problem.smallestLeg * (1 - 1e-6), !node.required.contains(provider) {
            used.required.insert(provider)
            out.out.formUnion(model.costs.indices.filter { model.costs[$0].provider == provider })
        } else {
            used.inUse.insert(j)
            out.out.insert(j)
        }
        return [used, out]
    }

    /// How much more an offer charges in truth than in the relaxation.
    private func relaxed(
        _ j: Int, _ loads: [Int: OfferLoad], _ division: [(column: ShareColumn, share: Double)],
        _ solution: ShareSolution, _ candidate: ShareCandidate
    ) -> Double {
        guard let load = loads[j] else { return 0 }
        let truth = model.costs[j].charges(load, claims: candidate.claimants.contains(j))
        let ends = model.classes.count
        let charges = solution.relaxed?[j]
        var gap = 0.0
        for v in 0...ends {
            let charged: Double
            if let charges {
                charged = charges[v]
            } else {
                charged = division.reduce(0) { sum, part in
                    guard part.column.members.contains(j) else { return sum }
                    return sum + part.share * model.linearCharge(j, part.column.scheme, model.load(j, part.column), v)
                }
            }
            gap += model.months(v) * ((v < ends ? truth.monthly[v] : truth.early) - charged)
        }
        return gap
    }

    private func branch(
        _ node: ShareNode, _ j: Int, _ load: OfferLoad, _ candidate: ShareCandidate, _ loads: [Int: OfferLoad]
    ) -> [ShareNode]? {
        let cost = model.costs[j]
        if model.isFixed[j], !node.inUse.contains(j), load.share < 1 - 1e-9 {
            var (out, used) = (node, node)
            out.out.insert(j)
            used.inUse.insert(j)
            return [used, out]
        }
        if cost.hasClaim, node.claims[j] == nil {
            let rivals = loads.keys.count {
                model.costs[$0].provider == cost.provider && model.costs[$0].hasClaim
            }
            if rivals > 1 {
                var (claims, not) = (node, node)
                claims.claims[j] = true
                not.claims[j] = false
                return [claims, not]
            }
        }
        let claims = candidate.claimants.contains(j)
        var widest: (gap: Double, children: [ShareNode])?
        func split(
            _ price: GraduatedCost, _ volume: Double, _ most: Double,
            _ path: WritableKeyPath<ShareNode, [Int: [ClosedRange<Double>?]]>,
            _ v: Int
        ) {
            let range = node[keyPath: path][j]?[v] ?? 0...most
            let envelope = price.envelope(within: range).map { $0.slope * volume + $0.constant }.max() ?? 0
            let gap = price(volume) - envelope
            guard gap > widest?.gap ?? 0,
                let end = price.pieces.map(\.end)
                    .filter({ $0 > range.lowerBound * (1 + 1e-12) && $0 < range.upperBound * (1 - 1e-12) })
                    .min(by: { abs($0 - volume) < abs($1 - volume) })
            else { return }
            let open = [ClosedRange<Double>?](repeating: nil, count: model.classes.count)
            var (below, above) = (node, node)
            below[keyPath: path][j, default: open][v] = range.lowerBound...end
            above[keyPath: path][j, default: open][v] = end...range.upperBound
            widest = (gap, [below, above])
        }
        for v in model.classes.indices {
            let tariff = cost.tariff(v)
            let free = tariff.feeIncludesFree || claims
            let most = cost.billed.map { $0[v] }.max() ?? 0
            split(tariff.storage, max(0, load.billed[v] - (free ? tariff.freeStorage : 0)), most, \.storage, v)
            guard v == 0 || cost.egressVaries else { continue }
            let read = load.egress - (free ? tariff.freeEgress : 0) - tariff.freeMultiple * load.raw[v]
            split(tariff.egress, max(0, read), model.mostEgress(j), \.egress, v)
        }
        return widest?.children
    }
}
