extension Acceptance {
    /// Own and cohort's acceptance pooled: the normal posterior whose prior are the cohort's draws and whose likelihood has
    /// the mean and covariance of the own ones.
    ///
    /// With W = Σ₀(Σ₀ + Σ)⁻¹ each draw is W·own + (1 − W)·cohort, which has that posterior's mean and covariance. Few own
    /// quotes make Σ large, so that the cohort's stands; many make the own one stand.
    ///
    /// - Parameters:
    ///   - own: at least 20 draws from the provider's own quotes.
    ///   - cohort: at least 20 draws from the cohort's; as many as both have are used.
    ///   - cohortWeight: how much of its own precision the cohort is granted, above 0: less than 1 when its providers differ,
    ///     so that however many its quotes are it counts for a few of the provider's own.
    /// - Throws: ``PricingError/badValue(field:remedy:)``. O(draws); deterministic.
    public static func pooled(
        own: Acceptance, cohort: Acceptance, cohortWeight: Double = 1
    ) throws(PricingError) -> Acceptance {
        let isSound = { (draws: [AcceptanceCurve]) in
            draws.count >= 20 && draws.allSatisfy { $0.intercept.isFinite && $0.sensitivity.isFinite }
        }
        try PricingError.require(isSound(own.draws), "own", "give at least 20 finite draws")
        try PricingError.require(isSound(cohort.draws), "cohort", "give at least 20 finite draws")
        try PricingError.require(
            cohortWeight > 0 && cohortWeight.isFinite, "cohortWeight", "give a finite number above 0")
        let likelihood = Moments(own.draws)
        let cohort = cohort.spread(by: 1 / cohortWeight.squareRoot())
        let prior = Moments(cohort.draws)
        let (a, b, d) = (prior.aa + likelihood.aa, prior.ab + likelihood.ab, prior.bb + likelihood.bb)
        let determinant = a * d - b * b
        guard determinant > 1e-14 * a * d, determinant > 0 else {
            // Without spread in some direction nothing can be weighed: what knows its curve is believed, the own one first.
            return prior.aa + prior.bb < likelihood.aa + likelihood.bb ? cohort : own
        }
        let w00 = (prior.aa * d - prior.ab * b) / determinant
        let w01 = (prior.ab * a - prior.aa * b) / determinant
        let w10 = (prior.ab * d - prior.bb * b) / determinant
        let w11 = (prior.bb * a - prior.ab * b) / determinant
        return Acceptance(
            zip(own.draws, cohort.draws).map { one, other in
                let (x, y) = (one.intercept - other.intercept, one.sensitivity - other.sensitivity)
                return AcceptanceCurve(
                    intercept: other.intercept + w00 * x + w01 * y, sensitivity: other.sensitivity + w10 * x + w11 * y)
            })
    }

    /// The same draws, farther from their mean by a factor.
    private func spread(by factor: Double) -> Acceptance {
        let center = Moments(draws)
        return Acceptance(
            draws.map {
                AcceptanceCurve(
                    intercept: center.a + factor * ($0.intercept - center.a),
                    sensitivity: center.b + factor * ($0.sensitivity - center.b))
            })
    }

    /// Mean and covariance of intercept and sensitivity over draws.
    private struct Moments {
        let a: Double
        let b: Double
        var aa = 0.0
        var ab = 0.0
        var bb = 0.0

        init(_ draws: [AcceptanceCurve]) {
            let count = Double(draws.count)
            a = draws.reduce(0) { $0 + $1.intercept } / count
            b = draws.reduce(0) { $0 + $1.sensitivity } / count
            for draw in draws {
                let (x, y) = (draw.intercept - a, draw.sensitivity - b)
                aa += x * x / (count - 1)
                ab += x * y / (count - 1)
                bb += y * y / (count - 1)
            }
        }
    }
}
