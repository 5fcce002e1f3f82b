import Marketplace
import Money
import Quoting

/// What a provider is told: where its offers stand, and what volume one of them wins at which price.
///
/// Made from the public listing, the register, the requests that are given, the provider's own records and a cohort's two
/// parameters of acceptance: nothing else of a rival enters. A pure value: nothing is applied by it, and neither ranking
/// nor fee knows whether it was followed.
public struct PriceAdvice: Sendable {
    /// How the replayed offer came to be chosen.
    public enum Choice: Sendable, Hashable {
        /// The provider named it.
        case named
        /// It is eligible for the most requests; `tied` other offers are for as many, and are farther away on average
        /// or later by ID.
        case mostEligible(requests: Int, tied: Int)
    }

    /// The provider.
    public let provider: String
    /// The day the advice is for.
    public let day: CalendarDay
    /// The catalogue's version.
    public let catalogVersion: String
    /// What counts as comparable.
    public let comparability: Comparability
    /// The positions of the offers asked for, by offer ID.
    public let positions: [MarketPosition]
    /// The position of the replayed offer.
    public let replayed: MarketPosition
    /// Why this offer is replayed.
    public let choice: Choice
    /// The prices that were searched, in USD per volume unit and month.
    public let range: ClosedRange<Double>
    /// How many requests were replayed.
    public let requests: [NamedRequest]
    /// Each request's replay.
    public let replays: [RequestReplay]
    /// The replays' sum, by rising price.
    public let steps: [PriceStep]
    /// What the provider wants, and what is assumed of the market.
    public let terms: AdviceTerms
    /// What the provider brought.
    public let own: OwnRecords
    /// What is known of users' acceptance, or of their choices from the listing.
    public let evidence: AcceptanceEvidence
    /// How users pick from the listing; nil where requests are replayed.
    public let listing: ListingEvidence?
    /// Where the quote history comes from; nil when there is none.
    public let historySource: String?
    /// What the decision was made from.
    public let problem: PricingProblem
    /// The names of the requests that the problem holds.
    let problemNames: [String]
    /// The price, or why there is none.
    public let decision: PriceDecision
    /// What each price of ``AdviceTerms/whatIf`` would do; nil beyond the prices that were searched.
    public let whatIf: [PriceCurvePoint?]

    /// Advises `provider` on `offer`, or on all its offers with the prices of one.
    ///
    /// - Parameters:
    ///   - requests: what is replayed; validated against the catalogue.
    ///   - range: the prices to search, in USD per volume unit and month; 0 to twice the dearest of the offer and its
    ///     rivals when nil.
    ///   - own: what the provider brings; only its own records count.
    ///   - history: quotes of all providers, of which ``AcceptanceEvidence`` lets through what the guardrails allow.
    ///   - choices: what users picked from the listing by themselves, of which ``ListingEvidence`` lets through what the
    ///     guardrails allow. With it nothing is replayed: the requests tell no more than the regions of readers.
    ///   - progress: called before each request with its index, from the thread that replays it.
    /// - Throws: ``PricingError``. Cost: a few solves of the optimizer for each request and promise. Deterministic unless
    ///   the optimizer's time limit strikes.
    public init(
        provider: String, offer id: String? = nil, requests: [NamedRequest], catalog: Catalog, day: CalendarDay,
        range: ClosedRange<Double>? = nil, comparability: Comparability = Comparability(), own: OwnRecords? = nil,
        history: QuoteHistory? = nil, choices: ListingChoices? = nil, terms: AdviceTerms = AdviceTerms(),
        progress: @Sendable (Int) -> Void = { _ in }
    ) throws(PricingError) {
        guard !requests.isEmpty else { throw .noRequests }
        let offers = try Self.offers(of: provider, id, catalog)
        guard choices == nil || offers.count == 1 else {
            throw .badSetting("offer", problem: "choices are of one listing; name which offer they showed by --offer")
        }
        let own = own?.provider == provider ? own ?? OwnRecords(provider: provider) : OwnRecords(provider: provider)
        var regions: [String] = []
        for region in requests.flatMap(\.request.traffic).map(\.region) where !regions.contains(region) {
            regions.append(region)
        }
        let positions = offers.map {
            MarketPosition(of: $0, in: catalog, comparability: comparability, regions: regions)
        }
        let counts = Self.eligibleCounts(offers, requests, catalog, day)
        guard let chosen = Self.chosen(positions, counts) else { throw .unknownProvider(provider, known: []) }
        let searched = range ?? Self.defaultRange(chosen)
        let found =
            if let choices {
                try Self.listed(chosen, choices, own: own, requests: requests, terms: terms, range: searched, day: day)
            } else {
                try Self.replayed(
                    chosen, requests, catalog: catalog, own: own, history: history, terms: terms, range: searched,
                    day: day, progress: progress)
            }
        let problem = Self.problem(
            chosen, options: found.options, own: own, evidence: found.evidence,
            benchmark: try Self.benchmark(of: chosen, in: catalog, comparability: comparability, regions: regions),
            terms: terms, range: searched, catalog: catalog, day: day)
        decision = try PriceDecision(problem)
        whatIf = try problem.points(at: terms.whatIf)
        self.provider = provider
        self.day = day
        catalogVersion = catalog.version
        self.comparability = comparability
        self.positions = positions
        replayed = chosen
        let most = counts[chosen.offer.id] ?? 0
        choice = id != nil ? .named : .mostEligible(requests: most, tied: counts.values.count { $0 == most } - 1)
        self.range = searched
        self.requests = choices == nil ? requests : []
        replays = found.replays
        steps = PriceStep.steps(found.replays)
        self.terms = terms
        self.own = own
        evidence = found.evidence
        listing = found.listing
        historySource = choices?.source ?? history?.source
        self.problem = problem
        problemNames = found.names
    }

    /// The price that is advised; nil without costs, on which every objective rests, and where the decision abstains.
    public var recommendation: PriceRecommendation? { own.costs == nil ? nil : decision.recommendation }

    private static func offers(
        of provider: String, _ id: String?, _ catalog: Catalog
    ) throws(PricingError) -> [Offer] {
        let own = catalog.offers.filter { $0.provider == provider }
        guard !own.isEmpty else {
            throw .unknownProvider(provider, known: Set(catalog.offers.map(\.provider)).sorted())
        }
        guard let id else { return own }
        guard let offer = own.first(where: { $0.id == id }) else {
            throw .unknownOffer(id, provider: provider, known: own.map(\.id))
        }
        return [offer]
    }

    /// For how many requests each of `offers` passes the hard filters.
    private static func eligibleCounts(
        _ offers: [Offer], _ requests: [NamedRequest], _ catalog: Catalog, _ day: CalendarDay
    ) -> [String: Int] {
        var counts = Dictionary(offers.map { ($0.id, 0) }) { $1 }
        for request in requests {
            for offer in Eligibility(request.request, catalog, on: day).offers where counts[offer.id] != nil {
                counts[offer.id, default: 0] += 1
            }
        }
        return counts
    }

    private static func chosen(_ positions: [MarketPosition], _ counts: [String: Int]) -> MarketPosition? {
        positions.min { one, other in
            let (more, less) = (counts[one.offer.id] ?? 0, counts[other.offer.id] ?? 0)
            if more != less { return more > less }
            let (near, far) = (one.meanLatency ?? .infinity, other.meanLatency ?? .infinity)
            return (near, one.offer.id) < (far, other.offer.id)
        }
    }

    /// From 0 to twice the dearest of the offer and its rivals, a hundred ticks at least; to 0.10 USD when all of them cost
    /// nothing.
    private static func defaultRange(_ position: MarketPosition) -> ClosedRange<Double> {
        let dearest = max(position.price, position.quantiles?.maximum ?? 0)
        return 0...(dearest > 0 ? max(1e-4, 2 * dearest * position.offer.tariff.gigabytesPerUnit) : 0.1)
    }

    /// What the replay takes differently from the listing, in sentences.
    public var assumptions: [String] {
        guard listing == nil else {
            return [
                "Users pick from the listing by a conditional logit in which all rivals share one constant.",
                "Rivals' prices are the newest of the choices; their next listings are like those of the last "
                    + "\(ListingEvidence.recentWeeks) weeks.",
                "What an offer stores does not depend on its price, only whether it is taken.",
                "Other promises than the one that stands are not weighed: the choices do not tell them."
            ]
        }
        var sentences = [
            "The offer's storage tiers are replaced by one flat price; its monthly minimum is left out.",
            "Recommendations do not move the choice: each request takes its cheapest allocation.",
            "Every other offer keeps its listed price, the provider's own among them; what those earn counts."
        ]
        if replays.contains(where: \.leavesOutCredits) {
            sentences.append("Users' credits at \(provider) are left out.")
        }
        return sentences
    }

    /// The steps that differ at whole price ticks: of several breakpoints between two ticks the first tells what is won
    /// at the lower tick.
    public var shownSteps: [PriceStep] {
        var shown: [PriceStep] = []
        for step in steps where step.upTo >= range.upperBound || step.tick != shown.last?.tick { shown.append(step) }
        return shown
    }

    /// Mean gigabytes stored, of each request over its own term, summed.
    func meanGigabytes(_ step: PriceStep) -> Double {
        zip(step.volumeGBMonths, requests).reduce(0) { $0 + $1.0 / Double($1.1.request.months) }
    }
}
