import LinearAlgebra

/// The conditional logit (McFadden 1974) by penalized maximum likelihood.
public enum ConditionalLogit {
    /// Estimates the coefficients that maximize ℓ(β) − λ/2 Σ β², by Newton's method with step halving.
    ///
    /// ℓ is concave: the maximum is the only one. Each step takes one pass over the data, gradient and Hessian analytic;
    /// nothing of the data's size is held besides it. Deterministic at any number of threads.
    /// - Parameters:
    ///   - data: the choices.
    ///   - variables: the columns that enter utility; ``ChoiceData/constant`` is 1 for every alternative.
    ///   - outside: whether the outside option, of utility 0, is an alternative of every situation.
    ///   - ridge: λ ≥ 0, for all coefficients but the constant's.
    ///   - cluster: the grouping whose members' errors may go together; nil gives no clustered errors.
    ///   - threads: the number of threads.
    /// - Throws: `unknownVariable`, `badSetting`; `collinear` and `separated`, naming the variables, where there is no
    ///   single estimate; `notConverged`. O(steps · rows · k²).
    public static func fit(
        _ data: ChoiceData, variables: [String], outside: Bool, ridge: Double = 0, cluster: String? = nil,
        threads: Int = ParallelBlocks.defaultThreads
    ) throws(PricingError) -> LogitFit {
        guard ridge >= 0, ridge.isFinite else { throw .badSetting("ridge", problem: "is \(ridge); use a number ≥ 0") }
        let clusters: [Int]? = if let cluster { try data.grouping(cluster) } else { nil }
        let precision = variables.map { $0 == ChoiceData.constant ? 0 : ridge }
        let problem = try LogitProblem(data, variables, outside: outside, precision: precision)
        let optimum = try problem.maximize(threads: threads)
        let covariances = try problem.covariances(at: optimum, clusters: clusters, threads: threads)
        return LogitFit(
            variables: variables, coefficients: problem.raw(optimum.scaled), covariance: covariances.classical,
            robustCovariance: covariances.robust, clusteredCovariance: covariances.clustered,
            logLikelihood: optimum.moments.logLikelihood, nullLogLikelihood: data.nullLogLikelihood(outside: outside),
            situations: data.situations, hasOutside: outside, ridge: ridge, iterations: optimum.iterations)
    }
}

extension ChoiceData {
    /// The log likelihood where all alternatives are as likely.
    func nullLogLikelihood(outside: Bool) -> Double {
        zip(starts, starts.dropFirst()).reduce(0) { $0 - logarithm(Double($1.1 - $1.0 + (outside ? 1 : 0))) }
    }
}
