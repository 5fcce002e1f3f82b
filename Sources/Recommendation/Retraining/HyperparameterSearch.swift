import Foundation

/// A search for hyperparameters on the validation period; the test period is never looked at.
///
/// The first trial is the default. Half of the others are drawn at random over the whole space (Bergstra and Bengio,
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
    public var start: ImplicitALS.Hyperparameters
    /// What the draws depend on.
    public var seed: UInt64 = 1
    /// The greatest width of factors.
    public var maximumFactors = 64
    /// The most epochs of a trial.
    public var maximumEpochs = 16
    /// The share of commitments, by time, that validate.
    public var validationShare = 0.16
    /// The share of commitments, by time, that are left to the test.
    public var testShare = 0.2
    /// How many offers a ranking shows.
    public var k = 20
    /// The most users that are ranked for after an epoch.
    public var users = 2000

    /// A search that begins with `start`.
    public init(start: ImplicitALS.Hyperparameters) { self.start = start }

    /// One trial and its outcome.
    public struct Trial: Sendable, Equatable, Codable {
        /// Its number, from 0.
        public let number: Int
        /// What was tried; the epochs are those after which NDCG was best.
        public let hyperparameters: ImplicitALS.Hyperparameters
        /// Recall on the validation period, at the best epoch.
        public let recall: Double
        /// NDCG on the validation period, at the best epoch.
        public let ndcg: Double
        /// NDCG after each epoch that was run.
        public let curve: [Double]
    }

    /// What the trials depend on: this and the data before the test period. O(entries).
    public func study(_ snapshot: InteractionSnapshot) throws(RecommendationError) -> String {
        let period = try period(snapshot)
        let settings = String(decoding: try ModelRegistry.encode(self, "the search"), as: UTF8.self)
        return [settings, period.train.sha256, period.held.sha256].joined(separator: "\n").sha256Text
    }

    private func period(_ snapshot: InteractionSnapshot) throws(RecommendationError) -> InteractionSnapshot.Period {
        let split = try snapshot.split(validationShare: validationShare, testShare: testShare)
        return try snapshot.period(split.validation..<split.test, weighting: weighting)
    }

    /// Runs trials after those of `past` until there are `trials` in all, or `isOver` says so between two of them.
    ///
    /// - Parameter record: called with each trial when it is done, before the next begins.
    /// - Throws: `invalidInteractions` when there is nothing to train or to validate on, and what `record` throws.
    public func run(
        _ snapshot: InteractionSnapshot, past: [Trial], trials: Int, isOver: () -> Bool,
        progress: (String) -> Void = { _ in }, record: (Trial) throws(RecommendationError) -> Void
    ) throws(RecommendationError) {
        let period = try period(snapshot)
        guard period.train.count > 0, period.held.count > 0 else {
            throw .invalidInteractions(reason: "there is nothing to train on, or nobody takes anything new afterwards")
        }
        var past = past
        while past.count < trials, !isOver() {
            let number = past.count
            let hyperparameters = candidate(number, past, items: period.train.itemCount)
            var curve: [(recall: Double, ndcg: Double)] = []
            _ = try ImplicitALS(hyperparameters).train(period.train, from: nil) {
                checkpoint throws(RecommendationError) in
                let metrics = try period.measure(checkpoint.model, k: k, most: users)
                curve.append((metrics.recall, metrics.ndcg))
                progress(
                    "trial \(number + 1) of \(trials): epoch \(checkpoint.epoch), \(hyperparameters.factors) factors")
                return goesOn(curve.map(\.ndcg), past)
            }
            guard let best = curve.indices.max(by: { (curve[$0].ndcg, $1) < (curve[$1].ndcg, $0) }) else { return }
            var chosen = hyperparameters
            chosen.epochs = best + 1
            let trial = Trial(
                number: number, hyperparameters: chosen, recall: curve[best].recall, ndcg: curve[best].ndcg,
                curve: curve.map(\.ndcg))
            try record(trial)
            past.append(trial)
        }
    }

    private func goesOn(_ curve: [Double], _ past: [Trial]) -> Bool {
        guard curve.count >= 3, let last = curve.last, let best = curve.max() else { return true }
        if curve.count > 3, (curve.lastIndex(of: best) ?? 0) < curve.count - 3 { return false }
        let others = past.compactMap { $0.curve.count >= curve.count ? $0.curve[curve.count - 1] : $0.curve.max() }
            .sorted()
        return others.count < 4 || last >= others[others.count / 2]
    }

    /// What trial `number` tries.
    func candidate(_ number: Int, _ past: [Trial], items: Int) -> ImplicitALS.Hyperparameters {
        var chosen = start
        chosen.epochs = max(1, maximumEpochs)
        guard number > 0 else { return chosen }
        // A stream for each trial, so that none depends on how much another drew.
        var random = SplitMix64(seed: seed &+ UInt64(number) &* 0x9E37_79B9_7F4A_7C15)
        func uniform(_ low: Double, _ high: Double) -> Double {
            low + (high - low) * Double(random.next() >> 11) * 0x1p-53
        }
        let widest = Double(max(1, min(maximumFactors, items)))
        var (factors, regularization, unobserved, exponent): (Double, Double, Double, Double)
        if number % 2 == 0, let best = past.max(by: { $0.ndcg < $1.ndcg })?.hyperparameters {
            factors = Double(best.factors) * exp2(uniform(-0.75, 0.75))
            regularization = best.regularization * exp(uniform(-1, 1))
            unobserved = best.unobservedWeight * exp(uniform(-1, 1))
            exponent = best.frequencyExponent + uniform(-0.15, 0.15)
        } else {
            factors = exp2(uniform(min(2, log2(widest)), log2(widest)))
            regularization = exp(uniform(log(1e-4), log(1)))
            unobserved = exp(uniform(log(1e-3), log(1)))
            exponent = uniform(0.25, 1.25)
        }
        chosen.factors = Int(min(widest, max(1, factors.rounded())))
        chosen.regularization = min(100, max(1e-6, regularization))
        chosen.unobservedWeight = min(100, max(1e-6, unobserved))
        chosen.frequencyExponent = min(2, max(0, exponent))
        return chosen
    }
}
