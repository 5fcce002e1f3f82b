/// A mixed-integer linear program.
///
/// optimize   Σ cⱼ xⱼ + offset
/// subject to lowerᵢ ≤ Σ aᵢⱼ xⱼ ≤ upperᵢ   for every constraint i
///            lowerⱼ ≤ xⱼ ≤ upperⱼ, xⱼ of its kind   for every variable j
///
/// A bound of magnitude 10²⁰ or more is infinite; HiGHS takes coefficients of magnitude 10⁻⁹ or less for zero.
/// Adding never fails; `validate()`, which every solver calls, refuses what makes no sense. Changing checks the index
/// at once.
public struct MathematicalProgram: Sendable, Equatable {
    /// The magnitude from which on a bound is infinite.
    public static let infiniteBound = 1e20

    /// The model's name; may be empty.
    public var name: String
    /// The direction of optimization.
    public var sense: ObjectiveSense
    /// The constant of the objective.
    public var objectiveOffset: Double

    /// Names of the variables; empty where none was given.
    public internal(set) var variableNames: [String] = []
    /// Lower bounds of the variables.
    public internal(set) var variableLowerBounds: [Double] = []
    /// Upper bounds of the variables.
    public internal(set) var variableUpperBounds: [Double] = []
    /// Kinds of the variables.
    public internal(set) var variableKinds: [VariableKind] = []
    /// Objective coefficients of the variables.
    public internal(set) var objectiveCoefficients: [Double] = []

    /// Names of the constraints; empty where none was given.
    public internal(set) var constraintNames: [String] = []
    /// Lower bounds of the constraints.
    public internal(set) var constraintLowerBounds: [Double] = []
    /// Upper bounds of the constraints.
    public internal(set) var constraintUpperBounds: [Double] = []
    /// The rows: each variable at most once, no zero coefficient.
    public internal(set) var rows: [[Term]] = []

    /// Makes a model without variables and constraints.
    public init(name: String = "", sense: ObjectiveSense = .minimize, objectiveOffset: Double = 0) {
        self.name = name
        self.sense = sense
        self.objectiveOffset = objectiveOffset
    }

    /// The number of variables.
    public var variableCount: Int { objectiveCoefficients.count }
    /// The number of constraints.
    public var constraintCount: Int { rows.count }
    /// The number of coefficients of the constraint matrix. Complexity: O(constraints).
    public var nonzeroCount: Int { rows.reduce(0) { $0 + $1.count } }
    /// Every variable, in order.
    public var variables: [Variable] { (0..<variableCount).map(Variable.init(index:)) }
    /// Every constraint, in order.
    public var constraints: [Constraint] { (0..<constraintCount).map(Constraint.init(index:)) }
    /// Whether any variable is not continuous. Complexity: O(variables).
    public var isMixedInteger: Bool { variableKinds.contains { $0 != .continuous } }

    /// Adds a variable. Complexity: O(1), amortized.
    ///
    /// - Parameters:
    ///   - name: A name for reports and files; need not be unique.
    ///   - lower: The lower bound; −∞ for none.
    ///   - upper: The upper bound; ∞ for none.
    ///   - kind: The domain.
    ///   - cost: The objective coefficient.
    @discardableResult
    public mutating func addVariable(
        _ name: String = "", lower: Double = 0, upper: Double = .infinity, kind: VariableKind = .continuous,
        cost: Double = 0
    ) -> Variable {
        variableNames.append(name)
        variableLowerBounds.append(Self.normalized(lower))
        variableUpperBounds.append(Self.normalized(upper))
        variableKinds.append(kind)
        objectiveCoefficients.append(cost)
        return Variable(index: variableCount - 1)
    }

    /// Adds an integer variable that is 0 or 1.
    @discardableResult
    public mutating func addBinary(_ name: String = "", cost: Double = 0) -> Variable {
        addVariable(name, lower: 0, upper: 1, kind: .integer, cost: cost)
    }

    /// Adds a variable together with its coefficients in constraints that exist (a column).
    ///
    /// Entries of the same constraint add up.
    /// - Throws: `unknownConstraint`; the model is then unchanged.
    /// - Complexity: O(entries), and O(length of the row) where a constraint occurs twice.
    @discardableResult
    public mutating func addVariable(
        _ name: String = "", lower: Double = 0, upper: Double = .infinity, kind: VariableKind = .continuous,
        cost: Double = 0, column: [ColumnEntry]
    ) throws(ProgrammingError) -> Variable {
        for entry in column { try check(entry.constraint) }
        let variable = addVariable(name, lower: lower, upper: upper, kind: kind, cost: cost)
        for entry in column where entry.coefficient != 0 {
            let row = entry.constraint.index
            if let last = rows[row].last, last.variable == variable {
                let sum = last.coefficient + entry.coefficient
                rows[row].removeLast()
                if sum != 0 { rows[row].append(Term(variable, sum)) }
            } else {
                rows[row].append(Term(variable, entry.coefficient))
            }
        }
        return variable
    }

    /// Adds the constraint lower ≤ Σ terms ≤ upper.
    ///
    /// Terms of the same variable add up; zero coefficients are dropped.
    /// - Complexity: O(terms) if their indices increase, else O(terms · log terms).
    @discardableResult
    public mutating func addConstraint(
        _ name: String = "", lower: Double = -.infinity, upper: Double = .infinity, terms: [Term]
    ) -> Constraint {
        constraintNames.append(name)
        constraintLowerBounds.append(Self.normalized(lower))
        constraintUpperBounds.append(Self.normalized(upper))
        rows.append(Self.canonical(terms))
        return Constraint(index: constraintCount - 1)
    }

    /// Adds a constraint that is written as a relation: `model.add(x + 2 * y <= 3)`.
    @discardableResult
    public mutating func add(_ relation: LinearRelation, name: String = "") -> Constraint {
        let constant = relation.expression.constant
        return addConstraint(
            name, lower: relation.lower - constant, upper: relation.upper - constant, terms: relation.expression.terms)
    }

    /// Replaces the objective: its direction, every coefficient, its constant.
    /// - Throws: `unknownVariable`; the model is then unchanged.
    public mutating func setObjective(
        _ sense: ObjectiveSense, _ objective: some LinearExpressible
    ) throws(ProgrammingError) {
        let form = objective.linearExpression
        for term in form.terms { try check(term.variable) }
        self.sense = sense
        objectiveOffset = form.constant
        objectiveCoefficients = [Double](repeating: 0, count: variableCount)
        for term in form.terms { objectiveCoefficients[term.variable.index] += term.coefficient }
    }

    /// Sums terms of the same variable and drops zeros; the result is ordered by index.
    static func canonical(_ terms: [Term]) -> [Term] {
        var increases = true
        var hasZero = false
        for (position, term) in terms.enumerated() {
            if position > 0 && terms[position - 1].variable.index >= term.variable.index { increases = false }
            if term.coefficient == 0 { hasZero = true }
        }
        if increases && !hasZero { return terms }
        var result: [Term] = []
        result.reserveCapacity(terms.count)
        for term in terms.sorted(by: { $0.variable.index < $1.variable.index }) {
            if let last = result.last, last.variable == term.variable {
                result[result.count - 1].coefficient += term.coefficient
            } else {
                result.append(term)
            }
        }
        result.removeAll { $0.coefficient == 0 }
        return result
    }

    /// The bound, infinite from 10²⁰ on.
    static func normalized(_ bound: Double) -> Double {
        abs(bound) >= infiniteBound ? (bound < 0 ? -.infinity : .infinity) : bound
    }
}
