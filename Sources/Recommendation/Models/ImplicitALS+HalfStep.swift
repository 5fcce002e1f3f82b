import LinearAlgebra

extension ImplicitALS {
    /// Where the coupling of a basis that an earlier half-step left is stronger than this, the basis is renewed.
    ///
    /// The coupling is the spectral norm of D^-½ E D^-½, E the off-diagonal part of the shared matrix: below 1 the
    /// iteration converges. On Gowalla thresholds of 0, .3 and .6 gave Recall@20 of .1488, .1486 and .1491 at 64
    /// factors, .1630, .1629 and .1627 at 128, and the higher ones less work.
    static let couplingThreshold = 0.5

    /// Solves the rows of one side, `solved`, against the other, `fixed`.
    ///
    /// - Parameters:
    ///   - isFirst: whether `solved` holds no guesses yet.
    ///   - isLast: whether the solutions must be those of the systems, and the basis the eigenbasis.
    /// - Returns: the diagonal of α₀ YᵀY in the basis that both sides stand in now.
    func halfStep(
        _ side: Side, fixed: FactorRows, solved: FactorRows, isFirst: Bool, isLast: Bool
    ) throws(RecommendationError) -> [Float] {
        let solver = hyperparameters.solver.resolved(factors: hyperparameters.factors)
        return try numerical { () throws(LinearAlgebraError) in
            let gram = fixed.gramInDouble(threads: threads)
            var guess = RidgeSystems.Guess.zero
            var shared: [Float]
            let coupling = Coupling(gram, weight: hyperparameters.unobservedWeight, ridge: side.ridges.min() ?? 1)
            var isRenewed = solver != .conjugateGradient || isLast
            if !isRenewed { isRenewed = try !coupling.isWeaker(than: Self.couplingThreshold) }
            if isRenewed {
                let eigen = try BLASThreads.single { () throws(LinearAlgebraError) in
                    try SymmetricEigendecomposition(gram)
                }
                let rotation = try Matrix<Float>(
                    rows: gram.rows, columns: gram.columns, elements: eigen.vectors.elements.map { Float($0) })
                // Rounding may leave an eigenvalue of a singular Gram matrix just below zero.
                shared = eigen.values.map { Float(hyperparameters.unobservedWeight * max(0, $0)) }
                try fixed.rotate(by: rotation, threads: threads)
                guess = .rotated(by: rotation)
            } else {
                shared = coupling.diagonal
                guess = .coupled(try coupling.offDiagonal())
            }
            if isFirst { guess = .zero }
            switch solver {
            case .exact:
                try side.systems.solve(
                    into: solved, basis: fixed, sharedDiagonal: shared, ridges: side.ridges, threads: threads)
            case .blocks where !isLast:
                try side.systems.descend(
                    solved, from: guess, blockSize: Self.blockSize, basis: fixed, sharedDiagonal: shared,
                    ridges: side.ridges, threads: threads)
            default:
                try side.systems.improve(
                    solved, from: guess, isLast ? .converged(tolerance: Self.lastTolerance) : .steps(Self.steps),
                    basis: fixed, sharedDiagonal: shared, ridges: side.ridges, threads: threads)
            }
            return shared
        }
    }

    /// Steps of conjugate gradients that a row takes in a half-step. The next epoch goes on from where they lead: on
    /// Gowalla at 64 factors, ten epochs of one, two and three steps came to Recall@20 of .1490, .1484 and .1484.
    static let steps = 1
    /// Coordinates in a block of iALS++.
    static let blockSize = 64
    /// The error of the last half-step.
    static let lastTolerance: Float = 1e-5

    /// The shared matrix α₀ YᵀY of a basis that need not be its eigenbasis.
    private struct Coupling {
        private let d: Int
        /// α₀ YᵀY, row by row.
        private let elements: [Double]
        private let ridge: Double

        init(_ gram: Matrix<Double>, weight: Double, ridge: Float) {
            d = gram.rows
            elements = gram.elements.map { weight * $0 }
            self.ridge = Double(ridge)
        }

        var diagonal: [Float] { (0..<d).map { Float(elements[$0 * d + $0]) } }

        func offDiagonal() throws(LinearAlgebraError) -> Matrix<Float> {
            var off = elements.map { Float($0) }
            for j in 0..<d { off[j * d + j] = 0 }
            return try Matrix(rows: d, columns: d, elements: off)
        }

        /// Whether ten steps of the power iteration on D^-½ E D^-½ find no norm above `threshold`. O(d²).
        func isWeaker(than threshold: Double) throws(LinearAlgebraError) -> Bool {
            let scales = (0..<d).map { 1 / (elements[$0 * d + $0] + ridge).squareRoot() }
            var scaled = elements
            for i in 0..<d {
                for j in 0..<d { scaled[i * d + j] *= scales[i] * scales[j] }
                scaled[i * d + i] = 0
            }
            let matrix = try Matrix(rows: d, columns: d, elements: scaled)
            var x = (0..<d).map { $0 % 2 == 0 ? 1 : -0.5 }
            for _ in 0..<10 {
                let length = x.reduce(0) { $0 + $1 * $1 }.squareRoot()
                guard length > 0 else { return true }
                x = try matrix.multiplied(by: x.map { $0 / length })
                guard x.reduce(0, { $0 + $1 * $1 }) <= threshold * threshold else { return false }
            }
            return true
        }
    }
}
