/// Routes that tell an orchestrator how the service is.
enum HealthRoutes {
    /// `GET /livez`: 200 as long as the process answers at all.
    static let live = Operation(
        "readLiveness", .get, "/livez", "Whether the process answers at all.", tag: .service,
        answers: [.text("text/plain", "It does.")])

    static func add(to router: inout OperationRouter) {
        router.add(live) { _, _ in "live\n" }
    }
}
