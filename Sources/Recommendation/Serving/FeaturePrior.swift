import LinearAlgebra

/// What a user's or an offer's factors are likely to be when all that is known of it are features.
///
/// Ridge regression from features to factors, with an intercept that is not penalised: without a known feature the
/// prior is the mean of the factors, which ranks by popularity. The penalty is the one of a grid that predicts best what
/// it did not see, by the closed form of leave-one-out (Allen's PRESS).
public struct FeaturePrior: Sendable, Equatable, Codable {
    /// The names of the features, ascending.
    public let features: [String]
    /// One row of d weights for each feature.
    public let weights: [[Float]]
    /// The mean of each feature over what was learned from.
    public let means: [Double]
    /// The mean factors, d values.
    public let intercept: [Float]
    /// The penalty that was chosen; 0 when the features foretell nothing and are left out.
    public let penalty: Double
    /// 1 − squared error / variance, left out one by one: how much of the factors the features foretell; ≤ 1.
    public let skill: Double

    private init(
        features: [String], weights: [[Float]], means: [Double], intercept: [Float], penalty: Double, skill: Double
    ) {
        self.features = features
        self.weights = weights
        self.means = means
        self.intercept = intercept
        self.penalty = penalty
        self.skill = skill
    }

    /// Reads a stored prior; one whose parts do not fit together is refused.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            features: try values.decode([String].self, forKey: .features),
            weights: try values.decode([[Float]].self, forKey: .weights),
            means: try values.decode([Double].self, forKey: .means),
            intercept: try values.decode([Float].self, forKey: .intercept),
            penalty: try values.decode(Double.self, forKey: .penalty),
            skill: try values.decode(Double.self, forKey: .skill))
        guard weights.count == features.count, means.count == features.count,
            weights.allSatisfy({ $0.count == intercept.count })
        else {
            throw DecodingError.dataCorruptedError(
                forKey: .weights, in: values, debugDescription: "the weights do not fit the features and factors")
        }
    }

    /// The factors that these features foretell; the mean when none of them was seen before. O(features · d).
    public func factors(_ values: [String: Double]) -> [Float] {
        var result = intercept
        guard features.contains(where: { values[$0] != nil }) else { return result }
        for (index, name) in features.enumerated() {
            let value = values[name] ?? 0
            let offset = Float((value.isFinite ? value : 0) - means[index])
            guard offset != 0 else { continue }
            for j in result.indices { result[j] += offset * weights[index][j] }
        }
        return result
    }

    /// Learns from rows of `factors` with the features of each, absent ones being 0.
    ///
    /// - Parameter penalties: the grid, each > 0, relative to the mean variance of a feature times the rows.
    /// - Throws: `shapeMismatch`, `nonFinite`, `invalidInteractions` without rows, `numerical`.
    ///   O(n p² + p³ + grid · n p (p + d)) for p features.
    public static func fit(
        _ rows: [[String: Double]], factors: Matrix<Float>, penalties: [Double] = [0.003, 0.01, 0.03, 0.1, 0.3, 1, 3]
    ) throws(RecommendationError) -> FeaturePrior {
        let (n, d) = (rows.count, factors.columns)
        guard factors.rows == n else {
            throw .shapeMismatch(what: "features", expected: "\(factors.rows) rows", found: "\(n)")
        }
        guard n > 0 else { throw .invalidInteractions(reason: "nothing to learn a prior from") }
        guard rows.allSatisfy({ $0.values.allSatisfy(\.isFinite) }) else { throw .nonFinite(what: "a feature") }
        let names = Array(Set(rows.flatMap(\.keys))).sorted()
        let means = names.map { name in rows.reduce(0) { $0 + ($1[name] ?? 0) } / Double(n) }
        let mean = (0..<d).map { j in (0..<n).reduce(0.0) { $0 + Double(factors[$1, j]) } / Double(n) }
        let x = Matrix<Double>(rows: n, columns: names.count) { (rows[$0][names[$1]] ?? 0) - means[$1] }
        let y = Matrix<Double>(rows: n, columns: d) { Double(factors[$0, $1]) - mean[$1] }
        return try numerical { () throws(LinearAlgebraError) in
            try x.requireFinite("features")
            try y.requireFinite("factors")
            let eigen = try SymmetricEigendecomposition(x.gram())
            let rotated = try Matrix.product(x, eigen.vectors)
            let targets = try Matrix.product(rotated, y, transposeA: .transposed)
            let scale = max(eigen.values.reduce(0, +) / Double(max(1, names.count)), .leastNormalMagnitude)
            var best: (error: Double, penalty: Double, weights: Matrix<Double>)?
            for relative in penalties where relative > 0 {
                let shrinkage = eigen.values.map { 1 / (max(0, $0) + relative * scale) }
                let shrunk = Matrix<Double>(rows: names.count, columns: d) { shrinkage[$0] * targets[$0, $1] }
                let fitted = try Matrix.product(rotated, shrunk)
                var error = 0.0
                for i in 0..<n {
                    var leverage = 1 / Double(n)
                    for k in names.indices { leverage += rotated[i, k] * rotated[i, k] * shrinkage[k] }
                    let left = max(1e-9, 1 - leverage)
                    for j in 0..<d {
                        let residual = (y[i, j] - fitted[i, j]) / left
                        error += residual * residual
                    }
                }
                if error < best?.error ?? .infinity {
                    best = (error, relative, try Matrix.product(eigen.vectors, shrunk))
                }
            }
            let variance = y.frobeniusNorm * y.frobeniusNorm
            guard let best, variance > 0, best.error < variance * Self.baseline(n) else {
                // Features that foretell nothing are worse than none.
                return FeaturePrior(
                    features: [], weights: [], means: [], intercept: mean.map { Float($0) }, penalty: 0,
                    skill: 0)
            }
            return FeaturePrior(
                features: names, weights: names.indices.map { best.weights.row($0).map { Float($0) } }, means: means,
                intercept: mean.map { Float($0) }, penalty: best.penalty,
                skill: 1 - best.error / (variance * Self.baseline(n)))
        }
    }

    /// The squared error of the mean, left out one by one, as a multiple of the variance: (n / (n − 1))².
    private static func baseline(_ n: Int) -> Double {
        n > 1 ? Double(n * n) / Double((n - 1) * (n - 1)) : .infinity
    }
}
