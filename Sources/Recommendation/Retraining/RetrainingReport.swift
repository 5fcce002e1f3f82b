import Foundation

/// What a retraining measured and how it judged: the contents of `evaluation.json`.
public struct RetrainingReport: Sendable, Equatable, Codable {
    /// A model that was measured on the test period.
    public struct Contender: Sendable, Equatable, Codable {
        /// Its part: `challenger`, `champion`, `popularity`.
        public let name: String
        /// How it was trained; nil for what has no recipe.
        public let recipe: Recipe?
        /// Measures by name, as `recall@20`.
        public let metrics: [String: Double]
        /// The same on parts of the test.
        public let slices: [Slice]
    }

    /// A contender on a part of the test.
    public struct Slice: Sendable, Equatable, Codable {
        /// Which part.
        public let name: String
        /// The users with something to find there.
        public let users: Int
        /// Measures by name.
        public let metrics: [String: Double]
    }

    /// The challenger on the validation period after an epoch.
    public struct CurvePoint: Sendable, Equatable, Codable {
        /// The number of the epoch, from 1; 0 for a model that is not trained in epochs.
        public let epoch: Int
        /// Recall on the validation period.
        public let recall: Double
        /// NDCG on the validation period.
        public let ndcg: Double
    }

    /// One condition of the gate.
    public struct Condition: Sendable, Hashable, Codable {
        /// What must hold.
        public let name: String
        /// Whether it does.
        public let passed: Bool
        /// The figures.
        public let detail: String
    }

    /// How many offers a ranking shows.
    public let k: Int
    /// The periods.
    public let split: TimeSplit
    /// How many interactions, users and offers there are.
    public let interactions: Int
    /// See `interactions`.
    public let users: Int
    /// See `interactions`.
    public let offers: Int
    /// How many users have something to find in the test period.
    public let testUsers: Int
    /// The challenger first.
    public let contenders: [Contender]
    /// The challenger's learning, by epoch; one point of engines that show no more.
    public let curve: [CurvePoint]
    /// The challenger's scores as probabilities; nil when nothing could be fitted.
    public let reliability: Reliability?
    /// The challenger's NDCG less popularity's.
    public let overPopularity: PairedBootstrap
    /// The challenger's NDCG less the champion's; nil when there is none to compare with.
    public let overChampion: PairedBootstrap?
    /// Milliseconds to fold a user in and rank all offers for it, on one thread: the 99th percentile.
    public let rankingMilliseconds: Double
    /// The gate.
    public let conditions: [Condition]

    /// Whether every condition holds.
    public var passed: Bool { conditions.allSatisfy(\.passed) }

    /// The contender of a name.
    public subscript(_ name: String) -> Contender? { contenders.first { $0.name == name } }

}

extension RetrainingReport {
    /// The report as JSON, keys sorted.
    /// - Throws: `fileFailure` when a number is not finite.
    public func encoded() throws(RecommendationError) -> Data { try ModelRegistry.encode(self, "evaluation.json") }

    /// The report that `encoded` wrote.
    /// - Throws: `fileFailure`.
    public init(decoding bytes: Data) throws(RecommendationError) {
        do { self = try ModelRegistry.decoder.decode(Self.self, from: bytes) } catch {
            throw .fileFailure(operation: "read", file: "evaluation.json", reason: "it is not a retraining's report")
        }
    }
}
