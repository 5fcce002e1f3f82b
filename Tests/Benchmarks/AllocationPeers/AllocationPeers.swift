import Allocation
import ArgumentParser
import Documents
import Foundation
import Marketplace
import MarketplaceStore
import MathematicalProgramming
import Money
import Quoting
import TestSupport

/// Times the optimizer beside the plain program on stock HiGHS, in one run on the same instances.
@main
struct AllocationPeers: ParsableCommand {
    @Option(help: "Sizes of generated catalogues.") var offers: [Int] = [60, 300, 1_000, 10_000]
    @Option(help: "Requests for each catalogue.") var requests = 100
    @Option(help: "The largest catalogue that the plain program is solved on.") var peerLimit = 1_000
    @Option(help: "Write the plain programs of some instances of each size to this folder, in MPS.")
    var export: String?
    @Option(help: "How many instances of each size to write.") var exported = 3
    @Option(help: "The store with the real catalogue; left out if there is none.") var database = "flashback.sqlite"
    @Option(help: "The folder of sample requests.") var samples = "datasets/requests"

    func run() throws {
        print(
            "catalogue  offers  ours p50  worst ms  HiGHS p50  worst ms  ratio p50  worst difference  gaps  phases ms")
        for size in offers {
            var rows: [Row] = []
            for seed in 0..<requests {
                let problem = try GeneratedMarket(offers: size, seed: UInt64(seed)).problem()
                rows.append(try row(problem, withPeer: size <= peerLimit, "generated-\(size)-\(seed)", seed < exported))
            }
            report("generated", "\(size)", rows)
        }
        if FileManager.default.fileExists(atPath: database) { try real() }
    }

    private struct Row {
        var ours: Double
        var peer: Double?
        var difference: Double?
        var gap: Double
        var timing: Allocation.Timing
    }

    /// The sample requests that one placement answers, each at many volumes, on the catalogue that ships.
    private func real() throws {
        let catalog = try MarketplaceDatabase(path: database).catalog()
        let files = try FileManager.default.contentsOfDirectory(atPath: samples).filter { !$0.hasPrefix("impossible") }
        for file in files.sorted() {
            let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: samples).appendingPathComponent(file)))
            var rows: [Row] = []
            var random = SeededGenerator(seed: 1)
            var size = 0
            for index in 0..<max(1, requests / 4) {
                var request = try SLARequest(JSONValue(parsing: bytes, document: file), document: file)
                let factor = Double(random.int(50...200)) / 100
                request.logicalBytes = Int(Double(request.logicalBytes) * factor)
                request.budget = nil
                request.recommendedPreference = .zero
                let day = request.start
                let eligible = Eligibility(request, catalog, on: day).offers
                size = eligible.count
                let problem = try AllocationProblem(request: request, offers: eligible, catalog: catalog)
                rows.append(try row(problem, withPeer: true, "\(file)-\(index)", false))
            }
            report(String(file.dropLast(5).prefix(20)), "\(size)", rows)
        }
    }

    private func row(
        _ problem: AllocationProblem, withPeer: Bool, _ name: String, _ exports: Bool
    ) throws -> Row {
        let clock = ContinuousClock()
        var start = clock.now
        let answer = try AllocationOptimizer().solve(problem)
        let ours = (clock.now - start) / .milliseconds(1)
        var row = Row(ours: ours, gap: answer.gap ?? .infinity, timing: answer.timing)
        if let export, exports {
            for (scheme, program) in try AllocationOptimizer.models(problem) {
                let file = "\(name)-\(scheme.data)-\(scheme.shards).mps"
                try ModelFile.write(program, to: URL(fileURLWithPath: export).appendingPathComponent(file))
            }
        }
        guard withPeer else { return row }
        let programs = try AllocationOptimizer.models(problem)
        var parameters = SolverParameters(timeLimit: 60, relativeGap: 1e-6)
        parameters.wantsRays = false
        start = clock.now
        var least = Double.infinity
        for (_, program) in programs {
            let solution = try HiGHSSolver().solve(program, parameters)
            if solution.isFeasible, let objective = solution.objective { least = min(least, objective) }
        }
        row.peer = (clock.now - start) / .milliseconds(1)
        if let objective = answer.objective { row.difference = (objective - least) / abs(least) }
        return row
    }

    private func report(_ name: String, _ size: String, _ rows: [Row]) {
        func text(_ value: Double?) -> String { value.map { String(format: "%.2f", $0) } ?? "-" }
        func median(_ values: [Double]) -> Double? {
            values.isEmpty ? nil : values.sorted()[values.count / 2]
        }
        let (ours, peers) = (rows.map(\.ours), rows.compactMap(\.peer))
        let ratios = rows.compactMap { row in row.peer.map { $0 / row.ours } }
        let differences = rows.compactMap(\.difference)
        let worst = differences.max { abs($0) < abs($1) }.map { String(format: "%.1e", $0) } ?? "-"
        let phases = [\Allocation.Timing.modelling, \.searching, \.programming, \.checking].map { path in
            text(median(rows.map { $0.timing[keyPath: path] }))
        }
        print(
            name, size, text(median(ours)), text(ours.max()), text(median(peers)), text(peers.max()),
            text(median(ratios)), worst, String(format: "%.0e", rows.map(\.gap).max() ?? 0),
            phases.joined(separator: "/"), separator: "  ")
    }
}
