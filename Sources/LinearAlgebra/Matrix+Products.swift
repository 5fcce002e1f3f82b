extension Matrix {
    /// C ← α op(A) op(B) + β C, in place (BLAS gemm). O(m n k).
    /// - Throws: `dimensionMismatch` when the shapes do not fit this m × n matrix.
    public mutating func accumulateProduct(
        _ a: Matrix, _ b: Matrix, transposeA: Transpose = .none, transposeB: Transpose = .none,
        alpha: Scalar = 1, beta: Scalar = 0
    ) throws(LinearAlgebraError) {
        try accumulateProduct(
            a, b, rowsOfB: 0..<b.rows, transposeA: transposeA, transposeB: transposeB, alpha: alpha, beta: beta)
    }

    /// As `accumulateProduct`, with only the rows `rowsOfB` of B (a contiguous part of it, not copied).
    public mutating func accumulateProduct(
        _ a: Matrix, _ b: Matrix, rowsOfB: Range<Int>,
        transposeA: Transpose = .none, transposeB: Transpose = .none, alpha: Scalar = 1, beta: Scalar = 0
    ) throws(LinearAlgebraError) {
        let (m, k) = transposeA == .none ? (a.rows, a.columns) : (a.columns, a.rows)
        let (inner, n) = transposeB == .none ? (rowsOfB.count, b.columns) : (b.columns, rowsOfB.count)
        guard k == inner, rowsOfB.lowerBound >= 0, rowsOfB.upperBound <= b.rows else {
            throw .dimensionMismatch(
                operation: "gemm", expected: "op(B) with \(k) rows", found: "\(inner) × \(n) of \(b.shape)")
        }
        guard m == rows, n == columns else {
            throw .dimensionMismatch(operation: "gemm", expected: "C of \(m) × \(n)", found: shape)
        }
        guard m > 0, n > 0 else { return }
        guard k > 0 else { return scale(by: beta) }
        let (lda, ldb, ldc) = (a.columns, b.columns, columns)
        a.withUnsafeElements { a in
            b.withUnsafeElements { b in
                withUnsafeMutableElements { c in
                    guard let a = a.baseAddress, let b = b.baseAddress, let c = c.baseAddress else { return }
                    let start = b + rowsOfB.lowerBound * ldb
                    if m == 1 && transposeA == .none {
                        // One row is bound by reading B once: gemv does not pack it.
                        let flipped: Transpose = transposeB == .none ? .transposed : .none
                        Scalar.gemv(flipped, rowsOfB.count, ldb, alpha, start, ldb, a, beta, c)
                    } else {
                        Scalar.gemm(transposeA, transposeB, m, n, k, alpha, a, lda, start, ldb, beta, c, ldc)
                    }
                }
            }
        }
    }

    /// α op(A) op(B) (BLAS gemm). O(m n k).
    public static func product(
        _ a: Matrix, _ b: Matrix, transposeA: Transpose = .none, transposeB: Transpose = .none,
        alpha: Scalar = 1
    ) throws(LinearAlgebraError) -> Matrix {
        var result = Matrix(
            rows: transposeA == .none ? a.rows : a.columns, columns: transposeB == .none ? b.columns : b.rows)
        try result.accumulateProduct(a, b, transposeA: transposeA, transposeB: transposeB, alpha: alpha)
        return result
    }

    /// op(A) x (BLAS gemv). O(m n).
    public func multiplied(by x: [Scalar], transposed: Transpose = .none) throws(LinearAlgebraError) -> [Scalar] {
        var y = [Scalar](repeating: 0, count: transposed == .none ? rows : columns)
        try accumulateProduct(with: x, transposed: transposed, into: &y)
        return y
    }

    /// y ← α op(A) x + β y (BLAS gemv). O(m n).
    public func accumulateProduct(
        with x: [Scalar], transposed: Transpose = .none, alpha: Scalar = 1, beta: Scalar = 0, into y: inout [Scalar]
    ) throws(LinearAlgebraError) {
        let (m, n) = transposed == .none ? (rows, columns) : (columns, rows)
        guard x.count == n, y.count == m else {
            throw .dimensionMismatch(
                operation: "gemv", expected: "x of \(n), y of \(m)", found: "x of \(x.count), y of \(y.count)")
        }
        guard m > 0 else { return }
        guard n > 0 else {
            for i in y.indices { y[i] = beta == 0 ? 0 : beta * y[i] }
            return
        }
        withUnsafeElements { a in
            x.withUnsafeBufferPointer { x in
                y.withUnsafeMutableBufferPointer { y in
                    guard let a = a.baseAddress, let x = x.baseAddress, let y = y.baseAddress else { return }
                    Scalar.gemv(transposed, rows, columns, alpha, a, columns, x, beta, y)
                }
            }
        }
    }

    /// The full symmetric Gram matrix AᵀA, columns × columns (`.transposed`, the default), or AAᵀ (BLAS syrk).
    public func gram(_ transpose: Transpose = .transposed, alpha: Scalar = 1) -> Matrix {
        let n = transpose == .none ? rows : columns
        let k = transpose == .none ? columns : rows
        var result = Matrix(rows: n, columns: n)
        guard n > 0, k > 0 else { return result }
        withUnsafeElements { a in
            result.withUnsafeMutableElements { c in
                guard let a = a.baseAddress, let c = c.baseAddress else { return }
                Scalar.syrk(transpose, n, k, alpha, a, columns, 0, c, n)
            }
        }
        result.mirrorLowerTriangle()
        return result
    }

    /// Copies the lower triangle onto the upper one.
    mutating func mirrorLowerTriangle() {
        let n = min(rows, columns)
        let stride = columns
        withUnsafeMutableElements { c in
            for i in 0..<n {
                for j in 0..<i { c[j * stride + i] = c[i * stride + j] }
            }
        }
    }

    /// A ← β A, where β = 0 also clears NaN, as BLAS defines it.
    mutating func scale(by beta: Scalar) {
        withUnsafeMutableElements { c in
            for i in c.indices { c[i] = beta == 0 ? 0 : beta * c[i] }
        }
    }
}

/// xᵀy (BLAS dot). O(n).
/// - Throws: `dimensionMismatch` when the lengths differ.
public func dot<Scalar: BLASScalar>(_ x: [Scalar], _ y: [Scalar]) throws(LinearAlgebraError) -> Scalar {
    guard x.count == y.count else {
        throw .dimensionMismatch(operation: "dot", expected: "\(x.count) elements", found: "\(y.count)")
    }
    return x.withUnsafeBufferPointer { x in
        y.withUnsafeBufferPointer { y in
            guard let p = x.baseAddress, let q = y.baseAddress else { return 0 }
            return Scalar.dot(x.count, p, q)
        }
    }
}
