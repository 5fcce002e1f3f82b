/// How well a score tells the probability that it stands for.
///
/// Scores are turned into probabilities by isotonic regression (pool adjacent violators: Ayer et al. 1955; for
/// calibration: Zadrozny and Elkan 2002) on one period, and judged on a later one: of the pairs that were given a
/// probability, which share came true? A pair is a user who takes something new in the period, with an offer that the
/// user had not taken before.
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

    /// A score and whether it came true.
    public struct Pair: Sendable, Equatable {
        /// What the model says.
        public let score: Float
        /// Whether the user took the offer in the period.
        public let isTaken: Bool
    }

    /// Fits on `fitted` and judges on `judged`, in at most `binCount` bins of equally many pairs; nil without pairs.
    /// O(n log n).
    init?(fittedOn fitted: [Pair], judgedOn judged: [Pair], binCount: Int = 10) {
        guard !fitted.isEmpty, !judged.isEmpty, binCount > 0 else { return nil }
        let steps = Self.isotonic(fitted)
        var next = 0
        let predicted = judged.sorted { $0.score < $1.score }.map { pair in
            while next + 1 < steps.count, steps[next + 1].from <= pair.score { next += 1 }
            return (probability: steps[next].value, isTaken: pair.isTaken)
        }
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
        error = bins.reduce(0) { $0 + Double($1.pairs) * abs($1.predicted - $1.observed) } / Double(judged.count)
    }

    /// The rising step function nearest to the outcomes: from each score on, its value. Equal scores are pooled.
    static func isotonic(_ pairs: [Pair]) -> [(from: Float, value: Double)] {
        var blocks: [(from: Float, taken: Double, count: Double)] = []
        for pair in pairs.sorted(by: { $0.score < $1.score }) {
            var block = (from: pair.score, taken: pair.isTaken ? 1.0 : 0, count: 1.0)
            while let last = blocks.last,
                last.from == block.from || last.taken * block.count >= block.taken * last.count
            {
                block = (last.from, last.taken + block.taken, last.count + block.count)
                blocks.removeLast()
            }
            blocks.append(block)
        }
        return blocks.map { ($0.from, $0.taken / $0.count) }
    }

    /// The pairs of at most `limit` scores, of users spread evenly over those with something to find.
    static func pairs(
        _ model: ImplicitALSModel, _ period: InteractionSnapshot.Period, limit: Int = 1_000_000
    ) throws(RecommendationError) -> [Pair] {
        var pairs: [Pair] = []
        for user in period.users(most: limit / max(1, model.itemCount)) {
            let (known, held) = (period.known.items(of: user), period.held.items(of: user))
            for (item, score) in try model.scores(user: user).enumerated() where !known.containsSorted(Int32(item)) {
                pairs.append(Pair(score: score, isTaken: held.containsSorted(Int32(item))))
            }
        }
        return pairs
    }
}
