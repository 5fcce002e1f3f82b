import Foundation

/// What a challenger must show before it may serve.
public struct Gate: Sendable, Equatable, Codable {
    /// The least number of users with something to find.
    public var minimumTestUsers = 30
    /// The least share of offers that someone is shown among the first k.
    public var minimumCoverage = 0.05
    /// By how much of popularity's NDCG the challenger's must surely exceed it.
    public var popularityFloor = 0.0
    /// How much of the champion's NDCG the challenger may lack, at most, for sure.
    public var margin = 0.05
    /// How much of the champion's NDCG the challenger may lack in a slice before it counts as harm that is proven.
    public var sliceMargin = 0.1
    /// The confidence of "surely": that of a one-sided bound of the paired bootstrap.
    public var confidence = 0.95
    /// The draws of the bootstrap.
    public var resamples = 10_000
    /// The seed of the bootstrap.
    public var seed: UInt64 = 1
    /// The most milliseconds that ranking for one user may take, at the 99th percentile.
    public var latencyLimit = 100.0

    /// The defaults.
    public init() {}

    /// Refuses thresholds that have no meaning.
    /// - Throws: `invalidHyperparameter`.
    public func validate() throws(RecommendationError) {
        for (name, value) in [
            ("minimum coverage", minimumCoverage), ("margin", margin), ("slice margin", sliceMargin)
        ] where !(0...1).contains(value) {
            throw .invalidHyperparameter(name: name, requirement: "must be within 0…1, not \(value)")
        }
        guard popularityFloor >= 0, popularityFloor.isFinite else {
            throw .invalidHyperparameter(name: "popularity floor", requirement: "must be at least 0")
        }
        guard confidence >= 0.5, confidence < 1 else {
            throw .invalidHyperparameter(name: "confidence", requirement: "must be within 0.5…1, not \(confidence)")
        }
        guard resamples >= 100 else {
            throw .invalidHyperparameter(name: "resamples", requirement: "must be at least 100, not \(resamples)")
        }
        guard latencyLimit > 0 else {
            throw .invalidHyperparameter(name: "latency limit", requirement: "must be above 0, not \(latencyLimit)")
        }
    }

    /// A contender with its measures on the whole test and on its slices.
    struct Measured: Sendable {
        let whole: RankingMetrics
        let slices: [(name: String, metrics: RankingMetrics)]
    }

    /// How far the champion's recipe is the challenger's.
    enum Kinship: Sendable {
        /// Another: the challenger must show that it is not worse.
        case other
        /// But for the random start and the epochs the same: it would have to be shown that it is worse.
        case variant
        /// The same, and so no other model; or there is no champion.
        case same, none
    }

    /// What the gate looks at.
    struct Evidence: Sendable {
        let challenger: Measured
        let popularity: Measured
        let champion: Measured?
        /// How far the champion's recipe is the challenger's.
        let kinship: Kinship
        let isFinite: Bool
        let latency: Double
    }

    /// The judgement, condition by condition, with the bootstraps behind it.
    func judge(
        _ evidence: Evidence
    ) -> (conditions: [RetrainingReport.Condition], overPopularity: PairedBootstrap, overChampion: PairedBootstrap?) {
        let (challenger, popularity) = (evidence.challenger.whole, evidence.popularity.whole)
        var conditions: [RetrainingReport.Condition] = []
        func add(_ name: String, _ passed: Bool, _ detail: String) {
            conditions.append(.init(name: name, passed: passed, detail: detail))
        }
        add(
            "enough to test", challenger.users >= minimumTestUsers,
            "\(challenger.users) users, at least \(minimumTestUsers)")
        add("finite", evidence.isFinite, evidence.isFinite ? "every score is a number" : "a score is no number")
        let overPopularity = bootstrap(challenger, popularity)
        let floor = bootstrap(challenger, popularity, scale: 1 + popularityFloor)
        add(
            "better than popularity", floor.lower > 0,
            "NDCG@\(challenger.k) \(text(challenger.ndcg)) against \(text(popularity.ndcg)), surely "
                + "\(signed(overPopularity.lower))"
                + (popularityFloor > 0 ? ", no less than \(signed(popularityFloor * popularity.ndcg))" : ""))
        add(
            "coverage", challenger.coverage >= minimumCoverage,
            "\(text(challenger.coverage)) of all offers are shown, at least \(text(minimumCoverage))")
        add(
            "latency", evidence.latency <= latencyLimit,
            evidence.latency <= latencyLimit
                ? "99% of rankings within \(Int(latencyLimit)) ms"
                : "99% of rankings within \(text(evidence.latency)) ms, at most \(Int(latencyLimit)) ms")
        guard let champion = evidence.champion else {
            add(
                "not worse than the champion", true,
                evidence.kinship == .same ? "the same recipe on newer data" : "there is none to compare with")
            return (conditions, overPopularity, nil)
        }
        let overChampion = bootstrap(challenger, champion.whole)
        // The same recipe has shown itself before; a champion that grows stale is the greater risk then.
        let bound = evidence.kinship == .variant ? overChampion.upper : overChampion.lower
        add(
            "not worse than the champion", bound >= -margin * champion.whole.ndcg,
            "NDCG@\(challenger.k) \(text(challenger.ndcg)) against \(text(champion.whole.ndcg)), "
                + "surely \(evidence.kinship == .variant ? "at most " : "")\(signed(bound)), "
                + "no less than \(signed(-margin * champion.whole.ndcg))")
        let harmed = zip(evidence.challenger.slices, champion.slices).filter { mine, its in
            guard mine.metrics.users >= minimumTestUsers else { return false }
            return bootstrap(mine.metrics, its.metrics).upper < -sliceMargin * its.metrics.ndcg
        }
        add(
            "no slice harmed", harmed.isEmpty,
            harmed.isEmpty
                ? "none is surely worse by \(Int(100 * sliceMargin))%" : harmed.map(\.0.name).joined(separator: ", "))
        return (conditions, overPopularity, overChampion)
    }

    private func bootstrap(_ one: RankingMetrics, _ other: RankingMetrics, scale: Double = 1) -> PairedBootstrap {
        // A mean of many users needs fewer draws, and their cost grows with the users.
        let draws = min(resamples, max(1000, 100_000_000 / max(1, one.users)))
        return PairedBootstrap(one, minus: other, scale: scale, confidence: confidence, resamples: draws, seed: seed)
    }

    private func text(_ value: Double) -> String { String(format: "%.4f", value) }
    private func signed(_ value: Double) -> String { String(format: "%+.4f", value) }
}
