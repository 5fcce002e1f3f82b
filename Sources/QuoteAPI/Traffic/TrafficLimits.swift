/// What the service takes on at most; what is beyond it is refused at once, with the time after which to ask again.
public struct TrafficLimits: Sendable, Hashable {
    /// Requests that are answered at the same time; more get 503. Health and metrics are answered always.
    ///
    /// On two cores a quote takes some 10 ms of one, so that the last of 64 waits a third of a second.
    public var concurrentRequests = 64
    /// Requests in ``window`` of one tenant or, of callers without a name, of one address; more get 429. 0 is no limit.
    public var requestsPerWindow = 60_000
    /// In seconds.
    public var window = 60
    /// Connections at the same time; further ones wait to be taken.
    public var connections = 1024
    /// How long a request's body may take to arrive, in seconds; slower ones get 408.
    public var bodySeconds = 10
    /// How long a connection may be silent between requests or within one that has not come in full, in seconds.
    public var idleSeconds = 30
    /// The most bytes of a request's path and query; longer ones get 414.
    public var targetBytes = 16 * 1024
    /// The most bytes of a request's header, its target among them; a connection that brings more is cut off.
    public var headerBytes = 128 * 1024
    /// When told to stop: for how long `/readyz` says no while requests are still taken, in seconds, so that a balancer
    /// notices before anybody is refused.
    public var noticeSeconds = 2
    /// When told to stop: how long requests under way may take after that, in seconds.
    public var drainSeconds = 30

    /// The limits that hold unless others are set.
    public init() {}
}
