/// Why a model cannot be solved, written or read.
///
/// It speaks of the model or of the solver's refusal. That a model is infeasible or unbounded, or that time ran out,
/// is no error: it is the `ModelStatus` of a `Solution`.
public enum ProgrammingError: Error, Sendable, Equatable {
    /// A number of the model is NaN, or infinite where it must be finite; `item` says which.
    case notFinite(item: String)
    /// A lower bound exceeds the upper bound.
    case crossingBounds(item: String, lower: Double, upper: Double)
    /// A lower bound is +∞ or an upper bound is −∞.
    case infiniteBound(item: String)
    /// A semicontinuous or semi-integer variable has a negative lower bound, or an upper bound that is infinite or
    /// above `MathematicalProgram.largestSemicontinuousBound`.
    case semicontinuousBounds(item: String, lower: Double, upper: Double)
    /// A coefficient is so large (10¹⁵ or more in magnitude) that floating point cannot treat the row.
    case coefficientTooLarge(item: String, value: Double)
    /// The model has no variable at this index.
    case unknownVariable(index: Int, count: Int)
    /// The model has no constraint at this index.
    case unknownConstraint(index: Int, count: Int)
    /// The model has more variables, constraints or entries than the solver's index type holds (2³¹ − 1).
    case modelTooLarge(item: String, count: Int)
    /// An array has the wrong number of elements.
    case wrongCount(item: String, expected: Int, found: Int)
    /// A parameter is outside its range.
    case invalidParameter(name: String, value: Double)
    /// The solver refused the operation.
    case solverRefused(operation: String)
    /// The model file cannot be read: absent, not readable or not well-formed.
    case unreadableFile(name: String)
    /// The model file cannot be written.
    case unwritableFile(name: String)
    /// The file's name does not end in `.mps` (or `.lp`, for reading).
    case unknownFormat(name: String)
}

extension ProgrammingError: CustomStringConvertible {
    /// A sentence for a person.
    public var description: String {
        switch self {
        case .notFinite(let item): "\(item) is not a finite number"
        case .crossingBounds(let item, let lower, let upper):
            "\(item) has lower bound \(lower) above upper bound \(upper)"
        case .infiniteBound(let item): "\(item) has a lower bound of +∞ or an upper bound of −∞"
        case .semicontinuousBounds(let item, let lower, let upper):
            "\(item) is semicontinuous: its bounds must satisfy 0 ≤ lower ≤ upper ≤ 1e5, not [\(lower), \(upper)]"
        case .coefficientTooLarge(let item, let value): "\(item) has a coefficient of \(value); at most 1e15 is allowed"
        case .unknownVariable(let index, let count): "no variable has index \(index); the model has \(count)"
        case .unknownConstraint(let index, let count): "no constraint has index \(index); the model has \(count)"
        case .modelTooLarge(let item, let count): "the model has \(count) \(item), more than the solver can index"
        case .wrongCount(let item, let expected, let found): "\(item) has \(found) elements instead of \(expected)"
        case .invalidParameter(let name, let value): "the parameter \(name) cannot be \(value)"
        case .solverRefused(let operation): "the solver refused: \(operation)"
        case .unreadableFile(let name): "cannot read a model from \(name)"
        case .unwritableFile(let name): "cannot write the model to \(name)"
        case .unknownFormat(let name): "\(name) does not end in .mps (or .lp, for reading)"
        }
    }
}
