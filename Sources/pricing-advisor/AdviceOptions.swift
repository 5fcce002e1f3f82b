import ArgumentParser
import CommandSupport
import Documents
import Foundation
import Marketplace
import MarketplaceStore
import Money
import Pricing

extension PriceObjective: ExpressibleByArgument {}

/// What advice and reports are made from.
struct AdviceOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The provider, e.g. wasabi.", valueName: "id"))
    var provider: String

    @Option(
        help: ArgumentHelp(
            "The offer to advise on, e.g. wasabi/us-east-1/hot-payg. Without it: the position of all the provider's offers, "
                + "and the prices of the one that is eligible for most requests.", valueName: "id"))
    var offer: String?

    @Option(
        help: ArgumentHelp(
            "The requests to replay: a folder with one in each *.json, one such file, or a file with one a line.",
            valueName: "path"))
    var requests = "datasets/requests"

    @Option(
        help: ArgumentHelp(
            "How many such requests arrive in a month, all together; one of each. With --choices: how many choices show "
                + "the offer; as many as in the file.", valueName: "n"))
    var monthlyRequests: Double?

    @Option(
        help: ArgumentHelp(
            "The provider's costs, see datasets/README.md; datasets/costs/ID.json if that exists.",
            valueName: "file.json"))
    var costs: String?

    @Option(
        help: ArgumentHelp(
            "What users were quoted and whether they accepted, see datasets/README.md; datasets/quotes-sample.csv if that "
                + "exists. Quotes of the database that were accepted or not are added.", valueName: "file.csv"))
    var quotes: String?

    @Option(
        help: ArgumentHelp(
            "Where users pick from the listing themselves: who was shown at which price and what was taken, see "
                + "datasets/README.md. It replaces requests and quotes.",
            valueName: "file.csv"))
    var choices: String?

    @Option(
        help: ArgumentHelp("The first day of week 0 of --quotes and --choices.", valueName: "date"), transform: Self.day
    )
    var weekZero = CalendarDay(ordinal: 0)

    @Option(help: ArgumentHelp("What to aim for: profit, revenue or utilisation.", valueName: "aim"))
    var objective = PriceObjective.profit

    @Option(
        help: ArgumentHelp("Gigabytes that can still be sold of the offer; what the listing says.", valueName: "GB"))
    var freeCapacity: Double?

    @Option(
        help: ArgumentHelp("The most that the price may change at once, up or down, in percent.", valueName: "percent"))
    var largestChange: Double?

    @Option(help: ArgumentHelp("Your own floor, in USD per volume unit and month: it only warns.", valueName: "price"))
    var floor: Double?

    @Option(
        help: ArgumentHelp(
            "How far rivals' prices may stray from the listing, one standard deviation in percent.",
            valueName: "percent"))
    var rivalSpread = 5.0

    @Option(
        help: ArgumentHelp("An uptime to consider promising, in percent; may be given again.", valueName: "percent"))
    var uptime: [Double] = []

    @Option(
        help: ArgumentHelp(
            "A price to be told about, in USD per volume unit and month; may be given again, and is limited.",
            valueName: "price"))
    var whatIf: [Double] = []

    @Option(
        help: ArgumentHelp(
            "The highest price to search, in USD per volume unit and month. Without it: twice the dearest of the offer "
                + "and its comparable offers.", valueName: "price"))
    var maximumPrice: Double?

    @Option(
        help: ArgumentHelp(
            "The platform's document of the bucket to advise on: its promise stands, and the arguments of "
                + "update_bucket_conditions are printed.", valueName: "file.json"))
    var bucket: String?

    @Option(
        help: ArgumentHelp(
            "An earlier document of 'advise --json' on the same offer, to tell what moved the price.",
            valueName: "file.json"))
    var previous: String?

    @OptionGroup var audit: AuditOptions
    @OptionGroup var database: DatabaseOptions
    @OptionGroup var time: TimeOptions

    private static func day(_ text: String) throws -> CalendarDay {
        guard let day = try? CalendarDay(text) else {
            throw ValidationError("'\(text)' is not a date; write YYYY-MM-DD")
        }
        return day
    }

    func validate() throws {
        func check(_ value: Double?, _ range: ClosedRange<Double>, _ name: String, _ unit: String) throws {
            guard let value, !range.contains(value) else { return }
            throw ValidationError("\(name) must lie between \(range.lowerBound) and \(range.upperBound) \(unit)")
        }
        try check(maximumPrice, 0.000_001...100_000, "--maximum-price", "USD")
        try check(monthlyRequests, 1e-6...1e9, "--monthly-requests", "a month")
        try check(freeCapacity, 0...1e15, "--free-capacity", "GB")
        try check(largestChange, 0.01...100, "--largest-change", "percent")
        try check(floor, 0...100_000, "--floor", "USD")
        try check(rivalSpread, 0...50, "--rival-spread", "percent")
        if choices != nil {
            for (isGiven, name) in [
                (quotes != nil, "--quotes"), (previous != nil, "--previous"), (!uptime.isEmpty, "--uptime")
            ] where isGiven {
                throw ValidationError(
                    "\(name) says nothing where users pick from the listing; leave it or --choices out")
            }
        }
        for uptime in uptime { try check(uptime, 50...99.999999, "--uptime", "percent") }
        for price in whatIf { try check(price, 0.000_001...100_000, "--what-if", "USD") }
    }

    /// What the provider wants.
    var terms: AdviceTerms {
        var terms = AdviceTerms()
        terms.objective = objective
        terms.largestChange = largestChange.map { $0 / 100 }
        terms.floor = floor
        terms.monthlyRequests = monthlyRequests
        terms.rivalSpread = rivalSpread / 100
        terms.uptimes = uptime.map { $0 / 100 }
        terms.whatIf = whatIf
        return terms
    }
}
