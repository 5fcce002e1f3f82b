import Foundation

/// The natural logarithm, kept here so that the other files need no Foundation.
func logarithm(_ x: Double) -> Double { log(x) }

/// A = Q Λ Qᵀ for a symmetric matrix (LAPACK syevd, divide and conquer). O(n³).
public struct SymmetricEigendecomposition<Scalar: BLASScalar>: Sendable {
    /// The eigenvalues, ascending.
    public let values: [Scalar]
    /// Q, n × n: column j is the unit eigenvector of `values[j]`.
    public let vectors: Matrix<Scalar>

    /// Decomposes `matrix`, of which only the lower triangle is read.
    ///
    /// The sign of each eigenvector is fixed: its component of largest magnitude (the first such) is positive.
    /// - Throws: `dimensionMismatch` unless square, `nonFinite`, `notConverged`.
    public init(_ matrix: Matrix<Scalar>) throws(LinearAlgebraError) {
        let n = matrix.rows
        guard matrix.columns == n else {
            throw .dimensionMismatch(operation: "syevd", expected: "a square matrix", found: matrix.shape)
        }
        try matrix.requireFinite("the matrix to decompose")
        var rows = matrix
        var values = [Scalar](repeating: 0, count: n)
        let info = rows.withUnsafeMutableElements { a in
            values.withUnsafeMutableBufferPointer { w in
                guard n > 0, let a = a.baseAddress, let w = w.baseAddress else { return 0 }
                return Scalar.syevd(n, a, w)
            }
        }
        guard info == 0 else {
            throw info > 0 ? .notConverged(routine: "syevd") : .routineFailed(routine: "syevd", info: info)
        }
        for i in 0..<n {
            rows.withUnsafeMutableRow(i) { vector in
                guard let largest = vector.max(by: { abs($0) < abs($1) }), largest < 0 else { return }
                for j in vector.indices { vector[j] = -vector[j] }
            }
        }
        self.values = values
        vectors = rows.transposed()
    }
}

/// The thin singular value decomposition A = U Σ Vᵀ (LAPACK gesdd, divide and conquer). O(m n min(m, n)).
public struct SingularValueDecomposition<Scalar: BLASScalar>: Sendable {
    /// U, m × r with r = min(m, n); its columns are orthonormal.
    public let u: Matrix<Scalar>
    /// The singular values, descending, r of them.
    public let values: [Scalar]
    /// Vᵀ, r × n; its rows are orthonormal.
    public let vTransposed: Matrix<Scalar>

    /// Decomposes `matrix`.
    /// - Throws: `nonFinite`, `notConverged`.
    public init(_ matrix: Matrix<Scalar>) throws(LinearAlgebraError) {
        try matrix.requireFinite("the matrix to decompose")
        let (m, n) = (matrix.rows, matrix.columns)
        let r = min(m, n)
        var a = matrix
        var u = Matrix<Scalar>(rows: m, columns: r)
        var vt = Matrix<Scalar>(rows: r, columns: n)
        var values = [Scalar](repeating: 0, count: r)
        if r > 0 {
            let info = a.withUnsafeMutableElements { a in
                u.withUnsafeMutableElements { u in
                    vt.withUnsafeMutableElements { vt in
                        values.withUnsafeMutableBufferPointer { s in
                            guard let a = a.baseAddress, let u = u.baseAddress, let vt = vt.baseAddress,
                                let s = s.baseAddress
                            else { return 0 }
                            return Scalar.gesdd(m, n, a, s, u, vt)
                        }
                    }
                }
            }
            guard info == 0 else {
                throw info > 0 ? .notConverged(routine: "gesdd") : .routineFailed(routine: "gesdd", info: info)
            }
        }
        self.u = u
        self.values = values
        vTransposed = vt
    }
}
