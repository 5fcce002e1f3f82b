import CommandSupport
import Documents
import Foundation
import Marketplace
import Recommendation

extension Job.Result {
    /// The outcome as an operator reads it.
    func text(seconds: Double) -> String {
        let report = outcome.report
        let k = report.k
        func line(_ name: String, _ metrics: [String: Double]) -> String {
            func figure(_ key: String) -> String { metrics["\(key)@\(k)"].map { String(format: "%.4f", $0) } ?? "–" }
            return "  " + name.padding(toLength: 24, withPad: " ", startingAt: 0)
                + "Recall@\(k) \(figure("recall"))  of the reachable \(figure("truncatedRecall"))  "
                + "NDCG@\(k) \(figure("ndcg"))  coverage \(figure("coverage"))"
        }
        var lines = [
            "Retraining on \(report.interactions) interactions of \(report.users) users with \(report.offers) offers",
            "  chosen on \(UTCTime.text(report.split.validation)) to \(UTCTime.text(report.split.test)), "
                + "tested on \(report.testUsers) users after it"
        ]
        for contender in report.contenders {
            let name =
                switch contender.name {
                case "challenger": outcome.recipe.name
                case "champion": "the champion's recipe"
                default: contender.name
                }
            lines.append(line(name, contender.metrics))
        }
        if let challenger = report["challenger"], !challenger.slices.isEmpty {
            lines.append("  NDCG@\(k) by slice       users   challenger   popularity")
            for slice in challenger.slices {
                let floor = report["popularity"]?.slices.first { $0.name == slice.name }
                lines.append(
                    "    " + slice.name.padding(toLength: 24, withPad: " ", startingAt: 0)
                        + String(
                            format: "%6d   %10.4f   %10.4f", slice.users, slice.metrics["ndcg@\(k)"] ?? 0,
                            floor?.metrics["ndcg@\(k)"] ?? 0))
            }
        }
        if let reliability = report.reliability {
            lines.append(String(format: "  expected calibration error %.5f", reliability.error))
        }
        lines.append("Gate")
        lines += report.conditions.map { "  \($0.passed ? "passed" : "FAILED")  \($0.name): \($0.detail)" }
        lines.append(
            version.map { "Promoted \($0) after \(String(format: "%.1f", seconds)) s" }
                ?? "Nothing promoted; the champion stays")
        return lines.joined(separator: "\n") + "\n"
    }

    /// The outcome as JSON: what `evaluation.json` holds, with the version.
    func json() throws -> JSONValue {
        guard case .object(var members) = try JSONValue(parsing: try outcome.report.encoded()) else { return .null }
        members["trained"] = true
        members["promoted"] = JSONValue(version)
        return .object(members)
    }
}

extension Recipe {
    /// The model in the field's words, as `iALS, 64 factors`.
    var name: String {
        let bySpark = engine == .spark ? " by Spark" : ""
        let name =
            switch model.kind {
            case .ials: "iALS" + bySpark
            case .blend: "iALS\(bySpark) and GF-CF"
            case .popularity: "popularity"
            case .itemCosine: "item cosine"
            case .ease: "EASE"
            case .graphFilter: "GF-CF"
            }
        return name + (model.factorization.map { ", \($0.factors) factors" } ?? "")
    }

    /// The hyperparameters as text, as `factors 64, epochs 9`; those of a part behind its name.
    var settings: String {
        func text(_ value: JSONValue, _ name: String) -> [String] {
            guard case .object(let members) = value else { return ["\(name) \(value.text())"] }
            return members.sorted { $0.key < $1.key }.filter { $0.key != "kind" && $0.key != "seed" }.flatMap {
                key, value in
                text(value, name.isEmpty ? key : "\(name) \(key)")
            }
        }
        let json = (try? JSONEncoder().encode(model)).flatMap { try? JSONValue(parsing: Array($0)) }
        return json.map { text($0, "").joined(separator: ", ") } ?? ""
    }
}
