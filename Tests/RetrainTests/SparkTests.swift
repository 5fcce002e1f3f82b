import Documents
import Foundation
import Recommendation
import TestSupport
import Testing

/// The Python that has pyspark, when the tests of it are asked for.
enum SparkPython {
    static let path = ProcessInfo.processInfo.environment["FLASHBACK_SPARK_PYTHON"]
}

/// `retrain run --engine spark`, on two local threads and on a cluster of two workers that the test starts and stops.
///
/// Some minutes of work, so that it runs where it is asked for: `make spark`.
@Suite(
    .serialized,
    .enabled(
        if: SparkPython.path != nil,
        "needs Spark: run make spark, or name a Python that has pyspark in FLASHBACK_SPARK_PYTHON"))
struct SparkTests {
    private func members(_ text: String) throws -> [String: JSONValue] {
        guard case .object(let members) = try JSONValue(parsing: Array(text.utf8)) else { return [:] }
        return members
    }

    /// Runs `retrain run` on Spark and checks what it has promoted.
    private func train(_ command: RetrainCommand, master: String) throws {
        let run = try command.run(
            [
                "run", "--engine", "spark", "--master", master, "--python", SparkPython.path ?? "", "--json",
                "--spark-memory", "512m", "--confidence", "0.6", "--epochs", "8"
            ], prefix: "export SPARK_LOCAL_IP=127.0.0.1; ")
        #expect(run.status == 0, "\(run.errors)\(run.output)")
        let stored = try command.registry.champion()
        #expect(stored.manifest.engine == .spark)
        #expect(try members(run.output)["promoted"] == .string(stored.manifest.version))
        let report = try RetrainingReport(
            decoding: try #require(try command.registry.evaluation(stored.manifest.version)))
        let local = try RetrainCommand()
        defer { local.remove() }
        #expect(
            try local.run(
                "run", "--epochs", "8", "--all-epochs", "--confidence", "0.6", "--factors", "32", "--regularization",
                "0.03",
                "--frequency-exponent", "1"
            ).status == 0)
        let own = try local.registry.champion().manifest.metrics["recall@20"] ?? 0
        let sparks = report["challenger"]?.metrics["recall@20"] ?? 0
        // Some sixty users are tested: five of them more or less.
        #expect(abs(own - sparks) < 0.08, "Recall@20 \(own) here, \(sparks) by Spark")
        print("Recall@20 on \(master): Spark \(sparks), local engine \(own)")
        // The model serves like any other.
        let model = try ServingModel(championIn: command.registry.folder.path)
        #expect(model.version == stored.manifest.version)
    }

    @Test func onTwoLocalThreads() throws {
        let command = try RetrainCommand()
        defer { command.remove() }
        try train(command, master: "local[2]")
    }

    @Test func onAClusterOfTwoWorkers() throws {
        let command = try RetrainCommand()
        defer { command.remove() }
        let cluster = try SparkCluster(python: SparkPython.path ?? "", folder: command.folder)
        defer { cluster.stop() }
        try train(command, master: cluster.master)
    }

    @Test func aKilledJobLeavesNoDriverAndTheChampion() throws {
        let command = try RetrainCommand()
        defer { command.remove() }
        #expect(try command.run("run", "--confidence", "0.6").status == 0)
        let champion = try command.registry.championVersion()
        let arguments = [
            "run", "--engine", "spark", "--master", "local[2]", "--python", SparkPython.path ?? "", "--spark-memory",
            "512m",
            "--margin", "1", "--confidence", "0.6", "--at", "2026-11-22T12:00:00Z"
        ]
        for delay in [1.0, 4, 9] {
            let killed = try command.run(arguments, prefix: "export SPARK_LOCAL_IP=127.0.0.1; ", killAfter: delay)
            #expect(killed.wasKilled)
            #expect(try command.registry.champion().manifest.version == champion)
        }
        sleep(3)
        // Drivers are known by the script that they run, which lies in this test's own folder.
        let processes = try FileManager.default.contentsOfDirectory(atPath: "/proc").compactMap { Int32($0) }
        let drivers = processes.filter { process in
            let line = FileManager.default.contents(atPath: "/proc/\(process)/cmdline") ?? Data()
            return String(decoding: line, as: UTF8.self).contains(command.folder.lastPathComponent)
        }
        #expect(drivers.isEmpty)
        let last = try command.run(arguments, prefix: "export SPARK_LOCAL_IP=127.0.0.1; ")
        #expect(last.status == 0, "\(last.errors)\(last.output)")
        #expect(try command.registry.championVersion() != champion)
    }

    @Test func aPythonWithoutSparkIsNamed() throws {
        let command = try RetrainCommand()
        defer { command.remove() }
        let absent = try command.run("run", "--engine", "spark", "--python", "no-such-python")
        #expect(absent.status == 3 && absent.errors.contains("make spark"), "\(absent.errors)")
        let bare = try command.run("run", "--engine", "spark", "--python", "python3", "--master", "local[2]")
        #expect(bare.status == 3 && bare.errors.contains("pyspark"), "\(bare.errors)")
        #expect(try command.registry.championVersion() == nil)
    }
}

/// A standalone cluster on this machine: a master and two workers of one core each.
private struct SparkCluster {
    let master: String
    private let processes: [Process]

    init(python: String, folder: URL) throws {
        let port = Int.random(in: 20_000...60_000)
        master = "spark://127.0.0.1:\(port)"
        let home = try Self.home(python)
        func start(_ arguments: String...) throws -> Process {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: home + "/bin/spark-class")
            process.arguments = arguments
            process.environment = ProcessInfo.processInfo.environment.merging([
                "SPARK_HOME": home, "SPARK_LOCAL_IP": "127.0.0.1", "SPARK_DAEMON_MEMORY": "256m",
                "SPARK_WORKER_DIR": folder.appendingPathComponent("work").path, "PYSPARK_PYTHON": python
            ]) { $1 }
            process.standardOutput = FileHandle.nullDevice
            process.standardError = FileHandle.nullDevice
            process.standardInput = FileHandle.nullDevice
            try process.run()
            return process
        }
        let name = "org.apache.spark.deploy."
        var started = [
            try start(name + "master.Master", "--host", "127.0.0.1", "--port", "\(port)", "--webui-port", "0")
        ]
        for _ in 0..<2 {
            started.append(
                try start(
                    name + "worker.Worker", "--host", "127.0.0.1", "--cores", "1", "--memory", "768m", "--webui-port",
                    "0", master))
        }
        processes = started
    }

    private static func home(_ python: String) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: python)
        process.arguments = ["-c", "import os, pyspark; print(os.path.dirname(pyspark.__file__), end='')"]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let text = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return String(decoding: text, as: UTF8.self)
    }

    func stop() {
        for process in processes { process.terminate() }
        for process in processes { process.waitUntilExit() }
    }
}
