/// Evidence for a solution, recomputed from the model without the solver.
///
/// - An optimal linear program is verified by its primal and dual solutions: both feasible, complementary, and equal in
///   objective (strong duality).
/// - A mixed-integer program's point is verified as feasible, its claimed bound only as consistent: no short proof of
///   a branch-and-bound bound exists.
/// - An infeasible linear program is verified by its dual ray (Farkas' lemma), an unbounded one by a feasible point and
///   a primal ray.
///
/// Violations are relative: of a bound b to 1 + |b|, of a cost c to 1 + |c|, of an objective z to 1 + |z|. 0 is
/// perfect.
public struct Certificate: Sendable, Equatable {
    /// What the certificate verifies.
    public enum Claim: String, Sendable, Codable {
        /// The point of a linear program is optimal.
        case optimalLinear
        /// The point of a mixed-integer program is feasible and within the gap of the bound that the solver claims.
        case optimalMixedInteger
        /// The point is feasible; nothing is claimed about its distance to the optimum, but the bound if there is one.
        case feasible
        /// The linear program has no feasible point.
        case infeasible
        /// The linear program has no bound.
        case unbounded
        /// Nothing that could be verified.
        case nothing
    }

    /// Why a claim is not verified.
    public enum Failure: String, Sendable, Codable {
        /// The model itself is not valid.
        case invalidModel
        /// An array of the solution has the wrong length.
        case wrongCount
        /// The solution claims nothing that can be verified, or brings no evidence (no duals, no ray, no point).
        case noEvidence
        /// A variable is outside its bounds.
        case variableBounds
        /// A row is outside its bounds.
        case constraintBounds
        /// A reported row value is not the row's value at the point.
        case activities
        /// An integer variable is not integral.
        case integrality
        /// A semicontinuous variable is neither zero nor within its bounds.
        case semicontinuity
        /// The reported objective is not the objective at the point.
        case objective
        /// A reported reduced cost is not c − Aᵀy.
        case reducedCosts
        /// A dual value or reduced cost has a sign that no finite bound supports.
        case dualFeasibility
        /// A dual value is not zero although its bound is not active.
        case complementarity
        /// Primal and dual objective differ, or the claimed bound is far from or beyond the objective.
        case gap
        /// The ray proves nothing.
        case ray
    }

    /// What was to be verified.
    public internal(set) var claim: Claim
    /// What speaks against it; empty if it is verified.
    public internal(set) var failures: [Failure] = []
    /// The tolerance of every violation.
    public internal(set) var tolerance: Double

    /// Greatest violation of a variable's bounds.
    public internal(set) var variableBoundViolation = 0.0
    /// Greatest violation of a constraint's bounds.
    public internal(set) var constraintBoundViolation = 0.0
    /// Greatest difference of a reported row value.
    public internal(set) var activityError = 0.0
    /// Greatest distance of an integer variable to an integer (absolute).
    public internal(set) var integralityViolation = 0.0
    /// Greatest distance of a semicontinuous variable to zero or its bounds.
    public internal(set) var semicontinuityViolation = 0.0
    /// Greatest difference of a reported reduced cost.
    public internal(set) var reducedCostError = 0.0
    /// Greatest dual value of a wrong sign.
    public internal(set) var dualViolation = 0.0
    /// Greatest product of a dual value and the distance to its bound.
    public internal(set) var complementarityViolation = 0.0
    /// The objective, recomputed from the point; nil without a point.
    public internal(set) var primalObjective: Double?
    /// The dual objective of a linear program, recomputed from the duals; else the bound that the solver claims.
    public internal(set) var dualObjective: Double?
    /// |primal − dual objective| / max(1, |primal objective|); nil if one is missing.
    public internal(set) var relativeGap: Double?
    /// By how much the ray contradicts the constraints, relative to the terms that cancel; nil without a dual ray.
    public internal(set) var farkasMargin: Double?

    /// Whether the claim holds.
    public var isVerified: Bool { failures.isEmpty }

    /// The greatest of all violations.
    public var maximumViolation: Double {
        [
            variableBoundViolation, constraintBoundViolation, activityError, integralityViolation,
            semicontinuityViolation, reducedCostError, dualViolation, complementarityViolation
        ].max() ?? 0
    }

    /// Checks a solution against its model.
    ///
    /// - Parameters:
    ///   - model: The model that was solved.
    ///   - solution: What the solver answered.
    ///   - tolerance: The greatest violation that passes.
    ///   - gapTolerance: The greatest relative gap at which a mixed-integer solution passes as optimal.
    /// - Complexity: O(variables + nonzeros).
    public static func check(
        _ model: MathematicalProgram, _ solution: Solution, tolerance: Double = 1e-6, gapTolerance: Double = 1e-4
    ) -> Certificate {
        var certificate = Certificate(claim: claim(of: solution, model), tolerance: tolerance)
        do throws(ProgrammingError) {
            try model.validate()
        } catch {
            certificate.failures = [.invalidModel]
            return certificate
        }
        switch certificate.claim {
        case .optimalLinear:
            if certificate.checkPoint(model, solution) { certificate.checkDuals(model, solution) }
        case .optimalMixedInteger:
            if certificate.checkPoint(model, solution) {
                certificate.checkBound(model, solution, gapTolerance: gapTolerance, isRequired: true)
            }
        case .feasible:
            if certificate.checkPoint(model, solution) {
                certificate.checkBound(model, solution, gapTolerance: .infinity, isRequired: false)
            }
        case .infeasible: certificate.checkDualRay(model, solution)
        case .unbounded: certificate.checkPrimalRay(model, solution)
        case .nothing: certificate.failures.append(.noEvidence)
        }
        return certificate
    }

    private static func claim(of solution: Solution, _ model: MathematicalProgram) -> Claim {
        switch solution.status {
        case .optimal: model.isMixedInteger ? .optimalMixedInteger : .optimalLinear
        case .feasible: .feasible
        // The relaxation of a mixed-integer program can be feasible although the program is not, and unbounded
        // although the program is empty: rays speak of linear programs only.
        case .infeasible: model.isMixedInteger ? .nothing : .infeasible
        case .unbounded: model.isMixedInteger ? .nothing : .unbounded
        case .infeasibleOrUnbounded, .timeLimit, .otherLimit, .imprecise, .failed: .nothing
        }
    }

    /// Notes a failure if the violation exceeds the tolerance or is NaN.
    mutating func judge(_ violation: Double, _ failure: Failure) {
        if !(violation <= tolerance) { failures.append(failure) }
    }

    /// Raises `worst` to `violation`; NaN counts as infinite.
    static func raise(_ worst: inout Double, _ violation: Double) {
        if violation.isNaN { worst = .infinity } else if violation > worst { worst = violation }
    }

    /// By how much `value` is outside [lower, upper], relative to the bound.
    static func excess(_ value: Double, _ lower: Double, _ upper: Double) -> Double {
        if value.isNaN { return .infinity }
        if value < lower { return (lower - value) / (1 + abs(lower)) }
        if value > upper { return (value - upper) / (1 + abs(upper)) }
        return 0
    }
}
