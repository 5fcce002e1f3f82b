extension RidgeSystems {
    /// What is known of the solutions before they are improved.
    public enum Guess: Sendable {
        /// Nothing: the guesses count as zero.
        case zero
        /// Row x stands for Rᵀx in the coordinates of the basis.
        case rotated(by: Matrix<Float>)
        /// The rows are in the coordinates of the basis, and the shared matrix is diag(g) + E: a symmetric E with zeros
        /// on its diagonal and small beside diag(g) + r_u I.
        case coupled(Matrix<Float>)

        var matrix: Matrix<Float>? {
            switch self {
            case .zero: nil
            case .rotated(let matrix), .coupled(let matrix): matrix
            }
        }

        func check(_ d: Int) throws(LinearAlgebraError) {
            guard let matrix, matrix.rows != d || matrix.columns != d else { return }
            throw .dimensionMismatch(
                operation: "RidgeSystems", expected: "a matrix of \(d) × \(d)", found: matrix.shape)
        }
    }

    /// How far the guesses are improved.
    public enum Effort: Sendable, Equatable {
        /// So many steps of conjugate gradients, whatever they achieve.
        case steps(Int)
        /// Until the error is below the tolerance, in the norm of D and relative to the solution; rows that do not
        /// come to that in as many steps as a direct solution is worth are solved directly. Not for coupled guesses.
        case converged(tolerance: Float)
    }

    /// Improves guesses at the solutions by conjugate gradients that D preconditions, in place.
    ///
    /// The first residual is exact, also for a shared matrix that is not quite diagonal: its coupling E enters there by
    /// one matrix product, and the steps leave it out. So the solutions of repeated calls tend to those of the whole
    /// system as long as E is small. The same bits at any thread count. O(n d) a step and O(d²) for the product.
    ///
    /// - Parameters:
    ///   - solutions: the guesses, one a row; they become the solutions.
    ///   - basis: Y, one row for each possible column.
    /// - Throws: as `solve`.
    public func improve(
        _ solutions: FactorRows, from guess: Guess, _ effort: Effort, basis: FactorRows, sharedDiagonal: [Float],
        ridges: [Float], threads: Int = ParallelBlocks.defaultThreads
    ) throws(LinearAlgebraError) {
        let d = basis.columns
        try guess.check(d)
        try check(basis.rows, d, sharedDiagonal, ridges, solutions)
        guard count > 0, d > 0 else { return }
        let failed = firstFailure(threads) { view, range in
            Self.improve(view, range, solutions, guess, effort, basis, sharedDiagonal, ridges)
        }
        if let failed { throw .nonFinite(argument: "the solution of system \(failed)", index: failed * d) }
    }

    /// Brings a block of guesses into the coordinates of the basis, or takes them away.
    static func rotate(_ range: Range<Int>, _ solutions: FactorRows, _ guess: Guess) {
        let block = solutions.base + range.lowerBound * solutions.stride
        switch guess {
        case .zero: block.update(repeating: 0, count: range.count * solutions.stride)
        case .coupled: return
        case .rotated(let rotation):
            let products = product(range, solutions, rotation)
            block.update(from: products, count: range.count * solutions.stride)
            products.deallocate()
        }
    }

    /// A block of guesses times a matrix, as rows of the same stride. The caller deallocates it.
    private static func product(
        _ range: Range<Int>, _ solutions: FactorRows, _ matrix: Matrix<Float>
    ) -> UnsafeMutablePointer<Float> {
        let (d, stride) = (solutions.columns, solutions.stride)
        let target = AlignedMemory.zeros(range.count * stride)
        matrix.withUnsafeElements { matrix in
            guard let matrix = matrix.baseAddress else { return }
            Float.gemm(
                .none, .none, range.count, d, d, 1, solutions.base + range.lowerBound * stride, stride, matrix, d, 0,
                target, stride)
        }
        return target
    }

    /// One block of systems; the first whose solution is not finite.
    private static func improve(
        _ view: View, _ range: Range<Int>, _ solutions: FactorRows, _ guess: Guess, _ effort: Effort,
        _ basis: FactorRows, _ shared: [Float], _ ridges: [Float]
    ) -> Int? {
        let (d, stride) = (basis.columns, basis.stride)
        let gradients = ConjugateGradients(basis: basis, sharedDiagonal: shared)
        let workspace = RidgeWorkspace(width: d, basisStride: stride)
        var coupled: UnsafeMutablePointer<Float>?
        defer { coupled?.deallocate() }
        if case .coupled(let coupling) = guess { coupled = product(range, solutions, coupling) }
        rotate(range, solutions, guess)
        gradients.begin(view, view.entries(range.lowerBound))
        for row in range {
            let x = solutions.base + row * stride
            let entries = view.entries(row)
            let following = row + 1 < range.upperBound ? view.entries(row + 1) : 0..<0
            var (steps, tolerance) = (0, Float(0))
            switch effort {
            case .steps(let count): steps = count
            case .converged(let wanted): (steps, tolerance) = (8 + min(entries.count, d) / 2, wanted)
            }
            let coupling = coupled.map { UnsafePointer($0 + (row - range.lowerBound) * stride) }
            let outcome = gradients.improve(
                view, entries, following: following, ridges[row], x, coupling: coupling, steps: steps,
                tolerance: tolerance)
            if outcome == .converged || outcome == .outOfSteps && tolerance == 0 { continue }
            guard workspace.solve(view, row, basis.base, shared, ridges[row], x) else { return row }
        }
        return nil
    }
}
