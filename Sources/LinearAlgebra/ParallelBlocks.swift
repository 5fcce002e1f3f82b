import Dispatch
import Foundation
import Synchronization

/// Loops over blocks of a range on several threads, with one BLAS thread each.
public enum ParallelBlocks {
    /// The number of threads that a loop uses unless told: the processors of this machine.
    public static var defaultThreads: Int { max(1, ProcessInfo.processInfo.activeProcessorCount) }

    /// Calls `body(block, range)` once for each block of `blockSize` consecutive indices of `0..<count`.
    ///
    /// Blocks are given to whichever thread is free, so their order is not defined; how the range is cut does not
    /// depend on `threads`, which keeps results reproducible when `body` writes only what its block owns.
    public static func forEach(
        count: Int, blockSize: Int, threads: Int = defaultThreads,
        _ body: @Sendable (_ block: Int, _ range: Range<Int>) -> Void
    ) {
        guard count > 0 else { return }
        let size = max(1, blockSize)
        let blocks = (count + size - 1) / size
        BLASThreads.single {
            let next = NextBlock()
            DispatchQueue.concurrentPerform(iterations: max(1, min(threads, blocks))) { _ in
                while true {
                    let block = next.take()
                    guard block < blocks else { return }
                    body(block, block * size..<min(count, (block + 1) * size))
                }
            }
        }
    }

    /// The results of `body(block, range)` for all blocks of `blockSize` consecutive indices of `0..<count`, in order.
    ///
    /// Folding them in order gives the same bits at any number of threads.
    public static func map<Result: Sendable>(
        count: Int, blockSize: Int, threads: Int = defaultThreads,
        _ body: @Sendable (_ block: Int, _ range: Range<Int>) -> Result
    ) -> [Result] {
        guard count > 0 else { return [] }
        let size = max(1, blockSize)
        let blocks = (count - 1) / size + 1
        return [Result](unsafeUninitializedCapacity: blocks) { buffer, initialized in
            guard let start = buffer.baseAddress else { return }
            nonisolated(unsafe) let results = start
            forEach(count: count, blockSize: size, threads: threads) { block, range in
                (results + block).initialize(to: body(block, range))
            }
            initialized = blocks
        }
    }

    private final class NextBlock: Sendable {
        private let value = Atomic(0)
        func take() -> Int { value.wrappingAdd(1, ordering: .relaxed).oldValue }
    }
}
