/// Why an operation of this module could not give an answer.
public enum LinearAlgebraError: Error, Sendable, Equatable {
    /// The shapes of the operands do not fit; `operation` names the routine, `expected` and `found` the shapes.
    case dimensionMismatch(operation: String, expected: String, found: String)
    /// A Cholesky factorization met a leading principal minor, counted from 1, that is not positive.
    case notPositiveDefinite(minor: Int)
    /// The matrix is singular: the pivot of `column`, counted from 0, is zero.
    case singular(column: Int)
    /// An iterative LAPACK routine gave up; `routine` names it.
    case notConverged(routine: String)
    /// A NaN or an infinity among the elements of `argument`, first met at `index` in row-major order.
    case nonFinite(argument: String, index: Int)
    /// LAPACK refused an argument or ran out of memory: its name and its `info`.
    case routineFailed(routine: String, info: Int)
}

extension LinearAlgebraError: CustomStringConvertible {
    /// What happened and what helps against it.
    public var description: String {
        switch self {
        case .dimensionMismatch(let operation, let expected, let found):
            "\(operation): expected \(expected), found \(found)"
        case .notPositiveDefinite(let minor):
            "the leading minor of order \(minor) is not positive: the matrix is not positive definite; "
                + "check that it is symmetric, add to its diagonal (regularization), or factor it in Double"
        case .singular(let column):
            "the matrix is singular: pivot \(column) is zero; drop the dependent row, or use leastSquares on full rank"
        case .notConverged(let routine):
            "\(routine) did not converge; scale the matrix or use Double"
        case .nonFinite(let argument, let index):
            "\(argument) has a NaN or an infinity at element \(index) (row-major)"
        case .routineFailed(let routine, let info):
            "\(routine) failed with info = \(info)"
        }
    }
}
