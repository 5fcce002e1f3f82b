import Foundation
import Pricing

/// What `choice.py` reports, and the data that it fitted.
struct XlogitPeer {
    struct Report: Decodable {
        let fit_s: Double
        let log_likelihood: Double
        let worst_error: Double
    }

    let report: Report
    /// Alternatives × variables of each choice, row after row, and the chosen place of each.
    let data: ChoiceData

    static let alternatives = 20
    static let variables = 8

    /// Runs the peer's script as it is, and has it leave its data behind; nil when it was not asked for.
    init?(_ options: PeerOptions) throws {
        guard let python = options.python, let peers = options.peers else { return nil }
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("choice-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let script = """
            import runpy, sys
            folder = sys.argv[1]
            sys.argv = ["choice.py"] + sys.argv[2:]
            sys.path.insert(0, ".")
            left = runpy.run_path("choice.py", run_name="__main__")
            left["X"].reshape(-1, left["X"].shape[2]).T.astype("<f8").tofile(folder + "/x")
            left["chosen"].astype("<i8").tofile(folder + "/chosen")
            """
        let process = Process()
        process.executableURL = URL(fileURLWithPath: python)
        process.currentDirectoryURL = URL(fileURLWithPath: peers)
        process.arguments = ["-B", "-c", script, folder.path, "--choices", "\(options.choices)"]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let text = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            print("  xlogit: the peer failed with status \(process.terminationStatus)")
            return nil
        }
        report = try JSONDecoder().decode(Report.self, from: text)
        let numbers = try Data(contentsOf: folder.appendingPathComponent("x")).withUnsafeBytes {
            Array($0.bindMemory(to: Double.self))
        }
        let chosen = try Data(contentsOf: folder.appendingPathComponent("chosen")).withUnsafeBytes {
            Array($0.bindMemory(to: Int64.self))
        }
        let rows = options.choices * Self.alternatives
        data = try ChoiceData(
            variables: Self.names, columns: (0..<Self.variables).map { Array(numbers[$0 * rows..<($0 + 1) * rows]) },
            sizes: [Int](repeating: Self.alternatives, count: options.choices), chosen: chosen.map { Int($0) })
    }

    static let names = (0..<variables).map { "x\($0)" }
}
