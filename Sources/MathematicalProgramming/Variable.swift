/// The domain of a decision variable.
public enum VariableKind: String, Sendable, Codable, CaseIterable {
    /// A real number within the bounds.
    case continuous
    /// An integer within the bounds.
    case integer
    /// Zero, or a real number within the bounds; the bounds satisfy 0 ≤ lower ≤ upper ≤ 10⁵.
    case semiContinuous
    /// Zero, or an integer within the bounds; the bounds satisfy 0 ≤ lower ≤ upper ≤ 10⁵.
    case semiInteger

    /// Whether the value is an integer.
    public var isIntegral: Bool { self == .integer || self == .semiInteger }

    /// Whether zero is allowed beside the bounds.
    public var isSemi: Bool { self == .semiContinuous || self == .semiInteger }
}

/// The direction of optimization.
public enum ObjectiveSense: String, Sendable, Codable, CaseIterable {
    /// The smallest objective is sought.
    case minimize
    /// The largest objective is sought.
    case maximize

    /// 1 when minimizing, −1 when maximizing: the factor that turns the objective into one to minimize.
    var sign: Double { self == .minimize ? 1 : -1 }
}

/// A handle to a decision variable (a column) of a `MathematicalProgram`.
///
/// It is the position of the column; it means nothing in a model other than the one that returned it.
public struct Variable: Hashable, Sendable, Codable {
    /// The position among the model's variables, from 0.
    public let index: Int

    /// Names the variable at `index`. Models check the index when they use it.
    public init(index: Int) { self.index = index }
}

/// A handle to a linear constraint (a row) of a `MathematicalProgram`.
///
/// It is the position of the row; it means nothing in a model other than the one that returned it.
public struct Constraint: Hashable, Sendable, Codable {
    /// The position among the model's constraints, from 0.
    public let index: Int

    /// Names the constraint at `index`. Models check the index when they use it.
    public init(index: Int) { self.index = index }
}

/// One addend of a linear form: a coefficient times a variable.
public struct Term: Hashable, Sendable, Codable {
    /// The variable.
    public var variable: Variable
    /// Its coefficient.
    public var coefficient: Double

    /// Makes the addend `coefficient`·`variable`.
    public init(_ variable: Variable, _ coefficient: Double) {
        self.variable = variable
        self.coefficient = coefficient
    }
}

/// One entry of a column: a constraint and the coefficient that a variable has in it.
public struct ColumnEntry: Hashable, Sendable, Codable {
    /// The constraint.
    public var constraint: Constraint
    /// The coefficient of the column's variable in it.
    public var coefficient: Double

    /// Makes the entry `coefficient` in the row `constraint`.
    public init(_ constraint: Constraint, _ coefficient: Double) {
        self.constraint = constraint
        self.coefficient = coefficient
    }
}
