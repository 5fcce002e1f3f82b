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

    /// Trains a model of `kind`, measures it, and reports what that cost.
    ///
    /// - Parameters:
    ///   - hyperparameters: used by `ials`; the others have none.
    ///   - progress: called after each epoch with its number and the seconds that it took.
    public static func trainAndMeasure(
        _ kind: ModelKind, hyperparameters: ImplicitALS.Hyperparameters = .init(), train: InteractionMatrix,
        test: InteractionMatrix, k: Int = 20, threads: Int = ParallelBlocks.defaultThreads,
        progress: (_ epoch: Int, _ seconds: Double) -> Void = { _, _ in }
    ) throws(RecommendationError) -> (model: any Recommender, report: EvaluationReport) {
        let clock = ContinuousClock()
        let start = clock.now
        var last = start
        let model: any Recommender
        switch kind {
        case .popularity: model = PopularityModel(train)
        case .itemCosine: model = ItemCosineModel(train)
        case .ials:
            model = try ImplicitALS(hyperparameters, threads: threads).train(train) { epoch in
                let now = clock.now
                progress(epoch, (now - last).inSeconds)
                last = now
            }
        }
        let trainSeconds = (clock.now - start).inSeconds
        let ranking = clock.now
        let metrics = try measure(model, train: train, test: test, k: k, threads: threads)
        let report = EvaluationReport(
            model: kind, hyperparameters: kind == .ials ? hyperparameters : nil, metrics: metrics,
            trainSeconds: trainSeconds,
            epochSeconds: trainSeconds / Double(kind == .ials ? hyperparameters.epochs : 1),
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
    /// The resident set now, in MB of 10⁶ bytes; 0 where the system does not tell.
    public static var residentMB: Double {
        let fields = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8))?.split(separator: " ") ?? []
        return fields.count > 1 ? (Double(fields[1]) ?? 0) * Double(sysconf(Int32(_SC_PAGESIZE))) / 1e6 : 0
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
