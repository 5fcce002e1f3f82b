import Foundation
import Recommendation

/// What the advisor learns from quotes in which users picked from a listing: each provider's utility, price sensitivity,
/// and how unsure both are.
///
/// The control function with an effect for each provider; the nested logit where it foretells the last fifth of the weeks
/// better; else a price sensitivity that differs between users where the likelihood ratio asks for it (2.71: the 5% point
/// of a parameter at its bound, Self and Liang 1987). What prices do not betray of a week's quality is estimated besides,
/// see ``dispersion``.
struct ListingEstimate: Sendable {
    /// One set of coefficients.
    struct Parameters: Sendable {
        /// Utility of each provider at price, latency and residual 0.
        var effects: [Double]
        /// Utility of 100 ms.
        var latency: Double
        /// Utility lost with each USD, positive where users mind prices.
        var sensitivity: Double
        /// Utility of a residual of one USD.
        var residual: Double
        /// Dissimilarity within groups; 1 is the plain logit.
        var dissimilarity = 1.0
        /// Standard deviation of the logarithm of users' price sensitivities; 0 is the plain logit.
        var spread = 0.0
    }

    /// The form of the logit.
    enum Form: Sendable {
        case plain
        case nested
        case mixed
    }

    /// The estimate.
    let estimate: Parameters
    /// The bootstrap's draws.
    let draws: [Parameters]
    /// Weeks that have quotes.
    let weeks: Int
    /// The first stage.
    let firstStage: FirstStage
    /// Each provider's group.
    let groups: [Int]
    /// Standard deviation of the weekly quality that the residual does not explain, in utility: by how much a provider's
    /// weekly choices scatter beyond chance. From Σr² − Σv = σ² Σv², r a week's choices less their expectation, v its
    /// variance (the score against no scatter); Σv is less by the share that the coefficients have fitted away.
    let dispersion: Double
    /// Utilities given the week's quality over those fitted without: scatter that is not modelled shrinks a logit's
    /// coefficients by (1 + c²σ²)^½, c = 16√3/(15π) (Zeger, Liang and Albert 1988, eq. 3.3).
    var scale: Double { (1 + 0.3458 * dispersion * dispersion).squareRoot() }
    /// The form of the logit.
    let form: Form
    /// The same as a model of choices.
    let model: any ChoiceModel

    /// Estimates from `history`.
    ///
    /// - Parameters:
    ///   - draws: bootstrap draws; 0 for none.
    ///   - form: the form of the logit; nil to let the history say.
    /// - Throws: what ``ControlFunction`` and ``NestedLogit`` throw.
    init(
        _ history: ListingHistory, draws: Int, seed: UInt64, form: Form? = nil, threads: Int
    ) throws(PricingError) {
        let form = if let form { form } else { try Self.form(of: history, threads: threads) }
        self.form = form
        groups = history.groups
        weeks = Set(history.quotes.map(\.week)).count
        let base = try Self.fit(history, form, draws: form == .plain ? draws : 0, seed: seed, threads: threads)
        estimate = base.estimate
        (firstStage, model) = (base.stage, base.model)
        dispersion = try Self.dispersion(base.estimate, history, base.stage)
        self.draws =
            form == .plain
            ? base.draws
            : try Self.draws(
                history, form, near: (base.model as? MixedPriceLogit.Model)?.fit, count: draws, seed: seed,
                threads: threads)
    }

    private typealias Fit = (estimate: Parameters, draws: [Parameters], stage: FirstStage, model: any ChoiceModel)

    private static func fit(
        _ history: ListingHistory, _ form: Form, draws: Int, seed: UInt64, near: MixedPriceLogit.Fit? = nil,
        threads: Int
    ) throws(PricingError) -> Fit {
        let data = try history.data()
        var settings = ControlFunction.Settings()
        settings.shifters = history.shifters
        (settings.draws, settings.seed, settings.threads) = (draws, seed, threads)
        let count = history.groups.count
        func parameters(_ values: [Double], dissimilarity: Double = 1, spread: Double = 0) -> Parameters {
            Parameters(
                effects: Array(values.prefix(count)), latency: values[count], sensitivity: -values[count + 1],
                residual: values[count + 2], dissimilarity: dissimilarity, spread: spread)
        }
        // Only weeks whose prices answered what is not on record tell how prices answer it.
        let hasAdvised = history.weeks.contains(where: \.isAdvised)
        let weekOf = try data.grouping("week")
        let own = hasAdvised ? try data.filtered { !history.weeks[weekOf[$0]].isAdvised } : data
        let control = try ControlFunction.fit(own, variables: history.variables, outside: true, settings: settings)
        guard form != .plain || hasAdvised else {
            return (
                parameters(control.demand.coefficients), control.demand.draws.map { parameters($0) },
                control.firstStage, control.demand
            )
        }
        let extended = try history.extended(data, control.firstStage)
        let names = history.variables + [ControlFunction.residual]
        switch form {
        case .plain:
            let fit = try ConditionalLogit.fit(extended, variables: names, outside: true, threads: threads)
            return (parameters(fit.coefficients), [], control.firstStage, fit)
        case .nested:
            let fit = try NestedLogit.fit(
                extended, variables: names, nests: .variable("group"), outside: true, threads: threads)
            return (parameters(fit.coefficients, dissimilarity: 1 - fit.rho), [], control.firstStage, fit)
        case .mixed:
            let fit = try MixedPriceLogit.fit(
                extended, variables: names, price: "price", start: near?.coefficients ?? control.demand.coefficients,
                spread: near?.spread ?? 0.4)
            let model = MixedPriceLogit.Model(fit: fit, variables: names, price: "price")
            return (parameters(fit.coefficients, spread: fit.spread), [], control.firstStage, model)
        }
    }

    /// The form that the history asks for.
    static func form(of history: ListingHistory, threads: Int) throws(PricingError) -> Form {
        if try prefersNests(history, threads: threads) { return .nested }
        let plain = try fit(history, .plain, draws: 0, seed: 0, threads: threads)
        guard let logit = plain.model as? LogitFit else { return .plain }
        let data = try history.extended(try history.data(), plain.stage)
        let mixed = try? MixedPriceLogit.fit(
            data, variables: logit.variables, price: "price", start: logit.coefficients)
        guard let mixed else { return .plain }
        return 2 * (mixed.logLikelihood - logit.logLikelihood) > 2.71 ? .mixed : .plain
    }

    /// Whether the nested logit foretells the last fifth of the weeks better than the plain one.
    private static func prefersNests(_ history: ListingHistory, threads: Int) throws(PricingError) -> Bool {
        guard Set(history.groups).count > 1, let last = history.quotes.last?.week else { return false }
        let boundary = (last + 1) * 4 / 5
        let (earlier, later) = (history.before(boundary), history.since(boundary))
        guard !earlier.quotes.isEmpty, !later.quotes.isEmpty else { return false }
        let data = try later.data()
        var losses: [Double] = []
        for form in [Form.plain, .nested] {
            let fit = try fit(earlier, form, draws: 0, seed: 0, threads: threads)
            let extended = try later.extended(data, fit.stage)
            losses.append(ChoiceScores.logLoss(try fit.model.probabilities(of: extended), of: extended))
        }
        return losses[1] < losses[0]
    }

    /// Draws of weeks, both stages estimated anew in each.
    private static func draws(
        _ history: ListingHistory, _ form: Form, near: MixedPriceLogit.Fit?, count: Int, seed: UInt64, threads: Int
    ) throws(PricingError) -> [Parameters] {
        var random = SyntheticRandom(seed: seed, stream: 77)
        let weeks = Set(history.quotes.map(\.week)).sorted()
        let samples = (0..<count).map { _ in weeks.map { _ in weeks[Int(random.uniform() * Double(weeks.count))] } }
        var drawn: [Parameters] = []
        for sample in samples {
            // A draw without an estimate is left out, as the bootstrap of the plain logit does.
            let found = try? fit(history.resampled(sample), form, draws: 0, seed: 0, near: near, threads: threads)
            if let found { drawn.append(found.estimate) }
        }
        return drawn
    }

    /// How the estimate foretells quotes that it has not seen, beside the base rate and the price alone.
    func scores(_ later: ListingHistory, fittedTo earlier: ListingHistory) throws(PricingError) -> ChoiceScores {
        let data = try later.extended(try later.data(), firstStage)
        return try ChoiceScores(of: Model(base: model), on: data, fittedTo: try earlier.data(), outside: true)
    }

    private struct Model: ChoiceModel {
        let base: any ChoiceModel
        func probabilities(of data: ChoiceData) throws(PricingError) -> ChoiceProbabilities {
            try base.probabilities(of: data)
        }
    }

    private static func dispersion(
        _ parameters: Parameters, _ history: ListingHistory, _ stage: FirstStage
    ) throws(PricingError) -> Double {
        let shares = parameters.shares(history, stage)
        let none = [Double](repeating: 0, count: history.groups.count)
        var excess = [[Double]](repeating: none, count: history.weeks.count)
        var variance = excess
        for (quote, shares) in zip(history.quotes, shares) {
            for (place, j) in quote.request.shown.enumerated() {
                excess[quote.week][j] += (quote.chosen == place ? 1 : 0) - shares[place]
                variance[quote.week][j] += shares[place] * (1 - shares[place])
            }
        }
        let squares = excess.joined().reduce(0) { $0 + $1 * $1 }
        let cells = variance.joined().count { $0 > 0 }
        let fitted = Double(parameters.effects.count + 3) / Double(max(1, cells))
        let expected = variance.joined().reduce(0, +) * max(0, 1 - fitted)
        let weights = variance.joined().reduce(0) { $0 + $1 * $1 }
        return weights > 0 ? max(0, (squares - expected) / weights).squareRoot() : 0
    }
}

extension ListingEstimate.Parameters {
    /// The same with utilities `factor` times as large.
    func scaled(_ factor: Double) -> Self {
        var result = self
        result.effects = effects.map { $0 * factor }
        (result.latency, result.sensitivity) = (latency * factor, sensitivity * factor)
        result.residual = residual * factor
        return result
    }

    /// Expected utility at price and latency 0 of each provider in a week.
    func standing(_ week: ListingWeek, _ stage: FirstStage) -> [Double] {
        effects.indices.map { j in
            effects[j] + (week.isAdvised ? 0 : residual * stage.residual(j, week.prices[j], week.shifters[j]))
        }
    }

    /// Expected choice probabilities of those shown in each quote.
    func shares(_ history: ListingHistory, _ stage: FirstStage) -> [[Double]] {
        let standings = history.weeks.map { standing($0, stage) }
        let factors = spread > 0 ? MixedPriceLogit.factors(spread) : [1]
        return history.quotes.map { quote in
            let (request, prices) = (quote.request, history.weeks[quote.week].prices)
            let groups = request.shown.map { history.groups[$0] }
            var mean = [Double](repeating: 0, count: groups.count)
            for factor in factors {
                let utilities = request.shown.indices.map { place in
                    let j = request.shown[place]
                    return standings[quote.week][j] + latency * request.latencies[place]
                        - factor * sensitivity * prices[j]
                }
                let shares = NestedShares.shares(utilities, groups: groups, dissimilarity: dissimilarity)
                for place in mean.indices { mean[place] += shares[place] / Double(factors.count) }
            }
            return mean
        }
    }
}

extension FirstStage {
    /// μ̂ of provider `j` of a listing history.
    fileprivate func residual(_ j: Int, _ price: Double, _ shifter: Double) -> Double {
        let effect = providerEffects[ListingHistory.effect(j)] ?? price
        return price - effect - (coefficients.indices.contains(j) ? coefficients[j] * shifter : 0)
    }
}
