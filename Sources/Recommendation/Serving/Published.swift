import Foundation
import Synchronization

/// A value that many threads read while one replaces it: readers take no lock, never wait and always see a whole value.
///
/// The Left-Right technique (Ramalhete, Correia 2015): two places, of which readers use one; a writer fills the other,
/// sends new readers there, waits until the last reader has left the old one, and fills that as well. Nobody keeps a
/// value longer than it is used.
public final class Published<Value: Sendable>: Sendable {
    private nonisolated(unsafe) var left: Value
    private nonisolated(unsafe) var right: Value
    /// 0 for `left`, 1 for `right`.
    private let place = Atomic(0)
    /// Which of the two counters new readers use.
    private let phase = Atomic(0)
    private let firstReaders = Atomic(0)
    private let secondReaders = Atomic(0)
    private let writing = Mutex(())

    /// Publishes `value`.
    public init(_ value: Value) {
        left = value
        right = value
    }

    /// The value of now. Wait-free.
    public var value: Value {
        let isFirst = phase.load(ordering: .sequentiallyConsistent) == 0
        change(isFirst, by: 1)
        defer { change(isFirst, by: -1) }
        return place.load(ordering: .sequentiallyConsistent) == 0 ? left : right
    }

    /// Replaces the value; readers that come after it returned see the new one. Writers wait for one another and, for
    /// the moment of a copy, for readers.
    public func publish(_ value: Value) {
        writing.withLock { _ in
            let isLeft = place.load(ordering: .sequentiallyConsistent) == 0
            if isLeft { right = value } else { left = value }
            place.store(isLeft ? 1 : 0, ordering: .sequentiallyConsistent)
            // Readers may still be in the old place under either counter: both must have run empty once.
            let isFirst = phase.load(ordering: .sequentiallyConsistent) == 0
            wait(forFirst: !isFirst)
            phase.store(isFirst ? 1 : 0, ordering: .sequentiallyConsistent)
            wait(forFirst: isFirst)
            if isLeft { left = value } else { right = value }
        }
    }

    private func change(_ isFirst: Bool, by step: Int) {
        if isFirst {
            firstReaders.wrappingAdd(step, ordering: .sequentiallyConsistent)
        } else {
            secondReaders.wrappingAdd(step, ordering: .sequentiallyConsistent)
        }
    }

    private func wait(forFirst isFirst: Bool) {
        func count() -> Int {
            isFirst
                ? firstReaders.load(ordering: .sequentiallyConsistent)
                : secondReaders.load(ordering: .sequentiallyConsistent)
        }
        while count() != 0 { sched_yield() }
    }
}
