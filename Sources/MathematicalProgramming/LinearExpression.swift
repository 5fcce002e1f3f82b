/// An affine form: Σ coefficientᵢ · variableᵢ + constant.
///
/// A variable may occur several times; its coefficients add up when the form enters a model.
public struct LinearExpression: Sendable, Equatable {
    /// The addends, in the order in which they were written.
    public var terms: [Term]
    /// The constant.
    public var constant: Double

    /// Makes Σ `terms` + `constant`.
    public init(_ terms: [Term] = [], constant: Double = 0) {
        self.terms = terms
        self.constant = constant
    }

    /// Adds `other` in place. Complexity: O(terms of `other`), amortized.
    public static func += (left: inout LinearExpression, right: some LinearExpressible) {
        let other = right.linearExpression
        left.terms.append(contentsOf: other.terms)
        left.constant += other.constant
    }
}

/// What can stand in an affine form: a variable, a term, a form.
public protocol LinearExpressible {
    /// The same, as an affine form.
    var linearExpression: LinearExpression { get }
}

extension LinearExpression: LinearExpressible {
    /// The form itself.
    public var linearExpression: LinearExpression { self }
}

extension Term: LinearExpressible {
    /// The form of this addend alone.
    public var linearExpression: LinearExpression { LinearExpression([self]) }
}

extension Variable: LinearExpressible {
    /// The form 1 · variable.
    public var linearExpression: LinearExpression { LinearExpression([Term(self, 1)]) }

    /// `coefficient` times the variable.
    public static func * (coefficient: Double, variable: Variable) -> Term { Term(variable, coefficient) }

    /// `coefficient` times the variable.
    public static func * (variable: Variable, coefficient: Double) -> Term { Term(variable, coefficient) }
}

/// lower ≤ expression ≤ upper, as `MathematicalProgram.add(_:name:)` takes it.
public struct LinearRelation: Sendable, Equatable {
    /// The affine form; its constant moves to the bounds.
    public var expression: LinearExpression
    /// The least value; −∞ if there is none.
    public var lower: Double
    /// The greatest value; ∞ if there is none.
    public var upper: Double

    /// Makes `lower` ≤ `expression` ≤ `upper`.
    public init(_ expression: LinearExpression, lower: Double = -.infinity, upper: Double = .infinity) {
        self.expression = expression
        self.lower = lower
        self.upper = upper
    }
}

extension LinearExpressible {
    /// The sum of two forms.
    public static func + (left: Self, right: some LinearExpressible) -> LinearExpression {
        var sum = left.linearExpression
        sum += right
        return sum
    }

    /// The form plus a constant.
    public static func + (left: Self, right: Double) -> LinearExpression {
        var sum = left.linearExpression
        sum.constant += right
        return sum
    }

    /// The form minus a constant.
    public static func - (left: Self, right: Double) -> LinearExpression { left + (-right) }

    /// The difference of two forms.
    public static func - (left: Self, right: some LinearExpressible) -> LinearExpression {
        left + (-1 * right.linearExpression)
    }

    /// The form with the opposite sign.
    public static prefix func - (form: Self) -> LinearExpression { -1 * form.linearExpression }

    /// The form is at most `bound`.
    public static func <= (form: Self, bound: Double) -> LinearRelation {
        LinearRelation(form.linearExpression, upper: bound)
    }

    /// The form is at least `bound`.
    public static func >= (form: Self, bound: Double) -> LinearRelation {
        LinearRelation(form.linearExpression, lower: bound)
    }

    /// The form equals `value`.
    public static func == (form: Self, value: Double) -> LinearRelation {
        LinearRelation(form.linearExpression, lower: value, upper: value)
    }

    /// `left` is at most `right`: left − right ≤ 0.
    public static func <= (left: Self, right: some LinearExpressible) -> LinearRelation {
        LinearRelation(left - right, upper: 0)
    }

    /// `left` is at least `right`: left − right ≥ 0.
    public static func >= (left: Self, right: some LinearExpressible) -> LinearRelation {
        LinearRelation(left - right, lower: 0)
    }
}

extension LinearExpression {
    /// The form with every coefficient and the constant multiplied by `factor`.
    public static func * (factor: Double, form: LinearExpression) -> LinearExpression {
        LinearExpression(
            form.terms.map { Term($0.variable, factor * $0.coefficient) }, constant: factor * form.constant)
    }
}
