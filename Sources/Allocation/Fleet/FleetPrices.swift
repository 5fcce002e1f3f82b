import Marketplace

/// Prices that are linear in the share of a request's data, and that no allocation of it undercuts.
///
/// With scarce capacity priced as well, for every division of the data over placements
///
///     cost + Σ capacity price · raw bytes ≥ constant + Σ over its columns of share · (Σ hold + Σ read)
///
/// Falling tiers are replaced by their mean price at the most that can be carried; a minimum by itself or by what it
/// tops up. Free volumes of an account, and credits, enter by one multiplier in 0…1 for each provider: how much of the
/// price is charged from the first byte on. What that charges too much is given back in the constant, as if each
/// provider's free volumes and credits were used up. A limit of egress is priced at what reading costs elsewhere. Any
/// such multipliers give a valid bound; good ones give a tight one.
struct FleetPrices {
    let demand: FleetDemand
    let profile: FleetProfile
    let market: FleetMarket
    /// By provider of the market: the multiplier of its free volumes and credits.
    var shares: [Double]
    /// By position: how much of the prices beyond what a base fee includes is charged from the first byte on, at least.
    var feeShares: [Double]
    /// The k at which minimums are judged.
    var referenceData: Int
    /// What reading a byte costs elsewhere than at an offer that limits it; nil for the least that any offer asks.
    var priceElsewhere: Double?
    /// By position: what a shard of everything costs.
    var hold: [Double] = []
    /// Reader-major: what a shard for all of a reader's reads costs.
    var read: [Double] = []
    /// What is charged, or given back, whatever the placement.
    private(set) var constant = 0.0
    /// How much of the constant is given back for free volumes and credits: what other multipliers could save at most.
    private(set) var givenBack = 0.0
    /// By provider, and by position: the parts of it.
    private(set) var providerGifts: [Double] = []
    private(set) var offerGifts: [Double] = []
    private var terms: [OfferTerms] = []
    private let months: Double
    /// By position: bytes that can be read there a month, times k.
    private let servable: [Double]

    /// What an offer's prices under one of its tariffs are made of, but for the scheme.
    private struct OfferTerms {
        let position: Int
        let priced: FleetTariffVersion
        /// Segments that the tariff bills: which, and the weight of a unit of money charged in each of their months.
        var segments: [(index: Int, weight: Double)] = []
        /// A unit of money charged in each of the months, and at the end.
        var weight = 0.0
        var endWeight = 0.0
        /// Mean price of a byte stored, where it does not depend on the scheme.
        var storageSlope: Double?
        var egressSlope = 0.0
        /// How much of the prices beyond free volumes is charged: of storage, and of egress.
        var storageShare = 1.0
        var egressShare = 1.0
        /// What is given back with the base fee.
        var givenBack = 0.0
        var earlyShare = 0.0
        var takesMinimum = false
        /// Whether reading costs nothing, so that a minimum tops up holding alone.
        var readsFree = false
        var byteRead = 0.0
        var operationRead = 0.0
        var tariff: CompiledTariff { priced.tariff }
    }

    init(_ demand: FleetDemand, _ profile: FleetProfile, _ market: FleetMarket) {
        self.demand = demand
        self.profile = profile
        self.market = market
        shares = [Double](repeating: 1, count: market.providerNames.count)
        feeShares = [Double](repeating: 1, count: profile.offers.count)
        referenceData = profile.leastData
        months = demand.months.reduce(0, +)
        let count = profile.offers.count
        servable = (0..<count).map { p in
            profile.readers.indices.reduce(0) { $0 + (profile.serves[$1 * count + p] ? demand.egress[$1] : 0) }
        }
    }

    /// Fixes what does not depend on the scheme, from the multipliers.
    mutating func prepare() {
        constant = demand.gateway * months
        if !profile.spaces.contains(where: { $0.scheme.shards == 1 }) {
            for holding in demand.leaving { constant += market.fee * holding.reading }
        }
        providerGifts = [Double](repeating: 0, count: shares.count)
        offerGifts = [Double](repeating: 0, count: profile.offers.count)
        for (index, provider) in demand.creditProviders.enumerated() where provider >= 0 {
            providerGifts[provider] += market.fee * shares[provider] * demand.creditAmounts[index]
        }
        terms.removeAll(keepingCapacity: true)
        for p in profile.tariffs.indices { addTerms(p) }
        // Of the account's free volumes, by provider, what the dearest offer of it saves.
        var values = [Double](repeating: 0, count: terms.count)
        var own = [Double](repeating: 0, count: profile.offers.count)
        for t in terms.indices {
            let value = addSlopes(t)
            if terms[t].tariff.feeIncludesFree {
                // The fee is worth its included volumes up to itself: storage first. Beyond it they cost the constant.
                let p = terms[t].position
                let fee = terms[t].weight * terms[t].tariff.fee
                let stored = value.storage > 0 ? min(1, fee / value.storage) : 1
                let rest = max(0, fee - value.storage)
                let read = value.egress > 0 ? min(1, rest / value.egress) : 1
                terms[t].storageShare = max(stored, feeShares[p])
                terms[t].egressShare = max(read, feeShares[p])
                terms[t].givenBack = stored * value.storage + read * value.egress
                offerGifts[p] +=
                    (terms[t].storageShare - stored) * value.storage + (terms[t].egressShare - read) * value.egress
            } else {
                values[t] = value.storage + value.egress
                own[terms[t].position] += values[t]
            }
        }
        var covers = [Double](repeating: 0, count: shares.count)
        for p in own.indices {
            let provider = profile.providers[p]
            covers[provider] = max(covers[provider], shares[provider] * own[p])
        }
        for t in terms.indices {
            if values[t] > 0 {
                let p = terms[t].position
                let share = min(1, covers[profile.providers[p]] / own[p])
                if terms[t].tariff.freeStorage > 0 { terms[t].storageShare = share }
                terms[t].egressShare = share
            }
            close(t)
        }
        for g in covers.indices { providerGifts[g] += covers[g] }
        givenBack = providerGifts.reduce(0, +) + offerGifts.reduce(0, +)
        constant -= givenBack
    }

    /// One of an offer's terms for each tariff that bills some segment, with the weights that credits leave.
    private mutating func addTerms(_ p: Int) {
        let tariffs = profile.tariffs[p]
        let provider = profile.providers[p]
        let first = terms.count
        for (index, segment) in demand.segments.enumerated() {
            let version = tariffs.version(on: segment.firstDay)
            let isPaid = segment.credits.contains { demand.creditProviders[$0] == provider }
            let weight = market.fee * (isPaid ? shares[provider] : 1)
            if terms.count == first
                || tariffs.versions.count > 1 && index > 0
                    && tariffs.version(on: demand.segments[index - 1].firstDay) != version
            {
                terms.append(OfferTerms(position: p, priced: tariffs.versions[version]))
            }
            let t = terms.count - 1
            terms[t].segments.append((index, weight * segment.months))
            terms[t].weight += weight * segment.months
            if index == demand.segments.count - 1 {
                terms[t].endWeight = weight
                terms[t].earlyShare = demand.earlyShare(terms[t].tariff)
            }
        }
    }

    /// Adds mean prices to an offer's terms; what its free volumes are worth at them.
    private mutating func addSlopes(_ t: Int) -> (storage: Double, egress: Double) {
        let (priced, tariff) = (terms[t].priced, terms[t].tariff)
        let servable = servable[terms[t].position]
        let mostRead = servable / Double(profile.leastData)
        var value = (storage: 0.0, egress: 0.0)
        if tariff.freeStorage > 0 {
            let most = mostBilled(tariff, data: profile.leastData)
            let slope = most > tariff.freeStorage ? priced.storageSlope(most) : 0
            terms[t].storageSlope = slope
            value.storage =
                (terms[t].weight + terms[t].endWeight * terms[t].earlyShare) * slope * tariff.freeStorage
        }
        let isFree =
            mostRead <= tariff.freeEgress
            || tariff.freeMultiple > 0 && servable <= tariff.freeMultiple * Double(demand.least)
        if !isFree { terms[t].egressSlope = priced.egressSlope(mostRead) }
        value.egress = terms[t].weight * terms[t].egressSlope * tariff.freeEgress
        return value
    }

    /// Fixes an offer's prices of reading, and whether its minimum or what it tops up stands for it.
    private mutating func close(_ t: Int) {
        let tariff = terms[t].tariff
        let slope = terms[t].egressSlope * (tariff.freeEgress > 0 ? terms[t].egressShare : 1)
        terms[t].byteRead = terms[t].weight * (slope + tariff.retrieval)
        terms[t].operationRead = terms[t].weight * tariff.read
        terms[t].readsFree = terms[t].byteRead == 0 && terms[t].operationRead == 0
        guard tariff.minimum > 0, terms[t].weight > 0 else { return }
        let reading = terms[t].byteRead * servable[terms[t].position] / Double(referenceData)
        terms[t].takesMinimum =
            tariff.minimum * terms[t].weight > charged(terms[t], data: referenceData) + reading
    }

    private func mostBilled(_ tariff: CompiledTariff, data: Int) -> Double {
        tariff.billed(demand.reserved(data), objects: demand.mostObjects)
    }

    /// The price of reading beyond a limit that is in force.
    var elsewhere: Double { priceElsewhere ?? leastReading }

    /// The least price of a byte read from an offer that does not limit it.
    private var leastReading: Double {
        let count = profile.offers.count
        var least = Double.infinity
        for p in 0..<count where !profile.tariffs[p].limitsEgress && servable[p] > 0 {
            least = min(least, readingSlope(p))
        }
        return least < .infinity ? least : 0
    }

    /// What a shard of everything is charged over the months, the minimum, reading and what is charged at the end aside.
    private func charged(_ own: OfferTerms, data: Int) -> Double {
        let tariff = own.tariff
        let slope = own.storageShare * (own.storageSlope ?? own.priced.storageSlope(mostBilled(tariff, data: data)))
        let multiple = own.egressSlope * (tariff.freeEgress > 0 ? own.egressShare : 1) * tariff.freeMultiple
        var sum = own.weight * (tariff.fee + demand.writes * tariff.write)
        for (index, weight) in own.segments {
            let segment = demand.segments[index]
            let raw = segment.logical / Double(data)
            sum += weight * (slope * tariff.billed(raw, objects: segment.objects) - multiple * raw)
        }
        return sum
    }

    /// The prices of `scheme`, into ``hold`` and ``read``.
    ///
    /// - Parameter capacity: by offer of limited capacity, what a raw byte of it costs.
    mutating func price(_ scheme: RedundancyScheme, capacity: [Double]) {
        begin(scheme, capacity)
        let count = profile.offers.count
        let data = Double(scheme.data)
        let last = demand.logical.count - 1
        for own in terms {
            let (p, tariff) = (own.position, own.tariff)
            if own.takesMinimum {
                hold[p] += own.weight * tariff.minimum
                continue
            }
            var cost = charged(own, data: scheme.data)
            // Only with one scheme: what tops up one may be used up by another.
            if profile.spaces.count == 1, own.readsFree { cost = max(cost, own.weight * tariff.minimum) }
            if own.earlyShare > 0 {
                let slope = own.storageSlope ?? own.priced.storageSlope(mostBilled(tariff, data: scheme.data))
                let billed = tariff.billed(demand.raw(last, scheme.data), objects: demand.objects[last])
                cost += own.endWeight * own.earlyShare * own.storageShare * slope * billed
            }
            hold[p] += cost - own.givenBack
            for u in profile.readers.indices where profile.serves[u * count + p] {
                read[u * count + p] += own.byteRead * demand.egress[u] / data + own.operationRead * demand.reads[u]
            }
        }
        let elsewhere = market.fee * months * elsewhere
        guard elsewhere > 0 else { return }
        for p in 0..<count {
            guard let limit = limitInForce(p) else { continue }
            hold[p] -= elsewhere * limit * (Double(demand.least) / data + 1)
            for u in profile.readers.indices where profile.serves[u * count + p] {
                read[u * count + p] += elsewhere * demand.egress[u] / data
            }
        }
    }

    /// Starts the prices of a scheme: capacity, and who serves whom.
    mutating func begin(_ scheme: RedundancyScheme, _ capacity: [Double]) {
        let count = profile.offers.count
        if hold.count != count { hold = [Double](repeating: 0, count: count) }
        if read.count != profile.serves.count { read = [Double](repeating: 0, count: profile.serves.count) }
        let reserved = demand.reserved(scheme.data)
        for p in 0..<count { hold[p] = profile.limited[p] < 0 ? 0 : capacity[profile.limited[p]] * reserved }
        for index in read.indices { read[index] = profile.serves[index] ? 0 : .infinity }
    }

    /// The least limit of egress that an offer has in the term, if it could be read beyond that.
    func limitInForce(_ p: Int) -> Double? {
        guard profile.tariffs[p].limitsEgress else { return nil }
        let limits = demand.segments.compactMap { profile.tariffs[p].tariff(on: $0.firstDay).limitMultiple }
        // A limit that holds in some months only is left out of the bound where it is not the same in all.
        guard limits.count == demand.segments.count, let limit = limits.max() else { return nil }
        return servable[p] > limit * Double(demand.least) ? limit : nil
    }

    /// Money a byte read from an offer at least, the fee aside, beyond what is free.
    func readingSlope(_ p: Int) -> Double {
        let priced = profile.tariffs[p].versions[profile.tariffs[p].version(on: demand.request.start)]
        let most = servable[p] / Double(profile.leastData)
        let isFree =
            most <= priced.tariff.freeEgress
            || priced.tariff.freeMultiple > 0 && servable[p] <= priced.tariff.freeMultiple * Double(demand.least)
        return (isFree ? 0 : priced.egressSlope(most)) + priced.tariff.retrieval
    }
}
