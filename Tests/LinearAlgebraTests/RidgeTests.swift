import LinearAlgebra
import TestSupport
import Testing

@Suite("Weighted ridge solves that share a diagonal Gram matrix")
struct RidgeTests {
    /// Solves (diag(shared + ridge) + Σ c y yᵀ) x = Σ c p y by its definition, in Double.
    private func reference(
        _ y: Matrix<Float>, _ columns: [Int32], _ c: [Float]?, _ p: [Float]?, _ shared: [Float], _ ridge: Float
    ) throws -> [Double] {
        let d = y.columns
        var a = Matrix<Double>.diagonal(shared.map { Double($0) + Double(ridge) })
        var b = Matrix<Double>(rows: d, columns: 1)
        for (k, column) in columns.enumerated() {
            let (weight, target) = (Double(c?[k] ?? 1), Double(p?[k] ?? 1))
            for i in 0..<d {
                b[i, 0] += weight * target * Double(y[Int(column), i])
                for j in 0..<d { a[i, j] += weight * Double(y[Int(column), i]) * Double(y[Int(column), j]) }
            }
        }
        return try a.solve(b).elements
    }

    @Test("Both forms equal the normal equations, with and without values", arguments: [1, 3, 8, 33], [false, true])
    func solves(d: Int, valued: Bool) throws {
        var generator = SeededGenerator(seed: UInt64(d))
        let y: Matrix<Float> = randomMatrix(60, d, using: &generator)
        let shared = (0..<d).map { _ in Float.random(in: 0..<5, using: &generator) }
        // Rows of many lengths: empty, shorter than d (dual form) and longer (primal form).
        let lengths = [0, 1, 2, d / 2, d, d + 1, 3, 60]
        var starts = [0]
        var columns: [Int32] = []
        for n in lengths {
            columns += Array((0..<Int32(60)).shuffled(using: &generator).prefix(n))
            starts.append(columns.count)
        }
        let c = valued ? columns.map { _ in Float.random(in: 0..<4, using: &generator) } : nil
        let p = valued ? columns.map { _ in Float(Bool.random(using: &generator) ? 1 : 0) } : nil
        let ridges = lengths.map { 0.1 + 0.05 * Float($0) }
        let system = RidgeSystems(rowStarts: starts, columns: columns, weights: c, targets: p)
        let one = try system.solve(basis: y, sharedDiagonal: shared, ridges: ridges, threads: 1)
        #expect(one == (try system.solve(basis: y, sharedDiagonal: shared, ridges: ridges, threads: 3)))
        for (row, _) in lengths.enumerated() {
            let range = starts[row]..<starts[row + 1]
            let expected = try reference(
                y, Array(columns[range]), c.map { Array($0[range]) }, p.map { Array($0[range]) }, shared, ridges[row])
            for i in 0..<d {
                #expect(abs(Double(one[row, i]) - expected[i]) < 2e-4 * (1 + abs(expected[i])), "row \(row)")
            }
        }
    }

    @Test("A diagonal that is not positive, and shapes that do not fit, are refused")
    func errors() throws {
        let y = Matrix<Float>(rows: 2, columns: 2, repeating: 1)
        let system = RidgeSystems(rowStarts: [0, 2], columns: [0, 1], weights: nil, targets: nil)
        #expect(throws: LinearAlgebraError.notPositiveDefinite(minor: 2)) {
            try system.solve(basis: y, sharedDiagonal: [1, 0], ridges: [0], threads: 1)
        }
        #expect(throws: LinearAlgebraError.self) {
            try system.solve(basis: y, sharedDiagonal: [1], ridges: [1], threads: 1)
        }
        let outside = RidgeSystems(rowStarts: [0, 1], columns: [2], weights: nil, targets: nil)
        #expect(throws: LinearAlgebraError.self) {
            try outside.solve(basis: y, sharedDiagonal: [1, 1], ridges: [1], threads: 1)
        }
        let unequal = RidgeSystems(rowStarts: [0, 1], columns: [0], weights: [1, 2], targets: nil)
        #expect(throws: LinearAlgebraError.self) {
            try unequal.solve(basis: y, sharedDiagonal: [1, 1], ridges: [1], threads: 1)
        }
        var infinite = y
        infinite[0, 0] = .infinity
        #expect(throws: LinearAlgebraError.self) {
            try system.solve(basis: infinite, sharedDiagonal: [1, 1], ridges: [1], threads: 1)
        }
    }
}
