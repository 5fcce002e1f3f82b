extension Certificate {
    /// Checks duals and reduced costs of a linear program: consistency, signs, complementarity, strong duality.
    mutating func checkDuals(_ model: MathematicalProgram, _ solution: Solution) {
        guard
            solution.duals.count == model.constraintCount && solution.reducedCosts.count == model.variableCount,
            let primal = primalObjective
        else {
            let isAbsent = solution.duals.isEmpty && solution.reducedCosts.isEmpty
            failures.append(isAbsent ? .noEvidence : .wrongCount)
            return
        }
        let reducedCosts = Self.reducedCosts(model, duals: solution.duals)
        for (index, reduced) in reducedCosts.enumerated() {
            let scale = 1 + abs(model.objectiveCoefficients[index])
            Self.raise(&reducedCostError, abs(reduced - solution.reducedCosts[index]) / scale)
        }
        let sign = model.sense.sign
        var dual = sign * model.objectiveOffset
        for (index, reduced) in reducedCosts.enumerated() {
            let range = (model.variableLowerBounds[index], model.variableUpperBounds[index])
            let scale = 1 + abs(model.objectiveCoefficients[index])
            dual += support(sign * reduced, range, at: solution.values[index], scale: scale, objective: primal)
        }
        for (index, multiplier) in solution.duals.enumerated() {
            let range = (model.constraintLowerBounds[index], model.constraintUpperBounds[index])
            dual += support(sign * multiplier, range, at: solution.activities[index], scale: 1, objective: primal)
        }
        dual *= sign
        dualObjective = dual
        let gap = abs(primal - dual) / max(1, abs(primal))
        relativeGap = gap
        judge(reducedCostError, .reducedCosts)
        judge(dualViolation, .dualFeasibility)
        judge(complementarityViolation, .complementarity)
        judge(gap, .gap)
    }

    /// What a dual value of a problem to minimize adds to the dual objective: its product with the bound that its sign
    /// selects. Notes the violations on the way.
    private mutating func support(
        _ multiplier: Double, _ range: (lower: Double, upper: Double), at value: Double, scale: Double,
        objective: Double
    ) -> Double {
        guard multiplier != 0 else { return 0 }
        let bound = multiplier > 0 ? range.lower : range.upper
        guard bound.isFinite else {
            // No bound supports this sign; as if the multiplier were zero.
            Self.raise(&dualViolation, abs(multiplier) / scale)
            return 0
        }
        Self.raise(&complementarityViolation, abs(multiplier * (value - bound)) / (1 + abs(objective)))
        return multiplier * bound
    }

    /// c − Aᵀy. Complexity: O(nonzeros).
    static func reducedCosts(_ model: MathematicalProgram, duals: [Double]) -> [Double] {
        var result = model.objectiveCoefficients
        for (row, multiplier) in zip(model.rows, duals) where multiplier != 0 {
            for term in row { result[term.variable.index] -= term.coefficient * multiplier }
        }
        return result
    }
}
