import ArgumentParser
import CommandSupport
import Logging
import QuoteAPI

/// `quote-service serve`
struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serves quotes over HTTP: POST /v1/quotes, GET /v1/quotes/{id}, POST /v1/measurements, GET /livez.")

    @Option(name: .long, help: "The address to listen on.")
    var host = "127.0.0.1"

    @Option(name: .long, help: "The port to listen on.")
    var port = 8080

    @OptionGroup var market: MarketOptions

    func validate() throws {
        guard (0...65_535).contains(port) else { throw ValidationError("--port must be within 0…65535") }
    }

    func run() async throws {
        var logger = Logger(label: "quote-service") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = .info
        let store = try market.database.open()
        let service = QuoteServer(
            store: store, models: market.models, configuration: market.configuration,
            logger: logger)
        try await service.run(host: host, port: port)
    }
}
