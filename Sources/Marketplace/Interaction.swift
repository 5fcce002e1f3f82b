/// What a user did with an offer.
public enum InteractionKind: String, Sendable, Hashable, CaseIterable {
    /// Looked at it.
    case viewed
    /// Had it in a quote.
    case quoted
    /// Accepted a quote with it.
    case accepted
    /// Reserved it.
    case reserved
    /// Renewed its reservation.
    case renewed
    /// Cancelled its reservation.
    case cancelled
    /// Rated it.
    case rated

    /// Whether the user took the offer.
    public var isCommitment: Bool { self == .accepted || self == .reserved || self == .renewed }
}

/// One event of a user with an offer.
public struct Interaction: Sendable, Hashable {
    /// Seconds since 1970-01-01T00:00:00Z.
    public let time: Int
    /// The user's ID.
    public let user: String
    /// The offer's ID.
    public let offer: String
    /// What happened.
    public let kind: InteractionKind

    /// An event.
    public init(time: Int, user: String, offer: String, kind: InteractionKind) {
        self.time = time
        self.user = user
        self.offer = offer
        self.kind = kind
    }
}

/// What was measured.
public enum MeasurementMetric: String, Sendable, Hashable, CaseIterable {
    /// First-byte latency in milliseconds.
    case latencyMs = "latency_ms"
    /// Throughput in megabytes a second.
    case throughputMBps = "throughput_mbps"
    /// Share of requests that succeeded, 0…1.
    case availability
}

/// One observed QoS value.
public struct Measurement: Sendable, Hashable {
    /// Seconds since 1970-01-01T00:00:00Z.
    public let time: Int
    /// The reader region it was measured from.
    public let region: String
    /// The offer's ID.
    public let offer: String
    /// What was measured.
    public let metric: MeasurementMetric
    /// The value, in the metric's unit.
    public let value: Double

    /// An observation.
    public init(time: Int, region: String, offer: String, metric: MeasurementMetric, value: Double) {
        self.time = time
        self.region = region
        self.offer = offer
        self.metric = metric
        self.value = value
    }
}
