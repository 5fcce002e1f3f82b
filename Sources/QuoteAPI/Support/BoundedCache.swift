import Synchronization

/// Values that were worth working out, up to a total cost: what was not asked for lately goes first.
///
/// Two generations: what is new or found again is young; when the young fill half of the room, the old are dropped and
/// the young are the old. O(1) a call, and never more than `capacity` in all.
final class BoundedCache<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private struct Entry {
        let value: Value
        let cost: Int
    }

    private struct State {
        var young: [Key: Entry] = [:]
        var old: [Key: Entry] = [:]
        var cost = 0
    }

    private let half: Int
    private let state = Mutex(State())

    /// A cache of values whose costs add up to at most `capacity`.
    init(capacity: Int) { half = max(1, capacity / 2) }

    /// The value of `key`, if it is still there.
    func value(_ key: Key) -> Value? {
        state.withLock { state in
            if let entry = state.young[key] { return entry.value }
            guard let entry = state.old.removeValue(forKey: key) else { return nil }
            insert(entry, key, &state)
            return entry.value
        }
    }

    /// Keeps `value`, unless it alone would fill half of the room.
    func insert(_ value: Value, for key: Key, cost: Int = 1) {
        guard cost <= half else { return }
        state.withLock { state in
            state.old[key] = nil
            insert(Entry(value: value, cost: cost), key, &state)
        }
    }

    private func insert(_ entry: Entry, _ key: Key, _ state: inout State) {
        if let before = state.young.removeValue(forKey: key) { state.cost -= before.cost }
        if state.cost + entry.cost > half {
            state.old = state.young
            state.young = [:]
            state.cost = 0
        }
        state.young[key] = entry
        state.cost += entry.cost
    }
}
