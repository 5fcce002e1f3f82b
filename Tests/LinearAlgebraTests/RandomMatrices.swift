import LinearAlgebra
import TestSupport

/// A matrix of uniform numbers in [-1, 1).
func randomMatrix<Scalar: BLASScalar>(
    _ rows: Int, _ columns: Int, using generator: inout SeededGenerator, as type: Scalar.Type = Scalar.self
) -> Matrix<Scalar> {
    Matrix(rows: rows, columns: columns) { _, _ in Scalar(Double.random(in: -1..<1, using: &generator)) }
}

/// op(A) op(B) by its definition, in Double.
func naiveProduct<Scalar: BLASScalar>(
    _ a: Matrix<Scalar>, _ ta: Transpose, _ b: Matrix<Scalar>, _ tb: Transpose
) -> Matrix<Double> {
    let m = ta == .none ? a.rows : a.columns
    let k = ta == .none ? a.columns : a.rows
    let n = tb == .none ? b.columns : b.rows
    return Matrix(rows: m, columns: n) { i, j in
        (0..<k).reduce(0.0) { sum, l in
            sum + Double(ta == .none ? a[i, l] : a[l, i]) * Double(tb == .none ? b[l, j] : b[j, l])
        }
    }
}

/// max |A − B|, or infinity when the shapes differ.
func largestDifference<S: BLASScalar, T: BLASScalar>(_ a: Matrix<S>, _ b: Matrix<T>) -> Double {
    guard a.rows == b.rows, a.columns == b.columns else { return .infinity }
    return zip(a.elements, b.elements).reduce(0) { max($0, abs(Double($1.0) - Double($1.1))) }
}

/// ‖QᵀQ − I‖_max of the columns of Q.
func orthonormalityError<Scalar: BLASScalar>(_ q: Matrix<Scalar>) throws -> Double {
    largestDifference(
        try Matrix.product(q, q, transposeA: .transposed), Matrix<Scalar>.identity(q.columns))
}
