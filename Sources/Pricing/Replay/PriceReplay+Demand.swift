import Allocation
import Marketplace
import Quoting

extension PriceReplay {
    /// How a replayed request may lay its data.
    public enum Laying: Sendable {
        /// In one placement whose readers each read from fixed offers: some hundred thousand requests in seconds, by
        /// ``OfferReplay``. Dividing the data over tiers and free volumes can be cheaper, most of all for small requests;
        /// that is left out.
        case whole
        /// In any way that the optimizer finds, as a quote does: some hundredths of a second to many seconds a request.
        case divided
    }

    /// The demand of many requests over flat storage prices of `offer` in `range` (USD per volume unit and month).
    ///
    /// Every breakpoint of each request, found from its own cost lines, not from a grid. With ``Laying/whole`` requests
    /// with a monthly budget, bounds on providers, holdings, or very many reader regions are replayed one by one as
    /// with ``Laying/divided``. The same at any number of threads unless a time limit strikes.
    ///
    /// - Parameters:
    ///   - weights: by request how many there are like it; 1 unless given.
    ///   - threads: how many work at a time; all processors unless given.
    /// - Throws: ``PricingError/badRange(lower:upper:)``, ``PricingError/unknownOffer(_:provider:known:)``,
    ///   ``PricingError/allocation(request:_:)``.
    public func demand(
        of offer: Offer, _ requests: [SLARequest], in range: ClosedRange<Double>, weights: [Double]? = nil,
        laying: Laying = .whole, threads: Int? = nil
    ) throws(PricingError) -> ReplayedDemand {
        try check(range)
        guard catalog.offer(offer.id) != nil else {
            let known = catalog.offers.filter { $0.provider == offer.provider }.map(\.id)
            throw .unknownOffer(offer.id, provider: offer.provider, known: known)
        }
        var entries = requests.map { _ in Entry() }
        var rest = Array(requests.indices)
        if laying == .whole {
            let answers = try wholeLines(offer, requests, range, threads)
            rest = []
            for (index, answer) in answers.enumerated() {
                switch answer {
                case .ineligible: break
                case .beyond: rest.append(index)
                case .lines(let lines, let gap):
                    entries[index] = Entry(lines, gap, requests[index], in: range)
                }
            }
        }
        let workers = FleetWorkers(threads ?? OfferReplay.processors)
        let left = rest
        let replays = workers.map(left.count) { i -> Result<Entry, PricingError> in
            let named = NamedRequest(name: "\(left[i] + 1)", request: requests[left[i]])
            return Result { () throws(PricingError) in
                Entry(try RequestReplay(named, of: offer, in: range, settings: self, isListed: false))
            }
        }
        for (index, replay) in zip(left, replays) { entries[index] = try replay.get() }
        return ReplayedDemand(
            entries.map(\.pieces), range: range, weights: weights, certainties: entries.map(\.certainty),
            needsOffer: entries.map(\.needsOffer), gaps: entries.map(\.gap))
    }

    /// The cheapest allocation of a request at one storage price of `offer`, divided as it may be: what a grid of prices
    /// would be solved for. Nil where the offer cannot serve it, nothing meets it, or time ran out.
    ///
    /// - Throws: as ``replay(_:of:in:progress:)``.
    public func optimum(
        _ request: NamedRequest, of offer: Offer, at price: Double
    ) throws(PricingError) -> (gigabyteMonths: Double, cost: Double, isProven: Bool)? {
        let eligible = Eligibility(request.request, catalog, on: day).offers
        guard eligible.contains(where: { $0.id == offer.id }) else { return nil }
        return try ReplayOracle(request, offer: offer, eligible: eligible, settings: self)
            .cheapest(at: price, keepsBudget: true).answer.map { ($0.gigabyteMonths, $0.cost, $0.isProven) }
    }

    /// Refuses a range that no tariff can hold.
    func check(_ range: ClosedRange<Double>) throws(PricingError) {
        guard ReplayPrice(range.lowerBound) != nil, ReplayPrice(range.upperBound) != nil,
            range.upperBound - range.lowerBound >= 1e-6
        else { throw .badRange(lower: range.lowerBound, upper: range.upperBound) }
    }

    /// The lines of every request in whole placements.
    private func wholeLines(
        _ offer: Offer, _ requests: [SLARequest], _ range: ClosedRange<Double>, _ threads: Int?
    ) throws(PricingError) -> [OfferReplay.Answer] {
        guard let zero = ReplayPrice(0) else { throw .badRange(lower: 0, upper: 0) }
        let flat = offer.flat(zero)
        let market = catalog.listing(catalog.offers.map { $0.id == flat.id ? flat : $0 }, version: catalog.version)
        // Room is for the replay to judge, request by request: what is asked here is asked for many.
        let roomy = catalog.listing(
            catalog.offers.map {
                var offer = $0
                offer.capacityBytes = nil
                return offer
            }, version: catalog.version)
        let day = day
        let problem = FleetProblem(
            requests: requests, catalog: market, failures: failures, charges: charges, schemes: schemes,
            eligible: { Eligibility($0, roomy, on: day).offers })
        return OfferReplay(problem, offer: offer.id, threads: threads ?? OfferReplay.processors)
            .run(in: range)
    }
}

/// One request's part of a demand.
private struct Entry: Sendable {
    var pieces: [RequestReplay.Piece] = []
    var certainty = ReplayedDemand.Certainty.none
    var needsOffer = false
    var gap = 0.0

    init() {}

    init(_ replay: RequestReplay) {
        pieces = replay.pieces
        needsOffer = replay.needsOffer != nil
        certainty =
            switch replay.standing {
            case .replayed: replay.isExact ? .exact : .found
            case .ineligible, .infeasible: .none
            case .undecided: .undecided
            }
        gap = certainty == .exact || certainty == .none ? 0 : .infinity
    }

    /// The lower envelope of lines, as far as a budget of the term allows.
    ///
    /// - Parameter gap: how much cheaper the request may be at any price, in USD.
    init(_ lines: [OfferReplay.Line], _ gap: Double, _ request: SLARequest, in range: ClosedRange<Double>) {
        guard !lines.isEmpty else {
            if gap > 0 { (certainty, self.gap) = (.undecided, .infinity) }
            return
        }
        let most = request.budget?.amount.doubleValue ?? .infinity
        var price = range.lowerBound
        // The line that is the cheapest just above a price: of equals the flattest.
        func best(_ price: Double) -> OfferReplay.Line? {
            lines.min {
                let (one, other) = ($0.intercept + $0.slope * price, $1.intercept + $1.slope * price)
                return (one, $0.slope) < (other, $1.slope)
            }
        }
        guard var line = best(price) else { return }
        certainty = gap > 0 ? .found : .exact
        self.gap = gap
        let least = line.intercept + line.slope * price
        while true {
            // Where a flatter line is the first to cross it.
            var end = range.upperBound
            var next: OfferReplay.Line?
            for other in lines where other.slope < line.slope {
                let crossing = (other.intercept - line.intercept) / (line.slope - other.slope)
                if crossing < end || crossing == end && other.slope < next?.slope ?? .infinity {
                    (end, next) = (max(crossing, price), other)
                }
            }
            let limit =
                line.slope > 0 ? (most - line.intercept) / line.slope : line.intercept <= most ? .infinity : price
            if end > price || next == nil {
                let upTo = min(end, limit)
                if upTo > price {
                    pieces.append(
                        .init(
                            upTo: upTo, gigabyteMonths: line.gigabyteMonths, costIntercept: line.intercept,
                            costSlope: line.slope))
                }
            }
            if limit < end {
                if limit < range.upperBound {
                    pieces.append(.init(upTo: range.upperBound, gigabyteMonths: 0, isMet: false))
                }
                break
            }
            guard let next else { break }
            price = end
            line = next
        }
        if !pieces.contains(where: \.isMet) {
            // What was missed may be within the budget.
            let mayBeMet = gap > 0 && least - gap <= most
            (pieces, certainty, self.gap) = ([], mayBeMet ? .undecided : .none, mayBeMet ? .infinity : 0)
        }
        let without = lines.first { $0.slope == 0 && $0.gigabyteMonths == 0 }
        needsOffer = !pieces.isEmpty && without.map { $0.intercept > most } ?? true
    }
}
