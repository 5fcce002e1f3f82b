import Foundation
import Recommendation

/// What one training came to, ours or a peer's: the fields of the line of JSON that a process of its own prints.
struct TrainingRun: Codable {
    var peer: String
    var factors: Int
    var epochs: Int
    var fitSeconds: Double
    var recall: Double
    var ndcg: Double
    /// The most memory that the process held, with the reading of the split and the ranking of all users.
    var peakMB: Double?
    /// The same before the ranking.
    var trainingMB: Double?

    var epochSeconds: Double { fitSeconds / Double(epochs) }

    enum CodingKeys: String, CodingKey {
        case peer, factors, epochs, peakMB, trainingMB
        case fitSeconds = "fit_s"
        case recall = "recall@20"
        case ndcg = "ndcg@20"
    }

    /// Trains and ranks in this process, and prints the line. λ, α₀ and ν are those of the peers' script.
    static func own(_ solver: ImplicitALS.Solver, factors: Int, epochs: Int, split: URL) throws {
        let (train, test) = try InteractionText.readSplit(
            train: split.appendingPathComponent("train.txt"), test: split.appendingPathComponent("test.txt"))
        let trainer = try ImplicitALS(.init(factors: factors, epochs: epochs, solver: solver))
        let clock = ContinuousClock()
        let start = clock.now
        let model = try trainer.train(train)
        let seconds = (clock.now - start) / .seconds(1)
        let memory = ProcessMemory.peakMB
        let metrics = try Evaluation.measure(model, train: train, test: test)
        let run = TrainingRun(
            peer: "ours, \(solver.rawValue)", factors: factors, epochs: epochs, fitSeconds: seconds,
            recall: metrics.recall, ndcg: metrics.ndcg, peakMB: ProcessMemory.peakMB, trainingMB: memory)
        print(String(decoding: try JSONEncoder().encode(run), as: UTF8.self))
    }

    /// Runs a command to its end and reads the last line of JSON that it prints; nil when it failed.
    static func of(_ executable: String, _ arguments: [String], folder: String? = nil) throws -> TrainingRun? {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: executable)
        process.arguments = arguments
        if let folder { process.currentDirectoryURL = URL(fileURLWithPath: folder, isDirectory: true) }
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let watch = PeakWatch(process.processIdentifier)
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        let line = text.split(separator: "\n").last { $0.contains("{") }
        guard let json = line.flatMap({ line in line.firstIndex(of: "{").map { line[$0...] } }),
            var run = try? JSONDecoder().decode(TrainingRun.self, from: Data(json.utf8))
        else { return nil }
        run.peakMB = run.peakMB ?? watch.peakMB
        return run
    }
}

/// The peak of another process's resident memory, as Linux counts it, looked at until the process ends.
private struct PeakWatch {
    private let peak = Peak()
    private let end = DispatchSemaphore(value: 0)

    private final class Peak: @unchecked Sendable {
        private let lock = NSLock()
        private var value: Double?
        func set(_ new: Double) { lock.withLock { value = new } }
        func get() -> Double? { lock.withLock { value } }
    }

    init(_ process: Int32) {
        let (peak, end) = (peak, end)
        DispatchQueue.global().async {
            while let kilobytes = Self.peak(of: process) {
                peak.set(kilobytes * 1024 / 1e6)
                usleep(20_000)
            }
            end.signal()
        }
    }

    /// In kilobytes; nil once the process has ended.
    private static func peak(of process: Int32) -> Double? {
        let status = try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)
        let line = status?.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        return line?.split(whereSeparator: { " \t".contains($0) }).dropFirst().first.flatMap { Double($0) }
    }

    /// The last that was seen, in MB of 10⁶ bytes.
    var peakMB: Double? {
        end.wait()
        return peak.get()
    }
}
