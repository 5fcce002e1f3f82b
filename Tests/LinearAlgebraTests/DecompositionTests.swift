import LinearAlgebra
import TestSupport
import Testing

@Suite("Factorizations, by the identities that define them")
struct DecompositionTests {
    private func positiveDefinite(_ n: Int, seed: UInt64) throws -> Matrix<Double> {
        var generator = SeededGenerator(seed: seed)
        var a = (randomMatrix(n, n, using: &generator) as Matrix<Double>).gram()
        for i in 0..<n { a[i, i] += 0.5 }
        return a
    }

    @Test("A = L Lᵀ, A x = b, and log det A", arguments: [0, 1, 2, 7, 50])
    func cholesky(n: Int) throws {
        let a = try positiveDefinite(n, seed: 1)
        let cholesky = try Cholesky(a)
        #expect(largestDifference(try .product(cholesky.factor, cholesky.factor, transposeB: .transposed), a) < 1e-10)
        var generator = SeededGenerator(seed: 2)
        let b: Matrix<Double> = randomMatrix(3, n, using: &generator)
        let x = try cholesky.solve(rows: b)
        #expect(largestDifference(try .product(x, a), b) < 1e-10)
        if n > 0 {
            let single = try cholesky.solve(Array(b.row(1)))
            #expect(zip(single, x.row(1)).allSatisfy { abs($0 - $1) < 1e-10 })
        }
        let eigenvalues = try SymmetricEigendecomposition(a).values
        // det is the product of the eigenvalues.
        let product = eigenvalues.reduce(1, *)
        #expect(abs(cholesky.logDeterminant.exponential - product) <= 1e-8 * abs(product))
    }

    @Test("The failing leading minor is named, counted from 1")
    func notPositiveDefinite() throws {
        let a = try Matrix<Double>([[1, 0, 0], [0, 1, 2], [0, 2, 1]])
        #expect(throws: LinearAlgebraError.notPositiveDefinite(minor: 3)) { try Cholesky(a) }
        #expect(LinearAlgebraError.notPositiveDefinite(minor: 3).description.contains("minor of order 3"))
        #expect(throws: LinearAlgebraError.nonFinite(argument: "the matrix to factor", index: 1)) {
            try Cholesky(Matrix<Double>([[1, .nan], [0, 1]]))
        }
        #expect(throws: LinearAlgebraError.self) { try Cholesky(Matrix<Float>(rows: 2, columns: 3)) }
        #expect(throws: LinearAlgebraError.self) { try Cholesky(.identity(2) as Matrix<Double>).solve([1]) }
    }

    @Test("A = Q Λ Qᵀ with Q orthogonal and Λ ascending", arguments: [0, 1, 2, 9, 40])
    func eigen(n: Int) throws {
        var generator = SeededGenerator(seed: 3)
        let b: Matrix<Double> = randomMatrix(n, n, using: &generator)
        let a = Matrix<Double>(rows: n, columns: n) { b[$0, $1] + b[$1, $0] }
        let e = try SymmetricEigendecomposition(a)
        let scaled = Matrix<Double>(rows: n, columns: n) { e.vectors[$0, $1] * e.values[$1] }
        #expect(largestDifference(try .product(scaled, e.vectors, transposeB: .transposed), a) < 1e-12 * Double(n + 1))
        #expect(try orthonormalityError(e.vectors) < 1e-12)
        #expect(e.values == e.values.sorted())
    }

    @Test("‖A − U Σ Vᵀ‖ vanishes for tall, wide, square and empty", arguments: [(7, 4), (4, 7), (5, 5), (1, 6), (0, 3)])
    func svd(m: Int, n: Int) throws {
        var generator = SeededGenerator(seed: 4)
        let a: Matrix<Double> = randomMatrix(m, n, using: &generator)
        let s = try SingularValueDecomposition(a)
        let scaled = Matrix<Double>(rows: m, columns: min(m, n)) { s.u[$0, $1] * s.values[$1] }
        #expect(largestDifference(try .product(scaled, s.vTransposed), a) < 1e-12)
        #expect(try orthonormalityError(s.u) < 1e-12)
        #expect(try orthonormalityError(s.vTransposed.transposed()) < 1e-12)
        #expect(s.values == s.values.sorted(by: >) && s.values.allSatisfy { $0 >= 0 })
        let f = try SingularValueDecomposition(Matrix<Float>(rows: m, columns: n) { Float(a[$0, $1]) })
        #expect(zip(f.values, s.values).allSatisfy { abs(Double($0) - $1) < 1e-5 })
    }

    @Test("A X = B, and singular matrices are refused")
    func solve() throws {
        var generator = SeededGenerator(seed: 5)
        let a: Matrix<Double> = randomMatrix(9, 9, using: &generator)
        let b: Matrix<Double> = randomMatrix(9, 2, using: &generator)
        #expect(largestDifference(try .product(a, try a.solve(b)), b) < 1e-11)
        #expect(throws: LinearAlgebraError.singular(column: 1)) {
            try Matrix<Double>([[1, 2], [2, 4]]).solve(.identity(2))
        }
        #expect(throws: LinearAlgebraError.self) { try a.solve(Matrix(rows: 8, columns: 1)) }
    }

    @Test("Least squares: the residual is orthogonal to A (tall); least norm solves exactly (wide)")
    func leastSquares() throws {
        var generator = SeededGenerator(seed: 6)
        let tall: Matrix<Double> = randomMatrix(12, 4, using: &generator)
        let b: Matrix<Double> = randomMatrix(12, 2, using: &generator)
        var residual = b
        try residual.accumulateProduct(tall, try tall.leastSquares(b), alpha: -1, beta: 1)
        let projection = try Matrix.product(tall, residual, transposeA: .transposed)
        #expect(projection.frobeniusNorm < 1e-12)

        let wide = tall.transposed()
        let c: Matrix<Double> = randomMatrix(4, 3, using: &generator)
        let x = try wide.leastSquares(c)
        #expect(largestDifference(try .product(wide, x), c) < 1e-11)
        // The least-norm solution is Aᵀ(AAᵀ)⁻¹b.
        let normal = try Matrix.product(tall, try wide.gram(.none).solve(c))
        #expect(largestDifference(x, normal) < 1e-11)
        let ones = Matrix<Double>(rows: 3, columns: 1, repeating: 1)
        #expect(throws: LinearAlgebraError.singular(column: 0)) {
            try Matrix<Double>(rows: 3, columns: 2).leastSquares(ones)
        }
        #expect(throws: LinearAlgebraError.singular(column: 1)) {
            try Matrix<Double>([[1, 0], [0, 0], [0, 0]]).leastSquares(ones)
        }
    }
}
