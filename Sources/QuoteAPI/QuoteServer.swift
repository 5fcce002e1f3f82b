import Foundation
import Hummingbird
import Logging
import MarketplaceStore
import Quoting

/// The quote service: routes over one market.
public struct QuoteServer: Sendable {
    private let state: MarketState
    private let configuration: QuotingConfiguration
    private let logger: Logger
    private let clock: @Sendable () -> Int

    /// A service over `store` and the models in `models`.
    ///
    /// - Parameter clock: seconds since 1970.
    public init(
        store: MarketplaceDatabase, models: String, configuration: QuotingConfiguration, logger: Logger,
        clock: @escaping @Sendable () -> Int = { Int(Date().timeIntervalSince1970) }
    ) {
        state = MarketState(store: store, models: models, logger: logger)
        self.configuration = configuration
        self.logger = logger
        self.clock = clock
    }

    /// All routes.
    public func router() -> Router<BasicRequestContext> {
        let router = Router()
        router.add(middleware: ProblemMiddleware(logger: logger))
        HealthRoutes.add(to: router)
        QuoteRoutes(state: state, configuration: configuration, clock: clock).add(to: router)
        MeasurementRoutes(state: state, clock: clock).add(to: router)
        return router
    }

    /// Waits until the models that were opened have been read in full, which happens in the background.
    package func modelsVerified() async { await state.verified() }

    /// Serves until the process is told to stop. The market is loaded first, so that a service that listens can quote.
    public func run(host: String, port: Int) async throws {
        let now = clock()
        _ = try await state.compute { [state] in try state.market(now: now) }
        let application = Application(
            router: router(), configuration: .init(address: .hostname(host, port: port), serverName: "flashback"),
            logger: logger)
        try await application.runService()
    }
}

/// Turns every error into a problem document; what is not the client's fault is logged, never shown.
struct ProblemMiddleware<Context: RequestContext>: RouterMiddleware {
    let logger: Logger

    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as HTTPError where error.status == .notFound {
            throw Problem(status: .notFound, type: "not-found", title: "There is nothing at this path")
        } catch {
            let problem = Problem(error)
            if problem.status.code >= 500 {
                logger.error("request failed", metadata: ["path": "\(request.uri.path)", "reason": "\(error)"])
            }
            throw problem
        }
    }
}
