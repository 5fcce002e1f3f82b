import Foundation
import TestSupport

/// Runs the package's executables as a user would.
struct Command {
    /// What a run came to.
    struct Result {
        let status: Int32
        let output: String
        let errors: String
    }

    /// A folder of its own for one test.
    let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("command-" + UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    /// The executables lie beside the test bundle.
    private static let binaries = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()

    /// Runs `tool` in the test's folder; `%` in an argument stands for the package's `datasets/`.
    func run(
        _ tool: String, _ arguments: String..., arguments more: [String] = [], input: String = "",
        environment: [String: String] = [:]
    ) throws -> Result {
        let process = Process()
        process.executableURL = Self.binaries.appendingPathComponent(tool)
        process.arguments = (arguments + more).map { $0.replacingOccurrences(of: "%", with: ShippedData.folder.path) }
        process.currentDirectoryURL = folder
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        let (output, errors, standardInput) = (Pipe(), Pipe(), Pipe())
        process.standardOutput = output
        process.standardError = errors
        process.standardInput = standardInput
        try process.run()
        standardInput.fileHandleForWriting.write(Data(input.utf8))
        try standardInput.fileHandleForWriting.close()
        // Both pipes are drained at once: a full one would block the process.
        let reader = PipeReader(errors.fileHandleForReading)
        let text = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return Result(
            status: process.terminationStatus, output: String(decoding: text, as: UTF8.self), errors: reader.text())
    }

    /// Loads the shipped data into the test's database.
    func load() throws { _ = try run("quote-service", "import", "folder", "%", "--at", "2026-11-22T12:00:00Z") }

    /// Writes a file into the test's folder.
    func write(_ text: String, _ name: String) throws {
        try Data(text.utf8).write(to: folder.appendingPathComponent(name))
    }
}

/// Reads a pipe to its end on a thread of its own.
private final class PipeReader: @unchecked Sendable {
    private var data = Data()
    private let done = DispatchSemaphore(value: 0)

    init(_ handle: FileHandle) {
        Thread.detachNewThread { [self] in
            data = handle.readDataToEndOfFile()
            done.signal()
        }
    }

    func text() -> String {
        done.wait()
        return String(decoding: data, as: UTF8.self)
    }
}
