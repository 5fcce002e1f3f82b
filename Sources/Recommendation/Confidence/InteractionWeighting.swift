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

        /// Whether anything is left of it in the precision that training sees.
        var counts: Bool { Float(confidence) > 0 }
    }

    /// The evidence of `events` at `now`, by user and offer. Events later than `now` do not count, nor do pairs whose
    /// confidence has decayed to nothing or whose events weigh nothing. O(n log n).
    public func evidence(_ events: some Sequence<Interaction>, now: Int) -> [String: [String: Evidence]] {
        var result: [String: [String: Evidence]] = [:]
        for event in events.filter({ $0.time <= now }).sorted(by: { $0.time < $1.time }) {
            add(event.kind, at: event.time, to: &result[event.user, default: [:]][event.offer], now: now)
        }
        return result.compactMapValues { pairs in
            let counting = pairs.filter(\.value.counts)
            return counting.isEmpty ? nil : counting
        }
    }

    /// Adds an event to what the pair's earlier events come to at `now`.
    func add(_ kind: InteractionKind, at time: Int, to evidence: inout Evidence?, now: Int) {
        let decay = exp2(-Double(now - time) / 86_400 / halfLifeDays)
        var pair = evidence ?? Evidence(confidence: 0, preference: 1)
        if kind == .cancelled {
            pair = Evidence(confidence: cancellation * decay, preference: 0)
        } else {
            if pair.preference == 0, kind.isCommitment { pair = Evidence(confidence: 0, preference: 1) }
            if pair.preference == 1 { pair.confidence += (weights[kind] ?? 0) * decay }
        }
        pair.confidence = min(pair.confidence, maximumConfidence)
        evidence = pair
    }
}
