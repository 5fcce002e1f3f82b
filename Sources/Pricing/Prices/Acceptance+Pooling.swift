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
    /// - Throws: ``PricingError/badValue(field:remedy:)``. O(draws); deterministic.
    public static func pooled(own: Acceptance, cohort: Acceptance) throws(PricingError) -> Acceptance {
        let isSound = { (draws: [AcceptanceCurve]) in
            draws.count >= 20 && draws.allSatisfy { $0.intercept.isFinite && $0.sensitivity.isFinite }
        }
        try PricingError.require(isSound(own.draws), "own", "give at least 20 finite draws")
        try PricingError.require(isSound(cohort.draws), "cohort", "give at least 20 finite draws")
        let (likelihood, prior) = (Moments(own.draws), Moments(cohort.draws))
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

    /// Covariance of intercept and sensitivity over draws.
    private struct Moments {
        var (aa, ab, bb) = (0.0, 0.0, 0.0)

        init(_ draws: [AcceptanceCurve]) {
            let count = Double(draws.count)
            let a = draws.reduce(0) { $0 + $1.intercept } / count
            let b = draws.reduce(0) { $0 + $1.sensitivity } / count
            for draw in draws {
                let (x, y) = (draw.intercept - a, draw.sensitivity - b)
                (aa, ab, bb) = (aa + x * x / (count - 1), ab + x * y / (count - 1), bb + y * y / (count - 1))
            }
        }
    }
}
