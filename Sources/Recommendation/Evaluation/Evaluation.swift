import Foundation
import LinearAlgebra

/// The protocol that models are compared by: full ranking, training items masked.
public enum Evaluation {
    /// Ranks all items for every user that has held-out items and measures the rankings.
    ///
    /// Equal scores are ordered by ascending item index.
    /// - Throws: `shapeMismatch`, `invalidHyperparameter`.
    public static func measure(
        _ model: any Recommender, train: InteractionMatrix, test: InteractionMatrix, k: Int = 20,
        threads: Int = ParallelBlocks.defaultThreads
    ) throws(RecommendationError) -> RankingMetrics {
        guard test.userCount == model.userCount, test.itemCount == model.itemCount else {
            throw .shapeMismatch(
                what: "test interactions", expected: "\(model.userCount) × \(model.itemCount)",
                found: "\(test.userCount) × \(test.itemCount)")
        }
        let users = (0..<test.userCount).filter { !test.entryRange(of: $0).isEmpty }
        let rankings = try model.topK(users: users, count: k, excluding: train, threads: threads)
        return try RankingMetrics(rankings, test: test, k: k)
    }

    /// Trains a model by `recipe`, measures it, and reports what that cost.
    ///
    /// - Parameter progress: called after each epoch of a factorization with its number and the seconds that it took.
    public static func trainAndMeasure(
        _ recipe: ModelRecipe, train: InteractionMatrix, test: InteractionMatrix, k: Int = 20,
        threads: Int = ParallelBlocks.defaultThreads,
        progress: (_ epoch: Int, _ seconds: Double) -> Void = { _, _ in }
    ) throws(RecommendationError) -> (model: any Recommender, report: EvaluationReport) {
        try trainAndMeasure(recipe, train: train, foldIn: nil, test: test, k: k, threads: threads, progress: progress)
    }

    /// As above by strong generalisation: the users of `split.test` are not among those that the model is trained on;
    /// they are folded in from `split.foldIn` (Liang et al. 2018; Rendle et al. 2021).
    public static func trainAndMeasure(
        _ recipe: ModelRecipe, split: StrongSplit, k: Int = 20, threads: Int = ParallelBlocks.defaultThreads,
        progress: (_ epoch: Int, _ seconds: Double) -> Void = { _, _ in }
    ) throws(RecommendationError) -> (model: any Recommender, report: EvaluationReport) {
        try trainAndMeasure(
            recipe, train: split.train, foldIn: split.foldIn, test: split.test, k: k, threads: threads,
            progress: progress)
    }

    private static func trainAndMeasure(
        _ recipe: ModelRecipe, train: InteractionMatrix, foldIn: InteractionMatrix?, test: InteractionMatrix, k: Int,
        threads: Int, progress: (_ epoch: Int, _ seconds: Double) -> Void
    ) throws(RecommendationError) -> (model: any Recommender, report: EvaluationReport) {
        let clock = ContinuousClock()
        let start = clock.now
        var last = start
        var model: any Recommender = try recipe.train(train, threads: threads) { epoch in
            let now = clock.now
            progress(epoch, (now - last).inSeconds)
            last = now
        }
        let trainSeconds = (clock.now - start).inSeconds
        // Of a blend, an epoch is one of its factorization; what the other part takes is not spread over them.
        let epochSeconds = recipe.epochs > 0 ? (last - start).inSeconds / Double(recipe.epochs) : trainSeconds
        let ranking = clock.now
        if let foldIn { model = try model.withUsers(foldedIn: foldIn) }
        let metrics = try measure(model, train: foldIn ?? train, test: test, k: k, threads: threads)
        let report = EvaluationReport(
            recipe: recipe, metrics: metrics, trainSeconds: trainSeconds, epochSeconds: epochSeconds,
            rankingSeconds: (clock.now - ranking).inSeconds, threads: threads, peakMemoryMB: ProcessMemory.peakMB)
        return (model, report)
    }
}

extension Duration {
    /// The duration in seconds.
    var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}

/// The memory of this process.
public enum ProcessMemory {
    /// What is in memory now, in MB of 10⁶ bytes: the process's own, and pages of files, which others share and the
    /// system takes back when it needs them. Zeros where the system does not tell.
    public static var residentMB: (own: Double, files: Double) {
        let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
        let pages = text.split(separator: " ").map { Double($0) ?? 0 }
        let size = Double(sysconf(Int32(_SC_PAGESIZE))) / 1e6
        return pages.count > 2 ? ((pages[1] - pages[2]) * size, pages[2] * size) : (0, 0)
    }

    /// The largest resident set so far, in MB of 10⁶ bytes.
    public static var peakMB: Double {
        var usage = rusage()
        // Linux types RUSAGE_SELF as an enumeration and counts in kilobytes.
        #if os(Linux)
            let (who, unit) = (Int32(RUSAGE_SELF.rawValue), 1024.0)
        #else
            let (who, unit) = (RUSAGE_SELF, 1.0)
        #endif
        return getrusage(who, &usage) == 0 ? Double(usage.ru_maxrss) * unit / 1e6 : 0
    }
}
