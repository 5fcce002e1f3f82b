import CommandSupport
import Documents
import Foundation

extension Serve {
    /// What can be set by file and environment, with the values of this call; all but `open`, which nobody should leave on
    /// by an old file.
    var settings: [(name: String, value: JSONValue)] {
        func text(_ value: String?) -> JSONValue { value.map { .string($0) } ?? .null }
        return [
            ("host", .string(host)), ("port", JSONValue(port)),
            ("database", .string(market.database.database)), ("models", .string(market.models)),
            ("keys", .string(keys.keys)), ("time-limit", JSONValue(market.timeLimit ?? Self.timeLimit)),
            ("max-rate-age-days", JSONValue(market.maxRateAgeDays)), ("advice-requests", text(adviceRequests)),
            ("console", .string(console.rawValue)),
            ("requests-per-minute", JSONValue(traffic.requestsPerMinute)),
            ("concurrent-requests", JSONValue(traffic.concurrentRequests)),
            ("connections", JSONValue(traffic.connections)), ("body-seconds", JSONValue(traffic.bodySeconds)),
            ("idle-seconds", JSONValue(traffic.idleSeconds)), ("notice-seconds", JSONValue(traffic.noticeSeconds)),
            ("drain-seconds", JSONValue(traffic.drainSeconds)),
            ("issuer", text(tokens.issuer)), ("audience", text(tokens.audience)),
            ("issuer-keys", text(tokens.issuerKeys)), ("tenant-claim", .string(tokens.tenantClaim)),
            ("tls-certificate", text(certificate.tlsCertificate)), ("tls-key", text(certificate.tlsKey)),
            ("tls-reload-seconds", JSONValue(certificate.tlsReloadSeconds)),
            ("log-format", .string(log.logFormat.rawValue)), ("log-level", .string(log.logLevel.rawValue))
        ]
    }

    /// The process's arguments, with what a file and the environment set when they call `serve`.
    ///
    /// - Throws: what ``ServiceSettings`` throws; `CommandEnd` when the settings together cannot be taken.
    static func configured(_ arguments: [String], environment: [String: String]) throws -> [String] {
        guard arguments.first == configuration.commandName ?? "serve" else { return arguments }
        let settings = try ServiceSettings(
            Array(arguments.dropFirst()), environment: environment, names: try names())
        do { _ = try parse(settings.arguments) } catch {
            guard exitCode(for: error) == .validationFailure, let provenance = settings.provenance else {
                return arguments
            }
            throw CommandEnd(.usage, message(for: error) + "\n" + provenance)
        }
        return [arguments[0]] + settings.arguments
    }

    private static func names() throws -> [String] { try parse([]).settings.map(\.name) }

    /// Prints every setting with its value and where that comes from.
    func printSettings() throws {
        let sources = try ServiceSettings(
            Array(CommandLine.arguments.dropFirst(2)), environment: ProcessInfo.processInfo.environment,
            names: settings.map(\.name))
        let width = settings.map(\.name.count).max() ?? 0
        for (name, value) in settings {
            let shown =
                switch value {
                case .string(let text): text
                case .null: "–"
                default: value.text()
                }
            Terminal.write(
                name.padding(toLength: width + 2, withPad: " ", startingAt: 0)
                    + shown.padding(toLength: max(shown.count, 24), withPad: " ", startingAt: 0) + "  "
                    + sources.source(name).words + "\n")
        }
    }
}
