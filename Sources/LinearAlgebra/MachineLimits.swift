import Synchronization

/// What this machine can do at best: the yardstick of benchmarks.
package enum MachineLimits {
    /// Reads every element of `matrix` once, on all threads, and does next to nothing with them.
    /// - Returns: some function of the bits, without which nothing would be read.
    package static func read(_ matrix: Matrix<Float>, threads: Int = ParallelBlocks.defaultThreads) -> UInt32 {
        let result = Atomic<UInt32>(0)
        matrix.withUnsafeElements { elements in
            guard let base = elements.baseAddress else { return }
            nonisolated(unsafe) let start = UnsafeRawPointer(base)
            ParallelBlocks.forEach(count: elements.count / 32, blockSize: 1 << 14, threads: threads) { _, range in
                var (left, right) = (SIMD16<UInt32>(), SIMD16<UInt32>())
                for line in range {
                    left |= start.loadUnaligned(fromByteOffset: 128 * line, as: SIMD16<UInt32>.self)
                    right |= start.loadUnaligned(fromByteOffset: 128 * line + 64, as: SIMD16<UInt32>.self)
                }
                let bits = left | right
                let folded = bits.indices.reduce(UInt32(0)) { $0 | bits[$1] }
                result.bitwiseOr(folded, ordering: .relaxed)
            }
        }
        return result.load(ordering: .relaxed)
    }

    /// Queries × itemsᵀ by the blocks of a batched search, without keeping or looking at a score.
    package static func multiply(_ queries: Matrix<Float>, _ items: Matrix<Float>, threads: Int) {
        let (d, blockRows) = (items.columns, 512)
        queries.withUnsafeElements { a in
            items.withUnsafeElements { b in
                guard let left = a.baseAddress, let right = b.baseAddress else { return }
                nonisolated(unsafe) let (a, b) = (left, right)
                ParallelBlocks.forEach(count: items.rows, blockSize: 64 * blockRows, threads: threads) { _, range in
                    var tile = [Float](repeating: 0, count: queries.rows * blockRows)
                    tile.withUnsafeMutableBufferPointer { tile in
                        guard let c = tile.baseAddress else { return }
                        for start in stride(from: range.lowerBound, to: range.upperBound, by: blockRows) {
                            let count = min(blockRows, range.upperBound - start)
                            Float.gemm(
                                .none, .transposed, queries.rows, count, d, 1, a, d, b + start * d, d, 0, c, blockRows)
                        }
                    }
                }
            }
        }
    }
}
