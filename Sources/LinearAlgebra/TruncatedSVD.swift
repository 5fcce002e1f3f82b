/// The leading singular values and right singular vectors of a sparse matrix.
///
/// Subspace iteration from a random block (Halko, Martinsson, Tropp 2011, algorithm 4.4), a Rayleigh–Ritz step at the
/// end. The error of a direction shrinks by (σ_l / σ_i)² an iteration, l the width of the block: the wanted part of a
/// spectrum converges from the top. Where the smaller dimension is within the block, its Gram matrix is decomposed
/// directly instead (LAPACK syevd in Double). The same bits at any thread count.
public struct TruncatedSVD: Sendable {
    /// σ, descending, positive; at most the wanted rank, fewer where the matrix has fewer above rounding.
    public let values: [Float]
    /// V, columns of the matrix × values.count; its columns are orthonormal.
    public let rightVectors: Matrix<Float>

    /// What is smaller than this share of the largest eigenvalue of a Gram matrix in Float is rounding.
    private static let rounding = 1e-6

    /// Finds the `rank` largest.
    ///
    /// - Parameters:
    ///   - start: columns of the matrix × l random numbers, l > rank: the more, the faster it converges.
    ///   - iterations: products with AᵀA, ≥ 1.
    /// - Throws: `dimensionMismatch`, `nonFinite`, `notConverged`. O(iterations · l · (entries + (rows + columns) l)),
    ///   memory of three blocks of (rows or columns) × l.
    public init(
        _ matrix: SparseMatrix, rank: Int, start: Matrix<Float>, iterations: Int = 6,
        threads: Int = ParallelBlocks.defaultThreads
    ) throws(LinearAlgebraError) {
        let smaller = min(matrix.rows, matrix.columns)
        if rank <= 0 || smaller == 0 {
            values = []
            rightVectors = Matrix(rows: matrix.columns, columns: 0)
            return
        }
        guard start.columns < smaller else {
            (values, rightVectors) = try Self.direct(matrix, rank: rank)
            return
        }
        guard start.rows == matrix.columns, start.columns >= rank else {
            throw .dimensionMismatch(
                operation: "TruncatedSVD", expected: "a start of \(matrix.columns) × \(rank) or wider",
                found: start.shape)
        }
        let transposed = matrix.transposed()
        var basis = try Self.orthonormal(start, threads)
        for iteration in 1...max(1, iterations) {
            let image = try Self.orthonormal(try matrix.multiplied(by: basis, threads: threads), threads)
            basis = try Self.orthonormal(try transposed.multiplied(by: image, threads: threads), threads)
            // What one pass leaves of rounding, a second one takes away; before the last it does no harm.
            if iteration >= iterations { basis = try Self.orthonormal(basis, threads) }
        }
        let (found, vectors) = try Self.ritz(try matrix.multiplied(by: basis, threads: threads), rank, threads)
        values = found
        rightVectors = try basis.multipliedByBlocks(vectors, threads: threads)
    }

    /// An orthonormal basis of the columns' span without directions that are mere rounding: B E Λ^-½ of BᵀB = E Λ Eᵀ.
    private static func orthonormal(_ block: Matrix<Float>, _ threads: Int) throws(LinearAlgebraError) -> Matrix<Float>
    {
        let (values, vectors) = try leading(block.gramInDouble(threads: threads), block.columns)
        let scaled = Matrix<Float>(rows: block.columns, columns: values.count) { i, j in
            Float(vectors[i, j] / values[j].squareRoot())
        }
        return try block.multipliedByBlocks(scaled, threads: threads)
    }

    /// Singular values of A Q, and its right singular vectors.
    private static func ritz(
        _ image: Matrix<Float>, _ rank: Int, _ threads: Int
    ) throws(LinearAlgebraError) -> ([Float], Matrix<Float>) {
        let (values, vectors) = try leading(image.gramInDouble(threads: threads), rank)
        return (
            values.map { Float($0.squareRoot()) },
            Matrix(rows: image.columns, columns: values.count) { Float(vectors[$0, $1]) }
        )
    }

    /// The largest eigenvalues above rounding, descending, with their vectors as columns.
    private static func leading(
        _ gram: Matrix<Double>, _ count: Int, rounding: Double = rounding
    ) throws(LinearAlgebraError) -> ([Double], Matrix<Double>) {
        let eigen = try BLASThreads.single { () throws(LinearAlgebraError) in try SymmetricEigendecomposition(gram) }
        let n = gram.rows
        let largest = max(eigen.values.last ?? 0, 0)
        let kept = eigen.values.reversed().prefix(count).prefix { $0 > 0 && $0 > rounding * largest }
        return (Array(kept), Matrix(rows: n, columns: kept.count) { eigen.vectors[$0, n - 1 - $1] })
    }

    /// By the Gram matrix of the smaller side.
    private static func direct(
        _ matrix: SparseMatrix, rank: Int
    ) throws(LinearAlgebraError) -> ([Float], Matrix<Float>) {
        let isTall = matrix.columns <= matrix.rows
        let transposed = matrix.transposed()
        let (squares, vectors) = try leading((isTall ? matrix : transposed).gramInDouble(), rank, rounding: 1e-12)
        let values = squares.map { $0.squareRoot() }
        if isTall {
            return (
                values.map { Float($0) }, Matrix(rows: matrix.columns, columns: values.count) { Float(vectors[$0, $1]) }
            )
        }
        // V = Aᵀ U Σ⁻¹.
        let scaled = Matrix<Float>(rows: matrix.rows, columns: values.count) { Float(vectors[$0, $1] / values[$1]) }
        return (values.map { Float($0) }, try transposed.multiplied(by: scaled))
    }
}
