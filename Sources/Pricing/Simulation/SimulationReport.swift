import Documents
import Foundation

/// A simulated market's figures beside the bars that advice is held to.
public struct SimulationReport: Sendable {
    /// A figure and its bar.
    public struct Line: Sendable, Hashable {
        /// What is measured.
        public let name: String
        /// The figure, as text; shares in percent.
        public let figure: String
        /// The bar, as text.
        public let bar: String
        /// The figure as a number.
        public let value: Double
        /// Whether the bar is met; nil where there is none.
        public let isMet: Bool?
    }

    /// The bars.
    public enum Bar {
        /// The most profit that may be lost on average, as a share of the best.
        public static let regret = 0.03
        /// The share of 90% intervals that contain the best price.
        public static let coverage = 0.85...0.95
        /// The most expected calibration error.
        public static let calibrationError = 0.03
        /// The most collusion index.
        public static let collusion = 0.05
        /// The most that mean prices may drift from the third quarter of the rounds to the last, as a share.
        public static let drift = 0.01
    }

    /// The study of single advice.
    public let regret: RegretStudy
    /// The study of all following; nil when it was not asked for or the market has none.
    public let following: FollowingStudy?

    /// A report on studies of one scenario.
    public init(regret: RegretStudy, following: FollowingStudy?) {
        self.regret = regret
        self.following = following
    }

    /// Whether every bar is met.
    public var isPassed: Bool { lines.allSatisfy { $0.isMet ?? true } }

    /// All figures, in the order of the table.
    public var lines: [Line] {
        let loss = regret.meanForecast(\.logLoss)
        let (base, price) = (regret.meanForecast(\.baseRateLogLoss), regret.meanForecast(\.priceOnlyLogLoss))
        let error = regret.meanForecast(\.calibrationError)
        let low = regret.quantile(0.05, \.advised)
        let (plus, median) = (regret.quantile(0.05, \.costPlus), regret.quantile(0.05, \.median))
        var lines = [
            number("held-out log loss", loss, "below base rate", loss < base),
            number("  of the base rate", base), number("  of the price alone", price, "above ours", loss < price),
            number("calibration error", error, "at most 0.03", error <= Bar.calibrationError),
            share("regret", regret.regret, "at most 3%", regret.regret <= Bar.regret),
            share("  of cost-plus", 1 - regret.mean(\.costPlus)),
            share("  of match-the-median", 1 - regret.mean(\.median)),
            share("  of the posted price", 1 - regret.mean(\.posted)),
            share("profit kept, 5th percentile", low, "above both rules", low >= max(plus, median)),
            share("  of cost-plus", plus), share("  of match-the-median", median),
            share(
                "90% intervals with the truth", regret.coverage, "85% to 95%", Bar.coverage.contains(regret.coverage)),
            share("  standard error", regret.coverageError), share("  half width", regret.halfWidth),
            share("  bias of the price", regret.bias),
            share("abstentions", regret.abstentions)
        ]
        if let following, !following.trials.isEmpty {
            let collusion = following.mean(\.collusion)
            let drift = following.mean(\.drift)
            let (own, common) = (following.mean(\.ownCutChange), following.mean(\.commonCutChange))
            lines += [
                number("collusion index", collusion, "at most 0.05", collusion <= Bar.collusion),
                share("  prices over Nash", following.mean(\.priceOverNash)),
                share("  drift of prices", drift, "within 1%", abs(drift) <= Bar.drift),
                share("price, own cost 20% lower", own, "falls", own < 0),
                share("prices, all costs 20% lower", common, "fall", common < 0)
            ]
        }
        return lines
    }

    private func number(_ name: String, _ value: Double, _ bar: String = "", _ isMet: Bool? = nil) -> Line {
        Line(name: name, figure: String(format: "%.4f", value), bar: bar, value: value, isMet: isMet)
    }

    private func share(_ name: String, _ value: Double, _ bar: String = "", _ isMet: Bool? = nil) -> Line {
        Line(name: name, figure: String(format: "%.2f%%", 100 * value), bar: bar, value: value, isMet: isMet)
    }

    /// A table that fits 80 columns.
    public var text: String {
        let scenario = regret.scenario
        var text =
            "Scenario \(scenario.name): \(scenario.market.rawValue) market, \(scenario.providers) providers, "
            + "\(scenario.quotes) quotes, seed \(scenario.seed)\n"
            + "  \(regret.forecasts.count) replications, \(regret.trials.count) prices advised"
        if let following, !following.trials.isEmpty {
            text += "; \(following.trials.count) × \(following.rounds) rounds in which all follow"
        }
        text += "\n\n"
        for line in lines {
            let verdict = line.isMet.map { $0 ? "met" : "MISSED" } ?? ""
            let figure = String(repeating: " ", count: max(0, 10 - line.figure.count)) + line.figure
            text += "  " + line.name.padding(toLength: 32, withPad: " ", startingAt: 0) + figure
            text +=
                line.bar.isEmpty
                ? "\n" : "  " + line.bar.padding(toLength: 18, withPad: " ", startingAt: 0) + verdict + "\n"
        }
        for failure in (regret.failures + (following?.failures ?? [])).prefix(3) {
            text += "  without estimate: \(failure)\n"
        }
        if scenario.market == .program, following == nil {
            text += "  All following is not simulated yet where the optimizer decides.\n"
        }
        return text
    }

    /// The same as one document; shares as numbers from 0 to 1.
    public var json: JSONValue {
        let scenario = regret.scenario
        let figures = lines.map { line -> JSONValue in
            JSONValue(members: [
                ("name", .string(line.name.trimmingCharacters(in: .whitespaces))), ("value", JSONValue(line.value)),
                ("bar", line.bar.isEmpty ? nil : .string(line.bar)), ("met", line.isMet.map { .bool($0) })
            ])
        }
        let trials = regret.trials.map { trial -> JSONValue in
            JSONValue(members: [
                ("replication", JSONValue(trial.replication)), ("provider", JSONValue(trial.provider)),
                ("optimalPrice", JSONValue(trial.optimalPrice)),
                ("advisedPrice", trial.advisedPrice.map { JSONValue($0) }),
                ("from", trial.interval.map { JSONValue($0.lowerBound) }),
                ("to", trial.interval.map { JSONValue($0.upperBound) }), ("kept", JSONValue(trial.advised)),
                ("costPlusKept", JSONValue(trial.costPlus)), ("medianKept", JSONValue(trial.median))
            ])
        }
        let failures = (regret.failures + (following?.failures ?? [])).map { JSONValue.string($0) }
        return [
            "scenario": .string(scenario.name), "market": .string(scenario.market.rawValue),
            "seed": .number(String(scenario.seed)), "quotes": JSONValue(scenario.quotes),
            "providers": JSONValue(scenario.providers), "replications": JSONValue(regret.forecasts.count),
            "advised": JSONValue(regret.trials.count), "rounds": JSONValue(following?.rounds ?? 0),
            "passed": .bool(isPassed),
            "figures": .array(figures), "trials": .array(trials), "failures": .array(failures)
        ]
    }
}
