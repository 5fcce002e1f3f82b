import Allocation
import Marketplace
import MarketplaceStore
import Quoting

extension Operation {
    private static let list = Parameter.Kind.text(maximum: 4000)
    private static let decimal = Parameter.Kind.text(maximum: 40)
    private static let word = Parameter.Kind.text(maximum: 200)
    private static let tagged = ["ETag": "The entity tag, for If-None-Match."]

    static let recommend = Operation(
        "recommend", .get, "/v1/recommendations", "Who suits a user, and why; lists are separated by commas.",
        tag: .recommendations, scope: .recommendationsRead,
        parameters: [
            .init("user", word, "The user.", required: true),
            .init("limit", .integer(1...100), "The most places to answer with; 10 by default."),
            .init(
                "by", .choice(Recommendations.Unit.allCases.map(\.rawValue)),
                "What takes a place: a provider by its best offer, as by default, or an offer."),
            .init("regions", list, "Where readers are; each weighs the same."),
            .init("storageGB", decimal, "The volume to store, in GB."),
            .init("latencyMs", decimal, "The latency to judge by."),
            .init("downloadMBps", decimal, "The throughput to judge by."),
            .init("availability", decimal, "The availability to judge by, below 1."),
            .init("providers", list, "These providers alone."),
            .init("exclude", list, "Not these providers or offers."),
            .init("jurisdictions", list, "Data must lie under one of these."),
            .init("certifications", list, "The provider must hold all of these."),
            .init("features", list, "The storage must have all of these."),
            .init("api", word, "The interface that it must speak."),
            .init("minReputation", .integer(0...100), "The least reputation.")
        ], answers: [.json("Recommendations", "The best, in order.")])

    static let recordInteractions = Operation(
        "recordInteractions", .post, "/v1/interactions",
        "Keeps what users did: when this answers, the next ranking knows it.", tag: .recommendations,
        scope: .interactionsWrite, parameters: [.idempotencyKey],
        body: .json("Interactions", limit: InteractionRoutes.bodyLimit),
        answers: [.json("RecordedInteractions", "How many were new.", status: .created)], problems: [.conflict])

    static let readListing = Operation(
        "readListing", .get, "/v1/listing",
        "What is for sale by certified providers, for everybody; lists are separated by commas.", tag: .market,
        parameters: [
            .init("q", .text(maximum: 100), "A word of the offer's ID, class, provider or metro."),
            .init("provider", list, "These providers alone."), .init("region", list, "These regions alone."),
            .init("metro", list, "These metros alone."), .init("continent", list, "These continents alone."),
            .init("jurisdiction", list, "Data must lie under one of these."),
            .init("certification", list, "The provider must hold all of these."),
            .init("feature", list, "The storage must have all of these."),
            .init("api", word, "The interface that it must speak."),
            .init("access", .choice(Access.allCases.map(\.rawValue)), "How soon reads must begin."),
            .init("storageClass", word, "The provider's own name of the class."),
            .init("storageGB", decimal, "The volume that prices are for, in GB; 1000 by default."),
            .init("minPrice", decimal, "The least price of a GB and month at that volume."),
            .init("maxPrice", decimal, "The highest such price."),
            .init("minAvailability", decimal, "The least availability that is promised."),
            .init("availableGB", decimal, "GB that must still be free."),
            .init("from", word, "The reader region that latencies count from."),
            .init("maxLatencyMs", decimal, "The highest latency from there."),
            .init("sort", .choice(ListingQuery.Order.allCases.map(\.rawValue)), "The order; by provider by default."),
            .init("order", .choice(["asc", "desc"]), "Which end comes first."), .limit,
            .init("cursor", .text(maximum: 1000), "What `next` of the page before says."), .ifNoneMatch
        ], answers: [.json("Listing", "A page of the listing.", headers: tagged), .notModified])

    static let readProvider = Operation(
        "readProvider", .get, "/v1/providers/{id}",
        "A provider as everybody may see it: standing, offers, measured performance, and where data lies.",
        tag: .market, parameters: [.ifNoneMatch],
        answers: [.json("ProviderProfile", "The provider.", headers: tagged), .notModified])

    static let readFrontier = Operation(
        "readFrontier", .get, "/v1/quotes/{id}/frontier",
        "What a quote's request could trade for money on today's market; takes seconds at first.", tag: .quotes,
        scope: .quotesRead,
        parameters: [
            .init("points", .integer(1...200), "How many points are enough; 60 by default."),
            .init("trade", list, "What is traded for money: availability, latency, or both as by default.")
        ], answers: [.json("Frontier", "The frontier.")], problems: [.unprocessableContent])
}
