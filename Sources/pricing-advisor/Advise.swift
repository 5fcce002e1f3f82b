import ArgumentParser
import CommandSupport
import Marketplace
import Pricing

struct Advise: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Shows where a provider's offers stand, and what volume one of them wins at which price.",
        discussion: """
            Position: each offer among comparable offers of other providers: the same continent, access and level of \
            availability, and a storage price within a factor of four.

            Breakpoints: every request is replayed through the allocation optimizer with one flat storage price in \
            place of the offer's tiers and without its monthly minimum. All prices at which the volume changes are \
            found by parametric programming, and shown as the highest price tick (0.000001 USD) below.
            """)

    @Option(help: ArgumentHelp("The provider, e.g. wasabi.", valueName: "id"))
    var provider: String

    @Option(
        help: ArgumentHelp(
            "The offer to advise on, e.g. wasabi/us-east-1/hot-payg. Without it: the position of all the provider's offers, "
                + "and the prices of the one that is eligible for most requests.", valueName: "id"))
    var offer: String?

    @Option(help: ArgumentHelp("A folder with the requests to replay, one in each *.json.", valueName: "folder"))
    var requests = "datasets/requests"

    @Option(
        help: ArgumentHelp(
            "The highest price to search, in USD per volume unit and month. Without it: twice the dearest of the offer "
                + "and its comparable offers.", valueName: "price"))
    var maximumPrice: Double?

    @Flag(help: "Print one JSON document.")
    var json = false

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var time: TimeOptions

    func validate() throws {
        if let maximumPrice, !(0.000_001...100_000).contains(maximumPrice) {
            throw ValidationError("--maximum-price must lie between 0.000001 and 100000 USD")
        }
    }

    func run() throws {
        let catalog = try database.open().catalog()
        let requests = try RequestFolder(path: requests).read(catalog)
        do throws(PricingError) {
            let advice = try PriceAdvice(
                provider: provider, offer: offer, requests: requests, catalog: catalog, day: UTCTime.day(time.now),
                range: maximumPrice.map { 0...$0 },
                progress: { Terminal.progress("replaying \(requests[$0].name) (\($0 + 1) of \(requests.count)) …") })
            Terminal.progress("", done: true)
            if json { Terminal.write(advice.json) } else { Terminal.write(advice.text) }
        } catch {
            Terminal.progress("", done: true)
            throw CommandEnd(error.status, "error: \(error)")
        }
    }
}

extension PricingError {
    /// How a command ends on this error.
    var status: ExitStatus {
        switch self {
        case .unknownProvider, .unknownOffer, .tooManyQuestions, .bucketLocked: .refused
        case .noRequests, .badRange, .input: .usage
        case .allocation: .failure
        }
    }
}
