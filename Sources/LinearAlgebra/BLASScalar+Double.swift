import COpenBLAS

extension Double: BLASScalar {
    /// `dgemm`.
    public static func gemm(
        _ transposeA: Transpose, _ transposeB: Transpose, _ m: Int, _ n: Int, _ k: Int, _ alpha: Double,
        _ a: UnsafePointer<Double>, _ lda: Int, _ b: UnsafePointer<Double>, _ ldb: Int, _ beta: Double,
        _ c: UnsafeMutablePointer<Double>, _ ldc: Int
    ) {
        cblas_dgemm(
            CblasRowMajor, transposeA.cblas, transposeB.cblas, blasint(m), blasint(n), blasint(k), alpha,
            a, blasint(lda), b, blasint(ldb), beta, c, blasint(ldc))
    }

    /// `dgemv`.
    public static func gemv(
        _ transpose: Transpose, _ m: Int, _ n: Int, _ alpha: Double, _ a: UnsafePointer<Double>, _ lda: Int,
        _ x: UnsafePointer<Double>, _ beta: Double, _ y: UnsafeMutablePointer<Double>
    ) {
        cblas_dgemv(
            CblasRowMajor, transpose.cblas, blasint(m), blasint(n), alpha, a, blasint(lda), x, 1, beta, y, 1)
    }

    /// `dsyrk`, lower triangle.
    public static func syrk(
        _ transpose: Transpose, _ n: Int, _ k: Int, _ alpha: Double, _ a: UnsafePointer<Double>, _ lda: Int,
        _ beta: Double, _ c: UnsafeMutablePointer<Double>, _ ldc: Int
    ) {
        cblas_dsyrk(
            CblasRowMajor, CblasLower, transpose.cblas, blasint(n), blasint(k), alpha, a, blasint(lda), beta,
            c, blasint(ldc))
    }

    /// `ddot`.
    public static func dot(_ n: Int, _ x: UnsafePointer<Double>, _ y: UnsafePointer<Double>) -> Double {
        cblas_ddot(blasint(n), x, 1, y, 1)
    }

    /// `dpotrf`: a row-major lower triangle is the upper triangle of LAPACK's column-major view.
    public static func potrf(_ n: Int, _ a: UnsafeMutablePointer<Double>, _ lda: Int) -> Int {
        Int(LAPACKE_dpotrf_work(LAPACK_COL_MAJOR, upperTriangle, LAPACKInteger(n), a, LAPACKInteger(lda)))
    }

    /// `dpotrs`: rows of a row-major B are columns of LAPACK's view.
    public static func potrs(
        _ n: Int, _ rightHandSides: Int, _ a: UnsafePointer<Double>, _ lda: Int,
        _ b: UnsafeMutablePointer<Double>, _ ldb: Int
    ) -> Int {
        Int(
            LAPACKE_dpotrs_work(
                LAPACK_COL_MAJOR, upperTriangle, LAPACKInteger(n), LAPACKInteger(rightHandSides), a, LAPACKInteger(lda),
                b, LAPACKInteger(ldb)))
    }

    /// `dsyevd`: LAPACK's eigenvector columns are rows of the row-major view.
    public static func syevd(_ n: Int, _ a: UnsafeMutablePointer<Double>, _ values: UnsafeMutablePointer<Double>) -> Int
    {
        Int(LAPACKE_dsyevd(LAPACK_COL_MAJOR, withVectors, upperTriangle, LAPACKInteger(n), a, LAPACKInteger(n), values))
    }

    /// `dgesdd`: LAPACK sees Aᵀ = V Σ Uᵀ, so its U is our Vᵀ and its Vᵀ our U, both row-major.
    public static func gesdd(
        _ m: Int, _ n: Int, _ a: UnsafeMutablePointer<Double>, _ values: UnsafeMutablePointer<Double>,
        _ u: UnsafeMutablePointer<Double>, _ vt: UnsafeMutablePointer<Double>
    ) -> Int {
        Int(
            LAPACKE_dgesdd(
                LAPACK_COL_MAJOR, thinVectors, LAPACKInteger(n), LAPACKInteger(m), a, LAPACKInteger(n), values,
                vt, LAPACKInteger(n), u, LAPACKInteger(min(m, n))))
    }

    /// `dgesv`.
    public static func gesv(
        _ n: Int, _ rightHandSides: Int, _ a: UnsafeMutablePointer<Double>, _ b: UnsafeMutablePointer<Double>
    ) -> Int {
        var pivots = [LAPACKInteger](repeating: 0, count: n)
        return Int(
            LAPACKE_dgesv(
                LAPACK_ROW_MAJOR, LAPACKInteger(n), LAPACKInteger(rightHandSides), a, LAPACKInteger(n), &pivots,
                b, LAPACKInteger(rightHandSides)))
    }

    /// `dgels`.
    public static func gels(
        _ m: Int, _ n: Int, _ rightHandSides: Int, _ a: UnsafeMutablePointer<Double>, _ b: UnsafeMutablePointer<Double>
    ) -> Int {
        Int(
            LAPACKE_dgels(
                LAPACK_ROW_MAJOR, notTransposed, LAPACKInteger(m), LAPACKInteger(n), LAPACKInteger(rightHandSides),
                a, LAPACKInteger(n), b, LAPACKInteger(rightHandSides)))
    }
}
