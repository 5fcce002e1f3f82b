import Documents
import Foundation
import Logging
import Marketplace

/// Writes each event of a log as one line of JSON: `time` (UTC, to the millisecond), `level`, `logger`, `message`,
/// `error` and `metadata`.
///
/// A line is written at once, whole, so that lines of several threads do not mix.
public struct JSONLogHandler: LogHandler {
    /// The least of what is written.
    public var logLevel: Logger.Level = .info
    /// What every event of this logger carries.
    public var metadata: Logger.Metadata = [:]
    /// What the task that logs carries.
    public var metadataProvider: Logger.MetadataProvider?
    private let label: String
    private let clock: @Sendable () -> Date
    private let write: @Sendable (String) -> Void

    /// A handler for the logger `label`.
    ///
    /// - Parameters:
    ///   - clock: the time of an event.
    ///   - write: takes a line with its newline; standard error by default, which may take nothing.
    public init(
        label: String, clock: @escaping @Sendable () -> Date = { Date() },
        write: @escaping @Sendable (String) -> Void = {
            try? FileHandle.standardError.write(contentsOf: Data($0.utf8))
        }
    ) {
        (self.label, self.clock, self.write) = (label, clock, write)
    }

    /// One member of ``metadata``.
    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    /// Writes an event's line.
    public func log(event: LogEvent) {
        let known = metadata.merging(metadataProvider?.get() ?? [:]) { _, new in new }
            .merging(event.metadata ?? [:]) { _, new in new }
        let line = JSONValue(members: [
            ("time", .string(time)), ("level", .string(event.level.rawValue)), ("logger", .string(label)),
            ("message", .string(event.message.description)), ("error", event.error.map { .string("\($0)") }),
            ("metadata", known.isEmpty ? nil : .object(known.mapValues(Self.json)))
        ])
        write(line.text() + "\n")
    }

    private var time: String {
        let milliseconds = Int((clock().timeIntervalSince1970 * 1000).rounded(.down))
        let digits = String(1000 + milliseconds % 1000).dropFirst()
        return UTCTime.text(milliseconds / 1000).dropLast() + "." + digits + "Z"
    }

    private static func json(_ value: Logger.Metadata.Value) -> JSONValue {
        switch value {
        case .string(let text): .string(text)
        case .stringConvertible(let value): .string(value.description)
        case .array(let values): .array(values.map(json))
        case .dictionary(let members): .object(members.mapValues(json))
        }
    }
}
