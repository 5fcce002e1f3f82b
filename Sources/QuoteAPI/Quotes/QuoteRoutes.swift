import Documents
import Foundation
import HTTPTypes
import Hummingbird
import Marketplace
import MarketplaceStore
import NIOCore
import Quoting
import Signing

/// `/v1/quotes`: quotes are made, read, listed and moved on; each belongs to one tenant and is never changed.
struct QuoteRoutes: Sendable {
    /// The largest request body, in bytes.
    static let bodyLimit = 256 * 1024
    /// The largest body where there is nothing to say.
    static let emptyBodyLimit = 1024

    let state: MarketState
    let configuration: QuotingConfiguration
    let keys: KeyRing?
    let calls: CallsInFlight
    let metrics: ServiceMetrics
    let clock: @Sendable () -> Int

    func add(to router: inout OperationRouter) {
        router.add(.createQuote) { try await create($0, $1) }
        router.add(.listQuotes) { try await list($0, $1) }
        router.add(.readQuote) { try await read($0, $1) }
        router.add(.readEligibility) { try await eligibility($0, $1) }
        router.add(.reviseQuote) { request, context in
            try await create(request, context, revising: try context.parameters.require("id"))
        }
        router.add(.acceptQuote) { try await accept($0, $1) }
        router.add(.declineQuote) { try await move($0, $1, to: .declined) }
        router.add(.cancelQuote) { try await move($0, $1, to: .cancelled) }
    }

    // MARK: Making

    private func create(_ request: Request, _ context: APIContext, revising: String? = nil) async throws -> Response {
        let caller = try context.caller
        let body = try await request.body.collect(upTo: Self.bodyLimit)
        let call = try IdempotentCall(request, body: body)
        let now = clock()
        return try await calls.run(call, by: caller, in: state) {
            try await state.compute {
                if let call, let known = try state.store.answer(to: call, by: caller) { return known }
                let asked = try SLARequest(JSONValue(parsing: body.readableBytesView))
                let market = try state.market(now: now)
                let answer = try metrics.timing(.quote) {
                    try market.engine(for: asked, by: caller, now: now, configuration: configuration)
                        .answer(asked, now: now)
                }
                metrics.took(.optimizer, seconds: answer.timing.milliseconds / 1000)
                switch answer {
                case .quote(let quote): return try keep(quote, revising: revising, call, caller, now)
                case .refusal(let refusal): throw Problem(refusal)
                }
            }
        }.http
    }

    /// Signs and stores a quote, with the call that asked for it.
    private func keep(
        _ quote: Quote, revising: String?, _ call: IdempotentCall?, _ caller: Caller, _ now: Int
    ) throws -> StoredResponse {
        let document = try metrics.timing(.signing) {
            try keys.map { try quote.json.signedText(by: $0) } ?? quote.json.text()
        }
        let stored = quote.stored(document, by: caller, revising: revising)
        return try metrics.timing(.storing) {
            try state.store.answer(call, by: caller, at: now) { transaction in
                try transaction.open(stored)
                try transaction.addQuoted(quote.legs.map(\.offer.id), for: stored.user)
                let resource = try transaction.resource(stored.id)
                return StoredResponse(
                    .created, headers: ["Location": "/v1/quotes/" + stored.id, "ETag": resource.entityTag],
                    json: resource.text)
            }
        }
    }

    // MARK: Reading

    private func read(_ request: Request, _ context: APIContext) async throws -> Response {
        let caller = try context.caller
        let (id, now) = (try context.parameters.require("id"), clock())
        let resource = try await state.compute { try state.store.resource(id, of: caller, now: now) }
        let tag = ["ETag": resource.entityTag, "Cache-Control": "private, no-cache"]
        if request.headers[.ifNoneMatch].map({ EntityTag.list($0, contains: resource.entityTag) }) ?? false {
            return StoredResponse(status: 304, headers: tag, body: []).http
        }
        return StoredResponse(.ok, headers: tag, json: resource.text).http
    }

    private func eligibility(_ request: Request, _ context: APIContext) async throws -> Response {
        let caller = try context.caller
        let (id, now) = (try context.parameters.require("id"), clock())
        let text = try await state.compute {
            let asked = try state.store.resource(id, of: caller, now: now).quote.request()
            let market = try state.market(now: now)
            let held = try market.heldCapacity(at: now)
            let catalog = held.isEmpty ? market.catalog : market.catalog.holding(held)
            let eligibility = Eligibility(asked, catalog, on: UTCTime.day(now))
            let document: JSONValue = [
                "quote": .string(id), "catalog": .string(catalog.version),
                "eligible": .array(eligibility.offers.map { .string($0.id) }),
                "rejections": eligibility.rejectionsJSON
            ]
            return document.text()
        }
        return StoredResponse(.ok, headers: ["Cache-Control": "private, no-cache"], json: text).http
    }

    private func list(_ request: Request, _ context: APIContext) async throws -> Response {
        let caller = try context.caller
        let page = try Page(request)
        let wanted = request.uri.queryParameters["state"].flatMap { QuoteStatus(rawValue: String($0)) }
        let user = request.uri.queryParameters["user"].map { caller.user(String($0)) }
        let now = clock()
        let quotes = try await state.compute {
            try state.store.quotes(
                of: user, tenant: caller.tenant, state: wanted, now: now, after: page.after, limit: page.limit + 1)
        }
        let shown = quotes.prefix(page.limit)
        let answer = JSONValue(members: [
            (
                "quotes",
                .array(
                    shown.map { quote in
                        JSONValue(members: [
                            ("id", .string(quote.id)), ("state", .string(quote.status(at: now).rawValue)),
                            ("createdAt", .string(UTCTime.text(quote.createdAt))),
                            ("expiresAt", .string(UTCTime.text(quote.expiresAt))),
                            ("version", JSONValue(quote.version)),
                            ("revisionOf", quote.revisionOf.map { .string($0) })
                        ])
                    })
            ),
            ("next", quotes.count > page.limit ? shown.last.map { .string(Page.cursor($0.createdAt, $0.id)) } : nil)
        ])
        return StoredResponse(.ok, json: answer.text()).http
    }

    // MARK: Moving on

    private func accept(_ request: Request, _ context: APIContext) async throws -> Response {
        try await changing(request, context) { transaction, quote, market in
            let asked = try quote.request()
            try market.recheck(quote, asked, at: transaction.time)
            let commitment = try Commitment(quote, request: asked)
            try transaction.accept(quote.id, holding: commitment)
            try transaction.add(
                commitment.capacities.map {
                    Interaction(time: transaction.time, user: quote.user, offer: $0.offer, kind: .accepted)
                })
        }
    }

    private func move(_ request: Request, _ context: APIContext, to status: QuoteStatus) async throws -> Response {
        try await changing(request, context) { transaction, quote, _ in try transaction.advance(quote.id, to: status) }
    }

    /// Changes where a quote stands, once for each call, under the condition that the caller may set by `If-Match`.
    private func changing(
        _ request: Request, _ context: APIContext,
        _ change: @escaping @Sendable (MarketplaceTransaction, StoredQuote, Market) throws -> Void
    ) async throws -> Response {
        let caller = try context.caller
        let (id, now) = (try context.parameters.require("id"), clock())
        let body = try await request.body.collect(upTo: Self.emptyBodyLimit)
        if body.readableBytes > 0, (try? JSONValue(parsing: body.readableBytesView)) != .object([:]) {
            throw Problem(
                status: .badRequest, type: "invalid-request", title: "The body must be empty",
                detail: "send no body, or {}")
        }
        let call = try IdempotentCall(request, body: body)
        let condition = request.headers[.ifMatch]
        return try await calls.run(call, by: caller, in: state) {
            try await state.compute {
                let market = try state.market(now: now)
                return try state.store.answer(call, by: caller, at: now) { transaction in
                    let before = try transaction.resource(id)
                    if let condition, !EntityTag.list(condition, contains: before.entityTag) {
                        throw Problem(
                            status: .preconditionFailed, type: "changed", title: "The quote has moved on meanwhile",
                            detail: "read it again; its state is \(before.state.rawValue)")
                    }
                    try change(transaction, before.quote, market)
                    let after = try transaction.resource(id)
                    return StoredResponse(.ok, headers: ["ETag": after.entityTag], json: after.text)
                }
            }
        }.http
    }
}
