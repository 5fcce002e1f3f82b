import Foundation
import LinearAlgebra

/// The probability that a user accepts a quote, by its total: A(T) = 1 / (1 + exp(−(g₀ − g₁ T))).
///
/// T is the quote's total over a reference total of the same user and request (the cheapest quote of rivals, or what is
/// paid today): a number without unit, 1 at the reference.
public struct AcceptanceModel: Sendable, Equatable {
    /// One pair of parameters.
    public struct Parameters: Sendable, Equatable {
        /// g₀: the log odds of acceptance at a total of 0.
        public let g0: Double
        /// g₁: by how much the log odds fall for each reference total; positive where users mind the price.
        public let g1: Double

        /// A pair of parameters.
        public init(g0: Double, g1: Double) {
            self.g0 = g0
            self.g1 = g1
        }

        /// A(T), in 0…1.
        public func probability(_ total: Double) -> Double { 1 / (1 + exp(g1 * total - g0)) }
    }

    /// The estimate.
    public let estimate: Parameters
    /// Draws of the parameters from a bootstrap; empty when there was none.
    public let draws: [Parameters]
    /// Quotes that the estimate rests on.
    public let quotes: Int

    /// A model of given parameters.
    public init(estimate: Parameters, draws: [Parameters] = [], quotes: Int = 0) {
        self.estimate = estimate
        self.draws = draws
        self.quotes = quotes
    }

    /// A(T) of the estimate, in 0…1.
    public func probability(_ total: Double) -> Double { estimate.probability(total) }

    /// dA/dT of the estimate: −g₁ A (1 − A).
    public func slope(_ total: Double) -> Double {
        let probability = probability(total)
        return -estimate.g1 * probability * (1 - probability)
    }
}
