import LinearAlgebra
import TestSupport
import Testing

@Suite("Products against their definitions")
struct ProductTests {
    static let shapes = [(1, 1, 1), (3, 5, 7), (17, 1, 33), (1, 19, 8), (64, 65, 63), (5, 0, 4), (0, 3, 2), (4, 3, 0)]

    private func checkProducts<S: BLASScalar>(_ m: Int, _ k: Int, _ n: Int, tolerance: Double, as: S.Type) throws {
        var generator = SeededGenerator(seed: UInt64(m * 10_000 + k * 100 + n))
        for ta in Transpose.allCases {
            for tb in Transpose.allCases {
                let a: Matrix<S> =
                    ta == .none ? randomMatrix(m, k, using: &generator) : randomMatrix(k, m, using: &generator)
                let b: Matrix<S> =
                    tb == .none ? randomMatrix(k, n, using: &generator) : randomMatrix(n, k, using: &generator)
                let expected = naiveProduct(a, ta, b, tb)
                let found = try Matrix.product(a, b, transposeA: ta, transposeB: tb)
                #expect(largestDifference(found, expected) < tolerance, "\(m) × \(k) × \(n), \(ta), \(tb)")

                let c: Matrix<S> = randomMatrix(m, n, using: &generator)
                var accumulated = c
                try accumulated.accumulateProduct(a, b, transposeA: ta, transposeB: tb, alpha: 2, beta: -0.5)
                let combined = Matrix<Double>(rows: m, columns: n) { 2 * expected[$0, $1] - 0.5 * Double(c[$0, $1]) }
                #expect(largestDifference(accumulated, combined) < 3 * tolerance)
            }
        }
    }

    @Test("gemm equals the triple loop for every transpose and odd shape", arguments: shapes)
    func gemm(m: Int, k: Int, n: Int) throws {
        try checkProducts(m, k, n, tolerance: 1e-12, as: Double.self)
        try checkProducts(m, k, n, tolerance: 1e-4, as: Float.self)
    }

    @Test("gemv equals gemm with one column", arguments: shapes)
    func gemv(m: Int, n: Int, seed: Int) throws {
        var generator = SeededGenerator(seed: UInt64(seed))
        let a: Matrix<Double> = randomMatrix(m, n, using: &generator)
        for t in Transpose.allCases {
            let x: Matrix<Double> = randomMatrix(t == .none ? n : m, 1, using: &generator)
            let expected = naiveProduct(a, t, x, .none)
            let y = try a.multiplied(by: x.elements, transposed: t)
            let found = try Matrix(rows: y.count, columns: 1, elements: y)
            #expect(largestDifference(found, expected) < 1e-12)
        }
    }

    @Test("A part of B's rows gives the part of the product")
    func rowsOfB() throws {
        var generator = SeededGenerator(seed: 3)
        for m in [1, 4] {
            let a: Matrix<Float> = randomMatrix(m, 6, using: &generator)
            let b: Matrix<Float> = randomMatrix(11, 6, using: &generator)
            let whole = naiveProduct(a, .none, b, .transposed)
            var part = Matrix<Float>(rows: m, columns: 4)
            try part.accumulateProduct(a, b, rowsOfB: 5..<9, transposeB: .transposed)
            #expect(largestDifference(part, Matrix(rows: m, columns: 4) { whole[$0, $1 + 5] }) < 1e-5)
        }
    }

    @Test("syrk gives the full symmetric Gram matrix", arguments: [(0, 3), (1, 1), (9, 4), (4, 9), (33, 17)])
    func gram(rows: Int, columns: Int) throws {
        var generator = SeededGenerator(seed: 5)
        let a: Matrix<Double> = randomMatrix(rows, columns, using: &generator)
        #expect(largestDifference(a.gram(), naiveProduct(a, .transposed, a, .none)) < 1e-12)
        #expect(largestDifference(a.gram(.none), naiveProduct(a, .none, a, .transposed)) < 1e-12)
    }

    @Test("The blocked Gram matrix equals syrk and is the same bits at any thread count")
    func blockedGram() throws {
        var generator = SeededGenerator(seed: 6)
        let a: Matrix<Float> = randomMatrix(5000, 13, using: &generator)
        let one = a.gramInDouble(threads: 1)
        #expect(one == a.gramInDouble(threads: 3))
        #expect(largestDifference(one, naiveProduct(a, .transposed, a, .none)) < 1e-2)
        let q: Matrix<Float> = randomMatrix(13, 13, using: &generator)
        let rotated = try a.multipliedByBlocks(q, threads: 1)
        #expect(rotated == (try a.multipliedByBlocks(q, threads: 4)))
        #expect(largestDifference(rotated, naiveProduct(a, .none, q, .none)) < 1e-4)
    }

    @Test("dot is the sum of products, and needs equal lengths")
    func dots() throws {
        #expect(try dot([1, 2, 3], [4, 5, 6] as [Double]) == 32)
        #expect(try dot([], [] as [Float]) == 0)
        #expect(throws: LinearAlgebraError.dimensionMismatch(operation: "dot", expected: "1 elements", found: "2")) {
            try dot([1], [1, 2] as [Float])
        }
    }

    @Test("Shapes that do not fit are refused with both shapes named")
    func mismatches() throws {
        let a = Matrix<Double>(rows: 2, columns: 3)
        #expect(throws: LinearAlgebraError.self) { try Matrix.product(a, a) }
        #expect(throws: LinearAlgebraError.self) { try a.multiplied(by: [1, 2]) }
        var c = Matrix<Double>(rows: 1, columns: 1)
        #expect(throws: LinearAlgebraError.dimensionMismatch(operation: "gemm", expected: "C of 2 × 2", found: "1 × 1"))
        {
            try c.accumulateProduct(a, a, transposeB: .transposed)
        }
        #expect(throws: LinearAlgebraError.self) { try Matrix<Double>(rows: 2, columns: 2, elements: [1]) }
        #expect(throws: LinearAlgebraError.self) { try Matrix<Double>([[1, 2], [3]]) }
        #expect(throws: LinearAlgebraError.self) { try a.gatheringRows([2]) }
    }
}
