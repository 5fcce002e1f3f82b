import LinearAlgebra

/// How well a model foretells choices that it was not fitted to.
public struct ChoiceScores: Sendable, Equatable {
    /// Predictions of about the same probability, and how often they came true.
    public struct Bin: Sendable, Equatable {
        /// Predictions, one for each alternative and outside option.
        public let count: Int
        /// Their mean probability.
        public let predicted: Double
        /// The share of them that was chosen.
        public let observed: Double
    }

    /// Choice situations.
    public let situations: Int
    /// −mean log P(chosen), natural logarithms.
    public let logLoss: Double
    /// The same of the base rate: the outside option as often as in training, the others alike.
    public let baseRateLogLoss: Double
    /// The same of a logit that knows the price alone; nil where it has no estimate.
    public let priceOnlyLogLoss: Double?
    /// Ten bins of equally many predictions, ascending.
    public let bins: [Bin]
    /// Σ share · |predicted − observed| over the bins.
    public let calibrationError: Double

    /// Scores `model` on later choices, beside what the earlier ones say without it.
    ///
    /// - Parameters:
    ///   - model: a model fitted to `earlier`.
    ///   - later: the choices to foretell; split by time, see ``ChoiceData/split(by:at:)``.
    ///   - earlier: the choices that were fitted.
    ///   - price: the variable of the price.
    ///   - outside: whether the outside option is an alternative.
    /// - Throws: `unknownVariable`.
    public init(
        of model: some ChoiceModel, on later: ChoiceData, fittedTo earlier: ChoiceData, price: String = "price",
        outside: Bool
    ) throws(PricingError) {
        let probabilities = try model.probabilities(of: later)
        situations = later.situations
        logLoss = Self.logLoss(probabilities, of: later)
        baseRateLogLoss = Self.logLoss(Self.baseRates(later, fittedTo: earlier, outside: outside), of: later)
        let variables = (outside ? [ChoiceData.constant] : []) + [price]
        let priceOnly = try? ConditionalLogit.fit(earlier, variables: variables, outside: outside)
        priceOnlyLogLoss = try priceOnly.map { fit throws(PricingError) in
            Self.logLoss(try fit.probabilities(of: later), of: later)
        }
        bins = Self.bins(probabilities, of: later, outside: outside)
        let total = bins.reduce(0) { $0 + $1.count }
        calibrationError = bins.reduce(0) {
            $0 + Double($1.count) / Double(max(1, total)) * abs($1.predicted - $1.observed)
        }
    }

    /// −mean log P(chosen). A probability of 0 counts as the smallest number: a large loss, not an infinite one.
    public static func logLoss(_ probabilities: ChoiceProbabilities, of data: ChoiceData) -> Double {
        var sum = 0.0
        for (situation, row) in data.chosen.enumerated() {
            let probability = row < 0 ? probabilities.outside[situation] : probabilities.rows[row]
            sum -= logarithm(max(probability, .leastNormalMagnitude))
        }
        return sum / Double(max(1, data.situations))
    }

    private static func baseRates(
        _ data: ChoiceData, fittedTo earlier: ChoiceData, outside: Bool
    ) -> ChoiceProbabilities {
        // One choice more of each kind keeps the rates off 0 and 1.
        let share = Double(earlier.outsideChoices + 1) / Double(earlier.situations + 2)
        let rate = outside ? share : 0
        var rows: [Double] = []
        rows.reserveCapacity(data.rows)
        for (start, end) in zip(data.starts, data.starts.dropFirst()) {
            rows += [Double](repeating: (1 - rate) / Double(end - start), count: end - start)
        }
        return ChoiceProbabilities(rows: rows, outside: [Double](repeating: rate, count: data.situations))
    }

    private static func bins(_ probabilities: ChoiceProbabilities, of data: ChoiceData, outside: Bool) -> [Bin] {
        var events = probabilities.rows.map { ($0, false) }
        for row in data.chosen where row >= 0 { events[row].1 = true }
        if outside { events += zip(probabilities.outside, data.chosen).map { ($0, $1 < 0) } }
        // Equal predictions in one order whatever came true.
        events.sort { ($0.0, $0.1 ? 1 : 0) < ($1.0, $1.1 ? 1 : 0) }
        return (0..<10).compactMap { bin in
            let part = events[bin * events.count / 10..<(bin + 1) * events.count / 10]
            guard !part.isEmpty else { return nil }
            return Bin(
                count: part.count, predicted: part.reduce(0) { $0 + $1.0 } / Double(part.count),
                observed: Double(part.count { $0.1 }) / Double(part.count))
        }
    }
}
