import Allocation
import Foundation

/// Requests of one kind: what the optimizer and its peers took for them and came to.
struct PeerGroup {
    /// A peer's run on one request: all its programs, one a scheme.
    struct Peer {
        var milliseconds = 0.0
        /// The least objective of the programs; nil when none has a solution.
        private(set) var objective: Double?
        var isOutOfTime = false
        var isNotUnderstood = false

        mutating func take(_ objective: Double?) {
            if let objective { self.objective = min(self.objective ?? .infinity, objective) }
        }
    }

    struct Row {
        let answer: Allocation
        /// Milliseconds to pose the problem, and to solve it.
        let posing: Double
        let ours: Double
        var peers: [String: Peer] = [:]

        /// How far our objective lies above a peer's, relative to it; nil where one has none, or the peer no time left.
        func excess(over name: String) -> Double? {
            guard let peer = peers[name], !peer.isOutOfTime, let other = peer.objective,
                let ours = answer.objective
            else { return nil }
            return (ours - other) / max(1e-9, abs(other))
        }

        /// Whether only one of the two has an answer.
        func contradicts(_ name: String) -> Bool {
            guard let peer = peers[name], !peer.isOutOfTime, !peer.isNotUnderstood else { return false }
            return answer.objective == nil && peer.objective != nil
        }
    }

    let name: String
    var offers: Int
    var rows: [Row] = []

    private static func median(_ values: [Double]) -> Double? {
        values.isEmpty ? nil : values.sorted()[values.count / 2]
    }

    private static func text(_ value: Double?, _ format: String = "%.2f") -> String {
        value.map { String(format: format, $0) } ?? "-"
    }

    private static func line(_ cells: [String]) {
        let widths = [26, 7] + [Int](repeating: 10, count: 20)
        print(
            zip(cells, widths).enumerated().map { index, cell in
                let gap = String(repeating: " ", count: max(0, cell.1 - cell.0.count))
                return index == 0 ? cell.0 + gap : gap + cell.0
            }
            .joined(separator: " "))
        // A long run should be seen to go on.
        FileHandle.standardOutput.synchronizeFile()
    }

    /// Times and objectives beside the plain program on HiGHS.
    static func report(_ group: PeerGroup) {
        let rows = group.rows
        let solved = rows.filter { $0.answer.objective != nil }
        line([
            "requests, milliseconds", "offers", "no answer", "ours p50", "worst", "HiGHS p50", "worst", "ratio p50",
            "least", "objective", "HiGHS", "at most +", "at best", "gap"
        ])
        let peers = rows.compactMap { $0.peers["HiGHS"] }
        let ratios = rows.compactMap { row in row.peers["HiGHS"].map { $0.milliseconds / row.ours } }
        let excess = rows.compactMap { $0.excess(over: "HiGHS") }
        line([
            "\(rows.count) × \(group.name)", "\(group.offers)", "\(rows.count - solved.count)",
            text(median(rows.map(\.ours))), text(rows.map(\.ours).max()), text(median(peers.map(\.milliseconds))),
            text(peers.map(\.milliseconds).max()), text(median(ratios), "%.1f"), text(ratios.min(), "%.1f"),
            text(median(solved.compactMap(\.answer.objective))), text(median(peers.compactMap(\.objective))),
            text(excess.max(), "%.1e"), text(excess.min(), "%.1e"),
            text(solved.compactMap(\.answer.gap).max(), "%.0e")
        ])
        let late = peers.count(where: \.isOutOfTime)
        if late > 0 { print("  HiGHS ran out of time on \(late)") }
        for (index, row) in rows.enumerated() {
            let status = row.answer.status
            if status != .optimal && status != .infeasible { print("  request \(index): \(status.rawValue)") }
            for name in row.peers.keys.sorted() where row.contradicts(name) {
                print("  request \(index): no answer of ours, but one of \(name)")
            }
        }
    }

    /// Where the optimizer's time goes, in medians.
    static func reportPhases(_ groups: [PeerGroup]) {
        print("\nWhere the time goes (medians; milliseconds, counts)")
        line([
            "requests", "offers", "posing", "modelling", "searching", "programs", "checking", "explaining", "nodes",
            "LPs", "columns"
        ])
        for group in groups {
            let timings = group.rows.map(\.answer.timing)
            let phases = [\Allocation.Timing.modelling, \.searching, \.programming, \.checking, \.explaining]
            let counts = [\Allocation.Timing.nodes, \.programs, \.columns]
            line(
                [group.name, "\(group.offers)", text(median(group.rows.map(\.posing)), "%.3f")]
                    + phases.map { phase in text(median(timings.map { $0[keyPath: phase] }), "%.3f") }
                    + counts.map { count in text(median(timings.map { Double($0[keyPath: count]) }), "%.0f") })
        }
    }

    /// The solvers that were run as commands.
    static func reportCommands(_ groups: [PeerGroup], _ names: [String]) {
        guard !names.isEmpty else { return }
        print("\nCommand-line solvers on the same programs (milliseconds by their own account, without reading)")
        line([
            "solver, requests", "offers", "runs", "p50", "worst", "ours p50", "at most +", "at best", "late",
            "unclear"
        ])
        for group in groups {
            for name in names {
                let rows = group.rows.filter { $0.peers[name] != nil }
                guard !rows.isEmpty else { continue }
                let peers = rows.compactMap { $0.peers[name] }
                let excess = rows.compactMap { $0.excess(over: name) }
                line([
                    "\(name), \(group.name)", "\(group.offers)", "\(rows.count)",
                    text(median(peers.map(\.milliseconds)), "%.0f"), text(peers.map(\.milliseconds).max(), "%.0f"),
                    text(median(rows.map(\.ours))), text(excess.max(), "%.1e"), text(excess.min(), "%.1e"),
                    "\(peers.count(where: \.isOutOfTime))", "\(peers.count(where: \.isNotUnderstood))"
                ])
            }
        }
    }
}
