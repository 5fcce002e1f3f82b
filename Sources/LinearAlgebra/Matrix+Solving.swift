extension Matrix {
    /// X with A X = B for a square matrix A, this one (LAPACK gesv, LU with partial pivoting). O(n³).
    /// - Throws: `dimensionMismatch`, `nonFinite`, `singular`.
    public func solve(_ b: Matrix) throws(LinearAlgebraError) -> Matrix {
        guard rows == columns, b.rows == rows else {
            throw .dimensionMismatch(
                operation: "gesv", expected: "square A, B with as many rows", found: "A \(shape), B \(b.shape)")
        }
        try requireFinite("A")
        try b.requireFinite("B")
        guard rows > 0, b.columns > 0 else { return b }
        var (a, x) = (self, b)
        let info = a.withUnsafeMutableElements { a in
            x.withUnsafeMutableElements { x in
                guard let a = a.baseAddress, let x = x.baseAddress else { return 0 }
                return Scalar.gesv(rows, b.columns, a, x)
            }
        }
        guard info == 0 else {
            throw info > 0 ? .singular(column: info - 1) : .routineFailed(routine: "gesv", info: info)
        }
        return x
    }

    /// X that minimises ‖A X − B‖_F (m ≥ n), or the X of least norm with A X = B (m < n), for A of full rank
    /// (LAPACK gels, QR or LQ). O(m n min(m, n)).
    /// - Throws: `dimensionMismatch`, `nonFinite`, `singular` when A has not full rank.
    public func leastSquares(_ b: Matrix) throws(LinearAlgebraError) -> Matrix {
        guard b.rows == rows else {
            throw .dimensionMismatch(operation: "gels", expected: "B with \(rows) rows", found: b.shape)
        }
        try requireFinite("A")
        try b.requireFinite("B")
        guard rows > 0, columns > 0, b.columns > 0 else { return Matrix(rows: columns, columns: b.columns) }
        // gels answers X = 0 for A = 0 instead of reporting the rank.
        if elements.allSatisfy({ $0 == 0 }) { throw .singular(column: 0) }
        var a = self
        // gels writes the n × r solution over the m × r right-hand sides, so the array must hold the longer one.
        let padding = [Scalar](repeating: 0, count: max(0, columns - rows) * b.columns)
        var x = b.elements + padding
        let info = a.withUnsafeMutableElements { a in
            x.withUnsafeMutableBufferPointer { x in
                guard let a = a.baseAddress, let x = x.baseAddress else { return 0 }
                return Scalar.gels(rows, columns, b.columns, a, x)
            }
        }
        guard info == 0 else {
            throw info > 0 ? .singular(column: info - 1) : .routineFailed(routine: "gels", info: info)
        }
        return try Matrix(rows: columns, columns: b.columns, elements: Array(x.prefix(columns * b.columns)))
    }
}
