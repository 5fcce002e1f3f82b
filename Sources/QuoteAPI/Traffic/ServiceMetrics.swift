import Synchronization

/// Counts and durations of what the service does, in the text format that Prometheus reads (version 0.0.4).
final class ServiceMetrics: Sendable {
    /// Why a request was refused before anybody looked at it.
    enum Refusal: String, Sendable, CaseIterable { case rate, overload }

    /// Where the time of an answer goes.
    enum Part: String, Sendable, CaseIterable {
        /// From a request to a quote: ranking, the optimizer, bill and terms.
        case quote
        /// Of that, the optimizer alone.
        case optimizer
        /// Signing what was made.
        case signing
        /// Storing it, with what follows from it.
        case storing
        /// From a history to a ranking.
        case ranking
    }

    /// What requests are counted by.
    struct Route: Sendable, Hashable, Comparable {
        let method: String
        /// The template, never the path: paths are without number.
        let template: String
        let status: Int

        static func < (one: Route, other: Route) -> Bool {
            (one.template, one.method, one.status) < (other.template, other.method, other.status)
        }
    }

    /// Upper ends of the buckets of durations, in seconds.
    static let ends = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]

    private struct Durations: Sendable {
        /// Durations above the end before and up to each end; the last are above all.
        var counts = [Int](repeating: 0, count: ServiceMetrics.ends.count + 1)
        var sum = 0.0

        mutating func add(_ seconds: Double) {
            counts[ServiceMetrics.ends.firstIndex { seconds <= $0 } ?? ServiceMetrics.ends.count] += 1
            sum += seconds
        }

        func text(_ name: String, _ labels: String) -> String {
            var (text, count) = ("", 0)
            for (place, end) in ServiceMetrics.ends.enumerated() {
                count += counts[place]
                text += "\(name)_bucket{\(labels),le=\"\(end)\"} \(count)\n"
            }
            count += counts[ServiceMetrics.ends.count]
            text += "\(name)_bucket{\(labels),le=\"+Inf\"} \(count)\n"
            return text + "\(name)_sum{\(labels)} \(sum)\n\(name)_count{\(labels)} \(count)\n"
        }
    }

    private struct State: Sendable {
        var routes: [Route: Durations] = [:]
        var parts: [Part: Durations] = [:]
        var refusals: [Refusal: Int] = [:]
        var active = 0
    }

    private let state = Mutex(State())

    /// Seconds of a clock that never goes back.
    static func seconds() -> Double {
        let time = start.duration(to: .now)
        return Double(time.components.seconds) + Double(time.components.attoseconds) * 1e-18
    }

    private static let start = ContinuousClock.now

    /// Notes a request that begins, unless `most` are under way; whether it may go on.
    func begin(most: Int) -> Bool {
        state.withLock { state in
            guard state.active < most else { return false }
            state.active += 1
            return true
        }
    }

    /// Notes the end of a request that had begun.
    func end() { state.withLock { $0.active -= 1 } }

    /// Notes how long an answer took.
    func answered(_ route: Route, seconds: Double) {
        state.withLock { $0.routes[route, default: Durations()].add(seconds) }
    }

    /// Runs `body`, and notes how long it took whatever comes of it.
    func timing<Value>(_ part: Part, _ body: () throws -> Value) rethrows -> Value {
        let begin = Self.seconds()
        defer { took(part, seconds: Self.seconds() - begin) }
        return try body()
    }

    /// Notes how long a part took that was measured elsewhere.
    func took(_ part: Part, seconds: Double) {
        state.withLock { $0.parts[part, default: Durations()].add(seconds) }
    }

    /// Notes a refusal.
    func refused(_ refusal: Refusal) { state.withLock { $0.refusals[refusal, default: 0] += 1 } }

    /// All of it as text; `facts` are gauges of the state in service. O(routes · buckets).
    func text(_ facts: [(name: String, help: String, value: String)]) -> String {
        let state = state.withLock { $0 }
        var text = Self.head("http_server_request_duration_seconds", "histogram", "Time from a request to its answer.")
        for (route, durations) in state.routes.sorted(by: { $0.key < $1.key }) {
            text += durations.text(
                "http_server_request_duration_seconds",
                "method=\"\(route.method)\",route=\"\(route.template)\",status=\"\(route.status)\"")
        }
        text += Self.head("flashback_work_duration_seconds", "histogram", "Where the time of answers goes.")
        for part in Part.allCases {
            text += (state.parts[part] ?? Durations()).text("flashback_work_duration_seconds", "part=\"\(part)\"")
        }
        text += Self.head("http_server_active_requests", "gauge", "Requests under way.")
        text += "http_server_active_requests \(state.active)\n"
        text += Self.head("flashback_refused_requests_total", "counter", "Requests refused for their number.")
        for refusal in Refusal.allCases {
            text += "flashback_refused_requests_total{reason=\"\(refusal)\"} \(state.refusals[refusal] ?? 0)\n"
        }
        for fact in facts {
            text +=
                Self.head(String(fact.name.prefix { $0 != "{" }), "gauge", fact.help) + "\(fact.name) \(fact.value)\n"
        }
        return text
    }

    private static func head(_ name: String, _ kind: String, _ help: String) -> String {
        "# HELP \(name) \(help)\n# TYPE \(name) \(kind)\n"
    }
}
