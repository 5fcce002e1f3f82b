import Foundation

/// A search for hyperparameters on validation periods before the test period, which is never looked at.
///
/// A small market has few users to validate on, and the best of many trials on few users is the luckiest. So a trial is
/// measured on several periods, one before the other, each by a model of what came before it (rolling origin: Tashman
/// 2000), and what counts is the mean over all their users.
///
/// The first trial is the default, and the next those of the other kinds. Half of the others are drawn at random over the whole space (Bergstra and Bengio,
/// *Random Search for Hyper-Parameter Optimization*, 2012), half around the best so far. A trial ends early when after
/// three epochs it lies below the median of the earlier trials at the same epoch (Golovin et al., *Google Vizier*,
/// 2017), or when three epochs have brought nothing.
///
/// What a trial is depends on the seed, its number, and the trials before it alone: a search that was killed goes on to
/// the same trials.
public struct HyperparameterSearch: Sendable, Equatable, Codable {
    /// How interactions are weighted.
    public var weighting = InteractionWeighting()
    /// The first trial.
    public var start: ModelRecipe
    /// The kinds of models that are tried; nil for that of the start alone.
    public var kinds: [ModelKind]?
    /// What the draws depend on.
    public var seed: UInt64 = 1
    /// The greatest width of factors, and rank of a graph filter.
    public var maximumFactors = 64
    /// The most epochs of a trial.
    public var maximumEpochs = 16
    /// The share of commitments, by time, that each validation period has.
    public var validationShare = 0.16
    /// How many validation periods there are, one before the other.
    public var periods = 3
    /// The share of commitments, by time, that are left to the test.
    public var testShare = 0.2
    /// How many offers a ranking shows.
    public var k = 20
    /// The most users that are ranked for after an epoch.
    public var users = 2000

    /// A search that begins with `start`, among models of its kind or of several.
    public init(start: ModelRecipe, kinds: [ModelKind]? = nil) {
        self.start = start
        self.kinds = kinds
    }

    /// One trial and its outcome.
    public struct Trial: Sendable, Equatable, Codable {
        /// Its number, from 0.
        public let number: Int
        /// What was tried; the epochs of a factorization are those after which NDCG was best.
        public let recipe: ModelRecipe
        /// Mean recall over the users of all validation periods, at the best epoch.
        public let recall: Double
        /// The mean NDCG likewise.
        public let ndcg: Double
        /// NDCG on the last period after each epoch that was run; one figure of a model without epochs.
        public let curve: [Double]
        /// Whether it was given up after the last period: it is then no candidate for the best.
        public let isGivenUp: Bool

        /// The key of `recipe` is from when factorizations alone were searched for.
        private enum CodingKeys: String, CodingKey {
            case number, recall, ndcg, curve, isGivenUp
            case recipe = "hyperparameters"
        }
    }

    /// The best of `trials`, the first of equals; nil without any.
    public static func best(_ trials: [Trial]) -> Trial? {
        trials.filter { !$0.isGivenUp }.max { ($0.ndcg, $1.number) < ($1.ndcg, $0.number) }
    }

    /// What the trials depend on: this and the data before the test period. O(entries).
    public func study(_ snapshot: InteractionSnapshot) throws(RecommendationError) -> String {
        let settings = String(decoding: try ModelRegistry.encode(self, "the search"), as: UTF8.self)
        let data = try windows(snapshot).flatMap { [$0.train.sha256, $0.held.sha256] }
        return ([settings] + data).joined(separator: "\n").sha256Text
    }

    /// The validation periods, the last first; those with nothing to train or to find are left out.
    private func windows(_ snapshot: InteractionSnapshot) throws(RecommendationError) -> [InteractionSnapshot.Period] {
        guard periods >= 1 else {
            throw .invalidHyperparameter(name: "periods", requirement: "must be at least 1, not \(periods)")
        }
        var windows: [InteractionSnapshot.Period] = []
        for index in 0..<periods {
            let left = testShare + Double(index) * validationShare
            guard left + validationShare < 1 else { break }
            let split = try snapshot.split(validationShare: validationShare, testShare: left)
            let window = try snapshot.period(split.validation..<split.test, weighting: weighting)
            if window.train.count > 0, window.held.count > 0 { windows.append(window) }
        }
        return windows
    }

    /// Runs trials after those of `past` until there are `trials` in all, or `isOver` says so between two of them.
    ///
    /// - Parameter record: called with each trial when it is done, before the next begins.
    /// - Throws: `invalidInteractions` when there is nothing to train or to validate on, and what `record` throws.
    public func run(
        _ snapshot: InteractionSnapshot, past: [Trial], trials: Int, isOver: () -> Bool,
        progress: (String) -> Void = { _ in }, record: (Trial) throws(RecommendationError) -> Void
    ) throws(RecommendationError) {
        let windows = try windows(snapshot)
        guard !windows.isEmpty else {
            throw .invalidInteractions(reason: "there is nothing to train on, or nobody takes anything new afterwards")
        }
        var past = past
        while past.count < trials, !isOver() {
            let number = past.count
            let trial = try self.trial(number, past, windows) { progress("trial \(number + 1) of \(trials): \($0)") }
            try record(trial)
            past.append(trial)
        }
    }

    private func trial(
        _ number: Int, _ past: [Trial], _ windows: [InteractionSnapshot.Period], _ progress: (String) -> Void
    ) throws(RecommendationError) -> Trial {
        let recipe = candidate(number, past, items: windows[0].train.itemCount)
        var (first, isGivenUp) = ([Double](), false)
        // Sums over users, by epoch.
        var sums: [(recall: Double, ndcg: Double, users: Int)] = []
        for (index, window) in windows.enumerated() where !isGivenUp {
            let last = index == 0 ? recipe.epochs : first.count
            _ = try recipe.train(window.train, by: LocalEngine(), stage: "trial") {
                epoch throws(RecommendationError) in
                let metrics = try window.measure(epoch.model(), k: k, most: users)
                let count = Double(metrics.users)
                if index == 0 {
                    first.append(metrics.ndcg)
                    sums.append((metrics.recall * count, metrics.ndcg * count, metrics.users))
                } else {
                    let sum = sums[max(0, epoch.number - 1)]
                    sums[max(0, epoch.number - 1)] = (
                        sum.recall + metrics.recall * count, sum.ndcg + metrics.ndcg * count, sum.users + metrics.users
                    )
                }
                progress("period \(index + 1), epoch \(epoch.number), \(recipe.kind.rawValue)")
                if index == 0, isHopeless(first, past) { isGivenUp = true }
                return epoch.number < last && !isGivenUp && (index > 0 || isLearning(first))
            }
        }
        let means = sums.map {
            (recall: $0.recall / Double(max(1, $0.users)), ndcg: $0.ndcg / Double(max(1, $0.users)))
        }
        let best = means.indices.max { (means[$0].ndcg, $1) < (means[$1].ndcg, $0) } ?? 0
        var chosen = recipe
        chosen.factorization?.epochs = best + 1
        return Trial(
            number: number, recipe: chosen, recall: means[best].recall, ndcg: means[best].ndcg, curve: first,
            isGivenUp: isGivenUp)
    }

    /// Whether three epochs have brought something.
    private func isLearning(_ curve: [Double]) -> Bool {
        curve.count <= 3 || curve.suffix(3).contains { $0 >= curve.max() ?? 0 }
    }

    /// Whether a trial lies below the median of the earlier ones at the same epoch.
    private func isHopeless(_ curve: [Double], _ past: [Trial]) -> Bool {
        guard curve.count >= 3, let last = curve.last else { return false }
        let others = past.compactMap { $0.curve.count >= curve.count ? $0.curve[curve.count - 1] : $0.curve.max() }
            .sorted()
        return others.count >= 4 && last < others[others.count / 2]
    }
}
