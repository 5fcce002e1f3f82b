/// Cholesky solution of one small positive definite system, in place.
enum SmallCholesky {
    /// Up to this order the plain loops below beat LAPACK's call: no locks, no workspace, no blocking.
    static let largestPlainOrder = 32

    /// Solves A x = b, b becoming x; only the lower triangle of the row-major `a` is read, and destroyed.
    /// Returns 0, or the order of the failing leading minor.
    static func solve(_ n: Int, _ a: UnsafeMutablePointer<Float>, _ b: UnsafeMutablePointer<Float>) -> Int {
        guard n <= largestPlainOrder else {
            let info = Float.potrf(n, a, n)
            return info == 0 ? Float.potrs(n, 1, a, n, b, n) : info
        }
        // Row by row (Cholesky–Banachiewicz): inner products of contiguous rows. The diagonal keeps 1 / L_jj.
        for i in 0..<n {
            let rowI = a + i * n
            for j in 0..<i {
                let rowJ = a + j * n
                rowI[j] = (rowI[j] - innerProduct(j, rowI, rowJ)) * rowJ[j]
            }
            let pivot = rowI[i] - innerProduct(i, rowI, rowI)
            guard pivot > 0 else { return i + 1 }
            rowI[i] = 1 / pivot.squareRoot()
            b[i] = (b[i] - innerProduct(i, rowI, b)) * rowI[i]
        }
        for i in stride(from: n - 1, through: 0, by: -1) {
            let row = a + i * n
            let value = b[i] * row[i]
            b[i] = value
            for j in 0..<i { b[j] -= row[j] * value }
        }
        return 0
    }

    /// xᵀy in four running sums, so that it vectorizes; the order of additions depends on `n` alone.
    @inline(__always)
    private static func innerProduct(
        _ n: Int, _ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>
    ) -> Float {
        var sums = SIMD4<Float>()
        var k = 0
        while k + 4 <= n {
            let left = UnsafeRawPointer(x + k).loadUnaligned(as: SIMD4<Float>.self)
            let right = UnsafeRawPointer(y + k).loadUnaligned(as: SIMD4<Float>.self)
            sums += left * right
            k += 4
        }
        var sum = sums.sum()
        while k < n {
            sum += x[k] * y[k]
            k += 1
        }
        return sum
    }
}
