import Foundation
import Marketplace

/// How interactions become confidences and preferences.
///
/// Each event of a user with an offer adds its weight, halved for every half-life of age, to the confidence of the
/// pair. A cancellation that nothing but views and quotes followed turns the preference into 0 with a confidence of its
/// own: a statement against, not an absence.
public struct InteractionWeighting: Sendable, Hashable {
    /// Weight of each kind of event.
    public var weights: [InteractionKind: Double] = [
        .viewed: 0.1, .quoted: 0.2, .accepted: 0.5, .reserved: 1, .renewed: 1.5, .rated: 0.2
    ]
    /// Confidence in the dislike that a cancellation shows.
    public var cancellation = 1.0
    /// Days after which an event counts half; infinite lets nothing decay.
    public var halfLifeDays = 180.0
    /// The confidence of one pair is at most this.
    public var maximumConfidence = 8.0

    /// The defaults.
    public init() {}

    /// What one user's events with one offer come to.
    public struct Evidence: Sendable, Hashable {
        /// c > 0.
        public var confidence: Double
        /// 1 for, 0 against.
        public var preference: Double
    }

    /// The evidence of `events` at `now`, by user and offer. Events later than `now` do not count, nor do pairs whose
    /// confidence has decayed to nothing or whose events weigh nothing. O(n log n).
    public func evidence(_ events: some Sequence<Interaction>, now: Int) -> [String: [String: Evidence]] {
        var result: [String: [String: Evidence]] = [:]
        for event in events.filter({ $0.time <= now }).sorted(by: { $0.time < $1.time }) {
            let decay = exp2(-Double(now - event.time) / 86_400 / halfLifeDays)
            var pair = result[event.user]?[event.offer] ?? Evidence(confidence: 0, preference: 1)
            if event.kind == .cancelled {
                pair = Evidence(confidence: cancellation * decay, preference: 0)
            } else {
                if pair.preference == 0, event.kind.isCommitment { pair = Evidence(confidence: 0, preference: 1) }
                if pair.preference == 1 { pair.confidence += (weights[event.kind] ?? 0) * decay }
            }
            pair.confidence = min(pair.confidence, maximumConfidence)
            result[event.user, default: [:]][event.offer] = pair
        }
        return result.compactMapValues { pairs in
            // Float is what training sees.
            let counting = pairs.filter { Float($0.value.confidence) > 0 }
            return counting.isEmpty ? nil : counting
        }
    }
}
