import Synchronization

/// Many small weighted ridge regressions that share one basis: the half-step of alternating least squares.
///
/// Row u of a sparse matrix in CSR form, with columns S_u, weights c and targets p, defines
///
/// `(diag(g) + r_u I + Σ_{i∈S_u} c_i y_i y_iᵀ) x_u = Σ_{i∈S_u} c_i p_i y_i`,
///
/// where y_i are rows of the basis Y, g the shared part and r_u the ridge. The shared Gram matrix of implicit
/// feedback becomes a diagonal g by an orthogonal change of basis, once for all rows. With D = diag(g) + r_u I and
/// W = C^½ Y_S D^-½ each system is `(I + WᵀW) z = Wᵀ C^½ p`, x = D^-½ z, of order d; or, by the identity of Woodbury,
/// `(I + W Wᵀ) w = C^½ p`, z = Wᵀ w, of order n = |S_u|. The smaller is solved, so a row costs
/// O(n d min(n, d) + min(n, d)³ / 3) where plain normal equations cost O(n d² + d³ / 3). Either matrix has its
/// spectrum in [1, 1 + ‖W‖²]: it is positive definite whatever the data, and well conditioned.
public struct RidgeSystems: Sendable {
    /// Row u owns `columns[rowStarts[u]..<rowStarts[u + 1]]`.
    public let rowStarts: [Int]
    /// The rows of the basis that each system uses.
    public let columns: [Int32]
    /// c ≥ 0, one for each column; nil means 1.
    public let weights: [Float]?
    /// p, one for each column; nil means 1.
    public let targets: [Float]?

    /// Systems over CSR arrays; they are checked by `solve`.
    public init(rowStarts: [Int], columns: [Int32], weights: [Float]?, targets: [Float]?) {
        self.rowStarts = rowStarts
        self.columns = columns
        self.weights = weights
        self.targets = targets
    }

    /// The number of systems.
    public var count: Int { max(0, rowStarts.count - 1) }

    /// Solves all systems; row u of the result is x_u. The same bits at any thread count.
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
        try check(basis: basis, sharedDiagonal: sharedDiagonal, ridges: ridges)
        let d = basis.columns
        var solutions = Matrix<Float>(rows: count, columns: d)
        guard count > 0, d > 0 else { return solutions }
        // Large blocks would leave threads idle at the end of long-tailed data, small ones cost allocations.
        let blockSize = max(1, min(256, count / (8 * max(1, threads))))
        let failed = Atomic(-1)
        basis.withUnsafeElements { y in
            solutions.withUnsafeMutableElements { x in
                guard let y = y.baseAddress, let x = x.baseAddress else { return }
                nonisolated(unsafe) let (basis, solutions) = (y, x)
                ParallelBlocks.forEach(count: count, blockSize: blockSize, threads: threads) { _, range in
                    let longest = range.reduce(0) { max($0, rowStarts[$1 + 1] - rowStarts[$1]) }
                    let workspace = RidgeWorkspace(width: d, longestRow: longest)
                    for row in range {
                        let start = rowStarts[row]
                        let isSolved = workspace.solve(
                            self, start..<rowStarts[row + 1], basis, sharedDiagonal, ridges[row], solutions + row * d)
                        if !isSolved { failed.store(row, ordering: .relaxed) }
                    }
                }
            }
        }
        let row = failed.load(ordering: .relaxed)
        guard row < 0 else { throw .nonFinite(argument: "the solution of system \(row)", index: row * d) }
        return solutions
    }

    private func check(
        basis: Matrix<Float>, sharedDiagonal: [Float], ridges: [Float]
    ) throws(LinearAlgebraError) {
        guard sharedDiagonal.count == basis.columns, ridges.count == count else {
            throw .dimensionMismatch(
                operation: "RidgeSystems", expected: "\(basis.columns) shared values, \(count) ridges",
                found: "\(sharedDiagonal.count), \(ridges.count)")
        }
        let isMonotone = zip(rowStarts, rowStarts.dropFirst()).allSatisfy { $0 <= $1 }
        guard rowStarts.first ?? 0 == 0, isMonotone, rowStarts.last ?? 0 == columns.count,
            weights?.count ?? columns.count == columns.count, targets?.count ?? columns.count == columns.count
        else {
            throw .dimensionMismatch(
                operation: "RidgeSystems", expected: "ascending row starts from 0 to \(columns.count), values to match",
                found: "row starts to \(rowStarts.last ?? 0), \(weights?.count ?? columns.count) weights, "
                    + "\(targets?.count ?? columns.count) targets")
        }
        if let outside = columns.first(where: { $0 < 0 || $0 >= basis.rows }) {
            throw .dimensionMismatch(
                operation: "RidgeSystems", expected: "columns in 0..<\(basis.rows)", found: "\(outside)")
        }
        if let negative = weights?.firstIndex(where: { !($0 >= 0 && $0.isFinite) }) {
            throw .nonFinite(argument: "weights (finite and not negative)", index: negative)
        }
        let smallest = ridges.min() ?? 1
        if let index = sharedDiagonal.firstIndex(where: { !($0 + smallest > 0) }) {
            throw .notPositiveDefinite(minor: index + 1)
        }
    }
}
