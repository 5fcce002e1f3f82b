import LinearAlgebra

/// Stage 1 of a control function: price by least squares on provider effects, attributes and cost shifters.
///
/// An observation is one provider in one period (week), where price and regressors are the same in all of its rows; a
/// popular week does not count more than a quiet one. Where they differ between rows, each row is an observation.
public struct FirstStage: Sendable, Equatable {
    /// The variable that is explained.
    public let price: String
    /// What moves the price but not utility.
    public let shifters: [String]
    /// The attributes that vary within some provider; others are part of the provider effects.
    public let attributes: [String]
    /// The coefficients of the shifters, then of the attributes.
    public let coefficients: [Double]
    /// What each provider charges beyond that.
    public let providerEffects: [String: Double]
    /// Observations.
    public let observations: Int
    /// F of the shifters: whether they move the price at all. Infinite where nothing is left to explain.
    public let fStatistic: Double
    /// Below 10 the shifters are weak (Staiger and Stock 1997): what follows is association, not effect.
    public var isWeak: Bool { !(fStatistic >= 10) }

    /// Price less what stage 1 expects, row by row: μ̂, what users may know of an offer and the attributes do not say.
    /// - Throws: `unknownVariable` for a missing variable, or a provider that stage 1 did not see.
    public func residuals(of data: ChoiceData) throws(PricingError) -> [Double] {
        var result = try data.values(of: price)
        for (name, coefficient) in zip(shifters + attributes, coefficients) {
            let values = try data.values(of: name)
            for row in result.indices { result[row] -= coefficient * values[row] }
        }
        if data.providerOfRow.isEmpty {
            guard let only = providerEffects[""] else {
                throw .unknownVariable("provider", known: data.variables)
            }
            return result.map { $0 - only }
        }
        var effects: [Double] = []
        for name in data.providers {
            guard let effect = providerEffects[name] else {
                throw .unknownVariable(name, known: providerEffects.keys.sorted())
            }
            effects.append(effect)
        }
        for row in result.indices { result[row] -= effects[Int(data.providerOfRow[row])] }
        return result
    }
}

/// The observations of stage 1, prepared once for all draws of a bootstrap.
struct FirstStageDesign: Sendable {
    let price: String
    let shifters: [String]
    private(set) var attributes: [String] = []
    /// The names behind `provider`; one empty name where rows have no provider.
    private let providers: [String]
    /// The provider of each observation.
    private let provider: [Int]
    /// The observation of each row.
    private let observation: [Int]
    /// The situation of each row.
    private let situation: [Int]
    private let prices: [Double]
    /// Shifters, then attributes, by observation.
    private var regressors: [[Double]] = []

    /// Gathers the observations.
    /// - Throws: `unknownVariable`; `badSetting` when the price or the shifters do not vary within providers.
    init(
        _ data: ChoiceData, price: String, shifters: [String], attributes: [String], period: String?
    ) throws(PricingError) {
        guard !shifters.isEmpty else {
            throw .badSetting("shifters", problem: "there is none; name a variable that moves cost but not utility")
        }
        let names = shifters + attributes.filter { $0 != ChoiceData.constant && $0 != price && !shifters.contains($0) }
        var columns: [[Double]] = [try data.values(of: price)]
        for name in names { columns.append(try data.values(of: name)) }
        var situation: [Int] = []
        situation.reserveCapacity(data.rows)
        for index in 0..<data.situations {
            for _ in data.starts[index]..<data.starts[index + 1] { situation.append(index) }
        }
        let owner =
            data.providerOfRow.isEmpty ? [Int](repeating: 0, count: data.rows) : data.providerOfRow.map { Int($0) }
        var observation = Array(0..<data.rows)
        var first = observation
        if let period, let periods = data.groupings[period], !data.providerOfRow.isEmpty {
            var places: [[Int]: Int] = [:]
            var firsts: [Int] = []
            let grouped = (0..<data.rows).map { row -> Int in
                let key = [owner[row], periods[situation[row]]]
                if let place = places[key] { return place }
                places[key] = firsts.count
                firsts.append(row)
                return firsts.count - 1
            }
            let isConstant = columns.allSatisfy { values in
                values.indices.allSatisfy { values[$0] == values[firsts[grouped[$0]]] }
            }
            if isConstant { (observation, first) = (grouped, firsts) }
        }
        self.price = price
        self.shifters = shifters
        self.observation = observation
        self.situation = situation
        providers = data.providers.isEmpty ? [""] : data.providers
        provider = first.map { owner[$0] }
        prices = first.map { columns[0][$0] }
        let all = columns.dropFirst().map { values in first.map { values[$0] } }
        guard isVarying(prices) else {
            throw .badSetting(price, problem: "does not vary within any provider; demand cannot be told from it")
        }
        for (name, values) in zip(names, all) {
            if isVarying(values) {
                regressors.append(values)
                if !shifters.contains(name) { self.attributes.append(name) }
            } else if shifters.contains(name) {
                throw .badSetting(name, problem: "does not vary within any provider; it moves no price")
            }
        }
    }

    /// Whether values differ within a provider, beyond rounding.
    private func isVarying(_ values: [Double]) -> Bool {
        let weights = [Double](repeating: 1, count: values.count)
        let (within, _) = demeaned(values, weights)
        let spread = within.reduce(0) { max($0, abs($1)) }
        return spread > 1e-9 * values.reduce(0) { max($0, abs($1)) }
    }

    /// Values less their provider's weighted mean, and the means.
    private func demeaned(_ values: [Double], _ weights: [Double]) -> (within: [Double], means: [Double]) {
        var sums = [Double](repeating: 0, count: providers.count)
        var totals = sums
        for index in values.indices {
            sums[provider[index]] += weights[index] * values[index]
            totals[provider[index]] += weights[index]
        }
        let means = zip(sums, totals).map { $1 > 0 ? $0 / $1 : 0 }
        return (values.indices.map { values[$0] - means[provider[$0]] }, means)
    }

    /// Least squares with the first `count` regressors: coefficients, weighted sum of squares, residuals and effects.
    private func solve(
        _ count: Int, _ weights: [Double]
    ) throws(PricingError) -> (coefficients: [Double], squares: Double, residuals: [Double], effects: [Double]) {
        let (target, mean) = demeaned(prices, weights)
        let parts = regressors.prefix(count).map { demeaned($0, weights) }
        func product(_ x: [Double], _ y: [Double]) -> Double {
            var sum = 0.0
            for index in x.indices { sum += weights[index] * x[index] * y[index] }
            return sum
        }
        var coefficients: [Double] = []
        if count > 0 {
            let roots = parts.map { product($0.within, $0.within).squareRoot() }
            guard roots.allSatisfy({ $0 > 0 }) else { throw .collinear(shifters + attributes) }
            let gram = Matrix(rows: count, columns: count) {
                product(parts[$0].within, parts[$1].within) / roots[$0] / roots[$1]
            }
            do {
                let spectrum = try SymmetricEigendecomposition(gram)
                guard let least = spectrum.values.first, least > 1e-11 else {
                    throw PricingError.collinear(Array((shifters + attributes).prefix(count)))
                }
                let right = zip(parts, roots).map { product($0.within, target) / $1 }
                coefficients = zip(try Cholesky(gram).solve(right), roots).map { $0 / $1 }
            } catch let error as PricingError {
                throw error
            } catch { throw .collinear(shifters + attributes) }
        }
        var (residuals, effects) = (target, mean)
        for (part, coefficient) in zip(parts, coefficients) {
            for index in residuals.indices { residuals[index] -= coefficient * part.within[index] }
            for index in effects.indices { effects[index] -= coefficient * part.means[index] }
        }
        return (coefficients, product(residuals, residuals), residuals, effects)
    }

    /// The fit, each observation once, and its residuals by row.
    func fit() throws(PricingError) -> (stage: FirstStage, residuals: [Double]) {
        let weights = [Double](repeating: 1, count: prices.count)
        let whole = try solve(regressors.count, weights)
        // Attributes alone: the shifters come first among the regressors.
        var restricted = self
        restricted.regressors = Array(regressors.dropFirst(shifters.count))
        let without = try restricted.solve(attributes.count, weights)
        let seen = Set(provider).count
        let degrees = prices.count - seen - regressors.count
        guard degrees > 0 else {
            throw .badSetting(
                "shifters",
                problem: "\(prices.count) prices are too few for \(seen) providers and \(regressors.count) "
                    + "variables; gather more weeks")
        }
        let unexplained = whole.squares / Double(degrees)
        let gain = max(0, without.squares - whole.squares) / Double(shifters.count)
        let isExact = whole.squares <= 1e-20 * without.squares
        let effects = zip(providers, whole.effects)
        let stage = FirstStage(
            price: price, shifters: shifters, attributes: attributes, coefficients: whole.coefficients,
            providerEffects: Dictionary(effects, uniquingKeysWith: { first, _ in first }),
            observations: prices.count, fStatistic: isExact ? .infinity : gain / unexplained)
        return (stage, observation.map { whole.residuals[$0] })
    }

    /// The residuals by row where each observation counts as often as the situations that show it, on average.
    func residuals(situationWeights: [Double]) throws(PricingError) -> [Double] {
        var sums = [Double](repeating: 0, count: prices.count)
        var shown = sums
        for (row, index) in observation.enumerated() {
            sums[index] += situationWeights[situation[row]]
            shown[index] += 1
        }
        let fitted = try solve(regressors.count, zip(sums, shown).map { $0 / $1 })
        return observation.map { fitted.residuals[$0] }
    }
}
