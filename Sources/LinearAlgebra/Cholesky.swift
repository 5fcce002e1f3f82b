/// The Cholesky factorization A = L Lᵀ of a symmetric positive definite matrix (LAPACK potrf). O(n³ / 3).
public struct Cholesky<Scalar: BLASScalar>: Sendable {
    /// L, n × n, with zeros above its diagonal.
    public let factor: Matrix<Scalar>

    /// Factors `matrix`, of which only the lower triangle is read.
    /// - Throws: `dimensionMismatch` unless square, `nonFinite`, `notPositiveDefinite(minor:)`.
    public init(_ matrix: Matrix<Scalar>) throws(LinearAlgebraError) {
        let n = matrix.rows
        guard matrix.columns == n else {
            throw .dimensionMismatch(operation: "potrf", expected: "a square matrix", found: matrix.shape)
        }
        try matrix.requireFinite("the matrix to factor")
        var factor = matrix
        let info = factor.withUnsafeMutableElements { a in
            n > 0 ? a.baseAddress.map { Scalar.potrf(n, $0, n) } ?? 0 : 0
        }
        guard info == 0 else {
            throw info > 0 ? .notPositiveDefinite(minor: info) : .routineFailed(routine: "potrf", info: info)
        }
        factor.withUnsafeMutableElements { a in
            for i in 0..<n { a[(i * n + i + 1)..<((i + 1) * n)].update(repeating: 0) }
        }
        self.factor = factor
    }

    /// x with A x = b (LAPACK potrs). O(n²).
    public func solve(_ b: [Scalar]) throws(LinearAlgebraError) -> [Scalar] {
        try solve(rows: Matrix(rows: 1, columns: b.count, elements: b)).elements
    }

    /// X whose **row** r solves A x = bᵣ for row r of `b`: many right-hand sides that each lie contiguous.
    public func solve(rows b: Matrix<Scalar>) throws(LinearAlgebraError) -> Matrix<Scalar> {
        let n = factor.rows
        guard b.columns == n else {
            throw .dimensionMismatch(operation: "potrs", expected: "right-hand sides of \(n)", found: b.shape)
        }
        guard n > 0, b.rows > 0 else { return b }
        var x = b
        let info = factor.withUnsafeElements { l in
            x.withUnsafeMutableElements { x in
                guard let l = l.baseAddress, let x = x.baseAddress else { return 0 }
                return Scalar.potrs(n, b.rows, l, n, x, n)
            }
        }
        guard info == 0 else { throw .routineFailed(routine: "potrs", info: info) }
        return x
    }

    /// log det A = 2 Σ log L_ii, in Double.
    public var logDeterminant: Double {
        (0..<factor.rows).reduce(0.0) { $0 + 2 * logarithm(Double(factor[$1, $1])) }
    }
}
