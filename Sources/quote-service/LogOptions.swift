import ArgumentParser
import Logging
import QuoteAPI

/// What the service writes on standard error.
struct LogOptions: ParsableArguments {
    /// How a line of the log looks.
    enum Format: String, ExpressibleByArgument, CaseIterable {
        /// For people.
        case text
        /// One JSON document a line, for collectors.
        case json
    }

    @Option(help: ArgumentHelp("The log: text for people, json for collectors.", valueName: "format"))
    var logFormat = Format.text

    @Option(help: ArgumentHelp("The least of what is logged; debug has a line a request.", valueName: "level"))
    var logLevel = Logger.Level.info

    /// The logger that `label` names.
    func logger(_ label: String) -> Logger {
        let format = logFormat
        var logger = Logger(label: label) {
            switch format {
            case .text: StreamLogHandler.standardError(label: $0)
            case .json: JSONLogHandler(label: $0)
            }
        }
        logger.logLevel = logLevel
        return logger
    }
}

extension Logger.Level: @retroactive ExpressibleByArgument {}
