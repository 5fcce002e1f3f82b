import Foundation
import LinearAlgebra

/// What advice loses against knowing the truth, over replications of a scenario.
public struct RegretStudy: Sendable {
    /// The scenario.
    public let scenario: Scenario
    /// Every provider that was advised, by replication.
    public let trials: [PricingTrial]
    /// One for each replication.
    public let forecasts: [ForecastTrial]
    /// Replications whose history had no estimate, with the reason.
    public let failures: [String]

    /// Runs the replications in parallel; the same for a seed at any number of threads.
    ///
    /// - Parameters:
    ///   - draws: bootstrap draws of each estimate.
    ///   - progress: called after each replication, from any thread.
    public init(
        _ scenario: Scenario, replications: Int, draws: Int = 200, threads: Int = ParallelBlocks.defaultThreads,
        progress: @Sendable () -> Void = {}
    ) {
        typealias Outcome = Result<(trials: [PricingTrial], forecast: ForecastTrial), PricingError>
        let outcomes = ParallelBlocks.map(count: replications, blockSize: 1, threads: threads) { replication, _ in
            let outcome = Outcome { () throws(PricingError) in
                scenario.market == .program
                    ? try ProgramMarket.trials(scenario, replication: replication, draws: draws)
                    : try ChoiceMarket.trials(scenario, replication: replication, draws: draws)
            }
            progress()
            return outcome
        }
        self.scenario = scenario
        trials = outcomes.flatMap { (try? $0.get().trials) ?? [] }
        forecasts = outcomes.compactMap { try? $0.get().forecast }
        failures = outcomes.compactMap { if case .failure(let error) = $0 { "\(error)" } else { nil } }
    }

    /// Mean loss of profit against the best price, as a share of its profit.
    public var regret: Double { 1 - mean(trials.map(\.advised)) }
    /// The share of intervals that contain the best price.
    public var coverage: Double { mean(trials.compactMap { $0.isCovered.map { $0 ? 1 : 0 } }) }
    /// The standard error of ``coverage``: replications scatter, the intervals of one share an estimate.
    public var coverageError: Double {
        let cases = trials.compactMap { trial in trial.isCovered.map { (trial.replication, $0 ? 1.0 : 0) } }
        let groups = Dictionary(grouping: cases) { $0.0 }.values
        let share = coverage
        let excess = groups.map { group in group.reduce(0) { $0 + $1.1 - share } }
        let (n, count) = (Double(cases.count), Double(groups.count))
        guard count > 1 else { return .nan }
        // Sorted, for sums do not depend on a dictionary's order then.
        return (excess.sorted().reduce(0) { $0 + $1 * $1 } * count / (count - 1)).squareRoot() / n
    }
    /// Mean half width of the intervals, as a share of the best price.
    public var halfWidth: Double {
        mean(
            trials.compactMap { trial in trial.interval.map { ($0.upperBound - $0.lowerBound) / 2 / trial.optimalPrice }
            })
    }
    /// Mean of the recommended price less the best, as a share of the best.
    public var bias: Double {
        mean(trials.compactMap { trial in trial.advisedPrice.map { $0 / trial.optimalPrice - 1 } })
    }
    /// The share of providers for whom advice abstained.
    public var abstentions: Double { mean(trials.map { $0.advisedPrice == nil ? 1 : 0 }) }

    /// The `share` quantile of what `rule` earns, as a share of the optimal profit.
    public func quantile(_ share: Double, _ rule: (PricingTrial) -> Double) -> Double {
        Quantile.of(trials.map(rule), share)
    }

    /// The mean of what `rule` earns, as a share of the optimal profit.
    public func mean(_ rule: (PricingTrial) -> Double) -> Double { mean(trials.map(rule)) }
    /// The mean over replications of a forecast's figure.
    public func meanForecast(_ figure: (ForecastTrial) -> Double) -> Double { mean(forecasts.map(figure)) }

    private func mean(_ values: [Double]) -> Double {
        values.isEmpty ? .nan : values.reduce(0, +) / Double(values.count)
    }
}
