import Marketplace
import Pricing

/// What the console is shown with; a service without these has none.
///
/// The console is for trying out: it asks nobody for a key, shows nothing that belongs to a tenant, and keeps nothing.
public struct ConsoleSettings: Sendable {
    /// Requests to begin with, by name.
    public let samples: [(name: String, request: SLARequest)]
    /// Chart.js, as Debian's package installs it.
    public let chartLibrary: String
    /// The longest search for a frontier, in seconds.
    let frontierSeconds: Double
    /// What providers' curves are drawn from.
    let demand: ConsoleDemand
    let curves = ConsoleCurves()
    let pages: ConsolePages

    /// A console that offers `samples` and draws by `chartLibrary`.
    ///
    /// - Parameters:
    ///   - costs: documents with assumed costs of providers, for their curves.
    ///   - quotes: made-up quotes, from which acceptance is estimated.
    ///   - frontierSeconds: how long a frontier may be searched for.
    /// - Throws: `InputError` and `PricingError` that name what of the documents cannot be read; what Mustache reports of a
    ///   template that is none, but the package's own are tested.
    public init(
        samples: [(name: String, request: SLARequest)] = [], costs: [(name: String, bytes: [UInt8])] = [],
        quotes: (name: String, bytes: [UInt8])? = nil, frontierSeconds: Double = 4, chartLibrary: String
    ) throws {
        self.samples = samples
        self.chartLibrary = chartLibrary
        self.frontierSeconds = frontierSeconds
        demand = ConsoleDemand(
            requests: samples, costs: try costs.map { try CostFile(parsing: $0.bytes, document: $0.name) },
            history: try quotes.map { try QuoteHistory(csv: $0.bytes, document: $0.name) })
        pages = try ConsolePages()
    }
}
