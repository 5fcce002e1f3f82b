import Documents
import Recommendation

extension ReportPage {
    /// What the charts show.
    var charts: JSONValue {
        let k = report.k
        let keys = ["ndcg@\(k)", "recall@\(k)", "truncatedRecall@\(k)", "hitRate@\(k)", "coverage@\(k)"]
        func value(_ number: Double?) -> JSONValue { number.map { JSONValue($0) } ?? .null }
        let slices = report["challenger"]?.slices.map(\.name) ?? []
        return [
            "k": JSONValue(k),
            "measures": ["NDCG", "Recall", "Recall of the reachable", "hit rate", "coverage"],
            "contenders": .array(
                report.contenders.map { contender in
                    [
                        "name": .string(contender.name), "values": .array(keys.map { value(contender.metrics[$0]) }),
                        "slices": .array(
                            slices.map { name in
                                value(contender.slices.first { $0.name == name }?.metrics["ndcg@\(k)"])
                            })
                    ]
                }),
            "slices": .array(slices.map { .string($0) }),
            "curve": .array(
                report.curve.map {
                    ["epoch": JSONValue($0.epoch), "ndcg": JSONValue($0.ndcg), "recall": JSONValue($0.recall)]
                }),
            "chosen": JSONValue(report["challenger"]?.recipe?.model.epochs ?? 0),
            "reliability": .array(
                (report.reliability?.bins ?? []).map {
                    ["x": JSONValue($0.predicted), "y": JSONValue($0.observed), "pairs": JSONValue($0.pairs)]
                }),
            "history": .array(
                history.map {
                    [
                        "version": .string($0.version), "ndcg": value($0.metrics["ndcg@\(k)"]),
                        "recall": value($0.metrics["recall@\(k)"])
                    ]
                })
        ]
    }

    static let style = """
        body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 76rem; padding: 0 1rem }
        .charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(28rem, 1fr)); gap: 2rem }
        .charts div { position: relative; break-inside: avoid }
        table { border-collapse: collapse; break-inside: avoid }
        td, th { padding: .2rem .8rem; text-align: right; font-variant-numeric: tabular-nums }
        td:first-child, th:first-child, td:last-child { text-align: left }
        tr:nth-child(even) { background: #f4f4f4 }
        @media print {
          body { font-size: 10pt; margin: 0; max-width: none }
          .charts { grid-template-columns: 1fr 1fr; gap: 1rem } h2 { break-after: avoid }
        }
        """

    static let script = """
        const colours = { challenger: "#1f5fa8", champion: "#c77d1a", popularity: "#8a8a8a" };
        const draw = (id, type, title, data, options = {}) => new Chart(document.getElementById(id), {
          type, data,
          options: {
            // Drawn at once, so that a print shows what the screen does.
            animation: false, aspectRatio: 1.4, ...options,
            plugins: { title: { display: true, text: title }, ...options.plugins }
          }
        });
        const axis = (text, more = {}) => ({ title: { display: true, text }, beginAtZero: true, ...more });
        draw("contenders", "bar", "On the test period, the first " + data.k + " offers", {
          labels: data.measures,
          datasets: data.contenders.map((c) => ({ label: c.name, data: c.values, backgroundColor: colours[c.name] }))
        });
        draw("curve", "line", "On the validation period, by epoch; chosen: " + data.chosen, {
          labels: data.curve.map((p) => p.epoch),
          datasets: [
            { label: "NDCG", data: data.curve.map((p) => p.ndcg), borderColor: "#1f5fa8" },
            { label: "Recall", data: data.curve.map((p) => p.recall), borderColor: "#c77d1a" }
          ]
        }, { scales: { x: axis("epoch") } });
        draw("slices", "bar", "NDCG by slice", {
          labels: data.slices,
          datasets: data.contenders.map((c) => ({ label: c.name, data: c.slices, backgroundColor: colours[c.name] }))
        }, { indexAxis: "y", aspectRatio: 1 });
        const top = Math.max(0, ...data.reliability.flatMap((p) => [p.x, p.y]));
        draw("reliability", "scatter", "How often what was given a probability came true", {
          datasets: [
            { label: "pairs of user and offer", data: data.reliability, backgroundColor: "#1f5fa8", pointRadius: 5 },
            { label: "perfect", data: [{ x: 0, y: 0 }, { x: top, y: top }], showLine: true, pointRadius: 0,
              borderColor: "#8a8a8a", borderWidth: 1 }
          ]
        }, {
          scales: { x: axis("predicted probability"), y: axis("share that came true") },
          plugins: { tooltip: { callbacks: { label: (item) =>
            `${item.raw.x.toFixed(4)} predicted, ${item.raw.y.toFixed(4)} true of ${item.raw.pairs ?? ""}` } } }
        });
        draw("history", "line", "By version, each on its own test period", {
          labels: data.history.map((v) => v.version),
          datasets: [
            { label: "NDCG", data: data.history.map((v) => v.ndcg), borderColor: "#1f5fa8" },
            { label: "Recall", data: data.history.map((v) => v.recall), borderColor: "#c77d1a" }
          ]
        });
        """
}
