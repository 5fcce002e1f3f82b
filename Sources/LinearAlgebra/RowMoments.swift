/// First and second moments of many random vectors of one width, as a factorization keeps them.
public struct RowMoments: Sendable {
    /// E[x], one row for each vector, d wide.
    public internal(set) var means: Matrix<Float>
    /// E[x xᵀ], one row for each vector: the lower triangle row after row, then zeros to a multiple of 8.
    public internal(set) var seconds: Matrix<Float>

    /// The vectors `means` themselves, without any spread: E[x xᵀ] = x xᵀ. O(rows · d²).
    public init(exactly means: Matrix<Float>) {
        self.means = means
        seconds = Matrix(rows: means.rows, columns: Self.packedWidth(means.columns))
        for row in 0..<means.rows { squareRow(row) }
    }

    /// Moments in their stored form.
    /// - Throws: `dimensionMismatch` unless `seconds` has a packed row for each row of `means`.
    public init(means: Matrix<Float>, seconds: Matrix<Float>) throws(LinearAlgebraError) {
        guard seconds.rows == means.rows, seconds.columns == Self.packedWidth(means.columns) else {
            throw .dimensionMismatch(
                operation: "RowMoments", expected: "\(means.rows) × \(Self.packedWidth(means.columns)) second moments",
                found: seconds.shape)
        }
        self.means = means
        self.seconds = seconds
    }

    /// These moments with those of one more vector, which has no spread.
    /// - Throws: `dimensionMismatch` for a vector of another width. O(rows · d²).
    public func appending(_ vector: [Float]) throws(LinearAlgebraError) -> RowMoments {
        let last = RowMoments(exactly: try Matrix(rows: 1, columns: vector.count, elements: vector))
        return try RowMoments(
            means: Matrix(
                rows: means.rows + 1, columns: means.columns, elements: means.elements + last.means.elements),
            seconds: Matrix(
                rows: means.rows + 1, columns: seconds.columns, elements: seconds.elements + last.seconds.elements))
    }

    /// Replaces the moments of one vector by the first of `others`.
    /// - Throws: `dimensionMismatch` unless both rows exist and are equally wide. O(d²).
    public mutating func replace(_ row: Int, by others: RowMoments) throws(LinearAlgebraError) {
        guard others.means.rows > 0 else {
            throw .dimensionMismatch(operation: "RowMoments.replace", expected: "a row", found: "none")
        }
        try means.replaceRow(row, with: others.means.row(0))
        try seconds.replaceRow(row, with: others.seconds.row(0))
    }

    /// The numbers that hold one second moment of width d.
    static func packedWidth(_ d: Int) -> Int { (d * (d + 1) / 2 + 7) / 8 * 8 }

    /// E[x_i x_j] of one row. O(1).
    public func second(_ row: Int, _ i: Int, _ j: Int) -> Float {
        seconds[row, max(i, j) * (max(i, j) + 1) / 2 + min(i, j)]
    }

    private mutating func squareRow(_ row: Int) {
        let d = means.columns
        means.withUnsafeRow(row) { x in
            seconds.withUnsafeMutableRow(row) { square in
                var k = 0
                for i in 0..<d {
                    for j in 0...i {
                        square[k] = x[i] * x[j]
                        k += 1
                    }
                }
            }
        }
    }
}
