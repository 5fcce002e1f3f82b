import LinearAlgebra
import Recommendation

/// What draws of a listing's utility say: V = a + β′q − αp + κμ̂, with a of the own offer and of rivals', 0 outside.
///
/// μ̂ is what of a price neither provider, attributes nor cost shifters explain (see ``ControlFunction``): it stands for what
/// users see of an offer and the file does not say.
struct ListingModel: Sendable {
    /// One set of coefficients.
    struct Parameters: Sendable {
        var own: Double
        var rival: Double
        /// β, in the order of the attributes.
        var attributes: [Double]
        /// α: utility lost with each USD per GB and month; positive where users mind prices.
        var sensitivity: Double
        /// κ; 0 without cost shifters.
        var residual: Double
    }

    /// The draws of the coefficients.
    let draws: [Parameters]
    /// Stage 1, by which μ̂ is told; nil without cost shifters.
    let firstStage: FirstStage?
    /// The providers that it was estimated from.
    let providers: Set<String>
    /// Standard deviation of the weekly quality of the own offer that μ̂ does not tell, in utility.
    var dispersion = 0.0

    /// Bootstrap draws.
    static let drawn = 200
    /// How far the worth of one provider's offer strays from what its attributes say, one standard deviation in utility:
    /// what is assumed of an own offer of which there is no history.
    static let strayQuality = 1.0
    /// How many choices a cohort counts for at most, beside the own ones: providers' users differ, however well their mean
    /// is known.
    static let cohortWorth = 100.0
}

extension ListingModel {
    /// A cohort's coefficients, of who took whose offer; both constants are the mean provider's.
    ///
    /// - Throws: what ``ControlFunction`` throws. O(draws · steps · rows · k²).
    init(cohort choices: ListingChoices, seed: UInt64, threads: Int) throws(PricingError) {
        let data = choices.data
        let names = [ChoiceData.constant] + choices.attributes + [ListingChoices.price]
        let clusters = data.groupings["user"] == nil ? ["week"] : ["week", "user"]
        let k = choices.attributes.count
        var random = SyntheticRandom(seed: seed, stream: 91)
        func parameters(_ values: [Double]) -> Parameters {
            Parameters(
                own: values[0] + Self.strayQuality * random.normal(), rival: values[0],
                attributes: Array(values[1...k]), sensitivity: -values[k + 1],
                residual: values.count > k + 2 ? values[k + 2] : 0)
        }
        guard !choices.shifters.isEmpty else {
            let fit = try ConditionalLogit.fit(data, variables: names, outside: true, threads: threads)
            let drawn = try ConditionalLogit.bootstrap(
                fit, data, clusters: clusters, draws: Self.drawn, seed: seed, threads: threads)
            self.init(draws: drawn.draws.map(parameters), firstStage: nil, providers: choices.shown)
            return
        }
        var settings = ControlFunction.Settings()
        settings.shifters = choices.shifters
        (settings.clusters, settings.draws, settings.seed, settings.threads) = (clusters, Self.drawn, seed, threads)
        let control = try ControlFunction.fit(data, variables: names, outside: true, settings: settings)
        self.init(
            draws: control.demand.draws.map(parameters), firstStage: control.firstStage, providers: choices.shown)
    }

    /// The coefficients of choices that showed `provider`'s offer, of which only whether it was taken enters; both stages
    /// are drawn together.
    ///
    /// - Parameters:
    ///   - cohort: what the coefficients are drawn to; nil for nothing. Each draw has one of its own.
    ///   - draws: 0 for the estimate alone.
    /// - Throws: what ``OwnChoiceLogit`` and stage 1 throw. O(draws · steps · rows · k²).
    init(
        own choices: ListingChoices, of provider: String, cohort: (model: ListingModel, choices: Int)?,
        draws: Int = Self.drawn, seed: UInt64, threads: Int
    ) throws(PricingError) {
        var data = choices.data
        var names = choices.attributes + [ListingChoices.price]
        var design: FirstStageDesign?
        var stage: FirstStage?
        if !choices.shifters.isEmpty {
            let found = try FirstStageDesign(
                data, price: ListingChoices.price, shifters: choices.shifters, attributes: choices.attributes,
                period: "week")
            let (fit, residuals) = try found.fit()
            data = try data.adding(ControlFunction.residual, residuals)
            names.append(ControlFunction.residual)
            (design, stage) = (found, fit)
        }
        var problem = try OwnChoiceLogit(
            data, variables: names, ownRows: choices.rows(of: provider).compactMap { $0 })
        let prior = cohort.flatMap { Prior(of: $0.model, worth: min(1, Self.cohortWorth / Double($0.choices))) }
        let hasResidual = design != nil
        problem.prior = prior?.normal(hasResidual: hasResidual)
        let start = try problem.maximize()
        let k = choices.attributes.count
        func parameters(_ values: [Double]) -> Parameters {
            Parameters(
                own: values[0], rival: values[1], attributes: Array(values[2..<k + 2]), sensitivity: -values[k + 2],
                residual: hasResidual ? values[k + 3] : 0)
        }
        let weeks = try data.grouping("week")
        guard draws > 0 else {
            self.init(draws: [parameters(start)], firstStage: stage, providers: choices.shown)
            return
        }
        var labels = [weeks]
        if let users = data.groupings["user"], Set(users).count > 1 { labels.append(users) }
        let bootstrap = try ClusterBootstrap(labels: labels, draws: draws, seed: seed)
        let (base, firstDesign) = (problem, design)
        let drawn = try bootstrap.estimates(threads: threads) { draw, weights throws(PricingError) in
            var problem = base
            if let design = firstDesign {
                problem = problem.replacing(
                    ControlFunction.residual, by: try design.residuals(situationWeights: weights))
            }
            problem.prior?.mean = prior?.mean(draw, hasResidual: hasResidual) ?? []
            return try problem.weighted(weights).maximize(from: start)
        }
        self.init(draws: drawn.map(parameters), firstStage: stage, providers: choices.shown)
        dispersion = Self.dispersion(problem, start, weeks: weeks)
    }

    /// By how much weekly choices scatter beyond chance: from Σr² − Σv = σ² Σv², r the own offer's takings of a week less
    /// their expectation, v their variance; 0 where they do not.
    private static func dispersion(_ problem: OwnChoiceLogit, _ coefficients: [Double], weeks: [Int]) -> Double {
        var sums: [Int: (excess: Double, variance: Double)] = [:]
        for (index, probability) in problem.probabilities(coefficients).enumerated() {
            let known = sums[weeks[index]] ?? (0, 0)
            sums[weeks[index]] = (
                known.excess + (problem.isTaken[index] ? 1 : 0) - probability,
                known.variance + probability * (1 - probability)
            )
        }
        let ordered = sums.sorted { $0.key < $1.key }.map(\.value)
        let excess = ordered.reduce(0) { $0 + $1.excess * $1.excess - $1.variance }
        let squares = ordered.reduce(0) { $0 + $1.variance * $1.variance }
        return excess > 0 && squares > 0 ? (excess / squares).squareRoot() : 0
    }

    /// A cohort's draws as a normal prior.
    private struct Prior: Sendable {
        let draws: [[Double]]
        let center: [Double]
        let covariance: Matrix<Double>

        /// Draws spread so that the cohort counts for `worth` of its choices; nil of too few draws.
        init?(of model: ListingModel, worth: Double) {
            let raw = model.draws.map { [$0.own, $0.rival] + $0.attributes + [-$0.sensitivity, $0.residual] }
            guard let k = raw.first?.count, raw.count > 2 * k, worth > 0 else { return nil }
            let center = (0..<k).map { place in raw.reduce(0) { $0 + $1[place] } / Double(raw.count) }
            let spread = 1 / worth.squareRoot()
            // The own constant strays by itself, however well the cohort is known.
            draws = raw.map { draw in
                (0..<k).map { place in
                    let shared = place == 0 ? draw[1] - center[1] : draw[place] - center[place]
                    return (place == 0 ? center[0] + draw[0] - draw[1] : center[place]) + spread * shared
                }
            }
            self.center = center
            let draws = draws
            covariance = Matrix(rows: k, columns: k) { i, j in
                draws.reduce(0) { $0 + ($1[i] - center[i]) * ($1[j] - center[j]) } / Double(draws.count - 1)
            }
        }

        private func count(_ hasResidual: Bool) -> Int { hasResidual ? center.count : center.count - 1 }

        func mean(_ draw: Int, hasResidual: Bool) -> [Double] {
            Array(draws[draw % draws.count].prefix(count(hasResidual)))
        }

        func normal(hasResidual: Bool) -> OwnChoiceLogit.Prior? {
            let k = count(hasResidual)
            // Where the draws do not differ they say nothing of how sure they are.
            let scales = (0..<k).map { covariance[$0, $0] > 0 ? covariance[$0, $0].squareRoot() : 1e6 }
            let part = Matrix(rows: k, columns: k) {
                $0 == $1 ? 1 + 1e-9 : covariance[$0, $1] / scales[$0] / scales[$1]
            }
            guard let inverse = try? Cholesky(part).solve(rows: .identity(k)) else { return nil }
            return OwnChoiceLogit.Prior(
                mean: Array(center.prefix(k)),
                precision: Matrix(rows: k, columns: k) { inverse[$0, $1] / scales[$0] / scales[$1] })
        }
    }
}
