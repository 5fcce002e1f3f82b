import Foundation

/// Turns a model's score into the probability that the user takes the offer: 1 / (1 + exp(−(slope · score + intercept))).
///
/// Platt scaling (Platt 1999), by Newton's method with backtracking (Lin, Lin, Weng 2007). The slope is never negative,
/// so that the order of the scores stays.
public struct Calibration: Sendable, Hashable, Codable {
    /// ≥ 0.
    public let slope: Double
    /// The log-odds at score 0.
    public let intercept: Double

    /// A calibration of known parameters; nil unless they are finite and the slope is not negative.
    public init?(slope: Double, intercept: Double) {
        guard slope >= 0, slope.isFinite, intercept.isFinite else { return nil }
        self.slope = slope
        self.intercept = intercept
    }

    /// Reads a stored calibration; one that would turn the order of scores round is refused.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        let slope = try values.decode(Double.self, forKey: .slope)
        guard let valid = Calibration(slope: slope, intercept: try values.decode(Double.self, forKey: .intercept))
        else {
            throw DecodingError.dataCorruptedError(
                forKey: .slope, in: values, debugDescription: "a calibration has a slope of at least 0")
        }
        self = valid
    }

    private init(_ slope: Double, _ intercept: Double) {
        self.slope = slope
        self.intercept = intercept
    }

    /// A held-out score, whether the offer was taken, and how many observations it stands for.
    public struct Observation: Sendable, Hashable {
        /// What the model says.
        public var score: Double
        /// Whether the user took the offer later.
        public var taken: Bool
        /// > 0; more than 1 when it was sampled for others like it.
        public var weight: Double

        /// An observation.
        public init(score: Double, taken: Bool, weight: Double = 1) {
            self.score = score
            self.taken = taken
            self.weight = weight
        }
    }

    /// The probability at `score`, 0…1; NaN is taken for no evidence, score 0.
    public func probability(_ score: Double) -> Double {
        let logit = slope * (score.isNaN ? 0 : score) + intercept
        return logit >= 0 ? 1 / (1 + exp(-logit)) : exp(logit) / (1 + exp(logit))
    }

    /// The calibration of greatest likelihood, with Platt's prior on the targets: (N₊ + 1) / (N₊ + 2) and 1 / (N₋ + 2).
    ///
    /// Observations that are not finite, or have no weight, do not count. O(n) a step, at most a hundred steps.
    /// - Throws: `invalidInteractions` unless something was taken and something was not.
    public static func fit(_ observations: some Sequence<Observation>) throws(RecommendationError) -> Calibration {
        let data = observations.filter { $0.score.isFinite && $0.weight > 0 && $0.weight.isFinite }
        let taken = data.reduce(0) { $0 + ($1.taken ? $1.weight : 0) }
        let left = data.reduce(0) { $0 + ($1.taken ? 0 : $1.weight) }
        guard taken > 0, left > 0 else {
            throw .invalidInteractions(
                reason: "a calibration needs held-out offers that were taken and others that were not")
        }
        let (high, low) = ((taken + 1) / (taken + 2), 1 / (left + 2))
        var best = (slope: 0.0, intercept: log((taken + 1) / (left + 1)))
        // In standard units Newton's steps do not depend on the scores' scale.
        let mean = data.reduce(0) { $0 + $1.weight * $1.score } / (taken + left)
        let variance = data.reduce(0) { $0 + $1.weight * ($1.score - mean) * ($1.score - mean) } / (taken + left)
        let deviation = variance > 0 ? variance.squareRoot() : 1
        func loss(_ slope: Double, _ intercept: Double) -> Double {
            data.reduce(0) { sum, datum in
                let logit = slope * (datum.score - mean) / deviation + intercept
                // ln(1 + eᶻ) − t z, without overflow.
                let softplus = max(logit, 0) + log1p(exp(-abs(logit)))
                return sum + datum.weight * (softplus - (datum.taken ? high : low) * logit)
            }
        }
        var current = loss(best.slope, best.intercept)
        for _ in 0..<100 {
            var (gradientA, gradientB) = (0.0, 0.0)
            var (hessianAA, hessianAB, hessianBB) = (1e-9, 0.0, 1e-9)
            for datum in data {
                let x = (datum.score - mean) / deviation
                let p = 1 / (1 + exp(-(best.slope * x + best.intercept)))
                let error = datum.weight * (p - (datum.taken ? high : low))
                let curvature = datum.weight * p * (1 - p)
                gradientA += error * x
                gradientB += error
                hessianAA += curvature * x * x
                hessianAB += curvature * x
                hessianBB += curvature
            }
            let determinant = hessianAA * hessianBB - hessianAB * hessianAB
            let stepA = -(hessianBB * gradientA - hessianAB * gradientB) / determinant
            let stepB = -(hessianAA * gradientB - hessianAB * gradientA) / determinant
            guard stepA.isFinite, stepB.isFinite else { break }
            let descent = gradientA * stepA + gradientB * stepB
            var factor = 1.0
            var next = loss(best.slope + stepA, best.intercept + stepB)
            while next > current + 1e-4 * factor * descent, factor > 1e-10 {
                factor /= 2
                next = loss(best.slope + factor * stepA, best.intercept + factor * stepB)
            }
            guard next < current else { break }
            best = (best.slope + factor * stepA, best.intercept + factor * stepB)
            let gain = current - next
            current = next
            if gain <= 1e-12 * (abs(current) + 1) { break }
        }
        // A slope below zero would turn the order round: then the scores say nothing, and the base rate is all there is.
        let (slope, intercept) = (best.slope / deviation, best.intercept - best.slope * mean / deviation)
        if best.slope > 0, slope.isFinite, intercept.isFinite { return Calibration(slope, intercept) }
        return Calibration(0, log((taken + 1) / (left + 1)))
    }
}
