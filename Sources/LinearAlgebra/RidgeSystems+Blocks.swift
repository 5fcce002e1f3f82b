extension RidgeSystems {
    /// Improves guesses at the solutions by one sweep of exact steps in blocks of coordinates, in place: iALS++
    /// (Rendle, Krichene, Zhang, Koren, *iALS++: Speeding up Matrix Factorization with Subspace Optimization*, 2021).
    ///
    /// In the basis where the shared matrix is diagonal, so is its part in a block. A sweep costs O(n d b + d b²) a row
    /// with blocks of b coordinates. The same bits at any thread count.
    ///
    /// - Parameters:
    ///   - solutions: the guesses, one a row; they become the solutions.
    ///   - guess: not coupled.
    ///   - blockSize: b ≥ 1.
    ///   - basis: Y, one row for each possible column.
    /// - Throws: as `solve`; `dimensionMismatch` for a coupled guess.
    public func descend(
        _ solutions: FactorRows, from guess: Guess, blockSize: Int, basis: FactorRows, sharedDiagonal: [Float],
        ridges: [Float], threads: Int = ParallelBlocks.defaultThreads
    ) throws(LinearAlgebraError) {
        let d = basis.columns
        try check(basis.rows, d, sharedDiagonal, ridges, solutions)
        if case .coupled = guess {
            throw .dimensionMismatch(operation: "descend", expected: "a diagonal shared matrix", found: "a coupled one")
        }
        try guess.check(d)
        guard count > 0, d > 0 else { return }
        let failed = firstFailure(threads) { view, range in
            Self.rotate(range, solutions, guess)
            let workspace = BlockDescent(basis: basis, blockSize: max(1, min(d, blockSize)))
            return range.first {
                !workspace.sweep(view, $0, sharedDiagonal, ridges[$0], solutions.base + $0 * solutions.stride)
            }
        }
        if let failed { throw .nonFinite(argument: "the solution of system \(failed)", index: failed * d) }
    }
}

/// One thread's scratch memory for `descend`.
private final class BlockDescent {
    private let basis: FactorRows
    private let size: Int
    /// W = C^½ Y, and C^½ (p − Y x).
    private var w: [Float] = []
    private var errors: [Float] = []
    private var matrix: [Float]
    private var step: [Float]

    init(basis: FactorRows, blockSize: Int) {
        self.basis = basis
        size = blockSize
        matrix = [Float](repeating: 0, count: blockSize * blockSize)
        step = [Float](repeating: 0, count: blockSize)
    }

    /// Every block of coordinates of system `row` in turn; false when the result is not finite.
    func sweep(
        _ system: RidgeSystems.View, _ row: Int, _ shared: [Float], _ ridge: Float, _ x: UnsafeMutablePointer<Float>
    ) -> Bool {
        let (d, entries) = (basis.columns, system.entries(row))
        let n = entries.count
        guard n > 0 else {
            x.update(repeating: 0, count: d)
            return true
        }
        w.removeAll(keepingCapacity: true)
        errors.removeAll(keepingCapacity: true)
        for k in entries {
            let y = UnsafeBufferPointer(start: basis.base + Int(system.columns[k]) * basis.stride, count: d)
            let root = (system.weights?[k] ?? 1).squareRoot()
            w.append(contentsOf: y.lazy.map { root * $0 })
            errors.append(root * (system.targets?[k] ?? 1))
        }
        let isSolved = w.withUnsafeBufferPointer { w in
            errors.withUnsafeMutableBufferPointer { errors -> Bool in
                guard let w = w.baseAddress, let errors = errors.baseAddress else { return false }
                Float.gemv(.none, n, d, -1, w, d, x, 1, errors)
                return stride(from: 0, to: d, by: size).allSatisfy { first in
                    solve(first, min(size, d - first), n, w, errors, shared, ridge, x + first)
                }
            }
        }
        return isSolved && (0..<d).allSatisfy { x[$0].isFinite }
    }

    /// The block of `b` coordinates from `first` on: x_π ← x_π + (D_π + W_πᵀW_π)⁻¹ (W_πᵀ e − D_π x_π).
    private func solve(
        _ first: Int, _ b: Int, _ n: Int, _ w: UnsafePointer<Float>, _ errors: UnsafeMutablePointer<Float>,
        _ shared: [Float], _ ridge: Float, _ x: UnsafeMutablePointer<Float>
    ) -> Bool {
        let d = basis.columns
        return matrix.withUnsafeMutableBufferPointer { matrix in
            step.withUnsafeMutableBufferPointer { step in
                guard let matrix = matrix.baseAddress, let step = step.baseAddress else { return false }
                for j in 0..<b { step[j] = -(shared[first + j] + ridge) * x[j] }
                Float.gemv(.transposed, n, b, 1, w + first, d, errors, 1, step)
                Float.syrk(.transposed, b, n, 1, w + first, d, 0, matrix, b)
                for j in 0..<b { matrix[j * b + j] += shared[first + j] + ridge }
                guard SmallCholesky.solve(b, matrix, step) == 0 else { return false }
                Float.gemv(.none, n, b, -1, w + first, d, step, 1, errors)
                for j in 0..<b { x[j] += step[j] }
                return true
            }
        }
    }
}
