import Dispatch
import Synchronization

/// Work on many independent parts at once. Results stand in the order of the parts, whoever did them.
package struct FleetWorkers: Sendable {
    /// How many parts are worked on at a time, at least 1.
    package let threads: Int

    package init(_ threads: Int) { self.threads = max(1, threads) }

    /// The value of `body` for each of 0..<`count`.
    package func map<Value: Sendable>(_ count: Int, _ body: @Sendable (Int) -> Value) -> [Value] {
        guard count > 0 else { return [] }
        guard threads > 1, count > 1 else { return (0..<count).map(body) }
        let next = Atomic<Int>(0)
        let done = Mutex<[(index: Int, value: Value)]>([])
        DispatchQueue.concurrentPerform(iterations: min(threads, count)) { _ in
            var own: [(index: Int, value: Value)] = []
            while true {
                let index = next.add(1, ordering: .relaxed).oldValue
                guard index < count else { break }
                own.append((index, body(index)))
            }
            let finished = own
            done.withLock { $0 += finished }
        }
        return done.withLock { $0.sorted { $0.index < $1.index }.map(\.value) }
    }
}
