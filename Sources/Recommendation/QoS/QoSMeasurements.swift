import Marketplace

/// How the values of a QoS metric are spread.
public enum QoSScale: String, Sendable, Codable, CaseIterable {
    /// Positive and skewed over decades: times, rates.
    case positive
    /// A share of 1 that is mostly close to it: availability. What is skewed is its complement.
    case share

    /// The scale of a metric.
    public init(_ metric: MeasurementMetric) { self = metric == .availability ? .share : .positive }

    /// The skewed, non-negative number behind a value; its own inverse.
    func skewed(_ value: Double) -> Double { self == .share ? 1 - value : value }

    /// Whether `value` can have been measured. Beyond thirty decades from 1 single precision ends.
    func admits(_ value: Double) -> Bool {
        self == .share ? (0...1).contains(value) : (1e-30...1e30).contains(value)
    }
}

/// Measured values of one QoS metric. Several of one pair are repeated measurements, and all count.
public struct QoSMeasurements: Sendable {
    /// One measured value.
    public struct Entry: Sendable, Equatable {
        /// The index of who measured.
        public var user: Int
        /// The index of what was measured.
        public var offer: Int
        /// The value in the metric's unit.
        public var value: Double

        /// A value.
        public init(user: Int, offer: Int, value: Double) {
            self.user = user
            self.offer = offer
            self.value = value
        }
    }

    /// How the values are spread.
    public let scale: QoSScale
    /// Who measured: users, or the regions and networks that they read from.
    public let users: QoSParties
    /// What was measured.
    public let offers: QoSParties
    /// The values, by user, then by offer, then as given.
    public let entries: [Entry]

    /// Measurements between parties.
    /// - Throws: `indexOutOfRange`; `invalidMeasurements` for a value that the scale does not admit: NaN, infinite, not
    ///   positive, or a share outside 0…1. O(n log n).
    public init(
        scale: QoSScale, users: QoSParties, offers: QoSParties, entries: [Entry]
    ) throws(RecommendationError) {
        for entry in entries {
            guard (0..<users.count).contains(entry.user) else {
                throw .indexOutOfRange(kind: "user", index: entry.user, count: users.count)
            }
            guard (0..<offers.count).contains(entry.offer) else {
                throw .indexOutOfRange(kind: "offer", index: entry.offer, count: offers.count)
            }
            try Self.check(entry.value, scale, user: users.ids[entry.user], offer: offers.ids[entry.offer])
        }
        self.scale = scale
        self.users = users
        self.offers = offers
        self.entries = entries.enumerated().sorted {
            ($0.element.user, $0.element.offer, $0.offset) < ($1.element.user, $1.element.offer, $1.offset)
        }.map(\.element)
    }

    /// The measurements of one metric among `measurements`: its regions are the users.
    /// - Parameters:
    ///   - regionPaths: where a region belongs, from coarse to fine, as its continent.
    ///   - offerPaths: where an offer belongs, as its provider's region and network.
    /// - Throws: `invalidMeasurements`.
    public init(
        _ metric: MeasurementMetric, of measurements: [Marketplace.Measurement],
        regionPaths: [String: [String]] = [:], offerPaths: [String: [String]] = [:]
    ) throws(RecommendationError) {
        let chosen = measurements.filter { $0.metric == metric }
        let users = try QoSParties(ids: Set(chosen.map(\.region)).sorted(), paths: regionPaths)
        let offers = try QoSParties(ids: Set(chosen.map(\.offer)).sorted(), paths: offerPaths)
        let entries = chosen.compactMap { measurement -> Entry? in
            guard let user = users.index(measurement.region), let offer = offers.index(measurement.offer) else {
                return nil
            }
            return Entry(user: user, offer: offer, value: measurement.value)
        }
        try self.init(scale: QoSScale(metric), users: users, offers: offers, entries: entries)
    }

    static func check(
        _ value: Double, _ scale: QoSScale, user: String, offer: String
    ) throws(RecommendationError) {
        guard scale.admits(value) else {
            throw .invalidMeasurements(
                reason: "\(value) of offer \(offer) from \(user) is not "
                    + (scale == .share ? "within 0…1" : "positive and finite"))
        }
    }
}
