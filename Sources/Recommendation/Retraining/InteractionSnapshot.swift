import Marketplace

/// The marketplace's interactions at a moment as matrices, with the IDs behind rows and columns.
///
/// Holds 24 bytes an event, however long the IDs are.
public struct InteractionSnapshot: Sendable {
    /// User IDs by row, ascending.
    public let users: [String]
    /// Offer IDs by column, ascending.
    public let offers: [String]
    /// The events, by time; those of one time in the order in which they came.
    private let events: [Event]

    private struct Event: Sendable {
        let time: Int
        var row: Int32
        let column: Int32
        let kind: InteractionKind
    }

    /// A snapshot of `events` with `offers`; events with other offers (delisted ones) are left out. O(n log n), or O(n)
    /// when they come by time.
    public init(_ events: some Sequence<Interaction>, offers: [String]) {
        self.init(offers: offers) { take in events.forEach(take) }
    }

    /// A snapshot of the events that `source` gives one after the other, none of which is kept as it is.
    public init<Failure: Error>(
        offers: [String], source: ((Interaction) -> Void) throws(Failure) -> Void
    ) throws(Failure) {
        let offers = Array(Set(offers)).sorted()
        let columns = Dictionary(uniqueKeysWithValues: offers.enumerated().map { ($1, Int32($0)) })
        var (events, arrivals, names): ([Event], [String: Int32], [String]) = ([], [:], [])
        try source { event in
            guard let column = columns[event.offer] else { return }
            var row = arrivals[event.user]
            if row == nil {
                row = Int32(names.count)
                arrivals[event.user] = row
                names.append(event.user)
            }
            events.append(Event(time: event.time, row: row ?? 0, column: column, kind: event.kind))
        }
        let order = names.indices.sorted { names[$0] < names[$1] }
        var rows = [Int32](repeating: 0, count: order.count)
        for (row, arrival) in order.enumerated() { rows[arrival] = Int32(row) }
        for index in events.indices { events[index].row = rows[Int(events[index].row)] }
        if !zip(events, events.dropFirst()).allSatisfy({ $0.time <= $1.time }) { events.sort { $0.time < $1.time } }
        self.offers = offers
        self.events = events
        users = order.map { names[$0] }
    }

    /// How many events there are.
    public var count: Int { events.count }
    /// The first event's time and the last one's; nil without events.
    public var period: ClosedRange<Int>? {
        guard let first = events.first, let last = events.last else { return nil }
        return first.time...last.time
    }

    /// The time before which `share` of the commitments (accepted, reserved, renewed) lie.
    public func time(after share: Double) -> Int? {
        let commitments = events.lazy.filter(\.kind.isCommitment)
        let count = commitments.reduce(0) { count, _ in count + 1 }
        guard count > 0 else { return nil }
        return commitments.dropFirst(min(count - 1, Int(share * Double(count)))).first?.time
    }

    /// Users × offers with the confidences and preferences of the events before `time`.
    public func matrix(
        before time: Int, weighting: InteractionWeighting
    ) throws(RecommendationError) -> InteractionMatrix {
        let count = events.firstIndex { $0.time >= time } ?? events.count
        let (starts, byRow) = grouped(events[..<count])
        var (rowStarts, items): ([Int], [Int32]) = ([0], [])
        var (confidences, preferences): ([Float], [Float]) = ([], [])
        var pairs: [Int32: InteractionWeighting.Evidence?] = [:]
        for row in users.indices {
            pairs.removeAll(keepingCapacity: true)
            for index in byRow[starts[row]..<starts[row + 1]] {
                let event = events[Int(index)]
                weighting.add(event.kind, at: event.time, to: &pairs[event.column, default: nil], now: time)
            }
            for (column, pair) in pairs.sorted(by: { $0.key < $1.key }) {
                guard let pair, pair.counts else { continue }
                items.append(column)
                confidences.append(Float(pair.confidence))
                preferences.append(Float(pair.preference))
            }
            rowStarts.append(items.count)
        }
        return try InteractionMatrix(
            userCount: users.count, itemCount: offers.count, rowStarts: rowStarts, items: items,
            confidences: confidences.contains { $0 != 1 } ? confidences : nil,
            preferences: preferences.contains { $0 != 1 } ? preferences : nil)
    }

    /// Users × offers that were committed to within `window`, as plain positives.
    public func commitments(in window: Range<Int>) throws(RecommendationError) -> InteractionMatrix {
        var seen: Set<Int> = []
        var entries: [InteractionMatrix.Entry] = []
        for event in events where event.kind.isCommitment && window.contains(event.time) {
            let (row, column) = (Int(event.row), Int(event.column))
            guard seen.insert(row * offers.count + column).inserted else { continue }
            entries.append(.init(user: row, item: column))
        }
        return try InteractionMatrix(userCount: users.count, itemCount: offers.count, entries: entries)
    }

    /// The events' indices by row, each row's by time, and where each row's begin. O(n + users).
    private func grouped(_ events: ArraySlice<Event>) -> (starts: [Int], indices: [Int32]) {
        var starts = [Int](repeating: 0, count: users.count + 1)
        for event in events { starts[Int(event.row) + 1] += 1 }
        for row in users.indices { starts[row + 1] += starts[row] }
        var (next, indices) = (starts, [Int32](repeating: 0, count: events.count))
        for index in events.indices {
            let row = Int(events[index].row)
            indices[next[row]] = Int32(index)
            next[row] += 1
        }
        return (starts, indices)
    }
}
