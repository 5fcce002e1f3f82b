import CHiGHS

/// A model that is solved again and again while its data change.
///
/// The session keeps one solver object and its last simplex basis, so a linear program that changed a little is
/// solved in few iterations. `model` always mirrors what the solver holds: pass it to `Certificate.check`. A method
/// that throws leaves both as they were. Not for use from two threads at once.
public final class HiGHSSession {
    /// The model as it stands now.
    public private(set) var model: MathematicalProgram
    /// The parameters of the next solve.
    public var parameters: SolverParameters

    private let instance: HiGHSInstance
    /// A start that awaits the next solve: the solver forgets starts when the model changes.
    private var start: [Term] = []

    /// Opens a session on `model`.
    /// - Throws: What `MathematicalProgram.validate()` throws; `solverRefused`.
    public init(
        _ model: MathematicalProgram, _ parameters: SolverParameters = SolverParameters()
    ) throws(ProgrammingError) {
        try model.validate()
        self.model = model
        self.parameters = parameters
        instance = try HiGHSInstance()
        try instance.pass(model)
    }

    /// Solves the model as it stands, from the last basis if there is one.
    /// - Throws: What `SolverParameters.validate()` throws; `solverRefused`.
    public func solve() throws(ProgrammingError) -> Solution {
        try parameters.validate()
        if !start.isEmpty {
            let status = Highs_setSparseSolution(
                instance.pointer, Int32(start.count), start.map { Int32($0.variable.index) },
                start.map(\.coefficient))
            start = []
            try instance.require(status, "set the start")
        }
        return try SolverThread.run(threads: parameters.threads) { () throws(ProgrammingError) -> Solution in
            try instance.solve(model, parameters)
        }
    }

    /// Replaces the whole model; saves the making of a solver object, which costs more than a small program's solve.
    /// - Throws: What `MathematicalProgram.validate()` throws; the session is then unchanged.
    public func load(_ model: MathematicalProgram) throws(ProgrammingError) {
        try model.validate()
        try instance.pass(model)
        self.model = model
        start = []
    }

    /// Forgets basis and solution: the next solve starts afresh.
    /// - Throws: `solverRefused`.
    public func reset() throws(ProgrammingError) {
        try instance.require(Highs_clearSolver(instance.pointer), "clear the solver")
    }

    // MARK: Starts

    /// Gives the next solve a point to start from, for a mixed-integer program. It may name some variables only: the
    /// solver completes it by solving for the others, and ignores it when that fails.
    /// - Throws: `unknownVariable`, `notFinite`.
    public func setStart(_ values: [Variable: Double]) throws(ProgrammingError) {
        var terms: [Term] = []
        for (variable, value) in values.sorted(by: { $0.key.index < $1.key.index }) {
            try model.check(variable)
            guard value.isFinite else { throw .notFinite(item: "the start of \(model.label(of: variable))") }
            terms.append(Term(variable, value))
        }
        start = terms
    }

    /// Gives the next solve a value for every variable to start from, for a mixed-integer program.
    /// - Throws: `wrongCount`, `notFinite`.
    public func setStart(_ values: [Double]) throws(ProgrammingError) {
        guard values.count == model.variableCount else {
            throw .wrongCount(item: "the start", expected: model.variableCount, found: values.count)
        }
        guard values.allSatisfy(\.isFinite) else { throw .notFinite(item: "the start") }
        start = zip(model.variables, values).map { Term($0, $1) }
    }

    /// Gives the next solve a simplex basis to start from, for a linear program.
    /// - Throws: `wrongCount`; `solverRefused` if it is no basis.
    public func setBasis(_ basis: Basis) throws(ProgrammingError) {
        guard basis.variables.count == model.variableCount else {
            throw .wrongCount(item: "the basis", expected: model.variableCount, found: basis.variables.count)
        }
        guard basis.constraints.count == model.constraintCount else {
            throw .wrongCount(item: "the basis", expected: model.constraintCount, found: basis.constraints.count)
        }
        let status = Highs_setBasis(
            instance.pointer, basis.variables.map(\.highs), basis.constraints.map(\.highs))
        try instance.require(status, "set the basis")
    }

    // MARK: Changes

    /// Replaces the objective coefficient of a variable.
    /// - Throws: `unknownVariable`, `notFinite`.
    public func setCost(_ cost: Double, of variable: Variable) throws(ProgrammingError) {
        try model.check(variable)
        guard cost.isFinite else { throw .notFinite(item: "the cost of \(model.label(of: variable))") }
        try instance.require(Highs_changeColCost(instance.pointer, Int32(variable.index), cost), "change a cost")
        model.objectiveCoefficients[variable.index] = cost
    }

    /// Replaces every objective coefficient. Complexity: O(variables).
    /// - Throws: `wrongCount`, `notFinite`.
    public func setCosts(_ costs: [Double]) throws(ProgrammingError) {
        guard costs.count == model.variableCount else {
            throw .wrongCount(item: "the costs", expected: model.variableCount, found: costs.count)
        }
        guard costs.allSatisfy(\.isFinite) else { throw .notFinite(item: "a cost") }
        guard !costs.isEmpty else { return }
        let status = Highs_changeColsCostByRange(instance.pointer, 0, Int32(costs.count) - 1, costs)
        try instance.require(status, "change the costs")
        model.objectiveCoefficients = costs
    }

    /// Replaces the direction of optimization and the objective's constant.
    /// - Throws: `notFinite`.
    public func setObjective(sense: ObjectiveSense, offset: Double) throws(ProgrammingError) {
        guard offset.isFinite else { throw .notFinite(item: "the objective's offset") }
        try instance.require(Highs_changeObjectiveSense(instance.pointer, sense.highs), "change the sense")
        try instance.require(Highs_changeObjectiveOffset(instance.pointer, offset), "change the offset")
        model.sense = sense
        model.objectiveOffset = offset
    }

    /// Replaces the bounds of a variable.
    /// - Throws: `unknownVariable`, or what is wrong with the bounds.
    public func setBounds(of variable: Variable, lower: Double, upper: Double) throws(ProgrammingError) {
        try model.check(variable)
        let index = variable.index
        let old = (model.variableLowerBounds[index], model.variableUpperBounds[index])
        try model.setBounds(of: variable, lower: lower, upper: upper)
        do throws(ProgrammingError) {
            try model.validateVariable(index)
            let status = Highs_changeColBounds(
                instance.pointer, Int32(index), model.variableLowerBounds[index], model.variableUpperBounds[index])
            try instance.require(status, "change a variable's bounds")
        } catch {
            model.variableLowerBounds[index] = old.0
            model.variableUpperBounds[index] = old.1
            throw error
        }
    }

    /// Replaces the bounds of a constraint.
    /// - Throws: `unknownConstraint`, or what is wrong with the bounds.
    public func setBounds(of constraint: Constraint, lower: Double, upper: Double) throws(ProgrammingError) {
        try model.check(constraint)
        let index = constraint.index
        let old = (model.constraintLowerBounds[index], model.constraintUpperBounds[index])
        try model.setBounds(of: constraint, lower: lower, upper: upper)
        do throws(ProgrammingError) {
            try model.validateConstraintBounds(index)
            let status = Highs_changeRowBounds(
                instance.pointer, Int32(index), model.constraintLowerBounds[index], model.constraintUpperBounds[index])
            try instance.require(status, "change a constraint's bounds")
        } catch {
            model.constraintLowerBounds[index] = old.0
            model.constraintUpperBounds[index] = old.1
            throw error
        }
    }

    /// Replaces the coefficient of a variable in a constraint; zero removes it.
    /// - Throws: `unknownVariable`, `unknownConstraint`, `notFinite`, `coefficientTooLarge`.
    public func setCoefficient(
        _ coefficient: Double, of variable: Variable, in constraint: Constraint
    ) throws(ProgrammingError) {
        try model.check(variable)
        try model.check(constraint)
        try model.validateCoefficient(coefficient, of: variable, in: constraint)
        let status = Highs_changeCoeff(
            instance.pointer, Int32(constraint.index), Int32(variable.index), coefficient)
        try instance.require(status, "change a coefficient")
        try model.setCoefficient(coefficient, of: variable, in: constraint)
    }

    // MARK: Additions

    /// Adds what `model` has beyond the session's model; the basis stays.
    ///
    /// - Parameter model: the session's model with more variables and constraints after those it has. Constraints that it
    ///   has may have gained terms of the new variables; nothing else of what was there is compared or handed over.
    /// - Throws: `wrongCount` where something is missing; what is wrong with the additions. The session is then unchanged.
    /// - Complexity: O(constraints + additions).
    public func extend(to model: MathematicalProgram) throws(ProgrammingError) {
        let (columns, rows) = (self.model.variableCount, self.model.constraintCount)
        guard model.variableCount >= columns else {
            throw .wrongCount(item: "the variables", expected: columns, found: model.variableCount)
        }
        guard model.constraintCount >= rows else {
            throw .wrongCount(item: "the constraints", expected: rows, found: model.constraintCount)
        }
        for index in columns..<model.variableCount { try model.validateVariable(index) }
        for index in rows..<model.constraintCount { try model.validateConstraint(index) }
        var entries = [[(row: Int32, value: Double)]](repeating: [], count: model.variableCount - columns)
        var cuts = SparseVectors()
        for (index, row) in model.rows.enumerated() {
            let isOld = index < rows
            for term in row.dropFirst(isOld ? self.model.rows[index].count : 0) {
                let position = term.variable.index - columns
                if isOld {
                    try model.check(term.variable)
                    try model.validateCoefficient(term.coefficient, of: term.variable, in: Constraint(index: index))
                }
                if position >= 0 {
                    entries[position].append((Int32(index), term.coefficient))
                } else if isOld {
                    throw .wrongCount(item: "the terms of a constraint", expected: 0, found: 1)
                } else {
                    cuts.append(Int32(term.variable.index), term.coefficient)
                }
            }
            if !isOld { cuts.close() }
        }
        let added = model.constraintCount - rows
        if added > 0 {
            let status = Highs_addRows(
                instance.pointer, Int32(added), Array(model.constraintLowerBounds[rows...]),
                Array(model.constraintUpperBounds[rows...]), Int32(cuts.indices.count), cuts.starts, cuts.indices,
                cuts.values)
            try instance.require(status, "add constraints")
        }
        guard !entries.isEmpty else {
            self.model = model
            return
        }
        var vectors = SparseVectors()
        for column in entries {
            for entry in column { vectors.append(entry.row, entry.value) }
            vectors.close()
        }
        let status = Highs_addCols(
            instance.pointer, Int32(entries.count), Array(model.objectiveCoefficients[columns...]),
            Array(model.variableLowerBounds[columns...]), Array(model.variableUpperBounds[columns...]),
            Int32(vectors.indices.count), vectors.starts, vectors.indices, vectors.values)
        do throws(ProgrammingError) {
            try instance.require(status, "add variables")
            for index in columns..<model.variableCount where model.variableKinds[index] != .continuous {
                let kind = model.variableKinds[index].highs
                try instance.require(
                    Highs_changeColIntegrality(instance.pointer, Int32(index), kind), "set a variable's kind")
            }
        } catch {
            // Hand over what there was: a refusal in the middle is no state that anybody should know of.
            try instance.pass(self.model)
            throw error
        }
        self.model = model
    }

    /// Adds the constraint lower ≤ Σ terms ≤ upper; the basis stays (a cut).
    /// - Throws: `unknownVariable`, or what is wrong with bounds or coefficients.
    @discardableResult
    public func addConstraint(
        _ name: String = "", lower: Double = -.infinity, upper: Double = .infinity, terms: [Term]
    ) throws(ProgrammingError) -> Constraint {
        let constraint = model.addConstraint(name, lower: lower, upper: upper, terms: terms)
        do throws(ProgrammingError) {
            try model.validateConstraint(constraint.index)
            let row = model.rows[constraint.index]
            let status = Highs_addRow(
                instance.pointer, model.constraintLowerBounds[constraint.index],
                model.constraintUpperBounds[constraint.index], Int32(row.count),
                row.map { Int32($0.variable.index) }, row.map(\.coefficient))
            try instance.require(status, "add a constraint")
        } catch {
            model.removeLastConstraint()
            throw error
        }
        return constraint
    }

    /// Adds a variable with its coefficients in the constraints that exist; the basis stays (column generation).
    /// - Throws: `unknownConstraint`, or what is wrong with bounds, cost or coefficients.
    @discardableResult
    public func addVariable(
        _ name: String = "", lower: Double = 0, upper: Double = .infinity, kind: VariableKind = .continuous,
        cost: Double = 0, column: [ColumnEntry]
    ) throws(ProgrammingError) -> Variable {
        let variable = try model.addVariable(
            name, lower: lower, upper: upper, kind: kind, cost: cost, column: column)
        let index = variable.index
        let touched = Set(column.map(\.constraint.index)).sorted()
        do throws(ProgrammingError) {
            try model.validateVariable(index)
            var entries: [(row: Int32, value: Double)] = []
            for row in touched {
                guard let term = model.rows[row].last, term.variable == variable else { continue }
                try model.validateCoefficient(term.coefficient, of: variable, in: Constraint(index: row))
                entries.append((Int32(row), term.coefficient))
            }
            let status = Highs_addCol(
                instance.pointer, cost, model.variableLowerBounds[index], model.variableUpperBounds[index],
                Int32(entries.count), entries.map(\.row), entries.map(\.value))
            try instance.require(status, "add a variable")
        } catch {
            model.removeLastVariable(rows: touched)
            throw error
        }
        if kind != .continuous {
            let status = Highs_changeColIntegrality(instance.pointer, Int32(index), kind.highs)
            do throws(ProgrammingError) {
                try instance.require(status, "set a variable's kind")
            } catch {
                _ = Highs_deleteColsByRange(instance.pointer, Int32(index), Int32(index))
                model.removeLastVariable(rows: touched)
                throw error
            }
        }
        return variable
    }
}

/// Sparse vectors one after the other, as the solver takes them.
private struct SparseVectors {
    var starts: [Int32] = []
    var indices: [Int32] = []
    var values: [Double] = []
    private var begin: Int32 = 0

    mutating func append(_ index: Int32, _ value: Double) {
        indices.append(index)
        values.append(value)
    }

    /// Ends a vector.
    mutating func close() {
        starts.append(begin)
        begin = Int32(indices.count)
    }
}

extension MathematicalProgram {
    /// Takes back the constraint that was added last.
    mutating func removeLastConstraint() {
        constraintNames.removeLast()
        constraintLowerBounds.removeLast()
        constraintUpperBounds.removeLast()
        rows.removeLast()
    }

    /// Takes back the variable that was added last and occurs in `rows` only.
    mutating func removeLastVariable(rows touched: [Int]) {
        let index = variableCount - 1
        for row in touched { rows[row].removeAll { $0.variable.index == index } }
        variableNames.removeLast()
        variableLowerBounds.removeLast()
        variableUpperBounds.removeLast()
        variableKinds.removeLast()
        objectiveCoefficients.removeLast()
    }
}
