import Marketplace

/// The marketplace's interactions at a moment as matrices, with the IDs behind rows and columns.
public struct InteractionSnapshot: Sendable {
    /// User IDs by row, ascending.
    public let users: [String]
    /// Offer IDs by column, ascending.
    public let offers: [String]
    /// The events, by time.
    public let events: [Interaction]
    private let rows: [String: Int]
    private let columns: [String: Int]

    /// A snapshot of `events` with `offers`; events with other offers (delisted ones) are left out. O(n log n).
    public init(_ events: [Interaction], offers: [String]) {
        self.offers = Array(Set(offers)).sorted()
        columns = Dictionary(uniqueKeysWithValues: self.offers.enumerated().map { ($1, $0) })
        let columns = columns
        self.events = events.filter { columns[$0.offer] != nil }.sorted { $0.time < $1.time }
        users = Array(Set(self.events.map(\.user))).sorted()
        rows = Dictionary(uniqueKeysWithValues: users.enumerated().map { ($1, $0) })
    }

    /// The time before which `share` of the commitments (accepted, reserved, renewed) lie.
    public func time(after share: Double) -> Int? {
        let times = events.filter(\.kind.isCommitment).map(\.time)
        guard !times.isEmpty else { return nil }
        return times[min(times.count - 1, Int(share * Double(times.count)))]
    }

    /// Users × offers with the confidences and preferences of the events before `time`.
    public func matrix(
        before time: Int, weighting: InteractionWeighting
    ) throws(RecommendationError) -> InteractionMatrix {
        try matrix(weighting.evidence(events.lazy.filter { $0.time < time }, now: time))
    }

    /// Users × offers that were committed to within `window`, as plain positives.
    public func commitments(in window: Range<Int>) throws(RecommendationError) -> InteractionMatrix {
        var seen: Set<Int> = []
        var entries: [InteractionMatrix.Entry] = []
        for event in events where event.kind.isCommitment && window.contains(event.time) {
            guard let row = rows[event.user], let column = columns[event.offer],
                seen.insert(row * offers.count + column).inserted
            else { continue }
            entries.append(.init(user: row, item: column))
        }
        return try InteractionMatrix(userCount: users.count, itemCount: offers.count, entries: entries)
    }

    private func matrix(
        _ evidence: [String: [String: InteractionWeighting.Evidence]]
    ) throws(RecommendationError) -> InteractionMatrix {
        var entries: [InteractionMatrix.Entry] = []
        for (user, pairs) in evidence {
            guard let row = rows[user] else { continue }
            for (offer, pair) in pairs {
                guard let column = columns[offer] else { continue }
                entries.append(
                    .init(
                        user: row, item: column, confidence: Float(pair.confidence), preference: Float(pair.preference))
                )
            }
        }
        return try InteractionMatrix(userCount: users.count, itemCount: offers.count, entries: entries)
    }
}
