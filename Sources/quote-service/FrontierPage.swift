import Allocation
import CommandSupport
import Documents
import Foundation
import Marketplace
import Quoting

/// A page that shows a frontier: charts and the table, in one file that needs nothing else.
struct FrontierPage {
    let frontier: Frontier
    let request: SLARequest

    /// The page with `library` in it.
    func html(library: String) -> String {
        let rows = frontier.points.map { point in
            "<tr class=\"\(point.misses.isEmpty ? "fits" : "misses")\">"
                + [
                    fixed(point.cost, 2), point.quality.availabilityText, point.quality.latencyText,
                    point.missesText,
                    point.placementText
                ].map { "<td>\(Self.escaped($0))</td>" }.joined() + "</tr>"
        }
        let coverage = frontier.coverage.map { "<p>\(Self.escaped($0))</p>" }
        // Nothing in the data can end the script that it stands in.
        let data = points.text().replacingOccurrences(of: "<", with: "\\u003c")
        return """
            <!DOCTYPE html>
            <html lang="en"><head><meta charset="utf-8"><title>What \(Self.escaped(request.user)) may trade</title>
            <style>
            body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 72rem; padding: 0 1rem }
            .charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(28rem, 1fr)); gap: 2rem }
            table { border-collapse: collapse; margin-top: 2rem } td, th { padding: .2rem .8rem; text-align: left }
            td:nth-child(-n+3), th:nth-child(-n+3) { text-align: right; font-variant-numeric: tabular-nums }
            tr:nth-child(even) { background: #f4f4f4 } tr.misses { color: #777 }
            </style></head><body>
            <h1>Cost against availability and latency</h1>
            <p>\(Self.escaped(heading)). Each point is an allocation that no other beats in all three; pale points miss a
            bound of the request.</p>
            \(coverage.joined(separator: "\n"))
            <div class="charts"><div><canvas id="availability"></canvas></div><div><canvas id="latency"></canvas></div></div>
            <table><thead><tr><th>cost, USD</th><th>availability</th><th>latency</th><th>misses</th><th>placement</th></tr>
            </thead><tbody>
            \(rows.joined(separator: "\n"))
            </tbody></table>
            <script>\(library)</script>
            <script>
            const points = \(data);
            \(Self.script)
            </script></body></html>

            """
    }

    private var heading: String {
        "\(gigabytes(request.logicalBytes)) of \(request.user) for \(request.months) months from \(request.start)"
    }

    private var points: JSONValue {
        .array(
            frontier.points.map {
                [
                    "cost": JSONValue($0.cost), "failing": JSONValue(max($0.quality.unavailability, 1e-18)),
                    "latency": JSONValue($0.quality.latency), "fits": .bool($0.misses.isEmpty),
                    "text": .string(
                        "\(fixed($0.cost, 2)) USD, \($0.quality.availabilityText), \($0.quality.latencyText)"),
                    "placement": .string($0.placementText)
                ]
            })
    }

    private static func escaped(_ text: String) -> String {
        text.replacingOccurrences(of: "&", with: "&amp;").replacingOccurrences(of: "<", with: "&lt;")
            .replacingOccurrences(of: ">", with: "&gt;").replacingOccurrences(of: "\"", with: "&quot;")
    }

    /// Two scatter charts over the same points, each with the third criterion as colour.
    private static let script = """
        // From blue, the best of the third criterion, to red, the worst of it; pale where the request is missed.
        const shades = (values) => {
          const order = [...new Set(values)].sort((a, b) => a - b);
          return points.map((p, i) => {
            const at = order.length > 1 ? order.indexOf(values[i]) / (order.length - 1) : 0;
            return `hsla(${220 - 220 * at}, 75%, 45%, ${p.fits ? 0.95 : 0.3})`;
          });
        };
        const draw = (id, x, xTitle, xScale, colour, legend) => new Chart(document.getElementById(id), {
          type: "scatter",
          data: { datasets: [{
            data: points.map((p) => ({ x: p[x], y: p.cost })), pointRadius: 6, pointHoverRadius: 9,
            backgroundColor: shades(points.map((p) => p[colour] ?? Infinity))
          }] },
          options: {
            aspectRatio: 1.3,
            scales: {
              x: { ...xScale, title: { display: true, text: xTitle } },
              y: { title: { display: true, text: "cost of the term, USD" } }
            },
            plugins: {
              legend: { display: false },
              title: { display: true, text: legend },
              tooltip: { callbacks: {
                label: (item) => points[item.dataIndex].text,
                afterLabel: (item) => points[item.dataIndex].placement
              } }
            }
          }
        });
        const nines = { type: "logarithmic", reverse: true, ticks: { callback: (value) =>
          Math.abs(Math.log10(value) - Math.round(Math.log10(value))) < 1e-9 ? -Math.round(Math.log10(value)) + " nines" : ""
        } };
        draw("availability", "failing", "availability", nines, "latency", "colour: latency, blue is fast");
        draw("latency", "latency", "latency of the slowest region, ms", { type: "linear" }, "failing",
          "colour: availability, blue is high");
        """
}
