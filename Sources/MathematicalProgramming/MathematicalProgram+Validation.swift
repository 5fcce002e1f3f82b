extension MathematicalProgram {
    /// The magnitude from which on a coefficient of a row is refused.
    public static let largestCoefficient = 1e15

    /// The greatest upper bound of a semicontinuous variable: beyond it, the tolerance of the implied binary (10⁻⁶)
    /// would let noticeable amounts through below the lower bound. Choose larger units.
    public static let largestSemicontinuousBound = 1e5

    /// Refuses a model that no solver could treat.
    ///
    /// - Throws: `notFinite`, `crossingBounds`, `infiniteBound`, `semicontinuousBounds`, `coefficientTooLarge`,
    ///   `unknownVariable`, `modelTooLarge`: the first defect found, variables first.
    /// - Complexity: O(variables + nonzeros).
    public func validate() throws(ProgrammingError) {
        let limit = Int(Int32.max)
        if variableCount >= limit { throw .modelTooLarge(item: "variables", count: variableCount) }
        if constraintCount >= limit { throw .modelTooLarge(item: "constraints", count: constraintCount) }
        let nonzeros = nonzeroCount
        if nonzeros >= limit { throw .modelTooLarge(item: "nonzeros", count: nonzeros) }
        if !objectiveOffset.isFinite { throw .notFinite(item: "the objective's offset") }
        for index in 0..<variableCount { try validateVariable(index) }
        for index in 0..<constraintCount { try validateConstraint(index) }
    }

    /// Refuses a variable whose bounds or cost make no sense.
    func validateVariable(_ index: Int) throws(ProgrammingError) {
        let lower = variableLowerBounds[index]
        let upper = variableUpperBounds[index]
        guard objectiveCoefficients[index].isFinite else {
            throw .notFinite(item: "the cost of \(label(of: Variable(index: index)))")
        }
        if variableKinds[index].isSemi {
            // NaN fails the comparison too.
            guard lower >= 0 && lower <= upper && upper <= Self.largestSemicontinuousBound else {
                throw .semicontinuousBounds(item: label(of: Variable(index: index)), lower: lower, upper: upper)
            }
        } else if !(lower <= upper && lower < .infinity && upper > -.infinity) {
            throw Self.boundError(label(of: Variable(index: index)), lower, upper)
        }
    }

    /// Refuses a constraint whose bounds, indices or coefficients make no sense.
    func validateConstraint(_ index: Int) throws(ProgrammingError) {
        try validateConstraintBounds(index)
        for term in rows[index] {
            try check(term.variable)
            try validateCoefficient(term.coefficient, of: term.variable, in: Constraint(index: index))
        }
    }

    /// Refuses a constraint whose bounds make no sense.
    func validateConstraintBounds(_ index: Int) throws(ProgrammingError) {
        let lower = constraintLowerBounds[index]
        let upper = constraintUpperBounds[index]
        if !(lower <= upper && lower < .infinity && upper > -.infinity) {
            throw Self.boundError(label(of: Constraint(index: index)), lower, upper)
        }
    }

    /// Refuses a coefficient that is not finite or too large.
    func validateCoefficient(
        _ value: Double, of variable: Variable, in constraint: Constraint
    ) throws(ProgrammingError) {
        // NaN fails the comparison too.
        if abs(value) < Self.largestCoefficient { return }
        if value.isFinite { throw .coefficientTooLarge(item: label(of: constraint), value: value) }
        throw .notFinite(item: "the coefficient of \(label(of: variable)) in \(label(of: constraint))")
    }

    /// What is wrong with a pair of bounds of which something is wrong.
    private static func boundError(_ item: String, _ lower: Double, _ upper: Double) -> ProgrammingError {
        if lower.isNaN || upper.isNaN { return .notFinite(item: "a bound of \(item)") }
        if lower == .infinity || upper == -.infinity { return .infiniteBound(item: item) }
        return .crossingBounds(item: item, lower: lower, upper: upper)
    }

    /// Refuses the handle of a variable that the model does not have.
    func check(_ variable: Variable) throws(ProgrammingError) {
        guard variable.index >= 0 && variable.index < variableCount else {
            throw .unknownVariable(index: variable.index, count: variableCount)
        }
    }

    /// Refuses the handle of a constraint that the model does not have.
    func check(_ constraint: Constraint) throws(ProgrammingError) {
        guard constraint.index >= 0 && constraint.index < constraintCount else {
            throw .unknownConstraint(index: constraint.index, count: constraintCount)
        }
    }

    /// The variable's name for a message: its own, else x and its index.
    func label(of variable: Variable) -> String {
        let name = variableNames[variable.index]
        return name.isEmpty ? "variable x\(variable.index)" : "variable \(name)"
    }

    /// The constraint's name for a message: its own, else r and its index.
    func label(of constraint: Constraint) -> String {
        let name = constraintNames[constraint.index]
        return name.isEmpty ? "constraint r\(constraint.index)" : "constraint \(name)"
    }
}
