import LinearAlgebra
import TestSupport
import Testing

@Suite("Sparse matrices and their leading singular vectors")
struct SparseMatrixTests {
    @Test("Products, transposes and scalings are those of the dense matrix", arguments: [(30, 20), (7, 40), (1, 1)])
    func products(rows: Int, columns: Int) throws {
        let (sparse, dense) = try random(rows, columns, density: 0.3, seed: 1)
        let other = Matrix<Float>(rows: columns, columns: 5) { Float($0 * 5 + $1) / 10 }
        expectEqual(try sparse.multiplied(by: other), try .product(dense, other))
        let left = Matrix<Float>(rows: 4, columns: rows) { $0 == $1 ? 0 : Float($0 - $1) / 7 }
        expectEqual(try sparse.leftMultiplied(by: left), try .product(left, dense))
        expectEqual(try sparse.multiplied(by: sparse.transposed()), try .product(dense, dense, transposeB: .transposed))
        let gram = sparse.gramInDouble()
        expectEqual(Matrix(rows: columns, columns: columns) { Float(gram[$0, $1]) }, dense.gram())
        let scaled = try sparse.scaled(
            rows: (0..<rows).map { Float($0) }, columns: (0..<columns).map { Float($0 + 1) })
        let identity = Matrix<Float>.identity(columns)
        expectEqual(
            try scaled.multiplied(by: identity),
            Matrix(rows: rows, columns: columns) { dense[$0, $1] * Float($0) * Float($1 + 1) })
        let picked = [rows - 1, 0, 0]
        expectEqual(
            try sparse.gatheringRows(picked).multiplied(by: identity), try dense.gatheringRows(picked))
    }

    @Test("Arrays that contradict each other are refused")
    func refusals() throws {
        for (starts, columns, values) in [
            ([0, 2], [0, 1], [1, 1]), ([0, 1, 3], [0, 1], [1, 1]), ([0, 1, 2], [0, 5], [1, 1]),
            ([0, 1, 2], [0, -1], [1, 1]), ([0, 1, 2], [0, 1], [1]), ([0, 1, 2], [0, 1], [1, .nan])
        ] as [([Int], [Int32], [Float])] {
            #expect(throws: LinearAlgebraError.self) {
                try SparseMatrix(rows: 2, columns: 5, rowStarts: starts, columnIndices: columns, values: values)
            }
        }
        let (sparse, _) = try random(3, 4, density: 0.5, seed: 2)
        #expect(throws: LinearAlgebraError.self) { try sparse.multiplied(by: Matrix(rows: 3, columns: 1)) }
        #expect(throws: LinearAlgebraError.self) { try sparse.multiplied(by: sparse) }
        #expect(throws: LinearAlgebraError.self) { try sparse.leftMultiplied(by: Matrix(rows: 1, columns: 4)) }
        #expect(throws: LinearAlgebraError.self) { try sparse.gatheringRows([3]) }
        #expect(throws: LinearAlgebraError.self) { try sparse.scaled(rows: [1]) }
        #expect(throws: LinearAlgebraError.self) {
            try TruncatedSVD(random(30, 40, density: 0.5, seed: 3).0, rank: 5, start: Matrix(rows: 30, columns: 8))
        }
    }

    @Test("Leading singular values and vectors are LAPACK's", arguments: [(150, 90), (60, 160)], [12, 90])
    func truncated(shape: (rows: Int, columns: Int), width: Int) throws {
        let (sparse, dense) = try random(shape.rows, shape.columns, density: 0.1, seed: 4)
        let rank = 5
        let found = try TruncatedSVD(
            sparse, rank: rank, start: start(shape.columns, width), iterations: 80, threads: 2)
        let exact = try SingularValueDecomposition(dense)
        #expect(found.values.count == rank)
        for (value, expected) in zip(found.values, exact.values) { #expect(abs(value - expected) < 1e-4 * expected) }
        expectEqual(
            try .product(found.rightVectors, found.rightVectors, transposeA: .transposed), .identity(rank), 1e-5)
        // Where singular values are apart, vectors agree up to their sign.
        for j in 0..<rank
        where exact.values[j] > 1.01 * exact.values[j + 1] && (j == 0 || exact.values[j - 1] > 1.01 * exact.values[j]) {
            let cosine = (0..<shape.columns).reduce(Float(0)) {
                $0 + found.rightVectors[$1, j] * exact.vTransposed[j, $1]
            }
            #expect(abs(abs(cosine) - 1) < 1e-3)
        }
    }

    @Test("The same bits at any thread count")
    func deterministic() throws {
        let (sparse, _) = try random(5000, 300, density: 0.02, seed: 5)
        let one = try TruncatedSVD(sparse, rank: 8, start: start(300, 16), iterations: 3, threads: 1)
        let three = try TruncatedSVD(sparse, rank: 8, start: start(300, 16), iterations: 3, threads: 3)
        #expect(one.rightVectors == three.rightVectors && one.values == three.values)
    }

    @Test("A matrix of rank three has three singular values, whatever is asked for", arguments: [8, 50])
    func rankDeficient(width: Int) throws {
        let (left, right) = (try random(60, 3, density: 1, seed: 6).1, try random(3, 40, density: 1, seed: 7).1)
        let product = try Matrix.product(left, right)
        let found = try TruncatedSVD(sparse(product), rank: 6, start: start(40, width), iterations: 4)
        #expect(found.values.count == 3)
        let exact = try SingularValueDecomposition(product)
        for (value, expected) in zip(found.values, exact.values) { #expect(abs(value - expected) < 1e-4 * expected) }
        let zero = try TruncatedSVD(sparse(Matrix(rows: 60, columns: 40)), rank: 6, start: start(40, width))
        #expect(zero.values.isEmpty && zero.rightVectors.columns == 0)
        let none = try TruncatedSVD(sparse(Matrix(rows: 0, columns: 0)), rank: 6, start: start(0, 3))
        #expect(none.values.isEmpty)
    }

    private func start(_ rows: Int, _ columns: Int) -> Matrix<Float> {
        var generator = SeededGenerator(seed: 99)
        return Matrix(rows: rows, columns: columns) { _, _ in Float.random(in: -1...1, using: &generator) }
    }

    private func random(
        _ rows: Int, _ columns: Int, density: Double, seed: UInt64
    ) throws -> (SparseMatrix, Matrix<Float>) {
        var generator = SeededGenerator(seed: seed)
        let dense = Matrix<Float>(rows: rows, columns: columns) { _, _ in
            generator.chance(density) ? Float.random(in: -1...1, using: &generator) : 0
        }
        return (try sparse(dense), dense)
    }

    private func sparse(_ dense: Matrix<Float>) throws -> SparseMatrix {
        var (starts, columns, values) = ([0], [Int32](), [Float]())
        for i in 0..<dense.rows {
            for j in 0..<dense.columns where dense[i, j] != 0 {
                columns.append(Int32(j))
                values.append(dense[i, j])
            }
            starts.append(values.count)
        }
        return try SparseMatrix(
            rows: dense.rows, columns: dense.columns, rowStarts: starts, columnIndices: columns, values: values)
    }

    private func expectEqual(_ found: Matrix<Float>, _ expected: Matrix<Float>, _ tolerance: Float = 1e-4) {
        #expect(found.rows == expected.rows && found.columns == expected.columns)
        let difference = zip(found.elements, expected.elements).map { abs($0 - $1) / (1 + abs($1)) }.max() ?? 0
        #expect(difference < tolerance)
    }
}
