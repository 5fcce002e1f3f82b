extension Certificate {
    /// The least relative margin by which a dual ray must contradict the constraints: well above rounding.
    static let leastFarkasMargin = 1e-9

    /// Checks that the dual ray proves a linear program infeasible.
    ///
    /// Multipliers y of the rows combine them to one: Σ yᵢ (row i) = d·x with d = Aᵀy. If the greatest value of d·x
    /// within the variables' bounds is below the least value that the rows' bounds allow for Σ yᵢ (row i), no point
    /// satisfies all of them (Farkas' lemma). Either sign of y is tried.
    mutating func checkDualRay(_ model: MathematicalProgram, _ solution: Solution) {
        guard !solution.dualRay.isEmpty || model.constraintCount == 0 else {
            failures.append(.noEvidence)
            return
        }
        guard solution.dualRay.count == model.constraintCount else {
            failures.append(.wrongCount)
            return
        }
        let margin = max(
            Self.margin(model, solution.dualRay, tolerance), Self.margin(model, solution.dualRay.map { -$0 }, tolerance)
        )
        farkasMargin = margin
        if !(margin > Self.leastFarkasMargin) { failures.append(.ray) }
    }

    /// The margin by which Σ yᵢ (row i) contradicts the bounds, relative to the terms of its sums; −∞ if a bound that
    /// the argument needs is infinite or y is not finite.
    private static func margin(_ model: MathematicalProgram, _ ray: [Double], _ tolerance: Double) -> Double {
        let size = ray.reduce(0) { max($0, abs($1)) }
        guard size > 0 && size < .infinity && ray.allSatisfy(\.isFinite) else { return -.infinity }
        var combined = [Double](repeating: 0, count: model.variableCount)
        var magnitudes = combined
        var least = 0.0
        var total = 0.0
        for (index, row) in model.rows.enumerated() {
            let multiplier = ray[index] / size
            let bound = multiplier > 0 ? model.constraintLowerBounds[index] : model.constraintUpperBounds[index]
            // A negligible multiplier where the bound is missing counts as zero, in the combination too.
            if multiplier == 0 || (!bound.isFinite && abs(multiplier) <= tolerance) { continue }
            guard bound.isFinite else { return -.infinity }
            least += multiplier * bound
            total += abs(multiplier * bound)
            for term in row {
                let addend = multiplier * term.coefficient
                combined[term.variable.index] += addend
                magnitudes[term.variable.index] += abs(addend)
            }
        }
        var greatest = 0.0
        for (index, coefficient) in combined.enumerated() {
            let bound = coefficient > 0 ? model.variableUpperBounds[index] : model.variableLowerBounds[index]
            // Coefficients that cancel but for rounding count as zero where there is no bound.
            if coefficient == 0 || (!bound.isFinite && abs(coefficient) <= tolerance * magnitudes[index]) { continue }
            guard bound.isFinite else { return -.infinity }
            greatest += coefficient * bound
            total += abs(coefficient * bound)
        }
        return total > 0 ? (least - greatest) / total : -.infinity
    }

    /// Checks that a linear program has a feasible point, from which the primal ray leads on for ever while the
    /// objective improves.
    mutating func checkPrimalRay(_ model: MathematicalProgram, _ solution: Solution) {
        let ray = solution.primalRay
        guard !ray.isEmpty && !solution.values.isEmpty else {
            failures.append(.noEvidence)
            return
        }
        guard ray.count == model.variableCount else {
            failures.append(.wrongCount)
            return
        }
        guard checkFeasibility(model, solution) else { return }
        let size = ray.reduce(0) { max($0, abs($1)) }
        guard size > 0 && size < .infinity && ray.allSatisfy(\.isFinite) else {
            failures.append(.ray)
            return
        }
        let direction = ray.map { $0 / size }
        var worst = 0.0
        for (index, step) in direction.enumerated() {
            Self.raise(&worst, Self.leaving(step, model.variableLowerBounds[index], model.variableUpperBounds[index]))
        }
        for (index, step) in model.rowValues(at: direction).enumerated() {
            let scale = model.rows[index].reduce(1) { max($0, abs($1.coefficient)) }
            let leaving = Self.leaving(
                step, model.constraintLowerBounds[index], model.constraintUpperBounds[index])
            Self.raise(&worst, leaving / scale)
        }
        var gain = 0.0
        var total = 0.0
        for (cost, step) in zip(model.objectiveCoefficients, direction) {
            gain -= model.sense.sign * cost * step
            total += abs(cost * step)
        }
        judge(worst, .ray)
        if !(gain > tolerance * total) { failures.append(.ray) }
    }

    /// How fast `step` leaves a range: 0 if it never does.
    private static func leaving(_ step: Double, _ lower: Double, _ upper: Double) -> Double {
        max(lower.isFinite ? -step : 0, upper.isFinite ? step : 0, 0)
    }
}
