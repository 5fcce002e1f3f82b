import ArgumentParser
import CommandSupport
import Documents
import Marketplace
import QuoteAPI
import Quoting

/// What a quote is made from.
struct MarketOptions: ParsableArguments {
    @OptionGroup var database: DatabaseOptions

    @Option(name: .long, help: "The folder of models; the champion in it is used.")
    var models = "models"

    @Option(name: .long, help: "Seconds that the optimizer may take: 30; of the service, 5.")
    var timeLimit: Double?

    @Option(name: .long, help: "The oldest exchange rate that is taken, in days.")
    var maxRateAgeDays = 7

    func validate() throws {
        guard timeLimit ?? 1 > 0 else { throw ValidationError("--time-limit must be above 0") }
        guard maxRateAgeDays >= 0 else { throw ValidationError("--max-rate-age-days must not be negative") }
    }

    /// The operator's settings, where the optimizer may take `seconds` unless an option says how many.
    func configuration(timeLimit seconds: Double = QuotingConfiguration().timeLimit) -> QuotingConfiguration {
        var configuration = QuotingConfiguration()
        configuration.timeLimit = timeLimit ?? seconds
        configuration.maximumRateAgeDays = maxRateAgeDays
        return configuration
    }

    /// Loads catalogue, rates and the champion models, as they are at `now`, seconds since 1970.
    func market(now: Int) throws -> Market {
        try Market(store: try database.open(), models: models, now: now)
    }

    /// Reads a request from a file or standard input.
    static func request(_ path: String) throws -> SLARequest {
        let name = path == "-" ? "standard input" : path
        return try SLARequest(
            JSONValue(parsing: try Terminal.read(path, "the request"), document: name), document: name)
    }
}
