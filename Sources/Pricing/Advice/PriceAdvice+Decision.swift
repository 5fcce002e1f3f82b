import Foundation
import Marketplace
import Money

/// e to the power of `x`, kept here so that files without need of Foundation have none.
func exponential(_ x: Double) -> Double { exp(x) }

/// Demand for one offer under one promise, as the decision takes it.
struct AdvisedDemand {
    /// The requests that could be replayed.
    var requests: [PricedRequest]
    /// Their names.
    var names: [String]

    /// The demand of `replays` for an offer whose volume unit has `gigabytes`; requests that cannot be served are left out.
    ///
    /// The reference total is the user's budget over the term or, without one, what the request costs without the offer;
    /// where it cannot do without, what it costs at the price `current`.
    ///
    /// - Parameters:
    ///   - excluded: requests, by index, that may not take the offer.
    ///   - earnings: what an own other offer earns.
    init(
        _ replays: [RequestReplay], _ requests: [NamedRequest], gigabytes: Double, monthlyRate: Double, current: Double,
        excluded: Set<Int>, earnings: (RequestReplay.Sibling) -> Double
    ) {
        self.requests = []
        names = []
        for (index, replay) in replays.enumerated() where replay.standing == .replayed {
            let named = requests[index]
            guard let reference = Self.reference(replay, named.request, current) else { continue }
            let pieces = (excluded.contains(index) ? replay.piecesWithoutOffer : replay.pieces).map {
                PricedRequest.Piece(
                    upTo: $0.upTo, volume: $0.gigabyteMonths / gigabytes, costIntercept: $0.costIntercept,
                    costSlope: $0.costSlope, otherProfit: $0.siblings.reduce(0) { $0 + earnings($1) })
            }
            self.requests.append(
                PricedRequest(monthlyRate: monthlyRate, pieces: pieces, referenceTotal: reference))
            names.append(named.name)
        }
    }

    private static func reference(_ replay: RequestReplay, _ request: SLARequest, _ current: Double) -> Double? {
        if let budget = request.budget, budget.amount.asset == .usd {
            let months = budget.period == .month ? Double(request.months) : 1
            if budget.amount.doubleValue > 0 { return budget.amount.doubleValue * months }
        }
        if let last = replay.pieces.last, last.isMet, last.gigabyteMonths == 0, last.costIntercept > 0 {
            return last.costIntercept
        }
        let piece = replay.pieces.first { $0.upTo >= current } ?? replay.pieces.last
        return piece.flatMap { $0.isMet && $0.cost(at: current) > 0 ? $0.cost(at: current) : nil }
    }
}

extension PriceAdvice {
    /// The problem that the decision solves.
    static func problem(
        _ position: MarketPosition, options: [PromiseOption], own: OwnRecords, evidence: AcceptanceEvidence,
        benchmark: HedonicEstimate?, terms: AdviceTerms, range: ClosedRange<Double>, catalog: Catalog, day: CalendarDay
    ) -> PricingProblem {
        let (offer, unit) = (position.offer, position.offer.tariff.gigabytesPerUnit)
        let capacityGB = own.capacityGB ?? offer.capacityBytes.map { Double($0) / 1e9 }
        let costs = own.costs?.costs
        let fullOutlay = costs.map { $0.fullCost() * (1 - $0.platformFee) * unit }
        let announced = position.rivals.compactMap { rival in
            catalog.offer(rival.offer)?.changes.first { $0.from > day }?.from
        }
        return PricingProblem(
            options: options, outlay: (costs?.outlayPerGigabyteMonth ?? 0) * unit, fullOutlay: fullOutlay,
            platformFee: terms.platformFee, capacity: capacityGB.map { $0 / unit },
            range: range, tick: 1 / PriceTick.perUSD, currentPrice: position.price * unit, objective: terms.objective,
            floor: terms.floor, largestChange: terms.largestChange, evidence: evidence.evidence,
            benchmark: benchmark,
            calendar: PricingCalendar(
                daysToRivalChange: announced.min().map { $0.ordinal - day.ordinal },
                dataAgeDays: evidence.newest.map { max(0, day.ordinal - $0.ordinal) } ?? 0),
            previous: own.previous?.inputs(beside: options[0]))
    }

    /// What offers of others with the same access cost, by continent and quality; nil when the listing cannot tell.
    ///
    /// All of them count, not only those near in price: to choose by price would draw the benchmark to the offer's own.
    static func benchmark(
        of position: MarketPosition, in catalog: Catalog, comparability: Comparability, regions: [String]
    ) throws(PricingError) -> HedonicEstimate? {
        func listing(_ offer: Offer) -> HedonicListing? {
            let price = comparability.storagePrice(of: offer) * position.offer.tariff.gigabytesPerUnit
            guard price > 0, price.isFinite else { return nil }
            let latencies = regions.compactMap { catalog.latency(from: $0, to: offer.metro)?.milliseconds }
            let mean = latencies.isEmpty ? 100 : latencies.reduce(0, +) / Double(latencies.count)
            let tariff = offer.tariff
            return HedonicListing(
                provider: offer.provider, region: catalog.metros[offer.metro]?.continent ?? "", month: 0, price: price,
                qualities: [
                    Double(comparability.availabilityLevel(of: offer, in: catalog)), mean / 100,
                    offer.zones == .multi ? 1 : 0,
                    Double(catalog.providers[offer.provider]?.certifications.count ?? 0),
                    // What tells classes for seldom reading from others.
                    tariff.retrieval.map { $0 > .zero ? 1 : 0 } ?? 0, Double(min(tariff.minimumDays, 365)) / 90,
                    10 * (tariff.egress?.tiers.first?.price.doubleValue ?? 0)
                ])
        }
        guard let target = listing(position.offer) else { return nil }
        let rivals = catalog.offers.filter { $0.access == position.offer.access }.compactMap(listing)
        return try HedonicBenchmark().estimate(target, among: rivals)
    }
}
