/// Many small Gaussian regressions that share one basis: a half-step of probabilistic matrix factorization.
///
/// Row u of a sparse matrix in CSR form, with columns S_u, weights w and targets t, and a prior N(μ_u, I / π) define
/// the posterior of x_u given vectors y_i that are known by their moments:
///
/// `A_u = π I + Σ_{i∈S_u} w_i E[y_i y_iᵀ]`, `E[x_u] = A_u⁻¹ (π μ_u + Σ w_i t_i E[y_i])`, `Cov[x_u] = A_u⁻¹`.
///
/// Sums are in Float, the systems of order d are solved in Double.
public struct PosteriorSystems: Sendable {
    /// Row u owns `columns[rowStarts[u]..<rowStarts[u + 1]]`.
    public let rowStarts: [Int]
    /// The rows of the basis that each system uses.
    public let columns: [Int32]

    /// Systems over CSR arrays.
    /// - Throws: `dimensionMismatch` unless row starts ascend from 0 to the number of columns.
    public init(rowStarts: [Int], columns: [Int32]) throws(LinearAlgebraError) {
        let isMonotone = zip(rowStarts, rowStarts.dropFirst()).allSatisfy { $0 <= $1 }
        guard rowStarts.first == 0, isMonotone, rowStarts.last == columns.count else {
            throw .dimensionMismatch(
                operation: "PosteriorSystems", expected: "ascending row starts from 0 to \(columns.count)",
                found: "row starts to \(rowStarts.last ?? 0)")
        }
        self.rowStarts = rowStarts
        self.columns = columns
    }

    /// The number of systems.
    public var count: Int { rowStarts.count - 1 }

    /// What is asked of the posteriors.
    public enum Outcome: Sendable {
        /// Their modes alone, as vectors without spread.
        case modes
        /// Their moments, given that the last coordinate, an intercept's, is 1.
        case momentsWithUnitLast
    }

    /// Solves all systems, one after the other. O(Σ |S_u| d² + count · d³).
    ///
    /// - Parameters:
    ///   - basis: moments of y, d wide, one row for each possible column.
    ///   - weights: w ≥ 0, one for each entry.
    ///   - targets: t, one for each entry.
    ///   - priorMeans: μ, count × d.
    ///   - priorPrecisions: π > 0, one for each system.
    /// - Throws: `dimensionMismatch`; `notPositiveDefinite` when weights or moments are not finite.
    public func solve(
        basis: RowMoments, weights: [Float], targets: [Float], priorMeans: Matrix<Float>, priorPrecisions: [Float],
        _ outcome: Outcome
    ) throws(LinearAlgebraError) -> RowMoments {
        let d = basis.means.columns
        guard weights.count == columns.count, targets.count == columns.count, priorMeans.rows == count,
            priorMeans.columns == d, priorPrecisions.count == count, d > 0,
            columns.allSatisfy({ $0 >= 0 && $0 < basis.means.rows })
        else {
            throw .dimensionMismatch(
                operation: "PosteriorSystems", expected: "\(columns.count) weights and targets, \(count) × \(d) priors",
                found: "\(weights.count), \(targets.count), \(priorMeans.shape)")
        }
        var result = RowMoments(exactly: priorMeans)
        var failure = 0
        let workspace = PosteriorWorkspace(width: d)
        basis.means.withUnsafeElements { y in
            basis.seconds.withUnsafeElements { yy in
                result.means.withUnsafeMutableElements { x in
                    result.seconds.withUnsafeMutableElements { xx in
                        guard let y = y.baseAddress, let yy = yy.baseAddress, let x = x.baseAddress,
                            let xx = xx.baseAddress
                        else { return }
                        for row in 0..<count where failure == 0 {
                            workspace.start(x + row * d, precision: priorPrecisions[row])
                            for k in rowStarts[row]..<rowStarts[row + 1] {
                                let column = Int(columns[k])
                                workspace.add(
                                    y + column * d, yy + column * workspace.packed, weights[k], weights[k] * targets[k])
                            }
                            failure = workspace.solve(x + row * d, xx + row * workspace.packed, outcome)
                        }
                    }
                }
            }
        }
        guard failure == 0 else { throw .notPositiveDefinite(minor: failure) }
        return result
    }

    /// E[(t_k − x_uᵀ y_i)²] of every entry, at least the square at the means. O(entries · d²).
    /// - Throws: `dimensionMismatch`.
    public func expectedSquares(
        rows: RowMoments, basis: RowMoments, targets: [Float]
    ) throws(LinearAlgebraError) -> [Float] {
        let d = basis.means.columns
        guard rows.means.rows == count, rows.means.columns == d, targets.count == columns.count,
            columns.allSatisfy({ $0 >= 0 && $0 < basis.means.rows })
        else {
            throw .dimensionMismatch(
                operation: "PosteriorSystems", expected: "\(count) × \(d) rows, \(columns.count) targets",
                found: "\(rows.means.shape), \(targets.count)")
        }
        let workspace = PosteriorWorkspace(width: d)
        var squares = [Float](repeating: 0, count: columns.count)
        rows.means.withUnsafeElements { x in
            rows.seconds.withUnsafeElements { xx in
                basis.means.withUnsafeElements { y in
                    basis.seconds.withUnsafeElements { yy in
                        guard let x = x.baseAddress, let xx = xx.baseAddress, let y = y.baseAddress,
                            let yy = yy.baseAddress
                        else { return }
                        for row in 0..<count {
                            workspace.doubleOffDiagonal(xx + row * workspace.packed)
                            for k in rowStarts[row]..<rowStarts[row + 1] {
                                let column = Int(columns[k])
                                let mean = workspace.product(x + row * d, y + column * d, d)
                                let square = workspace.productWithDoubled(yy + column * workspace.packed)
                                let error = targets[k] - mean
                                squares[k] = error * error + max(0, square - mean * mean)
                            }
                        }
                    }
                }
            }
        }
        return squares
    }
}
