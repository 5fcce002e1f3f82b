import Foundation

/// The probability that a user accepts a quote, as a logit in the quote's total: A(T) = 1/(1 + exp(−(g₀ − g₁ T))).
///
/// T is the total in units of the request's reference total, so that neither currency nor size matters. A choice among
/// listed offers is the same curve in the price: g₀ = a − ln E, g₁ = α, reference total 1.
public struct AcceptanceCurve: Sendable, Hashable {
    /// g₀: the log odds of accepting at a total of 0.
    public var intercept: Double
    /// g₁: the log odds lost with each reference total.
    public var sensitivity: Double

    /// A curve of given parameters.
    public init(intercept: Double, sensitivity: Double) {
        self.intercept = intercept
        self.sensitivity = sensitivity
    }

    /// Everybody accepts at every price.
    public static let certain = AcceptanceCurve(intercept: .infinity, sensitivity: 0)

    /// The probability at `total` reference totals.
    public func probability(at total: Double) -> Double { 1 / (1 + exp(sensitivity * total - intercept)) }

    /// The probability that the user buys offer x of a request whose total is `base + volume · price` and whose
    /// acceptance is this curve with reference total 1: the price that maximises (p − c) · volume · A.
    ///
    /// It is ``LogitBestResponse`` with a = g₀ − g₁·base, α = g₁·volume and E = 1.
    /// - Throws: ``PricingError/badValue(field:remedy:)`` when volume or sensitivity is not above 0.
    public func bestPrice(base: Double, volume: Double, marginalCost: Double) throws(PricingError) -> LogitBestResponse
    {
        try LogitBestResponse(
            LogitOffer(quality: intercept - sensitivity * base, marginalCost: marginalCost),
            priceSensitivity: sensitivity * volume, logRivals: 0)
    }
}

/// What is known of one group of users' acceptance: draws from the posterior (or bootstrap) of its curve.
public struct Acceptance: Sendable, Hashable {
    /// The draws; one when the curve is taken as known. Draw d of every acceptance of a problem belongs together.
    public var draws: [AcceptanceCurve]

    /// Draws of a curve.
    public init(_ draws: [AcceptanceCurve]) { self.draws = draws }

    /// A curve taken as known.
    public init(_ curve: AcceptanceCurve) { draws = [curve] }
}
