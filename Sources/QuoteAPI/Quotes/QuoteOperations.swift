import MarketplaceStore

extension Operation {
    private static let tagged = ["ETag": "The entity tag, for If-Match and If-None-Match."]

    /// What can be done with a quote that was made.
    private static let steps = [
        "readQuote", "readEligibility", "acceptQuote", "declineQuote", "cancelQuote", "reviseQuote"
    ]

    static let createQuote = Operation(
        "createQuote", .post, "/v1/quotes",
        "Makes a quote: the best allocation for a request, priced, signed and kept.",
        tag: .quotes, scope: .quotesWrite, parameters: [.idempotencyKey],
        body: .json("SLARequest", limit: QuoteRoutes.bodyLimit),
        answers: [
            .json(
                "Quote", "The quote.", status: .created,
                headers: tagged.merging(["Location": "Where it can be read."]) { one, _ in one }, links: steps)
        ], problems: [.conflict])

    static let listQuotes = Operation(
        "listQuotes", .get, "/v1/quotes", "The tenant's quotes, the newest first.", tag: .quotes, scope: .quotesRead,
        parameters: [
            .init("user", .text(maximum: 200), "Only this user's."),
            .init("state", .choice(QuoteStatus.allCases.map(\.rawValue)), "Only those that stand there now."), .limit,
            .cursor
        ], answers: [.json("QuoteList", "A page of quotes.")])

    static let readQuote = Operation(
        "readQuote", .get, "/v1/quotes/{id}", "A quote: its document, which never changes, and where it stands.",
        tag: .quotes, scope: .quotesRead, parameters: [.ifNoneMatch],
        answers: [.json("Quote", "The quote.", headers: tagged), .notModified])

    static let readEligibility = Operation(
        "readEligibility", .get, "/v1/quotes/{id}/eligibility",
        "Which offers may serve a quote's request on today's market, and why the others may not.",
        tag: .quotes, scope: .quotesRead, answers: [.json("Eligibility", "Every offer of the catalogue.")])

    static let reviseQuote = Operation(
        "reviseQuote", .post, "/v1/quotes/{id}/revise",
        "Makes the next version of a quote for a changed request; if still open, the quote is cancelled with it.",
        tag: .quotes, scope: .quotesWrite, parameters: [.idempotencyKey],
        body: .json("SLARequest", limit: QuoteRoutes.bodyLimit),
        answers: [
            .json(
                "Quote", "The new version.", status: .created,
                headers: tagged.merging(["Location": "Where it can be read."]) { one, _ in one }, links: steps)
        ], problems: [.conflict])

    static let acceptQuote = moving(
        "acceptQuote", "accept", "Accepts a quote: it becomes an SLA, and holds capacity and credits.")
    static let declineQuote = moving("declineQuote", "decline", "Declines a quote.")
    static let cancelQuote = moving("cancelQuote", "cancel", "Withdraws a quote.")

    private static func moving(_ id: String, _ step: String, _ summary: String) -> Operation {
        Operation(
            id, .post, "/v1/quotes/{id}/" + step, summary, tag: .quotes, scope: .quotesWrite,
            parameters: [.idempotencyKey, .ifMatch],
            body: .json("Nothing", limit: QuoteRoutes.emptyBodyLimit, required: false),
            answers: [
                .json(
                    "Quote", "The quote as it stands now.", headers: tagged,
                    links: step == "accept" ? ["readSLA", "readSettlements", "reportSettlement"] : ["readQuote"])
            ],
            problems: [.conflict, .preconditionFailed])
    }

    static let readSLA = Operation(
        "readSLA", .get, "/v1/slas/{id}", "An accepted quote as the SLA that it is: what it promises and holds.",
        tag: .slas, scope: .quotesRead,
        answers: [.json("SLA", "The SLA.", headers: ["ETag": "The entity tag of the quote."])])
}
