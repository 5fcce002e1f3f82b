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
            if scheme.shards == 1, let stays = duals.unread[j] { hold += stays }
            if scheme.data == 1, let stays = duals.kept[j] { hold += stays }
            if likes { hold -= model.problem.preferences[j] / Double(scheme.shards) }
            prices.hold[position] = hold
            for (row, u) in space.readers.enumerated() {
                prices.read[row][position] = offer.egress * model.demand[u] / k + offer.read * model.reads[u]
            }
        }
        var constant = -duals.whole
        if let most = model.request.maxProviderShare?.doubleValue {
            constant -=
                duals.volume.sorted { $0.key < $1.key }.reduce(0) { $0 + $1.value } * most * Double(scheme.shards) / k
        }
        return (prices, constant)
    }

    /// What an offer costs when all data has a shard there, a byte that is read, and a read operation.
    private struct OfferPrice {
        var hold: Double
        var egress: Double
        var read: Double
    }

    private func wholeLoad() -> OfferLoad {
        var load = OfferLoad(classes: model.classes.count)
        load.writes = model.writes
        return load
    }

    private func metered(_ meters: SharePrices.Meters, _ j: Int, _ s: Int) -> OfferPrice {
        let cost = model.costs[j]
        let load = wholeLoad()
        let withStorage = !model.storageHasRows(j, node)
        var price = OfferPrice(
            hold: meters.share + meters.raw / Double(model.spaces[s].scheme.data), egress: meters.egress, read: 0)
        for v in meters.money.indices {
            price.hold += meters.money[v] * model.linearMoney(j, s, load, v, withStorage: withStorage) / unit
            if v < model.classes.count {
                let tariff = cost.tariff(v)
                price.egress += meters.money[v] * tariff.retrieval / unit
                price.read += meters.money[v] * tariff.read / unit
                if !withStorage { price.hold += meters.billed[v] * cost.billed[s][v] }
            }
        }
        return price
    }

    /// An offer that the program has no rows of: prices that no dual solution of its rows contradicts.
    private func unmetered(_ duals: SharePrices, _ j: Int, _ s: Int) -> OfferPrice {
        let cost = model.costs[j]
        let charge = duals.charge[model.group(j)].map { max(0, $0) / unit }
        let ends = model.classes.count
        let load = wholeLoad()
        let isMetered = model.isMetered(j, node)
        let hasRows = isMetered && model.storageHasRows(j, node)
        var price = OfferPrice(hold: 0, egress: 0, read: 0)
        var fees = 0.0
        var least = 0.0
        // Apart for free volumes that come with the fee and for those that the account's claim gives.
        var (withFee, withClaim) = (FreeVolumes(), FreeVolumes())
        for v in 0..<ends {
            let tariff = cost.tariff(v)
            fees += charge[v] * tariff.fee
            least += charge[v] * tariff.minimum
            price.hold += charge[v] * model.linearMoney(j, s, load, v, withStorage: !hasRows)
            price.egress += charge[v] * tariff.retrieval
            price.read += charge[v] * tariff.read
            guard isMetered else {
                price.egress += charge[v] * model.egressSlope(j, v)
                continue
            }
            var free = FreeVolumes()
            if hasRows {
                let slope = tariff.storage.startSlope(before: cost.mostBilled)
                let weight = charge[v] + (v == ends - 1 ? charge[ends] * cost.earlyShare : 0)
                free.storage = weight * slope * cost.billed[s][v]
                free.worth = weight * slope * tariff.freeStorage
            }
            if tariff.freeMultiple == 0 {
                free.egress = charge[v] * tariff.egress.startSlope(before: model.mostEgress(j))
                free.worth += free.egress * tariff.freeEgress
            }
            if tariff.feeIncludesFree { withFee.add(free, tariff.fee * charge[v]) } else { withClaim.add(free) }
        }
        price.hold += fees + charge[ends] * model.linearMoney(j, s, load, ends, withStorage: !hasRows)
        guard isMetered else { return price }
        // Free volumes are worth at most what they are charged for: the fee, or the price of the account's claim.
        let paidWithFee = withFee.paid(withFee.cover)
        price.hold += paidWithFee * (withFee.storage - withFee.worth)
        let paidWithClaim = node.claims[j] == false ? 1 : withClaim.paid(duals.claim[cost.provider] ?? 0)
        price.hold += paidWithClaim * withClaim.storage
        price.egress += paidWithFee * withFee.egress + paidWithClaim * withClaim.egress
        let reading = price.egress * model.mostEgress(j) / Double(max(1, model.spaces[s].scheme.shards))
        if least > price.hold + reading { return OfferPrice(hold: least, egress: 0, read: 0) }
        return price
    }

    /// What storage and a byte of egress cost where there are free volumes, what these are worth, and what covers them.
    private struct FreeVolumes {
        var storage = 0.0
        var egress = 0.0
        var worth = 0.0
        var cover = 0.0

        mutating func add(_ other: FreeVolumes, _ fee: Double = 0) {
            storage += other.storage
            egress += other.egress
            worth += other.worth
            cover += fee
        }

        /// Which part of the prices may be asked so that what is free is worth no more than `cover`.
        func paid(_ cover: Double) -> Double { worth > 0 ? min(1, cover / worth) : 1 }
    }
}

extension GraduatedCost {
    /// The slope at 0 of the largest convex function below the price of up to `bytes`.
    func startSlope(before bytes: Double) -> Double {
        bytes > 0 ? envelope(within: 0...bytes).first?.slope ?? 0 : 0
    }
}
