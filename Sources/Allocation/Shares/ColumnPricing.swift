import Marketplace

/// The linear prices at which a search looks for placements, from the dual values of a share program.
struct ColumnPricing {
    let model: TermModel
    let node: ShareNode
    let objective: ShareObjective
    let unit: Double
    let duals: SharePrices
    /// The column for which dual values are chosen where there is a choice.
    let reference: ShareColumn
    /// By offer: what it asks under the scheme of reference, which the prices of every scheme need.
    private var typical: [Demands?]

    init(
        model: TermModel, node: ShareNode, objective: ShareObjective, unit: Double, duals: SharePrices,
        reference: ShareColumn
    ) {
        (self.model, self.node, self.objective, self.unit) = (model, node, objective, unit)
        (self.duals, self.reference) = (duals, reference)
        typical = [Demands?](repeating: nil, count: model.costs.count)
    }

    /// The prices of scheme `s`, and what must be added to a placement's cost to have its reduced cost.
    mutating func prices(
        _ s: Int, seeksFeasibility: Bool
    ) -> (prices: PlacementPrices, constant: Double) {
        let space = model.spaces[s]
        let scheme = space.scheme
        let k = Double(scheme.data)
        var prices = PlacementPrices(
            hold: [Double](repeating: 0, count: space.offers.count),
            read: space.readers.map { _ in [Double](repeating: 0, count: space.offers.count) })
        let charges = duals.charge.map { $0.map { max(0, $0) / unit } }
        let hasProviderPrices = !(duals.volume.isEmpty && duals.counted.isEmpty && duals.required.isEmpty)
        var likes = false
        if case .liking = objective, !seeksFeasibility { likes = true }
        let level = level(charges)
        for (position, j) in space.offers.enumerated() {
            guard !node.out.contains(j) else {
                prices.hold[position] = .infinity
                continue
            }
            let offer =
                duals.meters[j].map { metered($0, j, s) } ?? unmetered(charges[model.group(j)], j, s, level)
            var hold = offer.hold
            if hasProviderPrices {
                let provider = model.costs[j].provider
                hold += (duals.volume[provider] ?? 0) / k
                hold += (duals.counted[provider] ?? 0) / model.problem.smallestLeg
                hold += duals.required[provider] ?? 0
            }
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

    private func metered(_ meters: SharePrices.Meters, _ j: Int, _ s: Int) -> OfferPrice {
        let cost = model.costs[j]
        let withStorage = !model.storageHasRows(j, node)
        var price = OfferPrice(
            hold: meters.share + meters.raw / Double(model.spaces[s].scheme.data), egress: meters.egress, read: 0)
        for v in meters.money.indices {
            price.hold += meters.money[v] * model.heldMoney(j, s, v, withStorage: withStorage) / unit
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
    ///
    /// Which of the possible dual values its rows are given must not depend on the scheme, since one offer may hold shards
    /// of several: it is chosen for the scheme of reference.
    ///
    /// - Parameters:
    ///   - charge: by month class, and at the end: the price of a unit of money.
    ///   - level: what holding a shard need not cost less than, to keep the offer from entering for that alone.
    private mutating func unmetered(_ charge: [Double], _ j: Int, _ s: Int, _ level: Double) -> OfferPrice {
        let own = s == reference.scheme ? typical(charge, j) : demands(charge, j, s)
        guard model.isMetered(j, node) else {
            var price = own.price
            price.hold += own.fees
            return price
        }
        let typical = typical(charge, j)
        let shards = Double(max(1, model.spaces[reference.scheme].scheme.shards))
        let leg = model.problem.smallestLeg
        let claim = node.claims[j] == false ? nil : duals.claim[model.costs[j].provider] ?? 0
        let read = model.demand.reduce(0, +) / shards
        let spare = typical.price.hold + typical.fees - level
        let parts = (
            fee: typical.withFee.part(covered: typical.fees, leg: leg, read, spare),
            claim: claim.map { typical.withClaim.part(covered: $0, leg: leg, read, spare) } ?? 1
        )
        func price(_ demands: Demands) -> OfferPrice {
            let (withFee, withClaim) = (demands.withFee, demands.withClaim)
            var price = demands.price
            // A base fee is paid in full by a leg, and has all that it includes.
            let lacking = demands.fees - withFee.filled - parts.fee * withFee.worth
            price.hold += parts.fee * withFee.storage + (lacking >= 0 ? lacking : lacking / leg)
            price.hold += parts.claim * withClaim.storage
            if let claim { price.hold += min(0, claim - withClaim.filled - parts.claim * withClaim.worth) / leg }
            price.egress += parts.fee * withFee.egress + parts.claim * withClaim.egress
            return price
        }
        let asked = price(typical)
        if typical.least > asked.hold + asked.egress * model.mostEgress(j) / shards {
            return OfferPrice(hold: typical.least, egress: 0, read: 0)
        }
        return s == reference.scheme ? asked : price(own)
    }

    /// What holding a shard costs where the reference holds one at most.
    private mutating func level(_ charges: [[Double]]) -> Double {
        var level = -Double.infinity
        for j in reference.members {
            if let meters = duals.meters[j] {
                level = max(level, metered(meters, j, reference.scheme).hold)
            } else {
                let demands = typical(charges[model.group(j)], j)
                level = max(level, demands.price.hold + demands.fees)
            }
        }
        return level
    }

    /// ``demands(_:_:_:)`` under the scheme of reference, worked out once for all schemes.
    private mutating func typical(_ charge: [Double], _ j: Int) -> Demands {
        if let known = typical[j] { return known }
        let demands = demands(charge, j, reference.scheme)
        typical[j] = demands
        return demands
    }

    /// What an offer asks of a shard of everything at the prices of money.
    private struct Demands {
        /// What is linear in the share, fees and what free volumes bear on aside.
        var price = OfferPrice(hold: 0, egress: 0, read: 0)
        var fees = 0.0
        var least = 0.0
        /// Apart for free volumes that come with the fee and for those that the account's claim gives.
        var withFee = FreeVolumes()
        var withClaim = FreeVolumes()
    }

    private func demands(_ charge: [Double], _ j: Int, _ s: Int) -> Demands {
        let cost = model.costs[j]
        let ends = model.classes.count
        let isMetered = model.isMetered(j, node)
        let hasRows = isMetered && model.storageHasRows(j, node)
        var demands = Demands()
        for v in 0..<ends {
            let tariff = cost.tariff(v)
            demands.fees += charge[v] * tariff.fee
            demands.least += charge[v] * tariff.minimum
            demands.price.hold += charge[v] * model.heldMoney(j, s, v, withStorage: !hasRows)
            demands.price.egress += charge[v] * tariff.retrieval
            demands.price.read += charge[v] * tariff.read
            guard isMetered else {
                demands.price.egress += charge[v] * model.egressSlope(j, v)
                continue
            }
            var free = FreeVolumes()
            let weight = charge[v] + (v == ends - 1 ? charge[ends] * cost.earlyShare : 0)
            let slopes = model.firstByte(j, v)
            if hasRows {
                let slope = slopes.stored
                free.storage = weight * slope * cost.billed[s][v]
                free.worth = weight * slope * tariff.freeStorage
            } else {
                free.filled = weight * (tariff.storage.pieces.first?.slope ?? 0) * tariff.freeStorage
            }
            if tariff.freeMultiple == 0 {
                free.egress = charge[v] * slopes.read
                free.worth += free.egress * tariff.freeEgress
            }
            if tariff.feeIncludesFree { demands.withFee.add(free) } else { demands.withClaim.add(free) }
        }
        demands.price.hold += charge[ends] * model.heldMoney(j, s, ends, withStorage: !hasRows)
        return demands
    }

    /// What storage and a byte of egress cost where there are free volumes, and what these are worth.
    private struct FreeVolumes {
        var storage = 0.0
        var egress = 0.0
        var worth = 0.0
        /// The worth of free storage that every leg fills.
        var filled = 0.0

        mutating func add(_ other: FreeVolumes) {
            storage += other.storage
            egress += other.egress
            worth += other.worth
            filled += other.filled
        }

        /// Which part of the prices to ask: all where what is free is covered; otherwise at least as much as is covered. More
        /// makes reading dearer and holding cheaper, as each share of a leg may claim a whole leg's part of what is free:
        /// where what is typically read pays for that, as much as leaves holding no cheaper than by `spare`.
        func part(covered cover: Double, leg: Double, _ typicalRead: Double, _ spare: Double) -> Double {
            if worth + filled <= cover || worth <= 0 { return 1 }
            let covered = min(1, max(0, cover - filled) / worth)
            guard storage + egress * typicalRead >= worth / leg else { return covered }
            let loss = worth / leg - storage
            return loss > 0 ? min(1, max(covered, spare / loss)) : 1
        }
    }
}

extension TermModel {
    /// What is linear in the share when all data has a shard at offer `j` and nothing is read there.
    func heldMoney(_ j: Int, _ scheme: Int, _ v: Int, withStorage: Bool) -> Double {
        let stored = withStorage ? wholeStorage(scheme, j, min(v, classes.count - 1)) : 0
        return v < classes.count
            ? stored + writes * costs[j].tariff(v).write : stored * costs[j].earlyShare + capacityCharge(j, scheme)
    }
}
