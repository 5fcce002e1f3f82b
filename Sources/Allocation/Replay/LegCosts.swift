import Marketplace

/// What legs of one scheme cost a request over its term for each set of readers that they serve, by tariff.
///
/// As in ``FleetCosts``, with the provider's credits for each leg: exact where a provider with credits holds one leg, a
/// lower bound where it holds several.
struct LegCosts {
    let demand: FleetDemand
    let profile: FleetProfile
    let market: FleetMarket
    /// How many sets of readers there are.
    let masks: Int
    /// By set of readers: bytes and operations read a month.
    private var egress: [Double]
    private var reads: [Double]
    private let months: Double
    private let costs: FleetCosts

    init(_ demand: FleetDemand, _ profile: FleetProfile, _ market: FleetMarket) {
        self.demand = demand
        self.profile = profile
        self.market = market
        masks = 1 << profile.readers.count
        egress = [Double](repeating: 0, count: masks)
        reads = egress
        for u in profile.readers.indices {
            for mask in 0..<(1 << u) {
                egress[mask | 1 << u] = egress[mask] + demand.egress[u]
                reads[mask | 1 << u] = reads[mask] + demand.reads[u]
            }
        }
        months = demand.months.reduce(0, +)
        costs = FleetCosts(demand: demand, profile: profile, market: market)
    }

    /// Bytes that a tariff bills over the term, each counted once a month; what is billed in the last month.
    func billed(_ tariff: CompiledTariff, _ data: Int) -> (sum: Double, last: Double) {
        var (sum, last) = (0.0, 0.0)
        for v in demand.months.indices {
            last = tariff.billed(demand.raw(v, data), objects: demand.objects[v])
            sum += demand.months[v] * last
        }
        return (sum, last)
    }

    /// Whether in some month an offer's free volumes are its account's, so that only one leg has them.
    static func claims(_ tariffs: FleetTariff) -> Bool {
        tariffs.versions.contains { $0.tariff.hasFree && !$0.tariff.feeIncludesFree }
    }

    /// Writes an offer's charges, the fee included, by set of readers; infinite for sets that its limit of egress excludes.
    /// Those without the account's free volumes go to the second half of `charges`.
    func charge(_ tariffs: FleetTariff, _ scheme: RedundancyScheme, into charges: inout [Double], at start: Int) {
        let second = charges.count / 2 + start
        charge(tariffs, scheme, into: &charges, at: start, sets: masks, claims: true)
        if Self.claims(tariffs) {
            charge(tariffs, scheme, into: &charges, at: second, sets: masks, claims: false)
        } else {
            for mask in 0..<masks { charges[second + mask] = charges[start + mask] }
        }
    }

    /// Writes an offer's charge for holding alone, read by nobody and with the account's free volumes.
    func hold(_ tariffs: FleetTariff, _ scheme: RedundancyScheme, into held: inout [Double], at index: Int) {
        charge(tariffs, scheme, into: &held, at: index, sets: 1, claims: true)
    }

    private func charge(
        _ tariffs: FleetTariff, _ scheme: RedundancyScheme, into charges: inout [Double], at start: Int, sets: Int,
        claims: Bool
    ) {
        let isCredited = demand.creditProviders.contains(tariffs.provider)
        let tariff = tariffs.versions[0].tariff
        let data = Double(scheme.data)
        let least = Double(demand.least) / data
        guard tariffs.versions.count == 1, !isCredited, !needsMonths(tariff, least, mostRead: egress[masks - 1] / data)
        else {
            for mask in 0..<sets { charges[start + mask] = byMonths(tariffs, scheme.data, mask, isCredited, claims) }
            return
        }
        var (stored, last) = (0.0, 0.0)
        let isFree = claims || tariff.feeIncludesFree
        let (freeStorage, freeEgress) = isFree ? (tariff.freeStorage, tariff.freeEgress) : (0, 0)
        if tariff.storage.pieces.count == 1, freeStorage == 0 {
            let billed = billed(tariff, scheme.data)
            let slope = tariff.storage.pieces[0].slope
            (stored, last) = (slope * billed.sum, slope * billed.last)
        } else {
            for v in demand.months.indices {
                let billed = tariff.billed(demand.raw(v, scheme.data), objects: demand.objects[v])
                last = tariff.storage(max(0, billed - freeStorage))
                stored += demand.months[v] * last
            }
        }
        let held = stored + last * demand.earlyShare(tariff) + months * (tariff.fee + demand.writes * tariff.write)
        for mask in 0..<sets {
            let read = egress[mask] / data
            let paid = tariff.freeMultiple > 0 ? 0 : max(0, read - freeEgress)
            let reading = (paid > 0 ? tariff.egress(paid) : 0) + reads[mask] * tariff.read + read * tariff.retrieval
            charges[start + mask] =
                exceedsLimit(tariff, read, scheme.data) ? .infinity : market.fee * (held + months * reading)
        }
    }

    /// Whether a minimum or an allowance that grows with what is stored makes months differ in more than storage.
    private func needsMonths(_ tariff: CompiledTariff, _ least: Double, mostRead: Double) -> Bool {
        if tariff.minimum > 0 {
            let stored = tariff.storage(max(0, least - tariff.freeStorage))
            if tariff.fee + stored + demand.writes * tariff.write < tariff.minimum { return true }
        }
        return tariff.freeMultiple > 0 && mostRead > tariff.freeEgress + tariff.freeMultiple * least
    }

    private func exceedsLimit(_ tariff: CompiledTariff, _ read: Double, _ data: Int) -> Bool {
        guard let limit = tariff.limitMultiple else { return false }
        return demand.months.indices.contains { read > limit * demand.raw($0, data) * (1 + 1e-7) + 1 }
    }

    private func byMonths(_ tariffs: FleetTariff, _ data: Int, _ mask: Int, _ isCredited: Bool, _ claims: Bool)
        -> Double
    {
        let read = egress[mask] / Double(data)
        var (sum, stored) = (0.0, 0.0)
        var sums: [Double] = []
        var tariff = tariffs.versions[0].tariff
        for v in demand.months.indices {
            if tariffs.versions.count > 1 { tariff = tariffs.tariff(on: demand.firstDays[v]) }
            let isFree = claims || tariff.feeIncludesFree
            let (freeStorage, freeEgress) = isFree ? (tariff.freeStorage, tariff.freeEgress) : (0, 0)
            let raw = demand.raw(v, data)
            if let limit = tariff.limitMultiple, read > limit * raw * (1 + 1e-7) + 1 { return .infinity }
            stored = tariff.storage(max(0, tariff.billed(raw, objects: demand.objects[v]) - freeStorage))
            let paid = max(0, read - freeEgress - tariff.freeMultiple * raw)
            let charge = max(
                tariff.minimum,
                tariff.fee + stored + (paid > 0 ? tariff.egress(paid) : 0) + demand.writes * tariff.write
                    + reads[mask] * tariff.read + read * tariff.retrieval)
            sum += demand.months[v] * charge
            if isCredited { sums.append(charge) }
        }
        let end = stored * demand.earlyShare(tariff)
        let paid = isCredited ? costs.credited(tariffs.provider, sums, end) : 0
        return market.fee * (sum + end - paid)
    }
}
