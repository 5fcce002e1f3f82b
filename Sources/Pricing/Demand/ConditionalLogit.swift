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
        let coefficients = problem.raw(optimum.scaled)
        for (place, name) in variables.enumerated()
        where !(coefficients[place].isFinite && covariances.classical[place, place].isFinite) {
            throw .badSetting(
                name, problem: "is too small or too large for its square to be a number; use another unit")
        }
        return LogitFit(
            variables: variables, coefficients: coefficients, covariance: covariances.classical,
            robustCovariance: covariances.robust, clusteredCovariance: covariances.clustered,
            logLikelihood: optimum.moments.logLikelihood, nullLogLikelihood: data.nullLogLikelihood(outside: outside),
            situations: data.situations, hasOutside: outside, ridge: ridge, iterations: optimum.iterations)
    }

    /// `fit` with draws of its coefficients: the bootstrap over clusters, each draw estimated from the fit on.
    ///
    /// For prices that answer unseen quality see ``ControlFunction``, which draws both of its stages.
    /// - Parameters:
    ///   - fit: a fit to `data`.
    ///   - data: the choices.
    ///   - clusters: the groupings whose members are drawn together; of several each is drawn by itself.
    ///   - draws: their number, 200 or more for intervals.
    ///   - seed: what the draws are drawn from.
    ///   - threads: the number of threads; the result does not depend on it.
    /// - Throws: `unknownVariable`, `badSetting`. O(draws · steps · rows · k²).
    public static func bootstrap(
        _ fit: LogitFit, _ data: ChoiceData, clusters: [String] = ["week"], draws: Int = 200, seed: UInt64 = 1,
        threads: Int = ParallelBlocks.defaultThreads
    ) throws(PricingError) -> LogitFit {
        let precision = fit.variables.map { $0 == ChoiceData.constant ? 0 : fit.ridge }
        let problem = try LogitProblem(data, fit.variables, outside: fit.hasOutside, precision: precision)
        var labels: [[Int]] = []
        for cluster in clusters { labels.append(try data.grouping(cluster)) }
        let bootstrap = try ClusterBootstrap(labels: labels, draws: draws, seed: seed)
        var result = fit
        result.draws = try bootstrap.estimates(threads: threads) { _, weights throws(PricingError) in
            try problem.weighted(weights).estimate(from: fit.coefficients)
        }
        return result
    }
}

extension ChoiceData {
    /// The log likelihood where all alternatives are as likely.
    func nullLogLikelihood(outside: Bool) -> Double {
        zip(starts, starts.dropFirst()).reduce(0) { $0 - logarithm(Double($1.1 - $1.0 + (outside ? 1 : 0))) }
    }
}
