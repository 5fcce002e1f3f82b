import Marketplace
import Money

/// What all data of a request costs under one placement, as it is: the same function as ``TermModel/evaluate(_:)`` for a
/// single column, from tariffs that are compiled once.
struct FleetCosts {
    let demand: FleetDemand
    let profile: FleetProfile
    let market: FleetMarket

    /// The offer's charges by month class without credits and fee, into `sums`; what is charged at the end.
    private func addCharges(
        _ tariffs: FleetTariff, _ data: Int, egress: Double, reads: Double, claims: Bool, _ sums: inout [Double]
    ) -> Double {
        var stored = 0.0
        var tariff = tariffs.versions[0].tariff
        for v in sums.indices {
            if tariffs.versions.count > 1 { tariff = tariffs.tariff(on: demand.firstDays[v]) }
            let free = claims || tariff.feeIncludesFree
            let freeStorage = free ? tariff.freeStorage : 0
            let freeEgress = free ? tariff.freeEgress : 0
            let operations = demand.writes * tariff.write + reads * tariff.read + egress * tariff.retrieval
            let raw = demand.raw(v, data)
            stored = tariff.storage(max(0, tariff.billed(raw, objects: demand.objects[v]) - freeStorage))
            let read = max(0, egress - freeEgress - tariff.freeMultiple * raw)
            let charge = tariff.fee + stored + (read > 0 ? tariff.egress(read) : 0) + operations
            sums[v] += max(tariff.minimum, charge)
        }
        return stored * demand.earlyShare(tariff)
    }

    /// The term's cost of one scheme's placement; nil when it misses a limit of the whole allocation.
    ///
    /// - Parameter patterns: ways of reading, each for a share of the reads: by reader, the k offers it fetches from.
    func cost(
        _ scheme: RedundancyScheme, _ members: [Int], _ patterns: [FleetPattern]
    ) -> (cost: Double, claimants: [Int], unspent: [Int])? {
        let data = Double(scheme.data)
        let request = demand.request
        guard keepsProviders(members) else { return nil }
        var egress = [Double](repeating: 0, count: members.count)
        var reads = [Double](repeating: 0, count: members.count)
        for (m, p) in members.enumerated() {
            for pattern in patterns {
                for (u, offers) in pattern.fetched.enumerated() where offers.contains(UInt16(p)) {
                    egress[m] += pattern.share * demand.egress[u] / data
                    reads[m] += pattern.share * demand.reads[u]
                }
            }
            if let room = egressRoom(p, scheme.data), egress[m] > room * (1 + 1e-7) + 1 { return nil }
        }
        var cost = demand.gateway * Double(request.months)
        var monthly = [Double](repeating: demand.gateway, count: demand.months.count)
        var early = 0.0
        var claimants: [Int] = []
        var unspent: [Int] = []
        var done: [Int] = []
        for p in members where !done.contains(profile.providers[p]) {
            let provider = profile.providers[p]
            done.append(provider)
            let legs = members.indices.filter { profile.providers[members[$0]] == provider }
            let able = legs.filter { hasClaim(members[$0]) }
            var best: (cost: Double, sums: [Double], early: Double, claimant: Int?, paid: Double)?
            for claimant in able.isEmpty ? [nil] : able.map(Optional.some) {
                var sums = [Double](repeating: 0, count: demand.months.count)
                var end = 0.0
                for leg in legs {
                    end += addCharges(
                        profile.tariffs[members[leg]], scheme.data, egress: egress[leg], reads: reads[leg],
                        claims: leg == claimant, &sums)
                }
                var own = market.fee * end
                for v in sums.indices { own += market.fee * demand.months[v] * sums[v] }
                let paid = credited(provider, sums, end)
                own -= market.fee * paid
                if own < best?.cost ?? .infinity { best = (own, sums, end, claimant, paid) }
            }
            guard let best else { continue }
            cost += best.cost
            early += market.fee * best.early
            for v in monthly.indices { monthly[v] += market.fee * best.sums[v] }
            let credit = zip(demand.creditProviders, demand.creditAmounts).reduce(0) {
                $0 + ($1.0 == provider ? $1.1 : 0)
            }
            if credit > 0, best.paid < credit * (1 - 1e-9) { unspent.append(provider) }
            if let claimant = best.claimant { claimants.append(members[claimant]) }
        }
        for holding in demand.leaving {
            let stays = members.contains { market.offers[profile.offers[$0]].id == holding.offer }
            let leaves = max(0, 1 - 1 / holding.share)
            cost += market.fee * holding.reading * (stays && members.count == 1 ? leaves : 1)
            cost += market.fee * holding.early * (stays ? leaves : 1)
        }
        if let budget = request.budget {
            let largest = max(monthly.max() ?? 0, (monthly.last ?? 0) + early)
            let lines = Double(members.count * ChargeKind.allCases.count + 2)
            // The bill rounds each line: only what keeps the budget however it rounds is taken.
            let slack = 0.005 * lines * 1.1 * (budget.period == .month ? 1 : Double(request.months + 1))
            let needed = budget.period == .month ? largest : cost
            if needed > budget.amount.doubleValue - slack { return nil }
        }
        return (cost, claimants, unspent)
    }

    /// Whether in some month an offer's free volumes are its account's, so that only one leg has them.
    private func hasClaim(_ p: Int) -> Bool {
        profile.tariffs[p].versions.contains { $0.tariff.hasFree && !$0.tariff.feeIncludesFree }
    }

    /// The most bytes a month that may be read from an offer that holds a shard of everything; nil without a limit.
    private func egressRoom(_ p: Int, _ data: Int) -> Double? {
        let tariffs = profile.tariffs[p]
        guard tariffs.limitsEgress else { return nil }
        return demand.logical.indices.compactMap { v in
            tariffs.tariff(on: demand.firstDays[v]).limitMultiple.map { $0 * demand.raw(v, data) }
        }.min()
    }

    /// The largest share of the reads that can follow `pattern` within its offers' limits of egress, at most 1.
    func largestShare(_ scheme: RedundancyScheme, _ members: [Int], _ pattern: [[UInt16]]) -> Double {
        var share = 1.0
        for p in members {
            guard let room = egressRoom(p, scheme.data) else { continue }
            var egress = 0.0
            for (u, offers) in pattern.enumerated() where offers.contains(UInt16(p)) {
                egress += demand.egress[u] / Double(scheme.data)
            }
            if egress > room { share = min(share, room / egress) }
        }
        return share
    }

    /// Whether the placement by itself keeps what is asked of the providers of the whole allocation.
    private func keepsProviders(_ members: [Int]) -> Bool {
        let request = demand.request
        guard request.minProviders > 1 || request.maxProviderShare != nil else { return true }
        var counts: [Int: Int] = [:]
        for p in members { counts[profile.providers[p], default: 0] += 1 }
        if counts.count < request.minProviders { return false }
        guard let most = request.maxProviderShare?.doubleValue else { return true }
        return Double(counts.values.max() ?? 0) <= (most + 1e-7) * Double(members.count)
    }

    /// What credits pay of a provider's charges: the one that expires first before others.
    func credited(_ provider: Int, _ sums: [Double], _ end: Double) -> Double {
        guard demand.creditProviders.contains(provider) else { return 0 }
        let credits = demand.request.credits
        let own = demand.creditProviders.indices.filter { demand.creditProviders[$0] == provider }
            .sorted { (credits[$0].expires, $0) < (credits[$1].expires, $1) }
        var left = demand.creditAmounts
        var paid = 0.0
        for v in sums.indices {
            var open = demand.months[v] * sums[v] + (v == sums.count - 1 ? end : 0)
            for index in own where demand.credits[v].contains(index) {
                let used = min(open, left[index])
                left[index] -= used
                open -= used
                paid += used
            }
        }
        return paid
    }
}
