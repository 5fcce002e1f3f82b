import Marketplace
import Money

extension PriceAdvice {
    /// Demand under each promise, and what it was made from.
    struct Demand {
        var options: [PromiseOption]
        /// The names of the requests.
        var names: [String]
        var evidence: AcceptanceEvidence
        var replays: [RequestReplay] = []
        var listing: ListingEvidence?
    }

    /// Demand by replaying `requests` through the optimizer, joined with estimated acceptance.
    static func replayed(
        _ position: MarketPosition, _ requests: [NamedRequest], catalog: Catalog, own: OwnRecords,
        history: QuoteHistory?, terms: AdviceTerms, range: ClosedRange<Double>, day: CalendarDay,
        progress: @Sendable (Int) -> Void
    ) throws(PricingError) -> Demand {
        let offer = position.offer
        let replays = try PriceReplay(catalog: catalog, day: day)
            .replay(requests, of: offer, in: range, progress: progress)
        let evidence =
            history.map { AcceptanceEvidence($0, provider: own.provider, on: day) } ?? AcceptanceEvidence.none
        let promises = AdvisedPromises(own, of: offer, terms: terms, requests: requests)
        let unit = offer.tariff.gigabytesPerUnit
        let rate = (terms.monthlyRequests ?? Double(requests.count)) / Double(requests.count)
        var demand = Demand(options: [], names: [], evidence: evidence, replays: replays)
        // Latencies change which requests are served, not how: only another uptime is replayed anew.
        var known = [(offer: offer, replays: replays)]
        for promise in promises.candidates {
            if !known.contains(where: { $0.offer == promise.offer }) {
                let replay = PriceReplay(catalog: promise.listing(catalog), day: day)
                known.append(
                    (promise.offer, try replay.replay(requests, of: promise.offer, in: range, progress: progress)))
            }
            let pieces = known.first { $0.offer == promise.offer }?.replays ?? replays
            let advised = AdvisedDemand(
                pieces, requests, gigabytes: unit, monthlyRate: rate, current: position.price * unit,
                excluded: promise.excluded, earnings: own.earnings(platformFee: terms.platformFee))
            if demand.options.isEmpty { demand.names = advised.names }
            demand.options.append(
                PromiseOption(
                    promise: promise.promise,
                    demand: PricedDemand(
                        requests: advised.requests, acceptances: [evidence.acceptance ?? Acceptance(.certain)],
                        rivalFactors: terms.rivalFactors), breachProbability: promise.breachProbability))
        }
        return demand
    }

    /// Demand by users' own choices from the listing, under the promise that stands.
    static func listed(
        _ position: MarketPosition, _ choices: ListingChoices, own: OwnRecords, requests: [NamedRequest],
        terms: AdviceTerms, range: ClosedRange<Double>, day: CalendarDay
    ) throws(PricingError) -> Demand {
        guard own.previous == nil else {
            throw .badSetting(
                "previous",
                problem: "an advice keeps none of the choices that it rests on, so that nothing can be told "
                    + "of what moved the price; leave it out")
        }
        let listing = try ListingEvidence(
            choices, provider: own.provider, on: day,
            market: .init(
                gigabytesPerUnit: position.offer.tariff.gigabytesPerUnit, upTo: range.upperBound,
                rivalSpread: terms.rivalSpread, monthlyChoices: terms.monthlyRequests))
        let standing = AdvisedPromises(own, of: position.offer, terms: AdviceTerms(), requests: requests).candidates[0]
        return Demand(
            options: [
                PromiseOption(
                    promise: standing.promise, demand: listing.demand, breachProbability: standing.breachProbability)
            ], names: [],
            evidence: AcceptanceEvidence(
                acceptance: nil, evidence: listing.evidence, ownQuotes: listing.ownChoices,
                cohortQuotes: listing.cohortChoices, newest: listing.newest, notes: listing.notes),
            listing: listing)
    }
}
