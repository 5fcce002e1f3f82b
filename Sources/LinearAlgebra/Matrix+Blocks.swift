/// The number of rows that one task of a blocked operation takes. Fixed, so that results do not depend on threads.
private let blockRows = 2048

extension Matrix where Scalar == Float {
    /// AᵀA in Double: partial Gram matrices of fixed blocks of rows by ssyrk, added in block order.
    ///
    /// Unlike a multithreaded ssyrk, the same bits at any thread count; and over many rows more accurate, since no
    /// running sum in Float is longer than a block. O(rows · columns²).
    public func gramInDouble(threads: Int = ParallelBlocks.defaultThreads) -> Matrix<Double> {
        withUnsafeElements { a in
            guard let a = a.baseAddress else { return Matrix<Double>(rows: columns, columns: columns) }
            return BlockedGram.inDouble(a, rows: rows, columns: columns, stride: columns, threads: threads)
        }
    }

    /// A B by blocks of rows of A: the same bits at any thread count. O(rows · columns · b.columns).
    /// - Throws: `dimensionMismatch`.
    public func multipliedByBlocks(
        _ b: Matrix, threads: Int = ParallelBlocks.defaultThreads
    ) throws(LinearAlgebraError) -> Matrix {
        guard b.rows == columns else {
            throw .dimensionMismatch(operation: "gemm", expected: "B with \(columns) rows", found: b.shape)
        }
        var result = Matrix(rows: rows, columns: b.columns)
        let (k, n) = (columns, b.columns)
        guard rows > 0, k > 0, n > 0 else { return result }
        withUnsafeElements { a in
            b.withUnsafeElements { b in
                result.withUnsafeMutableElements { c in
                    guard let left = a.baseAddress, let right = b.baseAddress, let out = c.baseAddress else { return }
                    nonisolated(unsafe) let (a, b, c) = (left, right, out)
                    ParallelBlocks.forEach(count: rows, blockSize: blockRows, threads: threads) { _, range in
                        let start = range.lowerBound
                        Float.gemm(.none, .none, range.count, n, k, 1, a + start * k, k, b, n, 0, c + start * n, n)
                    }
                }
            }
        }
        return result
    }
}

/// Gram matrices by blocks of rows.
enum BlockedGram {
    /// AᵀA of `rows` rows that lie `stride` numbers apart; see `Matrix.gramInDouble`.
    static func inDouble(
        _ source: UnsafePointer<Float>, rows: Int, columns n: Int, stride: Int, threads: Int
    ) -> Matrix<Double> {
        let blocks = (rows + blockRows - 1) / blockRows
        var total = Matrix<Double>(rows: n, columns: n)
        guard n > 0, rows > 0 else { return total }
        nonisolated(unsafe) let a = source
        // A group of partial matrices at a time bounds the memory.
        let group = 8
        var partials = [Float](repeating: 0, count: min(group, blocks) * n * n)
        for first in Swift.stride(from: 0, to: blocks, by: group) {
            let count = min(group, blocks - first)
            partials.withUnsafeMutableBufferPointer { partials in
                guard let partials = partials.baseAddress else { return }
                nonisolated(unsafe) let c = partials
                ParallelBlocks.forEach(count: count, blockSize: 1, threads: threads) { block, _ in
                    let start = (first + block) * blockRows
                    Float.syrk(
                        .transposed, n, min(blockRows, rows - start), 1, a + start * stride, stride, 0,
                        c + block * n * n, n)
                }
            }
            total.withUnsafeMutableElements { sum in
                partials.withUnsafeBufferPointer { partials in
                    for block in 0..<count {
                        for i in 0..<n {
                            for j in 0...i { sum[i * n + j] += Double(partials[(block * n + i) * n + j]) }
                        }
                    }
                }
            }
        }
        total.mirrorLowerTriangle()
        return total
    }
}
