import Documents
import Foundation
import TestSupport
import Testing

@Suite("quote-service serve's settings, and doctor")
struct ServiceCommandTests {
    /// The columns of `serve --print-config`: name, value, source.
    private func printed(_ text: String) -> [String: (value: String, source: String)] {
        var settings: [String: (value: String, source: String)] = [:]
        for line in text.split(separator: "\n") {
            let fields = line.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: true)
            guard fields.count == 3 else { continue }
            settings[String(fields[0])] = (String(fields[1]), fields[2].trimmingCharacters(in: .whitespaces))
        }
        return settings
    }

    @Test func optionsGoBeforeTheEnvironmentAndThatBeforeTheFile() throws {
        let command = try Command()
        try command.write(
            #"{"port": 8443, "connections": 7, "host": "::1", "log-format": "json", "time-limit": 2.5}"#, "s.json")
        let result = try command.run(
            "quote-service", "serve", "--config", "s.json", "--print-config", "--host=10.0.0.1",
            environment: ["FLASHBACK_PORT": "9000", "FLASHBACK_HOST": "10.0.0.2"])
        #expect(result.status == 0, "\(result.errors)")
        let settings = printed(result.output)
        #expect(settings["host"]?.value == "10.0.0.1" && settings["host"]?.source == "option")
        #expect(settings["port"]?.value == "9000" && settings["port"]?.source == "environment FLASHBACK_PORT")
        #expect(settings["connections"]?.value == "7" && settings["connections"]?.source == "file s.json")
        #expect(settings["time-limit"]?.value == "2.5" && settings["log-format"]?.value == "json")
        #expect(settings["database"]?.value == "flashback.sqlite" && settings["database"]?.source == "default")
        #expect(try FileManager.default.contentsOfDirectory(atPath: command.folder.path) == ["s.json"])
    }

    @Test func theFileMayBeNamedByTheEnvironment() throws {
        let command = try Command()
        try command.write(#"{"port": "8443"}"#, "s.json")
        let result = try command.run(
            "quote-service", "serve", "--print-config", environment: ["FLASHBACK_CONFIG": "s.json"])
        #expect(printed(result.output)["port"]?.value == "8443")
    }

    /// Every option with a value can be set elsewhere too, except the file's own name.
    @Test func everyOptionWithAValueIsASetting() throws {
        let command = try Command()
        let dump = try JSONValue(
            parsing: Array(try command.run("quote-service", "--experimental-dump-help").output.utf8))
        guard case .object(let root) = dump, case .object(let tool) = root["command"],
            case .array(let commands) = tool["subcommands"]
        else { throw Failure() }
        var options: Set<String> = []
        for case .object(let subcommand) in commands where subcommand["commandName"] == "serve" {
            guard case .array(let arguments) = subcommand["arguments"] else { throw Failure() }
            for case .object(let argument) in arguments where argument["kind"] == "option" {
                guard case .object(let name) = argument["preferredName"], case .string(let text) = name["name"] else {
                    throw Failure()
                }
                options.insert(text)
            }
        }
        let settings = Set(printed(try command.run("quote-service", "serve", "--print-config").output).keys)
        #expect(settings.count > 20 && settings == options.subtracting(["config"]))
    }

    private struct Failure: Error {}

    @Test(arguments: [
        (#"{"prt": 1}"#, "/prt: there is no such setting"), (#"{"open": "true"}"#, "/open: there is no such setting"),
        (#"{"host": true}"#, "/host: is neither text nor number"), ("[]", "the document is no object"),
        (#"{"port": 84433}"#, "port by file s.json"), (#"{"port": "x"}"#, "port by file s.json"),
        (#"{"port": 1, "port": 2}"#, "port"), (#"{"tls-key": "k.pem"}"#, "--tls-certificate and --tls-key go together")
    ])
    func whatAFileCannotSetIsNamed(_ file: String, _ message: String) throws {
        let command = try Command()
        try command.write(file, "s.json")
        let result = try command.run("quote-service", "serve", "--config", "s.json")
        #expect(result.status == 2)
        #expect(result.errors.contains(message), "\(result.errors)")
        let elsewhere = try command.run("quote-service", "serve", environment: ["FLASHBACK_PORT": "many"])
        #expect(elsewhere.status == 2 && elsewhere.errors.contains("environment FLASHBACK_PORT"))
    }

    // MARK: Doctor

    private func doctor(_ command: Command, _ arguments: String...) throws -> (
        status: Int32, verdicts: [String: String]
    ) {
        let result = try command.run(
            "quote-service", "doctor", "--json", "--at", "2026-11-22T12:00:00Z", arguments: arguments)
        guard case .object(let root) = try JSONValue(parsing: Array(result.output.utf8)),
            case .array(let findings) = root["findings"]
        else { throw Failure() }
        #expect(root["sound"] == .bool(result.status == 0))
        var verdicts: [String: String] = [:]
        for case .object(let finding) in findings {
            guard case .string(let subject) = finding["subject"], case .string(let verdict) = finding["verdict"] else {
                throw Failure()
            }
            verdicts[subject] = verdict
        }
        return (result.status, verdicts)
    }

    @Test func doctorFindsNothingWrongWithWhatWasJustLoaded() throws {
        let command = try Command()
        try command.load()
        let (status, verdicts) = try doctor(command)
        #expect(status == 0)
        for subject in ["disk", "database", "audit log", "catalogue", "rates"] { #expect(verdicts[subject] == "ok") }
        for subject in ["preferences", "performance", "signing"] { #expect(verdicts[subject] == "warning") }
        #expect(try doctor(command, "--max-rate-age-days", "0").verdicts["rates"] == "warning")
    }

    @Test func doctorFindsWhatIsDamaged() throws {
        let command = try Command()
        try command.load()
        // A page in the middle, overwritten.
        let file = command.folder.appendingPathComponent("flashback.sqlite")
        let handle = try FileHandle(forUpdating: file)
        try handle.seek(toOffset: 4096 * 200)
        try handle.write(contentsOf: Data(repeating: 0xA5, count: 4096))
        try handle.close()
        // Keys that others may read.
        #expect(try command.run("quote-service", "keys", "rotate").status == 0)
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o644], ofItemAtPath: command.folder.appendingPathComponent("keys.json").path)
        try command.write("no certificate", "c.pem")
        let (status, verdicts) = try doctor(command, "--tls-certificate", "c.pem", "--tls-key", "k.pem")
        #expect(status == 1)
        for subject in ["database", "signing", "certificate"] { #expect(verdicts[subject] == "FAILED") }
    }

    @Test func doctorWithoutADatabaseTellsTheRestStill() throws {
        let command = try Command()
        let (status, verdicts) = try doctor(command, "--quick")
        #expect(status == 1 && verdicts["database"] == "FAILED" && verdicts["preferences"] == "warning")
        #expect(try FileManager.default.contentsOfDirectory(atPath: command.folder.path).isEmpty)
    }
}
