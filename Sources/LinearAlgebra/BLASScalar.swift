/// Whether a matrix enters a product as it is or transposed.
public enum Transpose: Sendable, CaseIterable {
    /// op(A) = A
    case none
    /// op(A) = Aᵀ
    case transposed
}

/// A scalar that BLAS and LAPACK have routines for: `Float` (s) and `Double` (d).
///
/// The requirements are the routines themselves, on raw row-major storage; `Matrix` wraps them with checked shapes.
/// Leading dimensions are counted in elements. LAPACK's `info` is returned as it is: 0 means success.
public protocol BLASScalar: BinaryFloatingPoint, Sendable, BitwiseCopyable {
    /// C ← α op(A) op(B) + β C, row-major; op(A) is m × k, op(B) k × n, C m × n.
    static func gemm(
        _ transposeA: Transpose, _ transposeB: Transpose, _ m: Int, _ n: Int, _ k: Int, _ alpha: Self,
        _ a: UnsafePointer<Self>, _ lda: Int, _ b: UnsafePointer<Self>, _ ldb: Int, _ beta: Self,
        _ c: UnsafeMutablePointer<Self>, _ ldc: Int)
    /// y ← α op(A) x + β y, row-major; A is m × n, the vectors are contiguous.
    static func gemv(
        _ transpose: Transpose, _ m: Int, _ n: Int, _ alpha: Self, _ a: UnsafePointer<Self>, _ lda: Int,
        _ x: UnsafePointer<Self>, _ beta: Self, _ y: UnsafeMutablePointer<Self>)
    /// Lower triangle of C ← α A Aᵀ + β C (`.none`, A n × k) or α Aᵀ A + β C (`.transposed`, A k × n), row-major.
    static func syrk(
        _ transpose: Transpose, _ n: Int, _ k: Int, _ alpha: Self, _ a: UnsafePointer<Self>, _ lda: Int,
        _ beta: Self, _ c: UnsafeMutablePointer<Self>, _ ldc: Int)
    /// xᵀy over `n` contiguous elements.
    static func dot(_ n: Int, _ x: UnsafePointer<Self>, _ y: UnsafePointer<Self>) -> Self
    /// Cholesky factor L of a row-major lower triangle, in place: A = L Lᵀ.
    static func potrf(_ n: Int, _ a: UnsafeMutablePointer<Self>, _ lda: Int) -> Int
    /// Solves L Lᵀ x = b in place for one contiguous right-hand side per row of `b`.
    static func potrs(
        _ n: Int, _ rightHandSides: Int, _ a: UnsafePointer<Self>, _ lda: Int,
        _ b: UnsafeMutablePointer<Self>, _ ldb: Int
    ) -> Int
    /// Eigenvalues, ascending, and eigenvectors, one per **row** of `a`, of a symmetric matrix.
    static func syevd(_ n: Int, _ a: UnsafeMutablePointer<Self>, _ values: UnsafeMutablePointer<Self>) -> Int
    /// Thin SVD of a row-major m × n matrix, which is destroyed: U is m × r, Vᵀ r × n, r = min(m, n).
    static func gesdd(
        _ m: Int, _ n: Int, _ a: UnsafeMutablePointer<Self>, _ values: UnsafeMutablePointer<Self>,
        _ u: UnsafeMutablePointer<Self>, _ vt: UnsafeMutablePointer<Self>
    ) -> Int
    /// Solves A X = B by LU with partial pivoting; `b`, n × r, becomes X.
    static func gesv(
        _ n: Int, _ rightHandSides: Int, _ a: UnsafeMutablePointer<Self>, _ b: UnsafeMutablePointer<Self>
    ) -> Int
    /// Least squares by QR or LQ for a full-rank m × n matrix; `b`, max(m, n) × r, holds X in its first n rows.
    static func gels(
        _ m: Int, _ n: Int, _ rightHandSides: Int, _ a: UnsafeMutablePointer<Self>,
        _ b: UnsafeMutablePointer<Self>
    ) -> Int
}
