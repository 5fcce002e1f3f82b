import Foundation
import LinearAlgebra

extension ImplicitALS {
    /// Where a training stands between two epochs: all that the rest of it depends on.
    public struct Checkpoint: Sendable, Equatable {
        /// How many epochs are done.
        public let epoch: Int
        /// What the training was started with.
        public let hyperparameters: Hyperparameters
        /// The data's, see `TrainingData`.
        let fingerprint: UInt64
        /// X, userCount × d.
        public let userFactors: Matrix<Float>
        /// Y, itemCount × d.
        public let itemFactors: Matrix<Float>

        /// Refuses to go on with other data or another recipe.
        func check(
            _ hyperparameters: Hyperparameters, _ data: TrainingData, _ fingerprint: UInt64
        ) throws(RecommendationError) {
            guard self.hyperparameters == hyperparameters else {
                throw .invalidCheckpoint(reason: "it was made with other hyperparameters")
            }
            guard self.fingerprint == fingerprint, userFactors.rows == data.userCount,
                itemFactors.rows == data.itemCount
            else { throw .invalidCheckpoint(reason: "it was made from other interactions") }
        }
    }
}

extension ImplicitALS.Checkpoint {
    private static let format = "ials-checkpoint-1"

    /// Writes the checkpoint in one step: whoever reads `file` sees this one or the one before.
    /// - Throws: `fileFailure`.
    public func save(to file: URL) throws(RecommendationError) {
        let recipe = try recipe()
        let bytes = try TensorFile.encode(
            [NamedTensor("user_factors", userFactors), NamedTensor("item_factors", itemFactors)],
            metadata: [
                "format": Self.format, "epoch": String(epoch), "fingerprint": String(fingerprint),
                "hyperparameters": String(decoding: recipe, as: UTF8.self), "checksum": String(checksum(recipe))
            ])
        try AtomicFile.write(bytes, to: file)
    }

    /// Reads a checkpoint.
    /// - Throws: `fileFailure`, `malformedTensors`, `nonFinite`, `invalidCheckpoint` when it was damaged.
    public init(contentsOf file: URL) throws(RecommendationError) {
        let stored = try TensorFile(contentsOf: file)
        func value(_ key: String) throws(RecommendationError) -> String {
            guard let value = stored.metadata[key] else { throw .invalidCheckpoint(reason: "it has no \(key)") }
            return value
        }
        guard try value("format") == Self.format, let epoch = Int(try value("epoch")),
            let fingerprint = UInt64(try value("fingerprint")), let checksum = UInt64(try value("checksum")),
            let recipe = try? JSONDecoder().decode(
                ImplicitALS.Hyperparameters.self, from: Data(try value("hyperparameters").utf8))
        else { throw .invalidCheckpoint(reason: "it is none of this version") }
        try recipe.validate()
        self.init(
            epoch: epoch, hyperparameters: recipe, fingerprint: fingerprint,
            userFactors: try stored.matrix("user_factors"), itemFactors: try stored.matrix("item_factors"))
        guard epoch >= 1, epoch < recipe.epochs, userFactors.columns == recipe.factors,
            itemFactors.columns == recipe.factors, checksum == self.checksum(try self.recipe())
        else { throw .invalidCheckpoint(reason: "it is damaged") }
    }

    /// The hyperparameters as JSON, the same bytes for the same values.
    private func recipe() throws(RecommendationError) -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        do { return try encoder.encode(hyperparameters) } catch {
            throw .invalidCheckpoint(reason: "its hyperparameters have no JSON")
        }
    }

    private func checksum(_ recipe: Data) -> UInt64 {
        var hash = Numbers([UInt8](recipe)).mixed(into: fingerprint &+ UInt64(truncatingIfNeeded: epoch))
        for factors in [userFactors, itemFactors] { hash = Numbers(factors.elements).mixed(into: hash) }
        return hash
    }
}
