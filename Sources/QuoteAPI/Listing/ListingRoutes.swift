import Documents
import Hummingbird
import Marketplace
import MarketplaceStore
import Quoting

/// `GET /v1/listing` and `GET /v1/providers/{id}`: what is for sale, by whom, and how it performs, open to everybody.
struct ListingRoutes: Sendable {
    let view: MarketView
    let clock: @Sendable () -> Int

    func add(to router: inout OperationRouter) {
        router.add(.readListing) { request, _ in try await list(request) }
        router.add(.readProvider) { request, context in
            try await provider(request, try context.parameters.require("id"))
        }
    }

    private func list(_ request: Request) async throws -> Response {
        try await answer(request, question: request.uri.string) { now, moment in
            let query = try ListingRequest(request, now.catalog)
            let listing = Listing(
                now.catalog, on: now.day, measured: try view.performance(moment), qos: now.qos)
            let found = listing.offers(query.filter)
            let rest =
                query.after.map { after in
                    found.drop { !Listing.precedes(after, $0.place, query.filter) }
                } ?? found[...]
            let shown = rest.prefix(query.limit)
            return JSONValue(members: [
                ("catalog", .string(now.catalog.version)), ("asOf", .string(now.day.description)),
                ("total", JSONValue(found.count)),
                ("offers", .array(shown.map { $0.listed.json(volumeBytes: query.filter.volumeBytes) })),
                (
                    "next",
                    rest.count > shown.count ? shown.last.map { .string(query.cursor(behind: $0.place)) } : nil
                )
            ])
        }
    }

    private func provider(_ request: Request, _ id: String) async throws -> Response {
        return try await answer(request, question: request.uri.path) { now, moment in
            guard
                let profile = ProviderProfile(
                    id, in: now.catalog, on: now.day, measured: try view.performance(moment), qos: now.qos)
            else { throw Problem.unknownProvider }
            guard case .object(var members) = profile.json else { return .null }
            members["catalog"] = .string(now.catalog.version)
            return .object(members)
        }
    }

    /// An answer under an entity tag, or nothing new for whoever has it already.
    private func answer(
        _ request: Request, question: String,
        _ body: @escaping @Sendable (MarketView.Now, _ moment: Int) throws -> JSONValue
    ) async throws -> Response {
        let (moment, condition) = (clock(), request.headers[.ifNoneMatch])
        return try await view.state.compute {
            let now = try view.now(moment)
            let tag = MarketView.tag(now, question)
            let headers = ["ETag": tag, "Cache-Control": "public, no-cache"]
            if condition.map({ EntityTag.list($0, contains: tag) }) ?? false {
                return StoredResponse(status: 304, headers: headers, body: [])
            }
            return StoredResponse(.ok, headers: headers, json: try body(now, moment).text())
        }.http
    }
}

extension Problem {
    /// No such provider, or none that the caller may know of.
    static var unknownProvider: Problem {
        Problem(status: .notFound, type: "not-found", title: "There is no such provider")
    }
}
