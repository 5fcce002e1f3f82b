import LinearAlgebra

/// Demand where prices answer what only market and users see: the control function of Petrin and Train (*A control
/// function approach to endogeneity in consumer choice models*, 2010).
///
/// Stage 1 explains the price by provider, attributes and cost shifters; its residual μ̂ enters utility in stage 2 and
/// takes up what of the price goes with unseen quality. Errors that take μ̂ as known are too small: both stages are
/// estimated anew in each draw of a bootstrap over clusters.
public struct ControlFunction: Sendable, Equatable {
    /// The name of μ̂ among the variables.
    public static let residual = "residual"

    /// What is estimated, and how.
    public struct Settings: Sendable {
        /// The variable of the price, one of utility.
        public var price = "price"
        /// What moves the price but not utility.
        public var shifters = ["cost_shifter"]
        /// The grouping within which a provider has one price.
        public var period: String? = "week"
        /// λ ≥ 0 of stage 2.
        public var ridge = 0.0
        /// The groupings whose members are drawn together: `week`, or `week` and `user`.
        public var clusters = ["week"]
        /// Bootstrap draws; 0 for none, 200 or more for errors.
        public var draws = 200
        /// What the draws are drawn from.
        public var seed: UInt64 = 1
        /// The number of threads; results do not depend on it.
        public var threads = ParallelBlocks.defaultThreads

        /// Prices by week, clusters by week, 200 draws.
        public init() {}
    }

    /// Stage 1, of all choices.
    public let firstStage: FirstStage
    /// Stage 2, of all choices, with `residual` as its last variable. Its draws are of both stages; its covariances take
    /// μ̂ as known.
    public let demand: LogitFit
    /// Whether the shifters are too weak for more than association.
    public var isAssociationOnly: Bool { firstStage.isWeak }

    /// Estimates both stages, and draws them.
    ///
    /// - Parameters:
    ///   - data: the choices, with a provider for each row.
    ///   - variables: those of utility, the price among them.
    ///   - outside: whether the outside option is an alternative of every situation.
    ///   - settings: the other choices.
    /// - Throws: `unknownVariable`, `badSetting`, `collinear`, `separated`, `notConverged`.
    ///   O(draws · steps · rows · k²), draws in parallel, each from the estimate on.
    public static func fit(
        _ data: ChoiceData, variables: [String], outside: Bool, settings: Settings = Settings()
    ) throws(PricingError) -> ControlFunction {
        guard variables.contains(settings.price) else { throw .unknownVariable(settings.price, known: variables) }
        let attributes = variables.filter { $0 != settings.price && $0 != ChoiceData.constant }
        let design = try FirstStageDesign(
            data, price: settings.price, shifters: settings.shifters, attributes: attributes, period: settings.period)
        let (stage, residuals) = try design.fit()
        guard stage.fStatistic.isFinite else {
            throw .badSetting(
                settings.price,
                problem: "is what the shifters say to the last digit: there is nothing to control for; "
                    + "fit a conditional logit")
        }
        let names = variables + [residual]
        let extended = try data.adding(residual, residuals)
        var fit = try ConditionalLogit.fit(
            extended, variables: names, outside: outside, ridge: settings.ridge, cluster: settings.clusters.first,
            threads: settings.threads)
        guard settings.draws > 0 else { return ControlFunction(firstStage: stage, demand: fit) }
        let precision = names.map { $0 == ChoiceData.constant ? 0 : settings.ridge }
        let problem = try LogitProblem(extended, names, outside: outside, precision: precision)
        var labels: [[Int]] = []
        for cluster in settings.clusters { labels.append(try data.grouping(cluster)) }
        let bootstrap = try ClusterBootstrap(labels: labels, draws: settings.draws, seed: settings.seed)
        let start = fit.coefficients
        fit.draws = try bootstrap.estimates(threads: settings.threads) { _, weights throws(PricingError) in
            let residuals = try design.residuals(situationWeights: weights)
            return try problem.replacing(column: variables.count, by: residuals).weighted(weights).estimate(from: start)
        }
        return ControlFunction(firstStage: stage, demand: fit)
    }

    /// Other choices with μ̂ by this stage 1, ready for `demand`.
    /// - Throws: `unknownVariable` for a missing variable, or a provider that stage 1 did not see.
    public func extended(_ data: ChoiceData) throws(PricingError) -> ChoiceData {
        try data.adding(Self.residual, try firstStage.residuals(of: data))
    }
}
