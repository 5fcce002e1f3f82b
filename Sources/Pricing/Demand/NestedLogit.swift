import LinearAlgebra

/// An estimated nested logit: alternatives of one nest share what the model does not see.
///
/// P(j) = e^{V_j/(1−ρ)} / e^{I_m} · e^{(1−ρ) I_m} / (1 + Σ_l e^{(1−ρ) I_l}), I_m = log Σ_{k∈m} e^{V_k/(1−ρ)}
/// (McFadden 1978; ρ as in Berry 1994: 0 is the conditional logit, towards 1 a nest is one alternative). The outside
/// option is a nest of its own.
public struct NestedFit: Sendable, Equatable {
    /// The variables, k of them.
    public let variables: [String]
    /// The coefficient of each variable.
    public let coefficients: [Double]
    /// ρ, 0 ≤ ρ < 1: how alike users find the alternatives of a nest.
    public let rho: Double
    /// Whether the likelihood asks for ρ < 0, which no user who maximizes utility has: ρ is then 0, the coefficients
    /// are the conditional logit's, and ρ has no error.
    public let isAtBoundary: Bool
    /// The inverse of the information, (k + 1) × (k + 1), ρ last.
    public let covariance: Matrix<Double>
    /// Σ log P(chosen), natural logarithms.
    public let logLikelihood: Double
    /// The same of the conditional logit.
    public let conditionalLogLikelihood: Double
    /// Whether the outside option is among the alternatives.
    public let hasOutside: Bool
    /// What the nests are.
    public let nests: Nests

    /// What alternatives of one nest have in common.
    public enum Nests: Sendable, Equatable {
        /// Their provider.
        case provider
        /// The value of a variable, e.g. a storage class.
        case variable(String)
    }

    /// The standard errors of the coefficients, and of ρ last.
    public var standardErrors: [Double] {
        (0...variables.count).map { max(0, covariance[$0, $0]).squareRoot() }
    }
}

extension NestedFit: ChoiceModel {
    /// The probability of each alternative.
    public func probabilities(of data: ChoiceData) throws(PricingError) -> ChoiceProbabilities {
        let likelihood = try NestedLikelihood(data, variables, nests: nests, outside: hasOutside)
        return likelihood.probabilities(at: coefficients + [1 - rho])
    }
}

/// The nested logit with one ρ by maximum likelihood.
public enum NestedLogit {
    /// Estimates coefficients and ρ, from the conditional logit on.
    ///
    /// Newton's method on the analytic gradient, its derivative by central differences: k is small, and the likelihood
    /// is not concave in ρ, so that steps are kept uphill by making the information positive definite.
    /// - Throws: `unknownVariable`, `badSetting` when no choice has two alternatives of one nest, and what
    ///   ``ConditionalLogit/fit(_:variables:outside:ridge:cluster:threads:)`` throws. O(steps · rows · k²).
    public static func fit(
        _ data: ChoiceData, variables: [String], nests: NestedFit.Nests, outside: Bool,
        threads: Int = ParallelBlocks.defaultThreads
    ) throws(PricingError) -> NestedFit {
        let likelihood = try NestedLikelihood(data, variables, nests: nests, outside: outside)
        guard likelihood.hasSharedNests else {
            throw .badSetting("nests", problem: "no choice has two alternatives of one nest, so ρ has no estimate")
        }
        let conditional = try ConditionalLogit.fit(data, variables: variables, outside: outside, threads: threads)
        let scales = (conditional.standardErrors() ?? []) + [0.05]
        do {
            let optimum = try NestedSearch(likelihood: likelihood, scales: scales, threads: threads)
                .maximize(from: conditional.coefficients + [1])
            let rho = 1 - (optimum.point.last ?? 1)
            let isAtBoundary = rho <= 0
            return NestedFit(
                variables: variables,
                coefficients: isAtBoundary ? conditional.coefficients : Array(optimum.point.dropLast()),
                rho: max(0, rho), isAtBoundary: isAtBoundary,
                covariance: isAtBoundary ? conditional.covariance.bordered() : optimum.covariance,
                logLikelihood: isAtBoundary ? conditional.logLikelihood : optimum.logLikelihood,
                conditionalLogLikelihood: conditional.logLikelihood, hasOutside: outside, nests: nests)
        } catch let error as PricingError {
            throw error
        } catch { throw .notConverged(iterations: NestedSearch.largestIterations) }
    }
}

extension Matrix<Double> {
    /// The matrix with a row and a column of zeros more.
    fileprivate func bordered() -> Matrix {
        Matrix(rows: rows + 1, columns: columns + 1) { $0 < rows && $1 < columns ? self[$0, $1] : 0 }
    }
}
