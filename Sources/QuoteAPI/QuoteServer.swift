import Foundation
import Hummingbird
import HummingbirdCore
import HummingbirdTLS
import LinearAlgebra
import Logging
import MarketplaceStore
import NIOCertificateReloading
import NIOSSL
import Quoting
import ServiceLifecycle
import Signing

/// The quote service: routes over one market.
public struct QuoteServer: Sendable {
    private let state: MarketState
    private let configuration: QuotingConfiguration
    private let logger: Logger
    private let authentication: Authentication
    private let keys: KeyRing?
    private let advice: AdviceSettings
    private let limits: TrafficLimits
    private let console: ConsoleSettings?
    private let models: String
    private let view: MarketView
    private let metrics = ServiceMetrics()
    private let shutdown: Shutdown
    private let clock: @Sendable () -> Int

    /// A service over `store` and the models in `models`.
    ///
    /// - Parameters:
    ///   - authentication: how callers prove who they are.
    ///   - keys: what signs quotes; without keys they are not signed.
    ///   - advice: what pricing advice is made with; none is given unless it names requests.
    ///   - limits: what is taken on at most.
    ///   - console: pages for people at `/`; none without.
    ///   - clock: seconds since 1970.
    public init(
        store: MarketplaceDatabase, models: String, configuration: QuotingConfiguration, logger: Logger,
        authentication: Authentication = .keys, keys: KeyRing? = nil, advice: AdviceSettings = AdviceSettings(),
        limits: TrafficLimits = TrafficLimits(), console: ConsoleSettings? = nil,
        clock: @escaping @Sendable () -> Int = { Int(Date().timeIntervalSince1970) }
    ) {
        state = MarketState(store: store, models: models, logger: logger)
        self.configuration = configuration
        self.logger = logger
        self.authentication = authentication
        self.keys = keys
        self.advice = advice
        self.limits = limits
        (self.console, self.models) = (console, models)
        view = MarketView(state: state, configuration: configuration)
        shutdown = Shutdown(noticeSeconds: limits.noticeSeconds)
        self.clock = clock
    }

    /// All routes.
    public func router() -> Router<APIContext> {
        let operations = operations()
        let allowed = AllowedMethods(operations.operations, pages: console == nil ? [] : ConsoleRoutes.paths)
        let router = Router(context: APIContext.self)
        router.add(
            middleware: TrafficMiddleware(
                metrics: metrics, logger: logger, concurrentRequests: limits.concurrentRequests,
                targetBytes: limits.targetBytes))
        router.add(middleware: ProblemMiddleware(logger: logger, allowed: allowed))
        let rate =
            limits.requestsPerWindow > 0
            ? RateLimitMiddleware(
                limiter: RateLimiter(quota: limits.requestsPerWindow, window: limits.window), metrics: metrics) : nil
        router.add(
            middleware: AuthenticationMiddleware(authentication: authentication, state: state, rate: rate, clock: clock)
        )
        if let rate {
            router.add(middleware: rate)
            // What goes wrong further in is a problem before the limit's fields are added to it.
            router.add(middleware: ProblemMiddleware(logger: logger, allowed: allowed))
        }
        operations.add(to: router)
        if let console {
            ConsoleRoutes(
                state: state, configuration: configuration, view: view, models: models, settings: console,
                logger: logger, clock: clock
            )
            .add(to: router)
        }
        return router
    }

    /// All that the service does, by subject.
    private func operations() -> OperationRouter {
        let calls = CallsInFlight()
        var router = OperationRouter(bodySeconds: limits.bodySeconds)
        QuoteRoutes(
            state: state, configuration: configuration, keys: keys, calls: calls, metrics: metrics, clock: clock
        )
        .add(to: &router)
        FrontierRoutes(state: state, configuration: configuration, clock: clock).add(to: &router)
        SLARoutes(state: state, clock: clock).add(to: &router)
        RecommendationRoutes(state: state, configuration: configuration, metrics: metrics, clock: clock).add(
            to: &router)
        InteractionRoutes(state: state, calls: calls, clock: clock).add(to: &router)
        ListingRoutes(view: view, clock: clock).add(to: &router)
        AdviceRoutes(state: state, configuration: configuration, settings: advice, clock: clock).add(to: &router)
        MeasurementRoutes(state: state, clock: clock).add(to: &router)
        SettlementRoutes(state: state, calls: calls, clock: clock).add(to: &router)
        ImportRoutes(state: state, calls: calls, clock: clock).add(to: &router)
        RegisterRoutes(state: state, calls: calls, clock: clock).add(to: &router)
        HealthRoutes(state: state, metrics: metrics, shutdown: shutdown, clock: clock).add(to: &router)
        KeyRoutes.add(to: &router, keys)
        // Tells of all the others.
        DocumentRoutes.add(to: &router)
        return router
    }

    /// Waits until the models that were opened have been read in full, which happens in the background.
    package func modelsVerified() async { await state.verified() }

    /// Serves until the process is told to stop. The market is loaded first, so that a service that listens can quote.
    ///
    /// - Parameter tls: the certificate to serve under; plain HTTP without.
    /// - Throws: ``CertificateError`` for files that cannot be served under.
    public func run(host: String, port: Int, tls: CertificateFiles? = nil) async throws {
        BLASThreads.keepSingle()
        let certificate = try tls?.reloader(logger)
        let now = clock()
        _ = try await state.compute { [state] in try state.market(now: now) }
        let application = Application(
            router: router(), server: try server(certificate),
            configuration: .init(
                address: .hostname(host, port: port), serverName: "flashback",
                availableConnectionsDelegate: .maximum(limits.connections, logger: logger)),
            logger: logger)
        var services = ServiceGroupConfiguration(
            services: [application, shutdown, Housekeeping(state: state, logger: logger, clock: clock)],
            gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        if let certificate { services.services.append(.init(service: certificate)) }
        services.maximumGracefulShutdownDuration = Duration.seconds(
            limits.noticeSeconds + limits.drainSeconds)
        try await ServiceGroup(configuration: services).run()
    }

    /// HTTP/1.1 with the limits of connections and headers, under the certificate that is in force at each handshake.
    private func server(_ certificate: TimedCertificateReloader?) throws -> HTTPServerBuilder {
        let plain = HTTPServerBuilder.http1(
            configuration: .init(
                idleTimeout: .seconds(Int64(limits.idleSeconds)),
                httpDecoderConfiguration: .init(
                    maxHeaderFieldSize: limits.headerBytes, maxHeaderListSize: limits.headerBytes,
                    maxHeaderFieldCount: 100)))
        guard let certificate else { return plain }
        var configuration = try TLSConfiguration.makeServerConfiguration(certificateReloader: certificate)
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = ["http/1.1"]
        return try .tls(plain, tlsConfiguration: configuration)
    }
}

/// Turns every error into a problem document; what is not the client's fault is logged, never shown.
struct ProblemMiddleware: RouterMiddleware {
    let logger: Logger
    let allowed: AllowedMethods

    func handle(
        _ request: Request, context: APIContext, next: (Request, APIContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as HTTPError where error.status == .notFound {
            let methods = allowed.methods(of: request.uri.path).joined(separator: ", ")
            guard methods.isEmpty else {
                throw Problem(
                    status: .methodNotAllowed, type: "method", title: "This path does not take that method",
                    detail: "use \(methods)", headers: [.allow: methods])
            }
            throw Problem(status: .notFound, type: "not-found", title: "There is nothing at this path")
        } catch {
            let problem = Problem(error)
            // Problems that were meant, such as a full queue, are not failures.
            if problem.status.code >= 500, !(error is Problem) {
                logger.error(
                    "request failed",
                    metadata: [
                        "path": "\(request.uri.path)", "reason": "\(error)", "trace": "\(context.trace?.trace ?? "")"
                    ])
            }
            throw problem
        }
    }
}
