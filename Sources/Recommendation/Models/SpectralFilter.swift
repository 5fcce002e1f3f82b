import LinearAlgebra

/// A linear filter of users' rows in the span of item singular vectors: r ↦ r diag(a) V diag(h) Vᵀ diag(b).
///
/// The part that GF-CF and EASE share. It is stored as its factors, (rank + 2) × items numbers, not as a matrix of
/// items × items.
struct SpectralFilter: Sendable, Equatable {
    /// V, items × rank.
    let basis: Matrix<Float>
    /// h, what the filter makes of each direction.
    let response: [Float]
    /// a, the factor of each item in a user's row.
    let inputScale: [Float]
    /// b, the factor of each item's score.
    let outputScale: [Float]

    /// - Throws: `shapeMismatch`, `nonFinite`.
    init(
        basis: Matrix<Float>, response: [Float], inputScale: [Float], outputScale: [Float]
    ) throws(RecommendationError) {
        guard response.count == basis.columns, inputScale.count == basis.rows, outputScale.count == basis.rows else {
            throw .shapeMismatch(
                what: "spectral filter", expected: "a response of \(basis.columns), scales of \(basis.rows)",
                found: "\(response.count), \(inputScale.count) and \(outputScale.count)")
        }
        if !basis.isMapped {
            try numerical { () throws(LinearAlgebraError) in try basis.requireFinite("the singular vectors") }
        }
        guard (response + inputScale + outputScale).allSatisfy(\.isFinite) else {
            throw .nonFinite(what: "a spectral filter")
        }
        self.basis = basis
        self.response = response
        self.inputScale = inputScale
        self.outputScale = outputScale
    }

    /// scores ← the filtered `rows`, of the items `items`. O(entries · rank + rows · items · rank).
    func apply(
        to rows: SparseMatrix, items: Range<Int>, into scores: inout Matrix<Float>
    ) throws(LinearAlgebraError) {
        var queries = try rows.scaled(columns: inputScale).multiplied(by: basis, threads: 1)
        try queries.scaleColumns(by: response[...])
        try scores.accumulateProduct(queries, basis, rowsOfB: items, transposeB: .transposed)
        try scores.scaleColumns(by: outputScale[items])
    }

    /// Element (own, item) of diag(a) V diag(h) Vᵀ diag(b). O(rank).
    func effect(of own: Int, on item: Int) -> Double {
        var sum = 0.0
        for (k, (x, y)) in zip(basis.row(own), basis.row(item)).enumerated() {
            sum += Double(response[k]) * Double(x) * Double(y)
        }
        return Double(inputScale[own]) * sum * Double(outputScale[item])
    }

    /// Refuses more directions than the recipe asks for.
    func check(rank: Int?) throws(RecommendationError) {
        if let rank, basis.columns > rank {
            throw .shapeMismatch(what: "singular vectors", expected: "at most \(rank)", found: "\(basis.columns)")
        }
    }

    /// `basis`, `response`, `input_scale` and `output_scale`.
    var tensors: [NamedTensor] {
        [
            NamedTensor("basis", basis), NamedTensor("response", response), NamedTensor("input_scale", inputScale),
            NamedTensor("output_scale", outputScale)
        ]
    }

    /// What `tensors` wrote; V stays in a mapped file, and is not known to be finite then.
    init(_ file: TensorFile) throws(RecommendationError) {
        try self.init(
            basis: file.mappedMatrix("basis"), response: file.vector("response"),
            inputScale: file.vector("input_scale"),
            outputScale: file.vector("output_scale"))
    }

    /// Leading singular vectors of `matrix` from a start that `seed` determines.
    static func singularVectors(
        _ matrix: SparseMatrix, rank: Int, iterations: Int, seed: UInt64, threads: Int
    ) throws(RecommendationError) -> TruncatedSVD {
        // An eighth more columns than are wanted, at least 16: convergence depends on the gap to what lies outside.
        let width = min(rank + max(16, rank / 8), min(matrix.rows, matrix.columns))
        var normal = NormalGenerator(seed: seed)
        let start = Matrix<Float>(rows: matrix.columns, columns: width) { _, _ in Float(normal.next()) }
        return try numerical { () throws(LinearAlgebraError) in
            try TruncatedSVD(matrix, rank: rank, start: start, iterations: iterations, threads: threads)
        }
    }
}
