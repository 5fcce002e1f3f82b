import CommandSupport
import Documents
import Foundation
import Marketplace
import Recommendation

/// A page about one retraining: charts and tables, in one file that needs nothing else.
struct ReportPage {
    let report: RetrainingReport
    /// The version; nil when nothing was promoted.
    let version: String?
    let history: [Past]

    /// A version of the registry.
    struct Past {
        let version: String
        let date: String
        let model: String
        let metrics: [String: Double]
        let interactions: Int
        /// How often it was put into service, and whether it is.
        let service: String
    }

    /// The versions of a registry, oldest first; those that cannot be read are left out.
    static func history(_ registry: ModelRegistry) throws -> [Past] {
        let changes = try registry.history()
        let champion = try registry.championVersion()
        return try registry.versions().compactMap { try? registry.manifest($0) }
            .sorted { ($0.createdAt, $0.version) < ($1.createdAt, $1.version) }
            .map { manifest in
                let times = changes.count { $0.version == manifest.version }
                return Past(
                    version: manifest.version, date: UTCTime.text(Int(manifest.createdAt.timeIntervalSince1970)),
                    model: Recipe(manifest).name, metrics: manifest.metrics,
                    interactions: manifest.data.interactions,
                    service: manifest.version == champion ? "champion" : times > 0 ? "was champion" : "never served")
            }
    }

    /// The page with `library`, the chart library, in it.
    func html(library: String) -> String {
        // Nothing in the data can end the script that it stands in.
        let data = charts.text().replacingOccurrences(of: "<", with: "\\u003c")
        return """
            <!DOCTYPE html>
            <html lang="en"><head><meta charset="utf-8"><title>Retraining \(Self.escaped(version ?? "refused"))</title>
            <style>\(Self.style)</style></head><body>
            <h1>\(version.map { "Retraining: \(Self.escaped($0))" } ?? "Retraining: nothing promoted")</h1>
            <p>\(report.interactions) interactions of \(report.users) users with \(report.offers) offers. Trained before
            \(date(report.split.validation)), chosen on what followed until \(date(report.split.test)), judged on
            \(report.testUsers) users until \(date(report.split.end)). Full ranking; offers taken before are left out.</p>
            <h2>Gate</h2>
            \(table(["", "condition", "figures"], report.conditions.map {
                [$0.passed ? "passed" : "failed", $0.name, $0.detail]
            }))
            <h2>Beside the champion and popularity</h2>
            \(table(["", "NDCG@\(k)", "Recall@\(k)", "Recall@\(k), of the reachable", "hit rate", "coverage"],
                report.contenders.map { row($0.name, $0.metrics, coverage: true) }))
            <p>\(Self.escaped(differences))</p>
            <div class="charts"><div><canvas id="contenders"></canvas></div><div><canvas id="curve"></canvas></div>
            <div><canvas id="slices"></canvas></div><div><canvas id="reliability"></canvas></div>
            <div><canvas id="history"></canvas></div></div>
            <h2>Slices</h2>
            \(table(["challenger", "NDCG@\(k)", "Recall@\(k)", "Recall@\(k), of the reachable", "hit rate", "users"],
                (report["challenger"]?.slices ?? []).map { row($0.name, $0.metrics) + ["\($0.users)"] }))
            <h2>Recipe</h2>
            \(table(["", "model", "half-life, days", "hyperparameters"], report.contenders.compactMap { contender in
                contender.recipe.map {
                    [contender.name, $0.name, String(format: "%.4g", $0.weighting.halfLifeDays), $0.settings]
                }
            }))
            <h2>Versions</h2>
            \(table(["version", "trained", "model", "NDCG@\(k)", "Recall@\(k)", "interactions", ""], history.map {
                [$0.version, $0.date, $0.model, figure($0.metrics["ndcg@\(k)"]), figure($0.metrics["recall@\(k)"]),
                    "\($0.interactions)", $0.service]
            }))
            <script>\(library)</script>
            <script>
            const data = \(data);
            \(Self.script)
            </script></body></html>

            """
    }

    private var k: Int { report.k }

    private var differences: String {
        func text(_ bootstrap: PairedBootstrap, _ other: String) -> String {
            String(
                format: "NDCG less %@: %+.4f, %.0f%% one-sided bounds %+.4f and %+.4f (paired bootstrap, %d draws).",
                other, bootstrap.mean, 100 * bootstrap.confidence, bootstrap.lower, bootstrap.upper, bootstrap.resamples
            )
        }
        return
            ([text(report.overPopularity, "popularity's")]
            + (report.overChampion.map { [text($0, "the champion's")] } ?? [])).joined(separator: " ")
    }

    private func date(_ seconds: Int) -> String { UTCTime.text(seconds) }

    private func figure(_ value: Double?) -> String { value.map { String(format: "%.4f", $0) } ?? "–" }

    private func row(_ name: String, _ metrics: [String: Double], coverage: Bool = false) -> [String] {
        let keys = ["ndcg", "recall", "truncatedRecall", "hitRate"] + (coverage ? ["coverage"] : [])
        return [name] + keys.map { figure(metrics["\($0)@\(k)"]) }
    }

    private func table(_ head: [String], _ rows: [[String]]) -> String {
        func line(_ cells: [String], _ tag: String) -> String {
            "<tr>" + cells.map { "<\(tag)>\(Self.escaped($0))</\(tag)>" }.joined() + "</tr>"
        }
        return "<table><thead>\(line(head, "th"))</thead><tbody>\n"
            + rows.map { line($0, "td") }.joined(separator: "\n") + "\n</tbody></table>"
    }

    static func escaped(_ text: String) -> String {
        text.replacingOccurrences(of: "&", with: "&amp;").replacingOccurrences(of: "<", with: "&lt;")
            .replacingOccurrences(of: ">", with: "&gt;").replacingOccurrences(of: "\"", with: "&quot;")
    }
}
