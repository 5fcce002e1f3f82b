/// Interactions of users with items as a sparse matrix in CSR form.
///
/// Row u owns the entries `rowStarts[u]..<rowStarts[u + 1]`; within a row the item indices ascend and are unique.
/// Without values every entry has confidence 1 and preference 1, which is implicit feedback at its plainest.
public struct InteractionMatrix: Sendable, Equatable {
    /// The number of users, rows.
    public let userCount: Int
    /// The number of items, columns.
    public let itemCount: Int
    /// userCount + 1 offsets into the entries, from 0.
    public let rowStarts: [Int]
    /// The item of each entry.
    public let items: [Int32]
    /// The confidence c ≥ 0 of each entry; nil means 1 throughout.
    public let confidences: [Float]?
    /// The preference p of each entry, 1 for and 0 against; nil means 1 throughout.
    public let preferences: [Float]?

    /// One interaction.
    public struct Entry: Sendable, Equatable {
        /// The user's index.
        public var user: Int
        /// The item's index.
        public var item: Int
        /// c ≥ 0, finite.
        public var confidence: Float
        /// p, finite.
        public var preference: Float

        /// An interaction; plain implicit feedback unless told.
        public init(user: Int, item: Int, confidence: Float = 1, preference: Float = 1) {
            self.user = user
            self.item = item
            self.confidence = confidence
            self.preference = preference
        }
    }

    /// A matrix of `entries` in any order. O(E log E).
    ///
    /// The value arrays are left out when every confidence, or every preference, is 1.
    /// - Throws: `indexOutOfRange`, `nonFinite`, `invalidInteractions` for a negative confidence or an entry twice.
    public init(userCount: Int, itemCount: Int, entries: [Entry]) throws(RecommendationError) {
        var counts = [Int](repeating: 0, count: max(0, userCount) + 1)
        for entry in entries {
            guard (0..<max(0, userCount)).contains(entry.user) else {
                throw .indexOutOfRange(kind: "user", index: entry.user, count: userCount)
            }
            counts[entry.user + 1] += 1
        }
        for user in 1..<max(1, counts.count) { counts[user] += counts[user - 1] }
        let sorted = entries.sorted { ($0.user, $0.item) < ($1.user, $1.item) }
        for (entry, index) in zip(sorted, sorted.indices) where !(0..<max(0, itemCount)).contains(entry.item) {
            throw .indexOutOfRange(kind: "item", index: sorted[index].item, count: itemCount)
        }
        try self.init(
            userCount: userCount, itemCount: itemCount, rowStarts: counts, items: sorted.map { Int32($0.item) },
            confidences: sorted.contains { $0.confidence != 1 } ? sorted.map(\.confidence) : nil,
            preferences: sorted.contains { $0.preference != 1 } ? sorted.map(\.preference) : nil)
    }

    /// A matrix over CSR arrays, which are checked. O(entries).
    /// - Throws: `shapeMismatch`, `indexOutOfRange`, `nonFinite`, `invalidInteractions`.
    public init(
        userCount: Int, itemCount: Int, rowStarts: [Int], items: [Int32],
        confidences: [Float]? = nil, preferences: [Float]? = nil
    ) throws(RecommendationError) {
        guard userCount >= 0, itemCount >= 0, itemCount <= Int(Int32.max), rowStarts.count == userCount + 1,
            rowStarts.first == 0, rowStarts.last == items.count,
            zip(rowStarts, rowStarts.dropFirst()).allSatisfy({ $0 <= $1 })
        else {
            throw .shapeMismatch(
                what: "row starts", expected: "\(userCount + 1) ascending offsets from 0 to \(items.count)",
                found: "\(rowStarts.count) to \(rowStarts.last ?? 0)")
        }
        for values in [confidences, preferences] {
            guard let values else { continue }
            guard values.count == items.count else {
                throw .shapeMismatch(
                    what: "interaction values", expected: "\(items.count)", found: "\(values.count)")
            }
            guard values.allSatisfy(\.isFinite) else { throw .nonFinite(what: "an interaction value") }
        }
        if let negative = confidences?.first(where: { $0 < 0 }) {
            throw .invalidInteractions(reason: "confidence \(negative) is negative; a dislike is preference 0")
        }
        for user in 0..<userCount {
            var previous: Int32 = -1
            for item in items[rowStarts[user]..<rowStarts[user + 1]] {
                guard item >= 0, item < itemCount else {
                    throw .indexOutOfRange(kind: "item", index: Int(item), count: itemCount)
                }
                guard item > previous else {
                    throw .invalidInteractions(
                        reason: item == previous
                            ? "user \(user) has item \(item) twice; merge the entries first"
                            : "the items of user \(user) do not ascend")
                }
                previous = item
            }
        }
        self.userCount = userCount
        self.itemCount = itemCount
        self.rowStarts = rowStarts
        self.items = items
        self.confidences = confidences
        self.preferences = preferences
    }

    /// Trusts its arguments: for results of operations that keep the invariants.
    init(
        trustedUserCount: Int, itemCount: Int, rowStarts: [Int], items: [Int32],
        confidences: [Float]?, preferences: [Float]?
    ) {
        userCount = trustedUserCount
        self.itemCount = itemCount
        self.rowStarts = rowStarts
        self.items = items
        self.confidences = confidences
        self.preferences = preferences
    }

    /// The number of entries.
    public var count: Int { items.count }

    /// The positions of a user's entries in `items` and the value arrays.
    public func entryRange(of user: Int) -> Range<Int> { rowStarts[user]..<rowStarts[user + 1] }

    /// A user's items, ascending, without copying.
    public func items(of user: Int) -> ArraySlice<Int32> { items[entryRange(of: user)] }

    /// How many entries each user has.
    public var userDegrees: [Int] { zip(rowStarts.dropFirst(), rowStarts).map { $0 - $1 } }

    /// How many entries each item has.
    public var itemDegrees: [Int] {
        var degrees = [Int](repeating: 0, count: itemCount)
        for item in items { degrees[Int(item)] += 1 }
        return degrees
    }

    /// Items as rows and users as columns. O(entries), by counting.
    public func transposed() -> InteractionMatrix {
        var starts = [Int](repeating: 0, count: itemCount + 1)
        for item in items { starts[Int(item) + 1] += 1 }
        for item in 0..<itemCount { starts[item + 1] += starts[item] }
        var next = starts
        var users = [Int32](repeating: 0, count: count)
        var newConfidences = confidences
        var newPreferences = preferences
        for user in 0..<userCount {
            for k in entryRange(of: user) {
                let position = next[Int(items[k])]
                next[Int(items[k])] += 1
                users[position] = Int32(user)
                if let confidences { newConfidences?[position] = confidences[k] }
                if let preferences { newPreferences?[position] = preferences[k] }
            }
        }
        return InteractionMatrix(
            trustedUserCount: itemCount, itemCount: userCount, rowStarts: starts, items: users,
            confidences: newConfidences, preferences: newPreferences)
    }
}
