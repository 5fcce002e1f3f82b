import Foundation
import LinearAlgebra
import Recommendation
import TestSupport

/// Times the training of iALS beside its peers on one split: every run in a process of its own, alternately.
@main
struct RecommenderPeers {
    let options: PeerOptions

    static func main() throws {
        let arguments = Array(CommandLine.arguments.dropFirst())
        if arguments.first == "--own", arguments.count == 5, let solver = ImplicitALS.Solver(rawValue: arguments[1]),
            let factors = Int(arguments[2]), let epochs = Int(arguments[3])
        {
            let split = URL(fileURLWithPath: arguments[4], isDirectory: true)
            return try TrainingRun.own(solver, factors: factors, epochs: epochs, split: split)
        }
        guard let options = PeerOptions(arguments, split: SharedData.url("gowalla")) else {
            print(PeerOptions.help)
            exit(2)
        }
        if let count = options.generated {
            return try GeneratedRun.run(count, factors: options.factors, epochs: options.epochs)
        }
        try RecommenderPeers(options: options).run()
    }

    private func run() throws {
        let peak = try Self.peak()
        print(
            String(
                format: "sgemm peak %.0f GFLOP/s; %d epochs; seconds an epoch are training / epochs", peak,
                options.epochs))
        Self.line([
            "factors", "solver", "s/epoch", "Recall@20", "NDCG@20", "MB", "training", "of peak", "times", "at equal"
        ])
        let train = try InteractionText.read(options.split.appendingPathComponent("train.txt"))
        for factors in options.factors {
            var fastest: [String: TrainingRun] = [:]
            func take(_ run: TrainingRun?) {
                guard let run, run.fitSeconds < fastest[run.peer]?.fitSeconds ?? .infinity else { return }
                fastest[run.peer] = run
            }
            for _ in 0..<options.runs {
                for solver in options.ours { take(try own(solver, factors, options.epochs)) }
                if let python = options.python, let peers = options.peers {
                    for solver in options.solvers { take(try peer(python, peers, solver, factors)) }
                }
            }
            let ours = fastest.values.filter { $0.peer.hasPrefix("ours") }.sorted { $0.peer < $1.peer }
            let others = fastest.values.filter { !$0.peer.hasPrefix("ours") }.sorted { $0.fitSeconds < $1.fitSeconds }
            // A peer counts for the comparison at equal Recall when ours comes to its Recall at all.
            for run in ours {
                let work = Self.operations(train, factors, steps: 1)
                let share = run.peer == "ours, automatic" ? work / run.epochSeconds / peak / 1e9 : nil
                let equal = options.equal ? try others.first.flatMap { try equalRecall(run, $0) } : nil
                Self.row(
                    run, share: share, times: others.first.map { $0.fitSeconds / run.fitSeconds },
                    equal: equal.flatMap { equal in others.first.map { $0.fitSeconds / equal.fitSeconds } },
                    equalEpochs: equal?.epochs)
            }
            for run in others { Self.row(run) }
        }
    }

    private func own(_ solver: ImplicitALS.Solver, _ factors: Int, _ epochs: Int) throws -> TrainingRun? {
        try TrainingRun.of(
            "/proc/self/exe".resolvingLink, ["--own", solver.rawValue, "\(factors)", "\(epochs)", options.split.path])
    }

    private func peer(_ python: String, _ folder: String, _ solver: String, _ factors: Int) throws -> TrainingRun? {
        var run = try TrainingRun.of(
            python,
            [
                "recommend.py", options.split.path, "--solver", solver, "--factors", "\(factors)", "--epochs",
                "\(options.epochs)"
            ], folder: folder)
        if run == nil { print("  \(solver) failed at \(factors) factors") }
        run?.peer = solver
        return run
    }

    /// The run of fewest epochs, of at most twice as many as the peer's, whose Recall is no less than the peer's.
    private func equalRecall(_ ours: TrainingRun, _ peer: TrainingRun) throws -> TrainingRun? {
        guard let solver = ImplicitALS.Solver(rawValue: String(ours.peer.dropFirst("ours, ".count))) else { return nil }
        var best: TrainingRun? = ours.recall >= peer.recall ? ours : nil
        let down = Array(stride(from: options.epochs - 1, through: 2, by: -1))
        let up = Array(stride(from: options.epochs + 1, through: 2 * options.epochs, by: 1))
        for epochs in best == nil ? up : down {
            guard let run = try own(solver, ours.factors, epochs) else { break }
            let isEqual = run.recall >= peer.recall
            if isEqual { best = run }
            if isEqual == (epochs > options.epochs) { break }
        }
        return best
    }

    /// The arithmetic of an epoch with one step of conjugate gradients, without renewals of the basis and without the
    /// last half-step: Gram matrices by symmetric products, one product with the coupling, and `steps` + 1 sweeps.
    private static func operations(_ train: InteractionMatrix, _ d: Int, steps: Int) -> Double {
        let (rows, width) = (Double(train.userCount + train.itemCount), Double(d))
        return rows * width * (width + 1) + 2 * rows * width * width
            + 8 * Double(train.count) * width * Double(steps + 1)
    }

    /// GFLOP/s of a large product.
    private static func peak() throws -> Double {
        let n = 3072
        let a = Matrix<Float>(rows: n, columns: n, repeating: 0.5)
        var c = a
        let clock = ContinuousClock()
        let seconds = try (0..<3).map { _ in
            let start = clock.now
            try c.accumulateProduct(a, a)
            return (clock.now - start) / .seconds(1)
        }
        return 2 * pow(Double(n), 3) / (seconds.min() ?? 1) / 1e9
    }

    private static func row(
        _ run: TrainingRun, share: Double? = nil, times: Double? = nil, equal: Double? = nil, equalEpochs: Int? = nil
    ) {
        func text(_ value: Double?, _ format: String) -> String { value.map { String(format: format, $0) } ?? "-" }
        line([
            "\(run.factors)", run.peer, text(run.epochSeconds, "%.4f"), text(run.recall, "%.5f"),
            text(run.ndcg, "%.5f"), text(run.peakMB, "%.0f"), text(run.trainingMB, "%.0f"),
            text(share.map { 100 * $0 }, "%.0f%%"), text(times, "%.1f"),
            text(equal, "%.1f") + (equalEpochs.map { " (\($0))" } ?? "")
        ])
    }

    private static func line(_ cells: [String]) {
        let widths = [7, 24, 9, 9, 9, 6, 8, 8, 6, 10]
        print(
            zip(cells, widths).enumerated().map { index, cell in
                let gap = String(repeating: " ", count: max(0, cell.1 - cell.0.count))
                return index == 1 ? cell.0 + gap : gap + cell.0
            }
            .joined(separator: " "))
        // A long run should be seen to go on.
        FileHandle.standardOutput.synchronizeFile()
        fflush(nil)
    }
}

extension String {
    /// The file that a symbolic link names.
    fileprivate var resolvingLink: String { URL(fileURLWithPath: self).resolvingSymlinksInPath().path }
}
