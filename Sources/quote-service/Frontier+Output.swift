import Allocation
import Documents
import Foundation
import Quoting

extension Frontier {
    /// The frontier for people.
    var text: String {
        var lines = ["Frontier: no allocation is at least as good in all three and better in one"]
        var table = TextTable([true, false, true, false, false])
        table.add("cost", "availability", "latency", "misses", "placement")
        for point in points {
            table.add(
                fixed(point.cost, 2), point.quality.availabilityText, point.quality.latencyText,
                point.missesText, point.placementText)
        }
        if points.isEmpty { lines.append("  none was found") } else { lines += table.lines }
        return (lines + coverage.flatMap { wrapped($0, indent: 2, hanging: 2) }).joined(separator: "\n") + "\n"
    }

    /// Which trade-offs are listed, in words.
    var coverage: [String] {
        if isComplete { return ["complete: there are no other trade-offs than these \(points.count)"] }
        var lines: [String] = []
        if unavailabilityFactor == 1, latencyFactor == 1 {
            lines.append("every trade-off is listed")
        } else {
            var near: [String] = []
            if unavailabilityFactor > 1 {
                near.append("fails less than \(factor(unavailabilityFactor)) times as often")
            }
            if latencyFactor > 1 { near.append("takes less than \(factor(latencyFactor)) times as long") }
            lines.append(
                "there are more: each has one of these beside it that costs no more and "
                    + near.joined(separator: " and "))
        }
        for (index, gap) in gaps.prefix(3).enumerated() {
            let quality = gap.quality
            let bounds = [
                quality.unavailability < 1 ? "an availability of \(quality.availabilityText) or more" : nil,
                quality.latency < .infinity ? "a latency of at most \(quality.latencyText)" : nil
            ].compactMap { $0 }
            lines.append(
                (index == 0 ? "not searched to the end: " : "nor: ")
                    + (bounds.isEmpty ? "everything" : bounds.joined(separator: " with "))
                    + ", which costs at least \(fixed(gap.leastCost, 2))")
        }
        if gaps.count > 3 { lines.append("nor \(gaps.count - 3) more such parts") }
        return lines
    }

    private func factor(_ value: Double) -> String { "\(value)".replacingOccurrences(of: ".0", with: "") }
}
