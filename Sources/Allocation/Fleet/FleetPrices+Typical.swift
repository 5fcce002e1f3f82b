import Marketplace

extension FleetPrices {
    /// What offers cost when they hold a shard of everything and are used as one would: not bounds, but the prices at
    /// which good placements are found.
    mutating func priceTypically(_ scheme: RedundancyScheme, capacity: [Double]) {
        begin(scheme, capacity)
        let count = profile.offers.count
        let data = Double(scheme.data)
        let last = demand.logical.count - 1
        let months = demand.months.reduce(0, +)
        for p in 0..<count {
            let (tariffs, provider) = (profile.tariffs[p], profile.providers[p])
            var (cost, credited) = (0.0, 0.0)
            for segment in demand.segments {
                let tariff = tariffs.tariff(on: segment.firstDay)
                let billed = tariff.billed(segment.logical / data, objects: segment.objects)
                let stored = tariff.storage(max(0, billed - tariff.freeStorage))
                let charge = segment.months * max(tariff.minimum, tariff.fee + stored + demand.writes * tariff.write)
                cost += charge
                if segment.credits.contains(where: { demand.creditProviders[$0] == provider }) { credited += charge }
            }
            let tariff = tariffs.tariff(on: demand.segments.last?.firstDay ?? demand.request.start)
            let early = demand.earlyShare(tariff)
            if early > 0 {
                let billed = tariff.billed(demand.raw(last, scheme.data), objects: demand.objects[last])
                cost += early * tariff.storage(max(0, billed - tariff.freeStorage))
            }
            if credited > 0 {
                let credit = zip(demand.creditProviders, demand.creditAmounts).reduce(0) {
                    $0 + ($1.0 == provider ? $1.1 : 0)
                }
                cost -= min(credit, credited)
            }
            hold[p] += market.fee * cost
            let most = demand.egressSum / data
            let free = tariff.freeEgress + tariff.freeMultiple * Double(demand.least) / data
            let mean = most > free ? tariff.egress(most - free) / most : 0
            for u in profile.readers.indices where profile.serves[u * count + p] {
                let isBeyond = tariff.limitMultiple.map { demand.egress[u] > $0 * Double(demand.least) } ?? false
                let money = (mean + tariff.retrieval) * demand.egress[u] / data + tariff.read * demand.reads[u]
                read[u * count + p] = isBeyond ? .infinity : market.fee * months * money
            }
        }
    }
}
