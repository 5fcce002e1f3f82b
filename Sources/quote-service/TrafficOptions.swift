import ArgumentParser
import QuoteAPI

/// What the service takes on at most.
struct TrafficOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Requests in a minute of one tenant or, without a key, of one address: more get 429. 0 is no limit.",
            valueName: "n"))
    var requestsPerMinute = TrafficLimits().requestsPerWindow

    @Option(help: ArgumentHelp("Requests answered at the same time: more get 503.", valueName: "n"))
    var concurrentRequests = TrafficLimits().concurrentRequests

    @Option(help: ArgumentHelp("Connections at the same time: further ones wait.", valueName: "n"))
    var connections = TrafficLimits().connections

    @Option(help: ArgumentHelp("How long a body may take to arrive.", valueName: "seconds"))
    var bodySeconds = TrafficLimits().bodySeconds

    @Option(help: ArgumentHelp("How long a connection may be silent.", valueName: "seconds"))
    var idleSeconds = TrafficLimits().idleSeconds

    @Option(
        help: ArgumentHelp(
            "When told to stop: how long /readyz says no while requests are still taken.", valueName: "seconds"))
    var noticeSeconds = TrafficLimits().noticeSeconds

    @Option(
        help: ArgumentHelp("When told to stop: how long requests under way may then take.", valueName: "seconds"))
    var drainSeconds = TrafficLimits().drainSeconds

    func validate() throws {
        for (name, value, range) in [
            ("--requests-per-minute", requestsPerMinute, 0...1_000_000_000),
            ("--concurrent-requests", concurrentRequests, 1...100_000), ("--connections", connections, 1...100_000),
            ("--body-seconds", bodySeconds, 1...3600), ("--idle-seconds", idleSeconds, 1...3600),
            ("--notice-seconds", noticeSeconds, 0...600), ("--drain-seconds", drainSeconds, 1...3600)
        ] where !range.contains(value) {
            throw ValidationError("\(name) must be within \(range.lowerBound)…\(range.upperBound)")
        }
    }

    /// The same as the service takes it.
    var limits: TrafficLimits {
        var limits = TrafficLimits()
        (limits.requestsPerWindow, limits.concurrentRequests) = (requestsPerMinute, concurrentRequests)
        (limits.connections, limits.bodySeconds, limits.idleSeconds) = (connections, bodySeconds, idleSeconds)
        (limits.noticeSeconds, limits.drainSeconds) = (noticeSeconds, drainSeconds)
        return limits
    }
}
