import Foundation
import LinearAlgebra

/// What goes to Spark MLlib's ALS and what comes back.
///
/// MLlib minimises, after Hu, Koren and Volinsky (2008), `Σ_all (1 + α|r|) (p − x_uᵀy_i)² + λ' (Σ_u n_u‖x_u‖² + Σ_i
/// n_i‖y_i‖²)`, with p = 1 where r > 0 and n the number of such ratings. Divided by 1/α₀, with r = ±c, α = 1/α₀ and
/// λ' = λ/α₀, that is this package's loss at ν = 1 but for two terms: what was taken is to score 1 + α₀/c instead of 1,
/// and the regularization grows with n alone, not with n + α₀ times the other side's size.
///
/// So Spark's items are taken, and each user is solved anew against them by this package's loss: that is how the model
/// is evaluated and how it folds users in when it serves. Nothing of Spark's convention is left in the model.
public enum SparkExchange {
    /// What Spark is told.
    public struct Settings: Sendable, Equatable {
        /// α = 1/α₀.
        public let alpha: Double
        /// λ' = λ/α₀.
        public let regularization: Double

        /// The settings that stand for `hyperparameters`.
        /// - Throws: `invalidHyperparameter` for what Spark cannot do: α₀ = 0, ν ≠ 1.
        public init(_ hyperparameters: ImplicitALS.Hyperparameters) throws(RecommendationError) {
            guard hyperparameters.unobservedWeight > 0 else {
                throw .invalidHyperparameter(
                    name: "unobservedWeight", requirement: "must be above 0 for Spark, whose α is its reciprocal")
            }
            guard hyperparameters.frequencyExponent == 1 else {
                throw .invalidHyperparameter(
                    name: "frequencyExponent",
                    requirement: "must be 1 for Spark, not \(hyperparameters.frequencyExponent)")
            }
            alpha = 1 / hyperparameters.unobservedWeight
            regularization = hyperparameters.regularization / hyperparameters.unobservedWeight
        }
    }

    /// Little-endian records of int32 user, int32 item, float32 rating: the confidence, negated for a dislike.
    public static func ratings(_ interactions: InteractionMatrix) -> Data {
        var numbers: [UInt32] = []
        numbers.reserveCapacity(3 * interactions.count)
        for user in 0..<interactions.userCount {
            for k in interactions.entryRange(of: user) {
                let confidence = interactions.confidences?[k] ?? 1
                let isLiked = (interactions.preferences?[k] ?? 1) > 0.5
                numbers += [
                    UInt32(truncatingIfNeeded: user), UInt32(bitPattern: interactions.items[k]),
                    (isLiked ? confidence : -confidence).bitPattern
                ]
            }
        }
        return numbers.map(\.littleEndian).withUnsafeBytes { Data($0) }
    }

    /// The model of the factors that Spark wrote: its items, and users solved against them.
    /// - Throws: `malformedTensors`, `shapeMismatch`, `numerical` when a factor is not finite.
    public static func model(
        _ file: TensorFile, of interactions: InteractionMatrix, _ hyperparameters: ImplicitALS.Hyperparameters
    ) throws(RecommendationError) -> ImplicitALSModel {
        let items = try file.matrix("item_factors")
        try numerical { () throws(LinearAlgebraError) in try items.requireFinite("Spark's item factors") }
        return try ImplicitALS(hyperparameters).model(of: interactions, against: items)
    }
}
