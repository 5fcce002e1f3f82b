import LinearAlgebra

/// An estimated conditional logit: coefficients of utility, their uncertainty, and how well it fits.
///
/// Utility is measured against the outside option's 0. A price that users mind has a negative coefficient.
public struct LogitFit: Sendable, Equatable {
    /// Which covariance errors are taken from.
    public enum Errors: Sendable, CaseIterable {
        /// The inverse of the information: right if the model is.
        case classical
        /// The sandwich over choice situations (Huber 1967, White 1982), without a small-sample factor.
        case robust
        /// The sandwich over clusters, times G / (G − 1) for G clusters.
        case clustered
        /// The covariance of the bootstrap's draws.
        case bootstrap
    }

    /// The variables, k of them.
    public let variables: [String]
    /// The coefficient of each variable, in utility per unit of the variable.
    public let coefficients: [Double]
    /// The inverse of the penalized information, k × k.
    public let covariance: Matrix<Double>
    /// The sandwich over choice situations, k × k.
    public let robustCovariance: Matrix<Double>?
    /// The sandwich over clusters, k × k; nil unless the fit was asked for it.
    public let clusteredCovariance: Matrix<Double>?
    /// Σ log P(chosen), without the penalty, natural logarithms.
    public let logLikelihood: Double
    /// The same where all alternatives are as likely, the outside option among them.
    public let nullLogLikelihood: Double
    /// Choice situations.
    public let situations: Int
    /// Whether the outside option is among the alternatives.
    public let hasOutside: Bool
    /// The ridge penalty λ: the fit maximizes ℓ − λ/2 Σ β², the constant left out.
    public let ridge: Double
    /// Newton's steps.
    public let iterations: Int
    /// Coefficient vectors of a bootstrap, empty when there was none.
    public var draws: [[Double]]

    /// A fit of given numbers: of another program, or assumed.
    public init(
        variables: [String], coefficients: [Double], covariance: Matrix<Double>,
        robustCovariance: Matrix<Double>? = nil, clusteredCovariance: Matrix<Double>? = nil,
        logLikelihood: Double, nullLogLikelihood: Double, situations: Int, hasOutside: Bool, ridge: Double = 0,
        iterations: Int = 0, draws: [[Double]] = []
    ) {
        self.variables = variables
        self.coefficients = coefficients
        self.covariance = covariance
        self.robustCovariance = robustCovariance
        self.clusteredCovariance = clusteredCovariance
        self.logLikelihood = logLikelihood
        self.nullLogLikelihood = nullLogLikelihood
        self.situations = situations
        self.hasOutside = hasOutside
        self.ridge = ridge
        self.iterations = iterations
        self.draws = draws
    }

    /// The coefficient of a variable; nil when the fit has no such variable.
    public func coefficient(_ variable: String) -> Double? {
        variables.firstIndex(of: variable).map { coefficients[$0] }
    }

    /// A variable's coefficient in each draw; empty without draws or without the variable.
    public func draws(of variable: String) -> [Double] {
        guard let place = variables.firstIndex(of: variable) else { return [] }
        return draws.compactMap { $0.indices.contains(place) ? $0[place] : nil }
    }

    /// The standard error of each coefficient; nil when the fit has no such errors.
    public func standardErrors(_ errors: Errors = .classical) -> [Double]? {
        covariance(errors).map { matrix in variables.indices.map { max(0, matrix[$0, $0]).squareRoot() } }
    }

    /// The covariance of the coefficients; nil when the fit has none of that kind.
    public func covariance(_ errors: Errors) -> Matrix<Double>? {
        switch errors {
        case .classical: covariance
        case .robust: robustCovariance
        case .clustered: clusteredCovariance
        case .bootstrap: drawCovariance
        }
    }

    /// The sample covariance of the draws.
    private var drawCovariance: Matrix<Double>? {
        let k = variables.count
        guard draws.count > 1, draws.allSatisfy({ $0.count == k }) else { return nil }
        let means = (0..<k).map { place in draws.reduce(0) { $0 + $1[place] } / Double(draws.count) }
        return Matrix(rows: k, columns: k) { i, j in
            draws.reduce(0) { $0 + ($1[i] - means[i]) * ($1[j] - means[j]) } / Double(draws.count - 1)
        }
    }

    /// The interval between the `(1 − level)/2` and `(1 + level)/2` quantiles of a variable's draws (interpolated
    /// linearly); nil without draws.
    public func drawInterval(of variable: String, level: Double = 0.95) -> ClosedRange<Double>? {
        let sorted = draws(of: variable).sorted()
        guard sorted.count > 1, level > 0, level < 1, sorted.allSatisfy(\.isFinite) else { return nil }
        func quantile(_ probability: Double) -> Double {
            let place = probability * Double(sorted.count - 1)
            let below = min(Int(place), sorted.count - 2)
            return sorted[below] + (place - Double(below)) * (sorted[below + 1] - sorted[below])
        }
        return quantile((1 - level) / 2)...quantile((1 + level) / 2)
    }

    /// The ratio of two coefficients, e.g. what users pay for an attribute, with its error by the delta method.
    ///
    /// Where the denominator's error nears its value the ratio has no moments: look at the draws instead.
    /// - Throws: `unknownVariable`; `badSetting` when the denominator is 0.
    public func ratio(
        of numerator: String, to denominator: String, errors: Errors = .classical
    ) throws(PricingError) -> (value: Double, standardError: Double?) {
        guard let i = variables.firstIndex(of: numerator) else {
            throw .unknownVariable(numerator, known: variables)
        }
        guard let j = variables.firstIndex(of: denominator) else {
            throw .unknownVariable(denominator, known: variables)
        }
        let (a, b) = (coefficients[i], coefficients[j])
        guard b != 0 else {
            throw .badSetting(denominator, problem: "its coefficient is 0, so there is no ratio to it")
        }
        let value = a / b
        let error = covariance(errors).map { v in
            max(0, v[i, i] - 2 * value * v[i, j] + value * value * v[j, j]).squareRoot() / abs(b)
        }
        return (value, error)
    }
}
