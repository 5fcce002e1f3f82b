import Foundation

/// What `topk.py` reports for data of the same shape, run beside us.
struct FaissPeer {
    /// The median of single queries, in milliseconds.
    let single: Double
    /// A query of a batch of 256, in milliseconds.
    let batch: Double

    private struct Report: Decodable {
        let single_ms_p50: Double
        let batch256_ms_per_query: Double
    }

    /// Runs the peer; nil when it was not asked for.
    init?(_ options: PeerOptions, items: Int) throws {
        guard let python = options.python, let peers = options.peers else { return nil }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: python)
        process.currentDirectoryURL = URL(fileURLWithPath: peers)
        process.arguments = [
            "topk.py", "--items", "\(items)", "--factors", "\(options.factors)", "--k", "\(options.count)"
        ]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            print("  faiss: the peer failed with status \(process.terminationStatus)")
            return nil
        }
        let report = try JSONDecoder().decode(Report.self, from: data)
        single = report.single_ms_p50
        batch = report.batch256_ms_per_query
    }
}
