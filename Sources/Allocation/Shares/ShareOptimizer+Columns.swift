/// Where columns come from: the search for placements.
extension ShareOptimizer {
    @discardableResult
    func insert(_ column: ShareColumn) -> Bool {
        guard known.insert(column).inserted else { return false }
        columns.append(column)
        return true
    }

    func column(_ s: Int, _ placement: PricedPlacement) -> ShareColumn {
        let space = model.spaces[s]
        var fetched = [[Int]](repeating: [], count: model.request.traffic.count)
        for (row, u) in space.readers.enumerated() {
            let part = model.request.traffic[u]
            guard part.egressBytes > 0 || part.reads > 0 else { continue }
            fetched[u] = placement.served[row].map { space.offers[$0] }
        }
        return ShareColumn(scheme: s, members: placement.members.map { space.offers[$0] }, fetched: fetched)
    }

    /// First columns: a good placement of each scheme at what offers cost when they hold all data.
    func begin() {
        if !begin({ $0.start() }) {
            _ = begin { search in
                let result = search.run()
                isComplete = isComplete && result.isComplete
                return result.best
            }
        }
    }

    /// Adds what `find` finds for each scheme and is not far from the best; false when nothing is found.
    private func begin(_ find: (PlacementSearch) -> PricedPlacement?) -> Bool {
        var least = Double.infinity
        var begun: [(Int, PricedPlacement)] = []
        for (s, space) in model.spaces.enumerated() {
            let search = PlacementSearch(
                space, typicalPrices(s), relativeTolerance: 1e-4, shouldStop: deadline)
            let found = find(search)
            multipliers[s] = search.multipliers
            guard let found else { continue }
            least = min(least, found.cost)
            begun.append((s, found))
        }
        for (s, found) in begun where found.cost <= least * 1.25 { insert(column(s, found)) }
        return !begun.isEmpty
    }

    func typicalPrices(_ s: Int) -> PlacementPrices {
        let space = model.spaces[s]
        let k = Double(space.scheme.data)
        var prices = PlacementPrices(hold: [], read: space.readers.map { _ in [] })
        prices.hold.reserveCapacity(space.offers.count)
        for row in prices.read.indices { prices.read[row].reserveCapacity(space.offers.count) }
        let raw = model.raw[s]
        for j in space.offers {
            let cost = model.costs[j]
            prices.hold.append(model.holding(j, s))
            let most = model.mostEgress(j)
            var (egress, read) = (0.0, 0.0)
            for v in model.classes.indices {
                let tariff = cost.tariff(v)
                let free = tariff.freeEgress + tariff.freeMultiple * raw[v]
                let paid = most > 0 ? tariff.egress(max(0, most - free)) / most : 0
                egress += model.months(v) * (paid + tariff.retrieval)
                read += model.months(v) * tariff.read
            }
            for (row, u) in space.readers.enumerated() {
                prices.read[row].append(egress * model.demand[u] / k + read * model.reads[u])
            }
        }
        return prices
    }

    /// Adds the columns that `duals` undervalue; the least reduced cost that any column may have.
    func price(
        _ node: ShareNode, _ duals: SharePrices, seeksFeasibility: Bool = false
    ) -> (added: Bool, least: Double) {
        let reference = best?.columns.max { $0.share < $1.share }?.column ?? columns[0]
        var pricing = ColumnPricing(
            model: model, node: node, objective: objective, unit: unit, duals: duals, reference: reference)
        // Where credits pay for most, what is left is small beside the unit.
        let threshold = seeksFeasibility ? 1e-9 : 1e-8 * min(1, max(1, best?.cost ?? unit) / unit)
        var least = 0.0
        var found: [(column: ShareColumn, cost: Double)] = []
        for (s, space) in model.spaces.enumerated() {
            let (prices, constant) = pricing.prices(s, seeksFeasibility: seeksFeasibility)
            let search = PlacementSearch(
                space, prices, cutoff: -constant - threshold, start: multipliers[s], shouldStop: deadline)
            let result = search.run()
            multipliers[s] = search.multipliers
            isComplete = isComplete && result.isComplete
            for placement in [result.best].compactMap({ $0 }) + search.surpassed.suffix(4) {
                found.append((column(s, placement), placement.cost + constant))
            }
            least = min(least, result.bound + constant)
        }
        // Schemes that are far from competing would only burden the program.
        var added = false
        for (column, cost) in found where cost <= 0.5 * least { added = insert(column) || added }
        if !added { for (column, _) in found { added = insert(column) || added } }
        return (added, least)
    }
}
