import Synchronization

/// Counts how often each index was visited, from any thread.
final class VisitCounter: Sendable {
    private let counts: Mutex<[Int]>
    init(_ count: Int) { counts = Mutex([Int](repeating: 0, count: count)) }

    func visit(_ range: Range<Int>, valid: Bool) {
        counts.withLock { counts in
            for i in range { counts[i] += valid ? 1 : 1000 }
        }
    }

    /// Whether every index was visited exactly once, in a valid block.
    var isExact: Bool { counts.withLock { $0.allSatisfy { $0 == 1 } } }
}
