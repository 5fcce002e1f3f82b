/// How well a score tells the probability that it stands for.
///
/// The calibration that the model is served with comes from the validation period and is judged on the test period, which
/// is later: of the pairs that were given a probability, which share came true? A pair is a user who takes something new
/// in the period, with an offer that the user had not taken before.
public struct Reliability: Sendable, Equatable, Codable {
    /// Pairs of about equal probability.
    public struct Bin: Sendable, Equatable, Codable {
        /// The mean probability that they were given.
        public let predicted: Double
        /// The share of them that came true.
        public let observed: Double
        /// How many they are.
        public let pairs: Int
    }

    /// The bins, by rising probability.
    public let bins: [Bin]
    /// Σ pairs · |predicted − observed| over all pairs: the expected calibration error (Naeini et al. 2015).
    public let error: Double

    /// Judges `calibration` in at most `binCount` bins of about equally many pairs; nil without pairs. O(n log n).
    init?(of calibration: Calibration, on pairs: [Calibration.Observation], binCount: Int = 10) {
        guard !pairs.isEmpty, binCount > 0 else { return nil }
        let predicted = pairs.map { (probability: calibration.probability($0.score), isTaken: $0.taken) }
            .sorted { $0.probability < $1.probability }
        var bins: [Bin] = []
        var start = 0
        for bin in 0..<binCount {
            var end = predicted.count * (bin + 1) / binCount
            // Pairs of one probability stay together.
            while end > start, end < predicted.count, predicted[end].probability == predicted[end - 1].probability {
                end += 1
            }
            guard end > start else { continue }
            let part = predicted[start..<end]
            bins.append(
                Bin(
                    predicted: part.reduce(0) { $0 + $1.probability } / Double(part.count),
                    observed: Double(part.count { $0.isTaken }) / Double(part.count), pairs: part.count))
            start = end
        }
        self.bins = bins
        error = bins.reduce(0) { $0 + Double($1.pairs) * abs($1.predicted - $1.observed) } / Double(pairs.count)
    }

    /// The pairs of at most `limit` scores, of users spread evenly over those with something to find.
    static func pairs(
        _ model: any Recommender, _ period: InteractionSnapshot.Period, limit: Int = 1_000_000
    ) throws(RecommendationError) -> [Calibration.Observation] {
        var pairs: [Calibration.Observation] = []
        for user in period.users(most: limit / max(1, model.itemCount)) {
            let (known, held) = (period.known.items(of: user), period.held.items(of: user))
            for (item, score) in try model.scores(user: user).enumerated() where !known.containsSorted(Int32(item)) {
                pairs.append(.init(score: Double(score), taken: held.containsSorted(Int32(item))))
            }
        }
        return pairs
    }
}
