import ArgumentParser
import Documents
import Foundation
import Marketplace
import MarketplaceStore

/// Where the marketplace's database is.
public struct DatabaseOptions: ParsableArguments {
    /// The path.
    @Option(name: .long, help: "The SQLite database of the marketplace.")
    public var database = "flashback.sqlite"

    /// Defaults.
    public init() {}

    /// Opens the database, which must exist unless `creating`.
    public func open(_ opening: MarketplaceDatabase.Opening = .existing) throws(StoreError) -> MarketplaceDatabase {
        try MarketplaceDatabase(path: database, opening)
    }
}

/// The time that counts as the present.
public struct TimeOptions: ParsableArguments {
    /// A time that replaces the clock's.
    @Option(
        name: .long,
        help: "The time that counts as the present, as 2026-11-22T12:00:00Z, to replay; the clock's by default.",
        transform: Self.seconds)
    public var at: Int?

    /// Defaults.
    public init() {}

    /// Seconds since 1970.
    public var now: Int { at ?? Int(Date().timeIntervalSince1970) }

    private static func seconds(_ text: String) throws -> Int {
        guard let seconds = UTCTime.seconds(text) else {
            throw ValidationError("'\(text)' is not a time; write 2026-11-22T12:00:00Z")
        }
        return seconds
    }
}

/// Input and output of commands.
public enum Terminal {
    /// Reads a file, or standard input when the path is `-`.
    public static func read(_ path: String, _ what: String) throws -> [UInt8] {
        if path == "-" { return Array(FileHandle.standardInput.readDataToEndOfFile()) }
        guard let data = FileManager.default.contents(atPath: path) else {
            throw CommandEnd(.usage, "error: \(what) '\(path)' cannot be read; give a file, or - for standard input")
        }
        return Array(data)
    }

    /// Writes a JSON document and a newline on standard output.
    public static func write(_ json: JSONValue) { write(json.text(indented: true) + "\n") }

    /// Writes text on standard output.
    ///
    /// An output that takes nothing, a full disk say, ends the process as a failure: what was asked for is lost.
    public static func write(_ text: String) {
        do { try FileHandle.standardOutput.write(contentsOf: Data(text.utf8)) } catch {
            log("error: cannot write the output: \(error.localizedDescription)")
            exit(ExitStatus.failure.rawValue)
        }
    }

    /// Writes a line on standard error, which may take nothing.
    public static func log(_ line: String) { try? FileHandle.standardError.write(contentsOf: Data((line + "\n").utf8)) }

    /// Whether standard error is a terminal, where progress may be drawn over itself.
    public static let showsProgress = isatty(STDERR_FILENO) == 1

    /// Draws a line of progress over the last one, on a terminal only.
    public static func progress(_ line: String, done: Bool = false) {
        guard showsProgress else { return }
        try? FileHandle.standardError.write(contentsOf: Data(("\r\u{1B}[K" + (done ? "" : line)).utf8))
    }
}
