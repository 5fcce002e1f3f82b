import LinearAlgebra
import TestSupport
import Testing

@Suite("Gaussian posteriors that share a basis of moments")
struct PosteriorTests {
    private struct Problem {
        var system: PosteriorSystems
        var basis: RowMoments
        var weights: [Float]
        var targets: [Float]
        var priors: Matrix<Float>
        var precisions: [Float]
    }

    private func problem(_ d: Int) throws -> Problem {
        var generator = SeededGenerator(seed: UInt64(d))
        func number(_ range: Range<Float>) -> Float { Float.random(in: range, using: &generator) }
        let lengths = [0, 1, 2, 5, 30]
        var starts = [0]
        var columns: [Int32] = []
        for n in lengths {
            columns += (0..<Int32(40)).shuffled(using: &generator).prefix(n)
            starts.append(columns.count)
        }
        let y: Matrix<Float> = randomMatrix(40, d, using: &generator)
        return Problem(
            system: try PosteriorSystems(rowStarts: starts, columns: columns), basis: RowMoments(exactly: y),
            weights: columns.map { _ in number(0..<3) }, targets: columns.map { _ in number(-2..<2) },
            priors: Matrix(rows: lengths.count, columns: d) { _, _ in number(-1..<1) },
            precisions: lengths.map { _ in number(0.5..<2) })
    }

    /// A and b of one system by definition, in Double.
    private func definition(_ p: Problem, _ row: Int, _ d: Int) -> (Matrix<Double>, Matrix<Double>) {
        var a = Matrix<Double>.diagonal([Double](repeating: Double(p.precisions[row]), count: d))
        var b = Matrix<Double>(rows: d, columns: 1) { i, _ in Double(p.precisions[row] * p.priors[row, i]) }
        for k in p.system.rowStarts[row]..<p.system.rowStarts[row + 1] {
            let (column, weight) = (Int(p.system.columns[k]), Double(p.weights[k]))
            for i in 0..<d {
                b[i, 0] += weight * Double(p.targets[k]) * Double(p.basis.means[column, i])
                for j in 0..<d { a[i, j] += weight * Double(p.basis.second(column, i, j)) }
            }
        }
        return (a, b)
    }

    @Test("Modes solve the normal equations", arguments: [1, 2, 7, 10])
    func modes(d: Int) throws {
        let p = try problem(d)
        let solved = try p.system.solve(
            basis: p.basis, weights: p.weights, targets: p.targets, priorMeans: p.priors, priorPrecisions: p.precisions,
            .modes)
        for row in 0..<p.system.count {
            let (a, b) = definition(p, row, d)
            let expected = try a.solve(b).elements
            for i in 0..<d {
                #expect(abs(Double(solved.means[row, i]) - expected[i]) < 1e-4 * (1 + abs(expected[i])))
                let square = solved.means[row, i] * solved.means[row, 0]
                #expect(abs(solved.second(row, i, 0) - square) <= 1e-6 * (1 + abs(square)))
            }
        }
    }

    @Test("Moments are those of the Gaussian given that its last coordinate is 1", arguments: [2, 7, 10])
    func moments(d: Int) throws {
        let p = try problem(d)
        let solved = try p.system.solve(
            basis: p.basis, weights: p.weights, targets: p.targets, priorMeans: p.priors, priorPrecisions: p.precisions,
            .momentsWithUnitLast)
        for row in 0..<p.system.count {
            let (a, b) = definition(p, row, d)
            let n = d - 1
            let free = Matrix<Double>(rows: n, columns: n) { a[$0, $1] }
            let mean = try free.solve(Matrix<Double>(rows: n, columns: 1) { i, _ in b[i, 0] - a[i, n] }).elements + [1]
            let covariance = try free.solve(Matrix<Double>.identity(n))
            for i in 0..<d {
                #expect(abs(Double(solved.means[row, i]) - mean[i]) < 1e-4 * (1 + abs(mean[i])))
                for j in 0..<d {
                    let expected = mean[i] * mean[j] + (i < n && j < n ? covariance[i, j] : 0)
                    #expect(abs(Double(solved.second(row, i, j)) - expected) < 2e-4 * (1 + abs(expected)))
                }
            }
        }
        // E[(t − xᵀy)²] = (t − E[x]ᵀy)² + yᵀ Cov[x] y.
        let squares = try p.system.expectedSquares(rows: solved, basis: p.basis, targets: p.targets)
        for row in 0..<p.system.count {
            let covariance = { (i: Int, j: Int) in
                solved.second(row, i, j) - solved.means[row, i] * solved.means[row, j]
            }
            for k in p.system.rowStarts[row]..<p.system.rowStarts[row + 1] {
                let y = p.basis.means.row(Int(p.system.columns[k])).map { $0 }
                let mean = zip(solved.means.row(row), y).reduce(0) { $0 + $1.0 * $1.1 }
                var expected = (p.targets[k] - mean) * (p.targets[k] - mean)
                for i in 0..<d { for j in 0..<d { expected += y[i] * y[j] * covariance(i, j) } }
                #expect(abs(squares[k] - expected) < 1e-3 * (1 + expected))
            }
        }
    }

    @Test("Shapes that do not fit and numbers that are not finite are refused")
    func badInput() throws {
        let p = try problem(3)
        #expect(throws: LinearAlgebraError.self) { try PosteriorSystems(rowStarts: [0, 2, 1], columns: [0]) }
        #expect(throws: LinearAlgebraError.self) { try PosteriorSystems(rowStarts: [], columns: []) }
        func solve(_ p: Problem) throws {
            _ = try p.system.solve(
                basis: p.basis, weights: p.weights, targets: p.targets, priorMeans: p.priors,
                priorPrecisions: p.precisions,
                .modes)
        }
        var bad = p
        bad.weights.removeLast()
        #expect(throws: LinearAlgebraError.self) { try solve(bad) }
        bad = p
        bad.weights[0] = .nan
        #expect(throws: LinearAlgebraError.self) { try solve(bad) }
        bad = p
        bad.system = try PosteriorSystems(rowStarts: p.system.rowStarts, columns: p.system.columns.map { $0 + 35 })
        #expect(throws: LinearAlgebraError.self) { try solve(bad) }
        var moments = p.basis
        #expect(throws: LinearAlgebraError.self) { try moments.replace(99, by: p.basis) }
        #expect(throws: LinearAlgebraError.self) { try p.basis.appending([1]) }
        #expect(throws: LinearAlgebraError.self) { try RowMoments(means: p.basis.means, seconds: p.basis.means) }
    }
}
