import LinearAlgebra
import Recommendation

/// Conditional logits of several segments, each drawn towards what they have in common.
///
/// βₛ ~ N(m, diag τ²), m and τ² estimated from all segments (empirical Bayes): a segment of few choices stays near m,
/// one of many keeps its own estimate, and coefficients in which segments differ little are shared by all.
public struct PooledSegments: Sendable, Equatable {
    /// The logit of all choices, as if there were no segments.
    public let pooled: LogitFit
    /// m: what a segment without choices has, k numbers.
    public let mean: [Double]
    /// τ²: the variance between segments of each coefficient.
    public let between: [Double]
    /// The fit of each segment: coefficients, and covariance and draws of their posterior by Laplace's approximation.
    public let segments: [Int: LogitFit]

    /// The fit of a segment, nil when it had no choice.
    public func fit(_ segment: Int) -> LogitFit? { segments[segment] }

    /// Estimates segments and what they have in common by expectation maximization with Laplace's approximation
    /// (Gelman and Hill 2007, chapter 18; the means' own uncertainty is left out).
    ///
    /// - Parameters:
    ///   - data: the choices of all segments.
    ///   - variables: those of utility.
    ///   - outside: whether the outside option is an alternative of every situation.
    ///   - segment: the grouping that names the segments, two at least.
    ///   - draws: draws of each segment's posterior, see ``LogitFit/draws``.
    ///   - seed: what the draws are drawn from.
    ///   - threads: the number of threads; results do not depend on it.
    /// - Throws: `unknownVariable`, `badSetting`, and what
    ///   ``ConditionalLogit/fit(_:variables:outside:ridge:cluster:threads:)`` throws for all choices.
    ///   O(rounds · rows · k²).
    public static func fit(
        _ data: ChoiceData, variables: [String], outside: Bool, segment: String, draws: Int = 200, seed: UInt64 = 1,
        threads: Int = ParallelBlocks.defaultThreads
    ) throws(PricingError) -> PooledSegments {
        guard (0...100_000).contains(draws) else { throw .badSetting("draws", problem: "is \(draws); use 0…100000") }
        let labels = try data.grouping(segment)
        let names = Set(labels).sorted()
        guard names.count > 1 else {
            throw .badSetting("segment", problem: "'\(segment)' has one segment; fit a conditional logit")
        }
        let pooled = try ConditionalLogit.fit(data, variables: variables, outside: outside, threads: threads)
        let errors = pooled.standardErrors() ?? []
        // Below a hundredth of the pooled error segments are alike for all purposes.
        let floor = errors.map { 1e-4 * $0 * $0 }
        var mean = pooled.coefficients
        var between = errors.map { Double(names.count) * $0 * $0 }
        var problems: [LogitProblem] = []
        for name in names {
            let part = try data.filtered { labels[$0] == name }
            problems.append(
                try LogitProblem(part, variables, outside: outside, precision: between.map { 1 / $0 }, center: mean))
        }
        var fits: [(coefficients: [Double], covariance: Matrix<Double>, logLikelihood: Double)] = []
        let count = Double(names.count)
        for _ in 0..<largestRounds {
            var next: [(coefficients: [Double], covariance: Matrix<Double>, logLikelihood: Double)] = []
            for place in problems.indices {
                problems[place].precision = between.map { 1 / $0 }
                problems[place].center = mean
                let problem = problems[place]
                let start = fits.isEmpty ? mean : fits[place].coefficients
                let optimum = try problem.maximize(from: start, threads: threads)
                let covariance = try problem.covariances(at: optimum, clusters: nil, threads: threads).classical
                next.append((problem.raw(optimum.scaled), covariance, optimum.moments.logLikelihood))
            }
            fits = next
            mean = mean.indices.map { i in fits.reduce(0) { $0 + $1.coefficients[i] } / count }
            let center = mean
            let updated = mean.indices.map { i in
                let square = fits.reduce(0.0) { sum, fit in
                    let distance = fit.coefficients[i] - center[i]
                    return sum + distance * distance + fit.covariance[i, i]
                }
                return max(floor[i], square / count)
            }
            let change = zip(updated, between).reduce(0) { max($0, abs($1.0 - $1.1) / $1.1) }
            between = updated
            if change < 1e-3 { break }
        }
        var segments: [Int: LogitFit] = [:]
        for (place, name) in names.enumerated() {
            let fit = fits[place]
            segments[name] = LogitFit(
                variables: variables, coefficients: fit.coefficients, covariance: fit.covariance,
                logLikelihood: fit.logLikelihood,
                nullLogLikelihood: try data.filtered { labels[$0] == name }.nullLogLikelihood(outside: outside),
                situations: labels.count { $0 == name }, hasOutside: outside,
                draws: normalDraws(fit.coefficients, fit.covariance, draws, seed: seed, stream: UInt64(place)))
        }
        return PooledSegments(pooled: pooled, mean: mean, between: between, segments: segments)
    }

    private static let largestRounds = 300

    /// Draws of N(mean, covariance).
    private static func normalDraws(
        _ mean: [Double], _ covariance: Matrix<Double>, _ count: Int, seed: UInt64, stream: UInt64
    ) -> [[Double]] {
        guard let root = try? Cholesky(covariance).factor else { return [] }
        var random = SyntheticRandom(seed: seed, stream: stream)
        return (0..<count).map { _ in
            let z = mean.map { _ in random.normal() }
            return mean.indices.map { i in mean[i] + (0...i).reduce(0) { $0 + root[i, $1] * z[$1] } }
        }
    }
}
