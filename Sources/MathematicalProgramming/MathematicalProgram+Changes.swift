extension MathematicalProgram {
    /// Replaces the bounds of a variable.
    /// - Throws: `unknownVariable`.
    public mutating func setBounds(
        of variable: Variable, lower: Double, upper: Double
    ) throws(ProgrammingError) {
        try check(variable)
        variableLowerBounds[variable.index] = Self.normalized(lower)
        variableUpperBounds[variable.index] = Self.normalized(upper)
    }

    /// Replaces the bounds of a constraint.
    /// - Throws: `unknownConstraint`.
    public mutating func setBounds(
        of constraint: Constraint, lower: Double, upper: Double
    ) throws(ProgrammingError) {
        try check(constraint)
        constraintLowerBounds[constraint.index] = Self.normalized(lower)
        constraintUpperBounds[constraint.index] = Self.normalized(upper)
    }

    /// Replaces the objective coefficient of a variable.
    /// - Throws: `unknownVariable`.
    public mutating func setCost(_ cost: Double, of variable: Variable) throws(ProgrammingError) {
        try check(variable)
        objectiveCoefficients[variable.index] = cost
    }

    /// Replaces the kind of a variable.
    /// - Throws: `unknownVariable`.
    public mutating func setKind(_ kind: VariableKind, of variable: Variable) throws(ProgrammingError) {
        try check(variable)
        variableKinds[variable.index] = kind
    }

    /// Replaces the coefficient of a variable in a constraint; zero removes it.
    /// - Throws: `unknownVariable`, `unknownConstraint`.
    /// - Complexity: O(length of the row).
    public mutating func setCoefficient(
        _ coefficient: Double, of variable: Variable, in constraint: Constraint
    ) throws(ProgrammingError) {
        try check(variable)
        try check(constraint)
        let row = constraint.index
        let position = rows[row].firstIndex { $0.variable == variable }
        switch (position, coefficient == 0) {
        case (let position?, true): rows[row].remove(at: position)
        case (let position?, false): rows[row][position].coefficient = coefficient
        case (nil, true): break
        case (nil, false): rows[row].append(Term(variable, coefficient))
        }
    }

    /// Adds to the coefficient of a variable in a constraint that has no variable of a greater index.
    ///
    /// Indices are those of this model; the row must not hold a later variable. Complexity: O(1), amortized.
    package mutating func add(_ coefficient: Double, of variable: Variable, to constraint: Constraint) {
        guard coefficient != 0 else { return }
        let row = constraint.index
        if let last = rows[row].last, last.variable == variable {
            let sum = last.coefficient + coefficient
            rows[row].removeLast()
            if sum != 0 { rows[row].append(Term(variable, sum)) }
        } else {
            rows[row].append(Term(variable, coefficient))
        }
    }

    /// The continuous relaxation: integrality is dropped, and a semicontinuous variable may take any value between
    /// zero and its upper bound.
    public var relaxed: MathematicalProgram {
        var model = self
        for index in 0..<variableCount {
            if variableKinds[index].isSemi { model.variableLowerBounds[index] = min(0, variableLowerBounds[index]) }
            model.variableKinds[index] = .continuous
        }
        return model
    }

    /// The objective at `values`, one for each variable: Σ cⱼ xⱼ + offset.
    /// - Throws: `wrongCount`.
    public func objectiveValue(at values: [Double]) throws(ProgrammingError) -> Double {
        try checkCount(values)
        return objective(at: values)
    }

    /// The value of every row at `values`, one for each variable.
    /// - Throws: `wrongCount`, `unknownVariable`.
    /// - Complexity: O(nonzeros).
    public func activities(at values: [Double]) throws(ProgrammingError) -> [Double] {
        try checkCount(values)
        for row in rows { for term in row { try check(term.variable) } }
        return rowValues(at: values)
    }

    /// The objective at as many values as there are variables.
    func objective(at values: [Double]) -> Double {
        zip(objectiveCoefficients, values).reduce(objectiveOffset) { $0 + $1.0 * $1.1 }
    }

    /// The rows at as many values as there are variables, of a model whose indices are valid.
    func rowValues(at values: [Double]) -> [Double] {
        rows.map { row in row.reduce(0) { $0 + $1.coefficient * values[$1.variable.index] } }
    }

    private func checkCount(_ values: [Double]) throws(ProgrammingError) {
        guard values.count == variableCount else {
            throw .wrongCount(item: "the point", expected: variableCount, found: values.count)
        }
    }
}
