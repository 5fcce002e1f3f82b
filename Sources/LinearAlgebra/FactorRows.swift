import Foundation

/// The rows of one side of a factorization while it is trained: Float, row-major, changed in place.
///
/// Every row starts at a cache line and is padded by zeros to whole ones, so that a row that lies anywhere in memory
/// costs as few misses as can be, and loops over it need no remainder.
public final class FactorRows: @unchecked Sendable {
    /// The number of rows.
    public let rows: Int
    /// d, the width of a row.
    public let columns: Int
    /// How many numbers lie between the starts of two rows: d rounded up to a multiple of 16.
    let stride: Int
    let base: UnsafeMutablePointer<Float>

    /// Zeros.
    public init(rows: Int, columns: Int) {
        self.rows = max(0, rows)
        self.columns = max(0, columns)
        stride = (self.columns + 15) / 16 * 16
        base = AlignedMemory.zeros(self.rows * stride)
    }

    /// The rows of a matrix.
    public convenience init(_ matrix: Matrix<Float>) {
        self.init(rows: matrix.rows, columns: matrix.columns)
        matrix.withUnsafeElements { source in
            guard let source = source.baseAddress else { return }
            for row in 0..<rows { (base + row * stride).update(from: source + row * columns, count: columns) }
        }
    }

    deinit { base.deallocate() }

    /// The rows as a matrix of its own.
    public func matrix() -> Matrix<Float> {
        var matrix = Matrix<Float>(rows: rows, columns: columns)
        matrix.withUnsafeMutableElements { target in
            guard let target = target.baseAddress else { return }
            for row in 0..<rows { (target + row * columns).update(from: base + row * stride, count: columns) }
        }
        return matrix
    }

    /// Sets blocks of rows, each by the thread that is free: `body` gets the block's number and a setter.
    public func fill(
        blockSize: Int, threads: Int,
        _ body: @Sendable (_ block: Int, _ rows: Range<Int>, _ set: (Int, Int, Float) -> Void) -> Void
    ) {
        ParallelBlocks.forEach(count: rows, blockSize: blockSize, threads: threads) { block, range in
            body(block, range) { row, column, value in self.base[row * self.stride + column] = value }
        }
    }

    /// AᵀA in Double; see `Matrix.gramInDouble`.
    public func gramInDouble(threads: Int = ParallelBlocks.defaultThreads) -> Matrix<Double> {
        BlockedGram.inDouble(base, rows: rows, columns: columns, stride: stride, threads: threads)
    }

    /// A ← A R, by blocks of rows: the same bits at any thread count. O(rows d²).
    /// - Throws: `dimensionMismatch` unless R is d × d.
    public func rotate(
        by rotation: Matrix<Float>, threads: Int = ParallelBlocks.defaultThreads
    ) throws(LinearAlgebraError) {
        let d = columns
        guard rotation.rows == d, rotation.columns == d else {
            throw .dimensionMismatch(operation: "rotate", expected: "\(d) × \(d)", found: rotation.shape)
        }
        guard rows > 0, d > 0 else { return }
        rotation.withUnsafeElements { r in
            guard let pointer = r.baseAddress else { return }
            nonisolated(unsafe) let r = pointer
            ParallelBlocks.forEach(count: rows, blockSize: 1024, threads: threads) { _, range in
                let source = AlignedMemory.zeros(range.count * self.stride)
                defer { source.deallocate() }
                let target = self.base + range.lowerBound * self.stride
                source.update(from: target, count: range.count * self.stride)
                Float.gemm(.none, .none, range.count, d, d, 1, source, self.stride, r, d, 0, target, self.stride)
            }
        }
    }
}

/// Memory at a cache line's start.
enum AlignedMemory {
    /// `count` zeros.
    static func zeros(_ count: Int) -> UnsafeMutablePointer<Float> {
        let huge = 2 << 20
        let size = max(64, 4 * count)
        let bytes = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: size >= 2 * huge ? huge : 64)
        // Rows anywhere in a large table miss the address cache too, unless pages are large.
        if size >= 2 * huge { madvise(bytes, size / huge * huge, Int32(MADV_HUGEPAGE)) }
        bytes.initializeMemory(as: UInt8.self, repeating: 0, count: size)
        return bytes.assumingMemoryBound(to: Float.self)
    }
}
