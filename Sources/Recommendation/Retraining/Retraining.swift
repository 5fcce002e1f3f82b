import Foundation
import LinearAlgebra

/// Trains a challenger, measures it on what came later, and judges whether it may serve.
///
/// Three periods: training, validation, test. The number of epochs and the calibration come from the validation period;
/// the gate looks at the test period, which nothing was chosen on.
public struct Retraining: Sendable, Codable {
    /// What a retraining came to.
    public struct Outcome: Sendable {
        /// What was measured and how it was judged.
        public let report: RetrainingReport
        /// The challenger trained on everything, for service; nil when the gate is closed.
        public let model: (any StorableModel)?
        /// How that was trained: the epochs are those that validation chose.
        public let recipe: Recipe
        /// The interactions that `model` learned from.
        public let interactions: InteractionMatrix
        /// What its scores stand for, by the validation period; nil when nothing, or everything, was taken there.
        public let calibration: Calibration?
    }

    /// How the challenger is trained; the epochs of a factorization are the most that are tried.
    public var recipe: Recipe
    /// Whether validation chooses the number of epochs of a factorization, or all are run.
    public var choosesEpochs = true
    /// The share of commitments, by time, that validate.
    public var validationShare = 0.16
    /// The share of commitments, by time, that test.
    public var testShare = 0.2
    /// The conditions.
    public var gate = Gate()
    /// How many offers a ranking shows.
    public var k = 20
    /// The most users that are ranked for after an epoch.
    public var curveUsers = 2000

    /// A retraining by this recipe.
    public init(_ recipe: Recipe) { self.recipe = recipe }

    /// What the outcome depends on: this, the data, and the version of the code. O(entries).
    ///
    /// - Parameter until: the end of the data, seconds since 1970, excluded.
    /// - Throws: `fileFailure` when a threshold is not finite.
    public func identity(
        of snapshot: InteractionSnapshot, until: Int, codeVersion: String
    ) throws(RecommendationError) -> JobFolder.Identity {
        let end = (snapshot.period?.upperBound ?? 0) + 1
        let data = try snapshot.matrix(before: end, weighting: recipe.weighting)
        let parts = [codeVersion, data.sha256, "\(snapshot.users)".sha256Text, "\(snapshot.offers)".sha256Text]
        let text =
            parts.joined(separator: "\n")
            + String(
                decoding: try ModelRegistry.encode(self, "the job"), as: UTF8.self)
        return JobFolder.Identity(hash: text.sha256Text, until: until)
    }

    /// Splits `snapshot` by time, trains and measures, and trains on everything if the gate opens.
    ///
    /// What a user was committed to before a period is masked in its rankings; what the user commits to within it, and
    /// was not before, is to be found. A user without history is ranked for as the mean of all others.
    ///
    /// - Parameters:
    ///   - champion: the recipe of the model in service. It is trained again on the same data: the stored one may have
    ///     seen the test period.
    ///   - regions: the region of each offer, for the slices.
    ///   - engine: what trains the factorization of the challenger, and that of the champion's recipe when it is for the
    ///     same engine; else that is trained here.
    ///   - job: where to keep what the next run can go on from.
    ///   - clock: seconds from any fixed moment, for the latency condition.
    ///   - progress: called with what is being done.
    /// - Throws: `invalidInteractions` when there is no commitment at all; what training throws.
    public func run(
        _ snapshot: InteractionSnapshot, champion: Recipe?, regions: [String: String] = [:],
        engine: some FactorizationEngine, job: JobFolder? = nil, clock: () -> Double,
        progress: (String) -> Void = { _ in }
    ) throws(RecommendationError) -> Outcome {
        try recipe.validate()
        try gate.validate()
        guard k >= 1 else { throw .invalidHyperparameter(name: "k", requirement: "must be at least 1, not \(k)") }
        let split = try snapshot.split(validationShare: validationShare, testShare: testShare)
        let validation = try snapshot.period(split.validation..<split.test, weighting: recipe.weighting)
        let test = try snapshot.period(split.test..<split.end, weighting: recipe.weighting)
        let slices = try Slices(test, regions: snapshot.offers.map { offer -> String? in regions[offer] })

        let (curve, fitted) = try validate(validation, engine, job, progress)
        var chosen = recipe
        if choosesEpochs, let best = curve.max(by: { ($0.ndcg, -$0.epoch) < ($1.ndcg, -$1.epoch) }) {
            chosen.model.factorization?.epochs = best.epoch
        }
        let model = try train(test.train, chosen, "challenger", engine, progress)
        let served = try test.servingEveryone(model)
        let challenger = try measure(served, test, slices)
        let popularity = try measure(PopularityModel(test.train), test, slices)

        let kinship: Gate.Kinship =
            switch champion {
            case nil: .none
            case chosen?: .same
            case let champion?: champion.isVariant(of: chosen) ? .variant : .other
            }
        var championMeasured: Gate.Measured?
        if let champion, kinship != .same {
            let its = try snapshot.period(split.test..<split.end, weighting: champion.weighting)
            let model =
                champion.engine == recipe.engine
                ? try train(its.train, champion, "champion's recipe", engine, progress)
                : try train(its.train, champion, "champion's recipe", LocalEngine(job: job), progress)
            championMeasured = try measure(try its.servingEveryone(model), test, slices)
        }
        let calibration = try? Calibration.fit(fitted)
        let judged = try Reliability.pairs(served, test)
        let latency = try latency(model, test, clock)
        let (conditions, overPopularity, overChampion) = gate.judge(
            Gate.Evidence(
                challenger: challenger, popularity: popularity, champion: championMeasured, kinship: kinship,
                isFinite: judged.allSatisfy { $0.score.isFinite }, latency: latency))
        var contenders = [contender("challenger", chosen, challenger)]
        if let champion, let championMeasured {
            contenders.append(contender("champion", champion, championMeasured))
        }
        contenders.append(contender("popularity", nil, popularity))
        let report = RetrainingReport(
            k: k, split: split, interactions: snapshot.count, users: snapshot.users.count,
            offers: snapshot.offers.count, testUsers: challenger.whole.users, contenders: contenders, curve: curve,
            reliability: calibration.flatMap { Reliability(of: $0, on: judged) }, overPopularity: overPopularity,
            overChampion: overChampion, rankingMilliseconds: latency, conditions: conditions)
        let all = try snapshot.matrix(before: split.end, weighting: recipe.weighting)
        return Outcome(
            report: report, model: report.passed ? try train(all, chosen, "final model", engine, progress) : nil,
            recipe: chosen, interactions: all, calibration: calibration)
    }

    /// Trains on what came before the validation period: how good is it after each epoch, and what do scores mean?
    private func validate(
        _ period: InteractionSnapshot.Period, _ engine: some FactorizationEngine, _ job: JobFolder?,
        _ progress: (String) -> Void
    ) throws(RecommendationError) -> ([RetrainingReport.CurvePoint], [Calibration.Observation]) {
        // A checkpoint is newer than no point of the curve: each is noted before it.
        var curve = job?.note("validation", as: [RetrainingReport.CurvePoint].self) ?? []
        func point(_ epoch: ModelEpoch) throws(RecommendationError) {
            let metrics = try period.measure(epoch.model(), k: k, most: curveUsers)
            curve.removeAll { $0.epoch >= epoch.number }
            curve.append(.init(epoch: epoch.number, recall: metrics.recall, ndcg: metrics.ndcg))
            try job?.note(curve, "validation")
        }
        let model = try train(period.train, recipe, "validation", engine, progress, onEpoch: point)
        // Engines that show no epochs, and a stage that was found whole.
        if curve.last?.epoch != recipe.model.epochs { try point(ModelEpoch(number: recipe.model.epochs) { model }) }
        return (curve, try Reliability.pairs(period.servingEveryone(model), period))
    }

    private func train(
        _ matrix: InteractionMatrix, _ recipe: Recipe, _ name: String, _ engine: some FactorizationEngine,
        _ progress: (String) -> Void,
        onEpoch: (ModelEpoch) throws(RecommendationError) -> Void = { _ in }
    ) throws(RecommendationError) -> any StorableModel {
        progress("training: \(name)")
        let stage = name.replacing(" ", with: "-").replacing("'", with: "")
        return try recipe.model.train(matrix, by: engine, stage: stage) { epoch throws(RecommendationError) in
            if epoch.number > 0 { progress("training: \(name), epoch \(epoch.number) of \(recipe.model.epochs)") }
            try onEpoch(epoch)
            return true
        }
    }

    private func measure(
        _ model: some Recommender, _ test: InteractionSnapshot.Period, _ slices: Slices
    ) throws(RecommendationError) -> Gate.Measured {
        let rankings = try model.topK(users: test.users, count: k, excluding: test.known)
        var parts: [(name: String, metrics: RankingMetrics)] = []
        for (name, held) in slices.parts { parts.append((name, try RankingMetrics(rankings, test: held, k: k))) }
        return Gate.Measured(whole: try RankingMetrics(rankings, test: test.held, k: k), slices: parts)
    }

    private func contender(_ name: String, _ recipe: Recipe?, _ measured: Gate.Measured) -> RetrainingReport.Contender {
        .init(
            name: name, recipe: recipe, metrics: measured.whole.named,
            slices: measured.slices.map { name, metrics in
                var named = metrics.named
                // Which share of all offers stands in rankings does not depend on the slice.
                named["coverage@\(k)"] = nil
                return .init(name: name, users: metrics.users, metrics: named)
            })
    }

    /// The 99th percentile, over up to 200 users, of the milliseconds from a history to a ranking.
    private func latency(
        _ model: any StorableModel, _ test: InteractionSnapshot.Period, _ clock: () -> Double
    ) throws(RecommendationError) -> Double {
        var times: [Double] = []
        for user in test.users(most: 200) {
            let row = try test.train.row(user)
            let start = clock()
            _ = try model.withUsers(foldedIn: row).topK(users: [0], count: k, threads: 1)
            times.append(1000 * (clock() - start))
        }
        times.sort()
        return times.isEmpty ? 0 : times[min(times.count - 1, times.count * 99 / 100)]
    }
}

extension InteractionMatrix {
    /// One user's row as a matrix.
    func row(_ user: Int) throws(RecommendationError) -> InteractionMatrix {
        let range = entryRange(of: user)
        return try InteractionMatrix(
            userCount: 1, itemCount: itemCount, rowStarts: [0, range.count], items: Array(items[range]),
            confidences: confidences.map { Array($0[range]) }, preferences: preferences.map { Array($0[range]) })
    }
}
