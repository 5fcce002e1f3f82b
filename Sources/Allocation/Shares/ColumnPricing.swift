import Marketplace

/// The linear prices at which a search looks for placements, from the dual values of a share program.
struct ColumnPricing {
    let model: TermModel
    let node: ShareNode
    let objective: ShareObjective
    let unit: Double

    /// The prices of scheme `s`, and what must be added to a placement's cost to have its reduced cost.
    func prices(_ s: Int, _ duals: SharePrices, seeksFeasibility: Bool) -> (prices: PlacementPrices, constant: Double) {
        let space = model.spaces[s]
        let scheme = space.scheme
        let k = Double(scheme.data)
        var prices = PlacementPrices(
            hold: [Double](repeating: 0, count: space.offers.count),
            read: space.readers.map { _ in [Double](repeating: 0, count: space.offers.count) })
        var likes = false
        if case .liking = objective, !seeksFeasibility { likes = true }
        for (position, j) in space.offers.enumerated() {
            guard !node.out.contains(j) else {
                prices.hold[position] = .infinity
                continue
            }
            let offer = duals.meters[j].map { metered($0, j, s) } ?? unmetered(duals, j, s)
            var hold = offer.hold
            let provider = model.costs[j].provider
            hold += (duals.volume[provider] ?? 0) / k
            hold += (duals.counted[provider] ?? 0) / model.problem.smallestLeg
            hold += duals.required[provider] ?? 0
            if scheme.shards == 1, let stays = duals.staying[j] { hold += stays }
            if likes { hold -= model.problem.preferences[j] / Double(scheme.shards) }
            prices.hold[position] = hold
            for (row, u) in space.readers.enumerated() {
                prices.read[row][position] =
                    offer.egress * model.demand[u] / k + offer.operations * model.costs[j].reads(model.reads[u]) / unit
            }
        }
        var constant = -duals.whole
        if let most = model.request.maxProviderShare?.doubleValue {
            constant -=
                duals.volume.sorted { $0.key < $1.key }.reduce(0) { $0 + $1.value } * most * Double(scheme.shards) / k
        }
        return (prices, constant)
    }

    /// What an offer costs when all data has a shard there, a byte that is read, and what reads are multiplied by.
    private struct OfferPrice {
        var hold: Double
        var egress: Double
        var operations: Double
    }

    private func wholeLoad(_ j: Int) -> OfferLoad {
        var load = OfferLoad(classes: model.classes.count)
        load.operations = model.costs[j].writes
        return load
    }

    private func metered(_ meters: SharePrices.Meters, _ j: Int, _ s: Int) -> OfferPrice {
        let cost = model.costs[j]
        let load = wholeLoad(j)
        let withStorage = !model.storageHasRows(j, node)
        var hold = meters.share + meters.raw / Double(model.spaces[s].scheme.data)
        var operations = 0.0
        for v in meters.money.indices {
            hold += meters.money[v] * model.linearMoney(j, s, load, v, withStorage: withStorage) / unit
            if v < model.classes.count {
                operations += meters.money[v]
                if !withStorage { hold += meters.billed[v] * cost.billed[s][v] }
            }
        }
        return OfferPrice(
            hold: hold, egress: meters.egress + operations * cost.retrieval / unit, operations: operations)
    }

    /// An offer that the program has no rows of: prices that no dual solution of its rows contradicts.
    private func unmetered(_ duals: SharePrices, _ j: Int, _ s: Int) -> OfferPrice {
        let cost = model.costs[j]
        let charge = duals.charge[model.group(j)].map { max(0, $0) / unit }
        let ends = model.classes.count
        let monthly = charge.dropLast().reduce(0, +)
        let load = wholeLoad(j)
        guard model.isMetered(j, node) else {
            var hold = 0.0
            for v in 0...ends { hold += charge[v] * model.linearCharge(j, s, load, v) }
            let egress = monthly * ((model.egressSlope(j) ?? 0) + cost.retrieval)
            return OfferPrice(hold: hold, egress: egress, operations: monthly * unit)
        }
        // Free volumes are worth at most what they are charged for: the fee, or the price of the account's claim.
        let egressSlope = cost.freeMultiple > 0 ? 0 : cost.egress.startSlope(before: model.mostEgress(j))
        var storageSlope = 0.0
        var storagePrice = 0.0
        let hasRows = model.storageHasRows(j, node)
        if hasRows {
            let most = cost.mostBilled
            storageSlope = cost.storage.startSlope(before: most)
            for v in 0..<ends { storagePrice += charge[v] * cost.billed[s][v] * storageSlope }
            storagePrice += charge[ends] * cost.earlyShare * cost.billed[s][ends - 1] * storageSlope
        }
        let freeValue =
            monthly * (storageSlope * cost.freeStorage + egressSlope * cost.freeEgress)
            + charge[ends] * cost.earlyShare * storageSlope * cost.freeStorage
        let cover = cost.feeIncludesFree ? monthly * cost.fee : duals.claim[cost.provider] ?? 0
        let paid = freeValue > 0 && node.claims[j] != false ? min(1, cover / freeValue) : 1
        var hold = monthly * cost.fee + paid * storagePrice
        if cost.feeIncludesFree { hold -= paid * freeValue }
        for v in 0...ends { hold += charge[v] * model.linearMoney(j, s, load, v, withStorage: !hasRows) }
        let egress = monthly * (paid * egressSlope + cost.retrieval)
        let least = monthly * cost.minimum
        let reading = egress * model.mostEgress(j) / Double(max(1, model.spaces[s].scheme.shards))
        if least > hold + reading { return OfferPrice(hold: least, egress: 0, operations: 0) }
        return OfferPrice(hold: hold, egress: egress, operations: monthly * unit)
    }
}

extension GraduatedCost {
    /// The slope at 0 of the largest convex function below the price of up to `bytes`.
    func startSlope(before bytes: Double) -> Double {
        bytes > 0 ? envelope(within: 0...bytes).first?.slope ?? 0 : 0
    }
}
