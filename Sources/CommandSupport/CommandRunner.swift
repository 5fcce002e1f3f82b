import ArgumentParser
import Documents
import Foundation
import MarketplaceStore

/// How a command ends, by the package's convention.
public enum ExitStatus: Int32, Sendable {
    /// Done.
    case done = 0
    /// Refused by the data: infeasible, a gate not passed, rows of an import at fault.
    case refused = 1
    /// The call is at fault: arguments or a request that cannot be read.
    case usage = 2
    /// Something failed: no database, no model, no disk.
    case failure = 3
}

/// An end of a command that has said all there is to say.
public struct CommandEnd: Error, Sendable {
    /// The status to exit with.
    public let status: ExitStatus
    /// What to print on standard error first; may be empty.
    public let message: String

    /// An end with a message.
    public init(_ status: ExitStatus, _ message: String = "") {
        self.status = status
        self.message = message
    }
}

/// Runs a tree of commands and exits by the package's convention.
public enum CommandRunner {
    /// Parses the process's arguments, runs the command they name, and exits.
    ///
    /// - Parameter completing: adds to the arguments what is set elsewhere.
    public static func main<Root: ParsableCommand>(
        _ root: Root.Type, completing: @Sendable ([String]) throws -> [String] = { $0 }
    ) async -> Never {
        do {
            var command = try root.parseAsRoot(try completing(Array(CommandLine.arguments.dropFirst())))
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
            exit(ExitStatus.done.rawValue)
        } catch {
            let (status, message) = end(error, root)
            if !message.isEmpty {
                let stream = status == .done ? FileHandle.standardOutput : FileHandle.standardError
                try? stream.write(contentsOf: Data((message + (message.hasSuffix("\n") ? "" : "\n")).utf8))
            }
            exit(status.rawValue)
        }
    }

    /// The one place where errors become exit codes.
    static func end<Root: ParsableCommand>(_ error: any Error, _ root: Root.Type) -> (ExitStatus, String) {
        switch error {
        case let end as CommandEnd: return (end.status, end.message)
        case let input as InputError: return (.usage, input.description)
        case StoreError.refused(let input): return (.refused, input.description)
        case let store as StoreError: return (.failure, "error: \(store)")
        default:
            let code = root.exitCode(for: error)
            if code == .success { return (.done, root.fullMessage(for: error)) }
            if code == .validationFailure { return (.usage, root.fullMessage(for: error)) }
            return (.failure, "error: \(error)")
        }
    }
}
