import Foundation
import MathematicalProgramming

/// A solver that is run as a command on a file in free MPS.
struct CommandSolver {
    /// What it came to.
    struct Outcome {
        /// Seconds that it says it took, without reading the file.
        let seconds: Double
        /// nil when it proved none, or ran out of time.
        let objective: Double?
        let isOutOfTime: Bool
    }

    let name: String
    let path: String
    private let isGLPK: Bool

    /// The solvers that are installed.
    static var installed: [CommandSolver] {
        [("CBC", "cbc", false), ("GLPK", "glpsol", true)].compactMap { name, command, isGLPK in
            let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
            return folders.map { "\($0)/\(command)" }.first { FileManager.default.isExecutableFile(atPath: $0) }
                .map { CommandSolver(name: name, path: $0, isGLPK: isGLPK) }
        }
    }

    /// Solves a program; nil when the output is not understood.
    func solve(_ program: MathematicalProgram, timeLimit: Double) throws -> Outcome? {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let (model, answer) = (folder.appendingPathComponent("m.mps"), folder.appendingPathComponent("answer"))
        try ModelFile.write(program, to: model)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        let limit = "\(Int(timeLimit.rounded(.up)))"
        process.arguments =
            isGLPK
            ? ["--freemps", model.path, "--mipgap", "1e-6", "--tmlim", limit, "-o", answer.path]
            : [model.path, "-ratio", "1e-6", "-sec", limit, "-solve", "-quit"]
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return isGLPK ? Self.glpk(text, try? String(contentsOf: answer, encoding: .utf8)) : Self.cbc(text)
    }

    /// The first number after the last occurrence of `label`.
    private static func number(_ label: String, _ text: String) -> Double? {
        guard let range = text.range(of: label, options: .backwards) else { return nil }
        return text[range.upperBound...].split(whereSeparator: { " \n\t=".contains($0) }).first.flatMap { Double($0) }
    }

    private static func cbc(_ text: String) -> Outcome? {
        guard let seconds = number("\nTime (CPU seconds):", text) else { return nil }
        let isOutOfTime = text.contains("Stopped on time")
        let isOptimal = text.contains("Result - Optimal solution found")
        return Outcome(
            seconds: seconds, objective: isOptimal ? number("\nObjective value:", text) : nil, isOutOfTime: isOutOfTime)
    }

    private static func glpk(_ text: String, _ answer: String?) -> Outcome? {
        guard let seconds = number("\nTime used:", text), let answer else { return nil }
        let isOptimal = answer.contains("INTEGER OPTIMAL")
        let isOutOfTime = text.contains("TIME LIMIT EXCEEDED")
        return Outcome(
            seconds: seconds, objective: isOptimal ? number("Objective:  objective", answer) : nil,
            isOutOfTime: isOutOfTime)
    }
}
