import Dispatch
import Recommendation
import Synchronization
import Testing

@Suite("Published values")
struct PublishedTests {
    /// A value that is whole only when both halves agree.
    private struct Pair: Sendable {
        let first: [Int]
        let second: [Int]
        init(_ number: Int) {
            first = [number]
            second = [number]
        }
    }

    /// Counts the copies that are alive.
    private final class Counted: Sendable {
        static let alive = Atomic(0)
        let number: Int
        init(_ number: Int) {
            self.number = number
            Self.alive.wrappingAdd(1, ordering: .relaxed)
        }
        deinit { Self.alive.wrappingSubtract(1, ordering: .relaxed) }
    }

    @Test("Readers see whole values, never older ones than before, while writers replace them")
    func concurrent() {
        let published = Published(Pair(0))
        let faults = Atomic(0)
        DispatchQueue.concurrentPerform(iterations: 4) { worker in
            if worker == 0 {
                for number in 1...20_000 { published.publish(Pair(number)) }
            } else {
                var last = 0
                for _ in 0..<20_000 {
                    let pair = published.value
                    if pair.first != pair.second || pair.first[0] < last {
                        faults.wrappingAdd(1, ordering: .relaxed)
                    }
                    last = pair.first[0]
                }
            }
        }
        #expect(faults.load(ordering: .relaxed) == 0)
        #expect(published.value.first == [20_000])
    }

    @Test("Old values are let go")
    func releases() {
        let published = Published(Counted(0))
        for number in 1...10 { published.publish(Counted(number)) }
        #expect(published.value.number == 10)
        #expect(Counted.alive.load(ordering: .relaxed) == 1)
    }
}
