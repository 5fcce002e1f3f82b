import Documents
import Hummingbird
import Marketplace
import Money
import Quoting
import Recommendation

/// Who asks for recommendations, and what the offers must be able to do: the filters and bounds of an SLA request,
/// without its volumes.
struct RecommendationQuery: Sendable {
    /// The user within the caller's tenant.
    let user: String
    /// How many places.
    let limit: Int
    /// What takes a place.
    let unit: Recommendations.Unit
    /// What an offer must meet.
    let question: Question

    /// The part of a query that users may have in common, so that it is worked out once for all of them.
    struct Question: Sendable, Hashable {
        /// The request that offers are judged against; its user is nobody.
        var request: SLARequest
        /// Offers that may not come back.
        var excluded: Set<String>
        /// What is known of a user without history; nothing when the query tells nothing.
        var features: [String: Double]
    }

    /// Reads a query; everything that it names must be in `catalog`.
    init(_ request: Request, _ catalog: Catalog, today: CalendarDay) throws(Problem) {
        let query = QueryReader(request)
        let user = query.required("user", "the user to recommend to")
        limit = query.integer("limit", in: 1...100) ?? 10
        unit =
            query.choice("by", Recommendations.Unit.allCases.map(\.rawValue)).flatMap(Recommendations.Unit.init)
            ?? .provider
        question = Self.question(query, catalog, today)
        try query.finish()
        self.user = user ?? ""
    }

    private static func question(_ query: QueryReader, _ catalog: Catalog, _ today: CalendarDay) -> Question {
        var asked = SLARequest(user: "", logicalBytes: 1_000_000_000_000, start: today, months: 1, redundancy: .auto)
        let volume = query.decimal("storageGB", in: .zero...ExactDecimal(1_000_000_000), unit: "GB")
        if let bytes = try? volume?.scaled(by: 1_000_000_000, rounding: .up) {
            asked.logicalBytes = max(1, Int(exactly: bytes) ?? 1)
        }
        // One read from each region: all weigh the same, and offers must be readable there.
        let regions = query.list("regions", among: catalog.readerRegions.keys, "region")
        if Set(regions).count < regions.count { query.report("regions", "names a region twice") }
        asked.traffic = regions.sorted().map { .init(region: $0, egressBytes: 0, reads: 1, writes: 0) }
        let positive = (try? ExactDecimal(significand: 1, scale: 1)) ?? .one
        asked.qos.latencyMs = query.decimal("latencyMs", in: positive...ExactDecimal(100_000), unit: "ms")
        asked.qos.downloadMBps = query.decimal("downloadMBps", in: .zero...ExactDecimal(1_000_000), unit: "MB/s")
        asked.qos.availability = query.decimal("availability", in: .zero ... .one)
        if asked.qos.availability == .one {
            query.report("availability", "nothing is available always", "give a probability below 1, e.g. 0.9999")
        }
        let providers = catalog.providers
        asked.eligibility.allow = query.list("providers", among: providers.keys, "provider").sorted()
        var excluded: Set<String> = []
        for name in query.list("exclude", among: Array(providers.keys) + catalog.offers.map(\.id), "provider or offer")
        {
            if providers[name] != nil { asked.eligibility.deny.append(name) } else { excluded.insert(name) }
        }
        asked.eligibility.deny.sort()
        asked.eligibility.jurisdictions = query.list(
            "jurisdictions", among: catalog.metros.values.lazy.flatMap(\.jurisdictions), "jurisdiction"
        ).sorted()
        asked.eligibility.certifications = query.list(
            "certifications", among: providers.values.lazy.flatMap(\.certifications), "certification"
        ).sorted()
        asked.eligibility.features = query.list(
            "features", among: providers.values.lazy.flatMap(\.features), "feature"
        ).sorted()
        let apis = Set(providers.values.flatMap(\.apis)).sorted()
        asked.eligibility.api = query.choice("api", apis)
        asked.eligibility.minReputation = query.integer("minReputation", in: 0...100)
        let isTold = volume != nil || !regions.isEmpty
        return Question(request: asked, excluded: excluded, features: isTold ? asked.userFeatures : [:])
    }
}

extension RankingTable {
    /// The offers that meet `question`, judged by what `market` knows.
    init(
        _ question: RecommendationQuery.Question, _ market: Market, held: [String: Int], day: CalendarDay,
        _ configuration: RankingConfiguration
    ) {
        let catalog = held.isEmpty ? market.catalog : market.catalog.holding(held)
        let eligible = Eligibility(question.request, catalog, on: day).offers
        self.init(
            question.excluded.isEmpty ? eligible : eligible.filter { !question.excluded.contains($0.id) },
            request: question.request, catalog: catalog, configuration: configuration,
            qos: market.qos?.with(spread: configuration.spread), market: market.evidence)
    }
}
