extension Certificate {
    /// Checks that the point satisfies bounds, rows, kinds, and has the row values and objective that are reported.
    /// - Returns: Whether there is a point of the right size.
    mutating func checkPoint(_ model: MathematicalProgram, _ solution: Solution) -> Bool {
        guard let objective = solution.objective else {
            failures.append(.noEvidence)
            return false
        }
        guard checkFeasibility(model, solution) else { return false }
        let recomputed = model.objective(at: solution.values)
        primalObjective = recomputed
        judge(abs(recomputed - objective) / (1 + abs(recomputed)), .objective)
        return true
    }

    /// Checks that the point satisfies bounds, rows and kinds, and has the row values that are reported.
    /// - Returns: Whether there is a point of the right size.
    mutating func checkFeasibility(_ model: MathematicalProgram, _ solution: Solution) -> Bool {
        guard
            solution.values.count == model.variableCount && solution.activities.count == model.constraintCount
        else {
            failures.append(.wrongCount)
            return false
        }
        checkVariables(model, solution.values)
        checkRows(model, solution)
        judge(variableBoundViolation, .variableBounds)
        judge(constraintBoundViolation, .constraintBounds)
        judge(activityError, .activities)
        judge(integralityViolation, .integrality)
        judge(semicontinuityViolation, .semicontinuity)
        return true
    }

    private mutating func checkVariables(_ model: MathematicalProgram, _ values: [Double]) {
        for (index, value) in values.enumerated() {
            let kind = model.variableKinds[index]
            let excess = Self.excess(value, model.variableLowerBounds[index], model.variableUpperBounds[index])
            if kind.isSemi {
                Self.raise(&semicontinuityViolation, min(excess, value.isNaN ? .infinity : abs(value)))
            } else {
                Self.raise(&variableBoundViolation, excess)
            }
            if kind.isIntegral { Self.raise(&integralityViolation, abs(value - value.rounded())) }
        }
    }

    private mutating func checkRows(_ model: MathematicalProgram, _ solution: Solution) {
        for (index, row) in model.rows.enumerated() {
            var activity = 0.0
            var magnitude = 1.0
            for term in row {
                let addend = term.coefficient * solution.values[term.variable.index]
                activity += addend
                magnitude = max(magnitude, abs(addend))
            }
            Self.raise(
                &constraintBoundViolation,
                Self.excess(activity, model.constraintLowerBounds[index], model.constraintUpperBounds[index]))
            Self.raise(&activityError, abs(activity - solution.activities[index]) / magnitude)
        }
    }

    /// Checks that the bound which the solver claims is on the right side of the objective and near enough.
    mutating func checkBound(
        _ model: MathematicalProgram, _ solution: Solution, gapTolerance: Double, isRequired: Bool
    ) {
        guard let bound = solution.bound, let objective = primalObjective else {
            if isRequired { failures.append(.noEvidence) }
            return
        }
        dualObjective = bound
        let scale = max(1, abs(objective))
        let gap = abs(objective - bound) / scale
        relativeGap = gap
        let beyond = model.sense.sign * (bound - objective) / scale
        if !(gap <= gapTolerance) || !(beyond <= tolerance) { failures.append(.gap) }
    }
}
