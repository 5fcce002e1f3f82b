import Allocation
import Documents
import Hummingbird
import Marketplace
import MarketplaceStore
import NIOCore
import Quoting

/// `GET /v1/quotes/{id}/frontier`: what a quote's request could trade for money on today's market.
struct FrontierRoutes: Sendable {
    /// The longest search, in seconds.
    static let timeLimit = 10.0

    let state: MarketState
    let configuration: QuotingConfiguration
    let clock: @Sendable () -> Int
    private let known = BoundedCache<String, ByteBuffer>(capacity: 32 * 1024 * 1024)
    private let work = LongWork<ByteBuffer>("frontiers", limit: 8)

    init(state: MarketState, configuration: QuotingConfiguration, clock: @escaping @Sendable () -> Int) {
        self.state = state
        self.configuration = configuration
        self.clock = clock
    }

    func add(to router: inout OperationRouter) {
        router.add(.readFrontier) { try await read($0, $1) }
    }

    private func read(_ request: Request, _ context: APIContext) async throws -> Response {
        let caller = try context.caller
        let (id, now) = (try context.parameters.require("id"), clock())
        let query = QueryReader(request)
        let points = query.integer("points", in: 1...200) ?? 60
        let names = FrontierCriterion.allCases.map(\.rawValue)
        let criteria = query.list("trade", among: names, "criterion").compactMap(FrontierCriterion.init)
        try query.finish()
        let traded = Set(criteria.isEmpty ? FrontierCriterion.allCases : criteria)
        let quote = try await state.compute { try state.store.resource(id, of: caller, now: now).quote }
        let view = try await state.compute { try market(now) }
        let search = FrontierSearch(
            timeLimit: min(configuration.timeLimit, Self.timeLimit), enoughPoints: points, criteria: traded)
        let key = "\(id) \(points) \(traded.map(\.rawValue).sorted()) \(view.catalog.version) \(UTCTime.day(now))"
        let body: ByteBuffer
        if let found = known.value(key) {
            body = found
        } else {
            body = try await work.value(key, for: caller.tenant) {
                let body = try answer(quote, search, view, now)
                known.insert(body, for: key, cost: body.readableBytes + 256)
                return body
            }
        }
        return Response(
            status: .ok, headers: [.contentType: "application/json", .cacheControl: "private, no-cache"],
            body: .init(byteBuffer: body))
    }

    /// The market, and its catalogue with what accepted quotes leave free.
    private struct View: Sendable {
        let market: Market
        let catalog: Catalog
    }

    private func market(_ now: Int) throws -> View {
        let found = try state.market(now: now)
        let held = try found.heldCapacity(at: now)
        return View(market: found, catalog: held.isEmpty ? found.catalog : found.catalog.holding(held))
    }

    private func answer(
        _ quote: StoredQuote, _ search: FrontierSearch, _ view: View, _ now: Int
    ) throws -> ByteBuffer {
        let request = try quote.request()
        let offers = Eligibility(request, view.catalog, on: UTCTime.day(now)).offers
        let frontier: Frontier
        do throws(AllocationError) {
            let problem = try AllocationProblem(
                request: request, offers: offers, catalog: view.catalog, failures: configuration.failures,
                charges: configuration.charges, schemes: configuration.schemes, table: view.market.table)
            frontier = try search.run(problem)
        } catch {
            throw QuotingError.allocation(error)
        }
        guard case .object(var members) = frontier.json else { return ByteBuffer() }
        members["quote"] = .string(quote.id)
        members["catalog"] = .string(view.catalog.version)
        return ByteBuffer(string: JSONValue.object(members).text())
    }
}
