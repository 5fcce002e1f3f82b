import Allocation
import Crypto
import Documents
import Foundation
import HTTPTypes
import Hummingbird
import Logging
import Marketplace
import MarketplaceStore
import Money
import Pricing
import Quoting

/// `/` and `/console`: pages for people who want to look rather than call.
struct ConsoleRoutes: Sendable {
    let state: MarketState
    let configuration: QuotingConfiguration
    let view: MarketView
    let models: String
    let settings: ConsoleSettings
    let logger: Logger
    let clock: @Sendable () -> Int
    var pages: ConsolePages { settings.pages }
    let work = LongWork<(frontier: Frontier, asked: SLARequest, catalog: String)>("frontiers", limit: 2)

    func add(to router: Router<APIContext>) {
        serve(router, "/") { request, _ in try await ask(request) }
        serve(router, "/console/quote") { request, _ in try await quote(request) }
        serve(router, "/console/frontier") { request, _ in try await frontier(request) }
        serve(router, "/console/listing") { request, _ in try await listing(request) }
        serve(router, "/console/models") { _, _ in try await modelsInService() }
        serve(router, "/console/providers/:id") { _, context in
            try await provider(try context.parameters.require("id"))
        }
        serve(router, "/console/providers/:id/prices") { request, context in
            try await prices(try context.parameters.require("id"), request)
        }
        serve(router, "/console/**") { _, _ in
            throw Problem(status: .notFound, type: "not-found", title: "There is no such page")
        }
        for (path, type, text) in [
            ("/console/style.css", "text/css; charset=utf-8", ConsoleAssets.style),
            ("/console/script.js", "text/javascript; charset=utf-8", ConsoleAssets.script),
            ("/console/chart.js", "text/javascript; charset=utf-8", settings.chartLibrary)
        ] {
            let tag = "\"" + SHA256.hash(data: Data(text.utf8)).prefix(12).map { String($0, radix: 16) }.joined() + "\""
            let fields = ["ETag": tag, "Content-Type": type, "Cache-Control": "public, max-age=3600"]
            answer(router, path) { request, _ in
                let isKnown = request.headers[.ifNoneMatch].map { EntityTag.list($0, contains: tag) } ?? false
                return StoredResponse(
                    status: isKnown ? 304 : 200, headers: fields, body: isKnown ? [] : Array(text.utf8)
                )
                .http
            }
        }
    }

    /// What a handler shows: a page, or another status with it.
    typealias Shown = (status: HTTPResponse.Status, html: String)

    /// The paths of the console, for telling which methods they take.
    static let paths = [
        "/", "/console/quote", "/console/frontier", "/console/listing", "/console/models", "/console/providers/{id}",
        "/console/providers/{id}/prices", "/console/style.css", "/console/script.js", "/console/chart.js"
    ]

    private func serve(
        _ router: Router<APIContext>, _ path: String,
        _ body: @escaping @Sendable (Request, APIContext) async throws -> Shown
    ) {
        answer(router, path) { request, context in await page { try await body(request, context) } }
    }

    /// Answers GET, and HEAD without a body.
    private func answer(
        _ router: Router<APIContext>, _ path: String,
        _ body: @escaping @Sendable (Request, APIContext) async -> Response
    ) {
        router.get(RouterPath(path)) { await body($0, $1) }
        router.head(RouterPath(path)) { await body($0, $1).createHeadResponse() }
    }

    /// Answers with a page; problems are pages too.
    private func page(_ body: () async throws -> Shown) async -> Response {
        let shown: Shown
        do { shown = try await body() } catch {
            let problem = (error as? PricingError).map { Problem($0) } ?? Problem(error)
            if problem.status.code >= 500, !(error is Problem) {
                logger.error("a page of the console failed", metadata: ["reason": "\(error)"])
            }
            shown = (
                problem.status,
                pages.html(
                    "problem", title: problem.title, catalog: "",
                    ["detail": problem.detail ?? problem.errors.map(\.description).joined(separator: "; ")])
            )
        }
        let policy =
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; form-action 'self'; "
            + "base-uri 'none'; frame-ancestors 'none'"
        let fields = [
            "Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": policy, "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"
        ]
        return StoredResponse(status: shown.status.code, headers: fields, body: Array(shown.html.utf8)).http
    }
}
