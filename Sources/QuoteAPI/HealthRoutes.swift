import Documents
import HTTPTypes
import Hummingbird

/// Routes that tell an orchestrator how the service is.
struct HealthRoutes: Sendable {
    /// `GET /livez`: 200 as long as the process answers at all.
    static let live = Operation(
        "readLiveness", .get, "/livez", "Whether the process answers at all.", tag: .service,
        answers: [.text("text/plain", "It does.")])

    /// `GET /readyz`: 200 while requests should be sent here.
    static let ready = Operation(
        "readReadiness", .get, "/readyz",
        "Whether requests should be sent here: the store answers, a market is loaded, and nobody said to stop.",
        tag: .service, answers: [.text("text/plain", "They should.")])

    /// `GET /metrics`: for Prometheus.
    static let metrics = Operation(
        "readMetrics", .get, "/metrics", "Counts and durations, in the text format of Prometheus.", tag: .service,
        answers: [.text("text/plain", "All of them since the start.")])

    /// What is answered however much there is to do.
    static let paths: Set<String> = [live.path, ready.path, metrics.path]

    let state: MarketState
    let metrics: ServiceMetrics
    let shutdown: Shutdown
    let clock: @Sendable () -> Int

    func add(to router: inout OperationRouter) {
        router.add(Self.live) { _, _ in "live\n" }
        router.add(Self.ready) { _, _ in
            guard !shutdown.hasBegun else { throw Self.notReady("it has been told to stop") }
            do {
                _ = try await state.compute { [state, clock] in try state.market(now: clock()) }
            } catch {
                throw Self.notReady("the store or the market cannot be read")
            }
            return "ready\n"
        }
        router.add(Self.metrics) { _, _ in
            Response(
                status: .ok, headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8"],
                body: .init(byteBuffer: .init(string: metrics.text(facts()))))
        }
    }

    private static func notReady(_ reason: String) -> Problem {
        Problem(
            status: .serviceUnavailable, type: "not-ready", title: "Requests should not be sent here", detail: reason,
            headers: [.retryAfter: "5"])
    }

    private func facts() -> [(name: String, help: String, value: String)] {
        guard let loaded = state.inService else { return [] }
        let market = loaded.market
        let (model, qos) = (market.model?.version ?? "none", market.qos?.fingerprint ?? "none")
        return [
            ("flashback_offers", "Offers of the catalogue in service.", "\(market.catalog.offers.count)"),
            ("flashback_market_generation", "How often the market was loaded.", "\(loaded.generation)"),
            (
                "flashback_model_info{catalog=\"\(market.catalog.version)\",model=\"\(model)\",qos=\"\(qos)\"}",
                "What answers are made from.", "1"
            )
        ]
    }
}
