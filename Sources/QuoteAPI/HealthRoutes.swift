import Hummingbird

/// Routes that tell an orchestrator how the service is.
enum HealthRoutes {
    /// `GET /livez`: 200 as long as the process answers at all.
    static func add(to router: Router<some RequestContext>) {
        router.get("livez") { _, _ in "live\n" }
    }
}
