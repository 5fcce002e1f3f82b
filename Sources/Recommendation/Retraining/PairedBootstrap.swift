/// How far a mean of paired differences can be trusted (Efron and Tibshirani, *An Introduction to the Bootstrap*, 1993,
/// chapter 13; Koehn, *Statistical Significance Tests for Machine Translation Evaluation*, 2004, for paired metrics).
///
/// Users are drawn with replacement; both contenders are measured on the same draw, so that how hard a user is cancels.
public struct PairedBootstrap: Sendable, Equatable, Codable {
    /// The mean difference.
    public let mean: Double
    /// The mean difference that all but `1 − confidence` of the draws exceed.
    public let lower: Double
    /// The mean difference that all but `1 − confidence` of the draws stay below.
    public let upper: Double
    /// The confidence of either bound alone.
    public let confidence: Double
    /// How many users were paired.
    public let users: Int
    /// How many draws were made.
    public let resamples: Int

    /// Draws `resamples` times from `differences`, one for each user. Deterministic for a seed. O(resamples · users).
    ///
    /// Without users every figure is 0. Non-finite differences give non-finite bounds, which no comparison passes.
    public init(_ differences: [Double], confidence: Double = 0.95, resamples: Int = 10_000, seed: UInt64 = 1) {
        let count = differences.count
        self.confidence = confidence
        users = count
        self.resamples = max(1, resamples)
        guard count > 0 else {
            (mean, lower, upper) = (0, 0, 0)
            return
        }
        let mean = differences.reduce(0, +) / Double(count)
        self.mean = mean
        guard mean.isFinite else {
            (lower, upper) = (.nan, .nan)
            return
        }
        var random = SplitMix64(seed: seed)
        var means: [Double] = []
        means.reserveCapacity(self.resamples)
        for _ in 0..<self.resamples {
            var sum = 0.0
            // The high half of a product spreads 64 bits over the users without a division; its bias is below 2⁻⁴⁰.
            for _ in 0..<count { sum += differences[Int(random.next().multipliedFullWidth(by: UInt64(count)).high)] }
            means.append(sum / Double(count))
        }
        means.sort()
        let tail = min(Int(max(0, 1 - confidence) * Double(means.count)), means.count - 1)
        lower = means[tail]
        upper = means[means.count - 1 - tail]
    }

    /// The NDCG of `one` less `scale` times that of `other`, for the same users in the same order.
    init(
        _ one: RankingMetrics, minus other: RankingMetrics, scale: Double = 1, confidence: Double, resamples: Int,
        seed: UInt64
    ) {
        self.init(
            zip(one.perUser, other.perUser).map { $0.ndcg - scale * $1.ndcg }, confidence: confidence,
            resamples: resamples, seed: seed)
    }
}
