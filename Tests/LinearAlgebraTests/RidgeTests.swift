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

    /// Rows of many lengths: empty, shorter than d and longer.
    private func systems(
        _ d: Int, valued: Bool, _ generator: inout SeededGenerator
    ) -> (RidgeSystems, ridges: [Float], shared: [Float]) {
        let lengths = [0, 1, 2, d / 2, d, d + 1, 3, 60, 5, 4]
        var starts = [0]
        var columns: [Int32] = []
        for n in lengths {
            columns += Array((0..<Int32(60)).shuffled(using: &generator).prefix(n)).sorted()
            starts.append(columns.count)
        }
        let c = valued ? columns.map { _ in Float.random(in: 0..<4, using: &generator) } : nil
        let p = valued ? columns.map { _ in Float(Bool.random(using: &generator) ? 1 : 0) } : nil
        let shared = (0..<d).map { _ in Float.random(in: 0..<5, using: &generator) }
        return (
            RidgeSystems(rowStarts: starts, columns: columns, weights: c, targets: p),
            lengths.map { 0.1 + 0.05 * Float($0) }, shared
        )
    }

    @Test(
        "Conjugate gradients and blocks of coordinates come to the direct solution, from any guess",
        arguments: [1, 3, 8, 33, 70], [false, true])
    func iterations(d: Int, valued: Bool) throws {
        var generator = SeededGenerator(seed: UInt64(100 + d))
        let y: Matrix<Float> = randomMatrix(60, d, using: &generator)
        let (system, ridges, shared) = systems(d, valued: valued, &generator)
        let expected = try system.solve(basis: y, sharedDiagonal: shared, ridges: ridges, threads: 1)
        let basis = FactorRows(y)
        #expect(basis.matrix() == y)
        let direct = FactorRows(rows: ridges.count, columns: d)
        try system.solve(into: direct, basis: basis, sharedDiagonal: shared, ridges: ridges, threads: 2)
        #expect(largestDifference(direct.matrix(), expected) < 1e-5)
        let rotation = try SymmetricEigendecomposition(y.gram()).vectors
        for guess in [RidgeSystems.Guess.zero, .rotated(by: rotation)] {
            let start: Matrix<Float> = randomMatrix(ridges.count, d, using: &generator)
            let (one, three) = (FactorRows(start), FactorRows(start))
            try system.improve(
                one, from: guess, .converged(tolerance: 1e-6), basis: basis, sharedDiagonal: shared, ridges: ridges,
                threads: 1)
            try system.improve(
                three, from: guess, .converged(tolerance: 1e-6), basis: basis, sharedDiagonal: shared, ridges: ridges,
                threads: 3)
            #expect(one.matrix() == three.matrix())
            #expect(largestDifference(one.matrix(), expected) < 1e-4)
            let steps = FactorRows(start)
            try system.improve(
                steps, from: guess, .steps(d + 20), basis: basis, sharedDiagonal: shared, ridges: ridges, threads: 2)
            #expect(largestDifference(steps.matrix(), expected) < 1e-3)
            let swept = FactorRows(start)
            var next = guess
            for _ in 0..<(d < 8 ? 60 : 400) {
                try system.descend(
                    swept, from: next, blockSize: 5, basis: basis, sharedDiagonal: shared, ridges: ridges, threads: 2)
                next = .rotated(by: .identity(d))
            }
            #expect(largestDifference(swept.matrix(), expected) < 1e-3)
        }
    }

    @Test("Repeated steps with a coupling come to the solution of the coupled system", arguments: [8, 33])
    func coupling(d: Int) throws {
        var generator = SeededGenerator(seed: UInt64(200 + d))
        let y: Matrix<Float> = randomMatrix(60, d, using: &generator)
        let (system, ridges, shared) = systems(d, valued: true, &generator)
        var coupling = Matrix<Float>(rows: d, columns: d)
        for i in 0..<d {
            for j in 0..<i {
                coupling[i, j] = Float.random(in: -0.1..<0.1, using: &generator) / Float(d)
                coupling[j, i] = coupling[i, j]
            }
        }
        let solutions = FactorRows(rows: ridges.count, columns: d)
        for _ in 0..<60 {
            try system.improve(
                solutions, from: .coupled(coupling), .steps(3), basis: FactorRows(y), sharedDiagonal: shared,
                ridges: ridges, threads: 2)
        }
        for row in ridges.indices {
            var a = Matrix<Double>(rows: d, columns: d) { i, j in
                i == j ? Double(shared[i]) + Double(ridges[row]) : Double(coupling[i, j])
            }
            var b = Matrix<Double>(rows: d, columns: 1)
            let (starts, columns) = (system.rowStarts.array, system.columns.array)
            for k in starts[row]..<starts[row + 1] {
                let (c, p) = (Double(system.weights?.array[k] ?? 1), Double(system.targets?.array[k] ?? 1))
                for i in 0..<d {
                    b[i, 0] += c * p * Double(y[Int(columns[k]), i])
                    for j in 0..<d { a[i, j] += c * Double(y[Int(columns[k]), i]) * Double(y[Int(columns[k]), j]) }
                }
            }
            let expected = try a.solve(b).elements
            let found = solutions.matrix().row(row)
            for (one, other) in zip(found, expected) { #expect(abs(Double(one) - other) < 1e-3, "row \(row)") }
        }
    }

    @Test("Weights beyond Float's range of squares are solved directly")
    func hugeWeights() throws {
        var generator = SeededGenerator(seed: 3)
        let y: Matrix<Float> = randomMatrix(6, 20, using: &generator)
        let system = RidgeSystems(
            rowStarts: [0, 6], columns: [0, 1, 2, 3, 4, 5], weights: [1e30, 1e-30, 1, 1e12, 1e20, 0], targets: nil)
        let solutions = FactorRows(rows: 1, columns: 20)
        try system.improve(
            solutions, from: .zero, .converged(tolerance: 1e-5), basis: FactorRows(y),
            sharedDiagonal: [Float](repeating: 1, count: 20), ridges: [1], threads: 1)
        let x = solutions.matrix().row(0)
        #expect(x.allSatisfy { $0.isFinite })
        #expect(abs(zip(x, y.row(0)).reduce(0) { $0 + $1.0 * $1.1 } - 1) < 1e-3)
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
    @Test("Values that are not finite, and matrices that do not fit, are refused by every way to solve")
    func moreErrors() throws {
        let y = FactorRows(Matrix<Float>(rows: 2, columns: 2, repeating: 1))
        let x = FactorRows(rows: 1, columns: 2)
        func solve(_ system: RidgeSystems, _ x: FactorRows, _ guess: RidgeSystems.Guess = .zero) throws {
            try system.improve(
                x, from: guess, .steps(1), basis: y, sharedDiagonal: [1, 1], ridges: [1], threads: 1)
        }
        let good = RidgeSystems(rowStarts: [0, 1], columns: [0], weights: nil, targets: nil)
        try solve(good, x)
        #expect(throws: LinearAlgebraError.self) { try solve(good, FactorRows(rows: 1, columns: 3)) }
        #expect(throws: LinearAlgebraError.self) { try solve(good, x, .rotated(by: .identity(3))) }
        #expect(throws: LinearAlgebraError.self) { try solve(good, x, .coupled(.identity(1))) }
        #expect(throws: LinearAlgebraError.self) {
            try good.descend(
                x, from: .coupled(.identity(2)), blockSize: 1, basis: y, sharedDiagonal: [1, 1], ridges: [1],
                threads: 1)
        }
        for weight in [Float.nan, .infinity, -1] {
            let system = RidgeSystems(rowStarts: [0, 1], columns: [0], weights: [weight], targets: nil)
            #expect(throws: LinearAlgebraError.self) { try solve(system, x) }
        }
        let target = RidgeSystems(rowStarts: [0, 1], columns: [0], weights: nil, targets: [.nan])
        #expect(throws: LinearAlgebraError.self) { try solve(target, x) }
    }
}
