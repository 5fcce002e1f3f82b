import CommandSupport
import Documents
import Foundation
import Marketplace
import MarketplaceStore
import Recommendation

/// One retraining of QoS, from the database's measurements to the champion of its own line. The caller holds the lock for
/// jobs of the registry that the line is in.
struct QoSJob {
    let registry: QoSRegistry
    let store: MarketplaceDatabase
    let now: Int
    var retraining = QoSRetraining()

    /// What a job came to.
    struct Result {
        let report: QoSReport
        /// The version that was promoted; nil when the gate stayed closed.
        let version: String?

        /// Whether there was enough to judge anything by.
        var isJudged: Bool { !report.metrics.isEmpty }
    }

    /// Runs; nil when there is nothing to learn from, or the champion is what this job would come to.
    func run(force: Bool) throws -> Result? {
        let measurements = try store.measurements(until: now)
        guard !measurements.isEmpty else { return nil }
        let catalog = try store.catalog()
        let identity = try retraining.identity(
            of: measurements, catalog: catalog, codeVersion: CodeVersion.current)
        let judged = try registry.line.championVersion()
        let champion = judged.flatMap { try? registry.manifest($0) }
        if !force, let champion, champion.job == identity {
            Terminal.log("retrain: the QoS champion \(champion.version) has learned from this very data; nothing to do")
            return nil
        }
        if !force, let refused = try rolledBack(), refused.job == identity {
            Terminal.log(
                "retrain: this job would come to \(refused.version), which was rolled back; --force promotes it")
            return nil
        }
        let outcome = try retraining.run(measurements, catalog: catalog, champion: champion) { Terminal.progress($0) }
        Terminal.progress("", done: true)
        guard !outcome.models.isEmpty, let data = outcome.data else {
            return Result(report: outcome.report, version: nil)
        }
        return Result(
            report: outcome.report, version: try promote(outcome, data, identity, over: judged))
    }

    /// The version that the last change took out of service, when that was a rollback.
    private func rolledBack() throws -> QoSManifest? {
        let history = try registry.line.history()
        guard history.last?.action == .rollback, history.count >= 2 else { return nil }
        return try? registry.manifest(history[history.count - 2].version)
    }

    /// Stores the models and makes them the champion in place of `judged`, the one that they were compared with.
    private func promote(
        _ outcome: QoSRetraining.Outcome, _ data: QoSManifest.DataWindow, _ identity: String, over judged: String?
    ) throws -> String {
        let lock = try registry.line.lockForWriting(holder: Job.holder("run"))
        defer { withExtendedLifetime(lock) {} }
        guard try registry.line.championVersion() == judged else {
            throw CommandEnd(
                .failure, "error: the QoS champion was changed while this job ran; nothing promoted, run it again")
        }
        let time = Date(timeIntervalSince1970: Double(now))
        // A job that died between storing and promoting has left its version behind.
        let versions = try registry.line.versions()
        let stored = versions.first { version in
            (try? registry.manifest(version))?.job == identity && version != judged
                && (try? registry.load(version)) != nil
        }
        if let stored {
            try registry.promote(stored, at: time)
            return stored
        }
        let stamp = UTCTime.text(now).filter { $0 != ":" && $0 != "-" }
        let names = ["qos-\(stamp)"] + (2...versions.count + 2).map { "qos-\(stamp)-\($0)" }
        let folder = registry.line.folder
        guard
            let version = names.first(where: {
                !FileManager.default.fileExists(atPath: folder.appendingPathComponent($0).path)
            })
        else { throw CommandEnd(.failure, "error: there is no name left for a version of \(stamp)") }
        var metrics: [String: Double] = [:]
        for metric in outcome.report.metrics where metric.passed {
            metrics["\(metric.name) error"] = metric.error
            metrics["\(metric.name) catalogue error"] = metric.catalogError
            for (coverage, found) in metric.coverage { metrics["\(metric.name) within \(coverage)%"] = found }
        }
        try registry.save(
            outcome.models,
            QoSManifest(
                version: version, createdAt: time, hyperparameters: retraining.hyperparameters, data: data,
                metrics: metrics, codeVersion: CodeVersion.current, job: identity),
            evaluation: try outcome.report.encoded())
        try registry.promote(version, at: time)
        return version
    }
}

extension QoSJob.Result {
    /// The outcome as an operator reads it.
    func text(seconds: Double) -> String {
        var lines = [
            "Performance: \(report.measurements) measurements from \(report.regions) regions of \(report.offers) offers"
                + (report.leftOut > 0 ? ", \(report.leftOut) of them no model can learn from" : "")
        ]
        guard isJudged else {
            lines.append("  too few to learn from and to judge by; performance stays as it is")
            return lines.joined(separator: "\n") + "\n"
        }
        lines.append("  tested on those since \(UTCTime.text(report.test))")
        for metric in report.metrics {
            lines.append(
                "  " + metric.name.padding(toLength: 16, withPad: " ", startingAt: 0)
                    + String(
                        format: "error %.3f, the catalogue's %.3f, on %d", metric.error, metric.catalogError,
                        metric.test)
                    + metric.coverage.sorted { $0.key < $1.key }.map {
                        String(format: ", %.1f%% within the \($0.key)%% interval", 100 * $0.value)
                    }.joined())
        }
        lines.append("Gate of performance")
        for metric in report.metrics {
            lines += metric.conditions.map {
                "  \($0.passed ? "passed" : "FAILED")  \(metric.name), \($0.name): \($0.detail)"
            }
        }
        if !report.lost.isEmpty {
            lines.append("  FAILED  no metric lost: the champion serves \(report.lost.joined(separator: ", "))")
        }
        let refused = report.metrics.filter { !$0.passed }.map(\.name)
        if version != nil, !refused.isEmpty {
            lines.append("  \(refused.joined(separator: ", ")): left to the catalogue")
        }
        lines.append(
            version.map { "Promoted \($0) after \(String(format: "%.1f", seconds)) s" }
                ?? "No model of performance promoted; it stays as it is")
        return lines.joined(separator: "\n") + "\n"
    }

    /// The outcome as JSON: what `evaluation.json` holds, with the version.
    func json() throws -> JSONValue {
        guard case .object(var members) = try JSONValue(parsing: try report.encoded()) else { return .null }
        members["trained"] = true
        members["promoted"] = JSONValue(version)
        return .object(members)
    }
}
