import ArgumentParser
import CommandSupport
import Documents
import Foundation

/// What `serve` is set by besides its options: a file of settings and the environment.
///
/// Options go before the environment, the environment before the file, the file before what holds by itself. Settings
/// have the names of the options: `requests-per-minute` in the file is `FLASHBACK_REQUESTS_PER_MINUTE` in the environment.
/// Both are put before the caller's own options, which win, so that all are checked and explained in one place.
struct ServiceSettings {
    /// Where a setting's value comes from.
    enum Source: Hashable {
        case option
        case environment(String)
        case file(String)
        case standard

        var words: String {
            switch self {
            case .option: "option"
            case .environment(let name): "environment \(name)"
            case .file(let path): "file \(path)"
            case .standard: "default"
            }
        }
    }

    /// Where each setting's value comes from, of those that are set.
    let sources: [String: Source]
    /// The arguments of `serve` with what file and environment set.
    let arguments: [String]

    /// Settings for a call of `serve` with `arguments`.
    ///
    /// - Throws: `InputError` naming the setting of a file that cannot be taken; `CommandEnd` for a file that cannot be read.
    init(_ arguments: [String], environment: [String: String], names: [String]) throws {
        var sources: [String: Source] = [:]
        var given: [String] = []
        let named = Self.named(in: arguments)
        func set(_ name: String, _ value: String, _ source: Source) {
            guard sources[name] == nil else { return }
            sources[name] = source
            if source != .option { given += ["--" + name + "=" + value] }
        }
        for name in names where named.contains(name) { set(name, "", .option) }
        for name in names {
            let variable = Self.variable(name)
            if let value = environment[variable], !value.isEmpty { set(name, value, .environment(variable)) }
        }
        if let path = Self.value(of: "config", in: arguments) ?? environment[Self.variable("config")], !path.isEmpty {
            for (name, value) in try Self.file(path, names) { set(name, value, .file(path)) }
        }
        self.sources = sources
        self.arguments = given + arguments
    }

    /// Where the value of `name` comes from.
    func source(_ name: String) -> Source { sources[name] ?? .standard }

    /// What was set otherwise than by options, for a message about a value that cannot be taken; nil when nothing was.
    var provenance: String? {
        let others = sources.filter { $0.value != .option }.sorted { $0.key < $1.key }
        guard !others.isEmpty else { return nil }
        return "Set otherwise than by options: "
            + others.map { "\($0.key) by \($0.value.words)" }.joined(separator: ", ") + "."
    }

    static func variable(_ name: String) -> String {
        "FLASHBACK_" + name.uppercased().replacingOccurrences(of: "-", with: "_")
    }

    /// The names of the options that are given.
    private static func named(in arguments: [String]) -> Set<String> {
        Set(
            arguments.prefix { $0 != "--" }.filter { $0.hasPrefix("--") }.map {
                String($0.dropFirst(2).prefix { $0 != "=" })
            })
    }

    private static func value(of name: String, in arguments: [String]) -> String? {
        for (place, argument) in arguments.enumerated() {
            if argument.hasPrefix("--\(name)=") { return String(argument.dropFirst(name.count + 3)) }
            if argument == "--" + name, arguments.indices.contains(place + 1) { return arguments[place + 1] }
        }
        return nil
    }

    /// The settings of a file: one JSON object, a text or a number each.
    private static func file(_ path: String, _ names: [String]) throws -> [(String, String)] {
        let document = try JSONValue(parsing: try Terminal.read(path, "the configuration"), document: path)
        let log = IssueLog()
        var settings: [(String, String)] = []
        if case .object(let members) = document {
            for (name, value) in members.sorted(by: { $0.key < $1.key }) {
                guard names.contains(name) else {
                    log.report("/\(name)", "there is no such setting", remedy: "use " + names.joined(separator: ", "))
                    continue
                }
                switch value {
                case .string(let text): settings.append((name, text))
                case .number(let text): settings.append((name, text))
                default: log.report("/\(name)", "is neither text nor number", remedy: "write one of them")
                }
            }
        } else {
            log.report("", "the document is no object", remedy: #"write {"port": 8080}"#)
        }
        try log.check(path)
        return settings
    }
}
