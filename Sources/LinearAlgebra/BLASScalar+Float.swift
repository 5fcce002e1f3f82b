import COpenBLAS

extension Float: BLASScalar {
    /// `sgemm`.
    public static func gemm(
        _ transposeA: Transpose, _ transposeB: Transpose, _ m: Int, _ n: Int, _ k: Int, _ alpha: Float,
        _ a: UnsafePointer<Float>, _ lda: Int, _ b: UnsafePointer<Float>, _ ldb: Int, _ beta: Float,
        _ c: UnsafeMutablePointer<Float>, _ ldc: Int
    ) {
        cblas_sgemm(
            CblasRowMajor, transposeA.cblas, transposeB.cblas, blasint(m), blasint(n), blasint(k), alpha,
            a, blasint(lda), b, blasint(ldb), beta, c, blasint(ldc))
    }

    /// `sgemv`.
    public static func gemv(
        _ transpose: Transpose, _ m: Int, _ n: Int, _ alpha: Float, _ a: UnsafePointer<Float>, _ lda: Int,
        _ x: UnsafePointer<Float>, _ beta: Float, _ y: UnsafeMutablePointer<Float>
    ) {
        cblas_sgemv(
            CblasRowMajor, transpose.cblas, blasint(m), blasint(n), alpha, a, blasint(lda), x, 1, beta, y, 1)
    }

    /// `ssyrk`, lower triangle.
    public static func syrk(
        _ transpose: Transpose, _ n: Int, _ k: Int, _ alpha: Float, _ a: UnsafePointer<Float>, _ lda: Int,
        _ beta: Float, _ c: UnsafeMutablePointer<Float>, _ ldc: Int
    ) {
        cblas_ssyrk(
            CblasRowMajor, CblasLower, transpose.cblas, blasint(n), blasint(k), alpha, a, blasint(lda), beta,
            c, blasint(ldc))
    }

    /// `sdot`.
    public static func dot(_ n: Int, _ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>) -> Float {
        cblas_sdot(blasint(n), x, 1, y, 1)
    }

    /// `spotrf`: a row-major lower triangle is the upper triangle of LAPACK's column-major view.
    public static func potrf(_ n: Int, _ a: UnsafeMutablePointer<Float>, _ lda: Int) -> Int {
        Int(LAPACKE_spotrf_work(LAPACK_COL_MAJOR, upperTriangle, LAPACKInteger(n), a, LAPACKInteger(lda)))
    }

    /// `spotrs`: rows of a row-major B are columns of LAPACK's view.
    public static func potrs(
        _ n: Int, _ rightHandSides: Int, _ a: UnsafePointer<Float>, _ lda: Int,
        _ b: UnsafeMutablePointer<Float>, _ ldb: Int
    ) -> Int {
        Int(
            LAPACKE_spotrs_work(
                LAPACK_COL_MAJOR, upperTriangle, LAPACKInteger(n), LAPACKInteger(rightHandSides), a, LAPACKInteger(lda),
                b, LAPACKInteger(ldb)))
    }

    /// `ssyevd`: LAPACK's eigenvector columns are rows of the row-major view.
    public static func syevd(_ n: Int, _ a: UnsafeMutablePointer<Float>, _ values: UnsafeMutablePointer<Float>) -> Int {
        Int(LAPACKE_ssyevd(LAPACK_COL_MAJOR, withVectors, upperTriangle, LAPACKInteger(n), a, LAPACKInteger(n), values))
    }

    /// `sgesdd`: LAPACK sees Aᵀ = V Σ Uᵀ, so its U is our Vᵀ and its Vᵀ our U, both row-major.
    public static func gesdd(
        _ m: Int, _ n: Int, _ a: UnsafeMutablePointer<Float>, _ values: UnsafeMutablePointer<Float>,
        _ u: UnsafeMutablePointer<Float>, _ vt: UnsafeMutablePointer<Float>
    ) -> Int {
        Int(
            LAPACKE_sgesdd(
                LAPACK_COL_MAJOR, thinVectors, LAPACKInteger(n), LAPACKInteger(m), a, LAPACKInteger(n), values,
                vt, LAPACKInteger(n), u, LAPACKInteger(min(m, n))))
    }

    /// `sgesv`.
    public static func gesv(
        _ n: Int, _ rightHandSides: Int, _ a: UnsafeMutablePointer<Float>, _ b: UnsafeMutablePointer<Float>
    ) -> Int {
        var pivots = [LAPACKInteger](repeating: 0, count: n)
        return Int(
            LAPACKE_sgesv(
                LAPACK_ROW_MAJOR, LAPACKInteger(n), LAPACKInteger(rightHandSides), a, LAPACKInteger(n), &pivots,
                b, LAPACKInteger(rightHandSides)))
    }

    /// `sgels`.
    public static func gels(
        _ m: Int, _ n: Int, _ rightHandSides: Int, _ a: UnsafeMutablePointer<Float>, _ b: UnsafeMutablePointer<Float>
    ) -> Int {
        Int(
            LAPACKE_sgels(
                LAPACK_ROW_MAJOR, notTransposed, LAPACKInteger(m), LAPACKInteger(n), LAPACKInteger(rightHandSides),
                a, LAPACKInteger(n), b, LAPACKInteger(rightHandSides)))
    }
}
