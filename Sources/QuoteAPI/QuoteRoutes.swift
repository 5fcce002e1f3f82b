import Documents
import Foundation
import HTTPTypes
import Hummingbird
import Marketplace
import MarketplaceStore
import Quoting

/// `POST /v1/quotes` makes and stores a quote; `GET /v1/quotes/{id}` gives it again, byte for byte.
struct QuoteRoutes: Sendable {
    /// The largest request body, in bytes.
    static let bodyLimit = 256 * 1024

    let state: MarketState
    let configuration: QuotingConfiguration
    let clock: @Sendable () -> Int

    func add(to router: Router<some RequestContext>) {
        router.post("v1/quotes") { request, _ in try await create(request) }
        router.get("v1/quotes/:id") { _, context in try await read(try context.parameters.require("id")) }
    }

    private func create(_ request: Request) async throws -> Response {
        let body = try await request.body.collect(upTo: Self.bodyLimit)
        let now = clock()
        let answer = try await state.compute {
            let market = try state.market(now: now)
            let request = try SLARequest(JSONValue(parsing: body.readableBytesView))
            let answer = try market.engine(for: request, configuration: configuration).answer(request, now: now)
            if case .quote(let quote) = answer { try market.store.save(quote.stored) }
            return answer
        }
        switch answer {
        case .quote(let quote):
            return Response(
                status: .created, headers: [.contentType: "application/json", .location: "/v1/quotes/" + quote.id],
                body: .init(byteBuffer: .init(string: quote.json.text())))
        case .refusal(let refusal):
            guard case .object(let members) = refusal.json else { throw Problem(InputError("", [])) }
            throw Problem(
                status: .unprocessableContent, type: "infeasible", title: "No allocation meets the request",
                detail: refusal.text,
                extensions: ["conflict", "alternatives", "pins"].map { ($0, members[$0]) }
                    + [("answer", members["status"])])
        }
    }

    private func read(_ id: String) async throws -> Response {
        let store = state.store
        guard let quote = try await state.compute({ try store.quote(id: id) }) else {
            throw Problem(status: .notFound, type: "not-found", title: "There is no such quote")
        }
        return Response(
            status: .ok, headers: [.contentType: "application/json"],
            body: .init(byteBuffer: .init(string: quote.document)))
    }
}
