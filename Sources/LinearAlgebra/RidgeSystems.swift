import Synchronization

/// Many small weighted ridge regressions that share one basis: the half-step of alternating least squares.
///
/// Row u of a sparse matrix in CSR form, with columns S_u, weights c and targets p, defines
///
/// `(diag(g) + r_u I + Σ_{i∈S_u} c_i y_i y_iᵀ) x_u = Σ_{i∈S_u} c_i p_i y_i`,
///
/// where y_i are rows of the basis Y, g the shared part and r_u the ridge. The shared Gram matrix of implicit
/// feedback becomes a diagonal g by an orthogonal change of basis, once for all rows. `solve` is direct, `improve`
/// iterates, `descend` goes by blocks of coordinates.
public struct RidgeSystems: Sendable {
    /// Row u owns the columns `rowStarts[u]..<rowStarts[u + 1]`.
    public let rowStarts: Numbers<Int>
    /// The rows of the basis that each system uses.
    public let columns: Numbers<Int32>
    /// c ≥ 0, one for each column; nil means 1.
    public let weights: Numbers<Float>?
    /// p, one for each column; nil means 1.
    public let targets: Numbers<Float>?
    /// What is wrong with the arrays, and the columns that they need: looked for once.
    private let fault: LinearAlgebraError?
    private let columnCount: Int

    /// Systems over CSR arrays, in memory or in a mapped file. O(entries). A fault of theirs is thrown by whatever
    /// solves them.
    public init(
        rowStarts: Numbers<Int>, columns: Numbers<Int32>, weights: Numbers<Float>?, targets: Numbers<Float>?
    ) {
        self.rowStarts = rowStarts
        self.columns = columns
        self.weights = weights
        self.targets = targets
        (fault, columnCount) = Self.inspect(rowStarts, columns, weights, targets)
    }

    /// Systems over arrays.
    public init(rowStarts: [Int], columns: [Int32], weights: [Float]?, targets: [Float]?) {
        self.init(
            rowStarts: Numbers(rowStarts), columns: Numbers(columns), weights: weights.map { Numbers($0) },
            targets: targets.map { Numbers($0) })
    }

    /// The number of systems.
    public var count: Int { max(0, rowStarts.count - 1) }

    /// The arrays as pointers, while they are held.
    struct View: @unchecked Sendable {
        let rowStarts: UnsafeBufferPointer<Int>
        let columns: UnsafeBufferPointer<Int32>
        let weights: UnsafeBufferPointer<Float>?
        let targets: UnsafeBufferPointer<Float>?

        /// The entries of system `row`.
        func entries(_ row: Int) -> Range<Int> { rowStarts[row]..<rowStarts[row + 1] }
    }

    /// Calls `body` with the arrays as pointers.
    func withView<Result>(_ body: (View) -> Result) -> Result {
        rowStarts.withUnsafeBuffer { rowStarts in
            columns.withUnsafeBuffer { columns in
                Numbers.withUnsafeBuffer(weights) { weights in
                    Numbers.withUnsafeBuffer(targets) { targets in
                        body(View(rowStarts: rowStarts, columns: columns, weights: weights, targets: targets))
                    }
                }
            }
        }
    }

    /// Solves all systems directly; row u of the result is x_u. The same bits at any thread count.
    ///
    /// With D = diag(g) + r_u I and W = C^½ Y_S D^-½ each system is `(I + WᵀW) z = Wᵀ C^½ p`, x = D^-½ z, of order d;
    /// or, by the identity of Woodbury, `(I + W Wᵀ) w = C^½ p`, z = Wᵀ w, of order n = |S_u|. The smaller is solved:
    /// O(n d min(n, d) + min(n, d)³ / 3) a row, where plain normal equations cost O(n d² + d³ / 3). Either matrix has
    /// its spectrum in [1, 1 + ‖W‖²]: it is positive definite whatever the data, and well conditioned.
    ///
    /// - Parameters:
    ///   - basis: Y, one row for each possible column, d wide.
    ///   - sharedDiagonal: g, d values.
    ///   - ridges: r_u, one for each system.
    ///   - threads: how many threads share the systems, with one BLAS thread each.
    /// - Throws: `dimensionMismatch`; `notPositiveDefinite` naming the first entry of g + r_u that is not positive;
    ///   `nonFinite` when a solution overflows even in Double.
    public func solve(
        basis: Matrix<Float>, sharedDiagonal: [Float], ridges: [Float],
        threads: Int = ParallelBlocks.defaultThreads
    ) throws(LinearAlgebraError) -> Matrix<Float> {
        try check(basis.rows, basis.columns, sharedDiagonal, ridges)
        var solutions = Matrix<Float>(rows: count, columns: basis.columns)
        let d = basis.columns
        guard count > 0, d > 0 else { return solutions }
        let failed = basis.withUnsafeElements { y in
            solutions.withUnsafeMutableElements { x -> Int? in
                guard let y = y.baseAddress, let x = x.baseAddress else { return nil }
                return solve(y, basisStride: d, d, sharedDiagonal, ridges, x, solutionStride: d, threads)
            }
        }
        if let failed { throw .nonFinite(argument: "the solution of system \(failed)", index: failed * d) }
        return solutions
    }

    /// As `solve(basis:…)`, into rows of a factorization.
    public func solve(
        into solutions: FactorRows, basis: FactorRows, sharedDiagonal: [Float], ridges: [Float],
        threads: Int = ParallelBlocks.defaultThreads
    ) throws(LinearAlgebraError) {
        let d = basis.columns
        try check(basis.rows, d, sharedDiagonal, ridges, solutions)
        guard count > 0, d > 0 else { return }
        let failed = solve(
            basis.base, basisStride: basis.stride, d, sharedDiagonal, ridges, solutions.base,
            solutionStride: solutions.stride, threads)
        if let failed { throw .nonFinite(argument: "the solution of system \(failed)", index: failed * d) }
    }

    private func solve(
        _ y: UnsafePointer<Float>, basisStride: Int, _ d: Int, _ shared: [Float], _ ridges: [Float],
        _ x: UnsafeMutablePointer<Float>, solutionStride: Int, _ threads: Int
    ) -> Int? {
        nonisolated(unsafe) let (basis, solutions) = (y, x)
        return firstFailure(threads) { view, range in
            let workspace = RidgeWorkspace(width: d, basisStride: basisStride)
            return range.first {
                !workspace.solve(view, $0, basis, shared, ridges[$0], solutions + $0 * solutionStride)
            }
        }
    }

    /// Calls `body` for blocks of systems; it returns the first whose solution is not finite. One of these.
    func firstFailure(_ threads: Int, _ body: @Sendable (View, Range<Int>) -> Int?) -> Int? {
        let failed = Atomic(-1)
        withView { view in
            // Large blocks would leave threads idle at the end of long-tailed data, small ones cost allocations.
            ParallelBlocks.forEach(count: count, blockSize: max(1, min(256, count / 16)), threads: threads) {
                _, range in
                if let row = body(view, range) { failed.store(row, ordering: .relaxed) }
                let entries = view.rowStarts[range.lowerBound]..<view.rowStarts[range.upperBound]
                columns.release(entries)
                weights?.release(entries)
                targets?.release(entries)
            }
        }
        let row = failed.load(ordering: .relaxed)
        return row < 0 ? nil : row
    }

    /// Refuses what does not fit.
    func check(
        _ basisRows: Int, _ width: Int, _ sharedDiagonal: [Float], _ ridges: [Float], _ solutions: FactorRows? = nil
    ) throws(LinearAlgebraError) {
        if let fault { throw fault }
        guard sharedDiagonal.count == width, ridges.count == count else {
            throw .dimensionMismatch(
                operation: "RidgeSystems", expected: "\(width) shared values, \(count) ridges",
                found: "\(sharedDiagonal.count), \(ridges.count)")
        }
        if let solutions, solutions.rows != count || solutions.columns != width {
            throw .dimensionMismatch(
                operation: "RidgeSystems", expected: "solutions of \(count) × \(width)",
                found: "\(solutions.rows) × \(solutions.columns)")
        }
        guard columnCount <= basisRows else {
            throw .dimensionMismatch(
                operation: "RidgeSystems", expected: "columns in 0..<\(basisRows)", found: "\(columnCount - 1)")
        }
        let smallest = ridges.min() ?? 1
        if let index = sharedDiagonal.firstIndex(where: { !($0 + smallest > 0) }) {
            throw .notPositiveDefinite(minor: index + 1)
        }
    }

    private static func inspect(
        _ rowStarts: Numbers<Int>, _ columns: Numbers<Int32>, _ weights: Numbers<Float>?, _ targets: Numbers<Float>?
    ) -> (LinearAlgebraError?, Int) {
        let isMonotone = rowStarts.withUnsafeBuffer { starts in
            (starts.first ?? 0) == 0 && (starts.last ?? 0) == columns.count
                && zip(starts, starts.dropFirst()).allSatisfy { $0 <= $1 }
        }
        guard isMonotone, weights?.count ?? columns.count == columns.count,
            targets?.count ?? columns.count == columns.count
        else {
            let last = rowStarts.withUnsafeBuffer { $0.last ?? 0 }
            return (
                .dimensionMismatch(
                    operation: "RidgeSystems",
                    expected: "ascending row starts from 0 to \(columns.count), values to match",
                    found: "row starts to \(last), \(weights?.count ?? columns.count) weights, "
                        + "\(targets?.count ?? columns.count) targets"), 0
            )
        }
        var (least, greatest) = (Int32(0), Int32(-1))
        // A mapped file is read in parts that are let go at once.
        for first in stride(from: 0, to: columns.count, by: 1 << 20) {
            for column in columns.slice(first..<min(columns.count, first + (1 << 20))) {
                (least, greatest) = (min(least, column), max(greatest, column))
            }
        }
        guard least >= 0 else {
            return (.dimensionMismatch(operation: "RidgeSystems", expected: "columns ≥ 0", found: "\(least)"), 0)
        }
        let values = [("weights (finite and not negative)", weights, Float(0)), ("targets", targets, -Float.infinity)]
        for (name, values, bound) in values {
            let index = values?.withUnsafeBuffer { $0.firstIndex { !($0 >= bound && $0.isFinite) } }
            values?.release(0..<columns.count)
            if let index { return (.nonFinite(argument: name, index: index), 0) }
        }
        return (nil, Int(greatest) + 1)
    }
}
