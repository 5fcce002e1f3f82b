import Marketplace

/// What the console is shown with; a service without these has none.
///
/// The console is for trying out: it asks nobody for a key, shows nothing that belongs to a tenant, and keeps nothing.
public struct ConsoleSettings: Sendable {
    /// Requests to begin with, by name.
    public let samples: [(name: String, request: SLARequest)]
    /// Chart.js, as Debian's package installs it.
    public let chartLibrary: String
    let pages: ConsolePages

    /// A console that offers `samples` and draws by `chartLibrary`.
    ///
    /// - Throws: what Mustache reports of a template that is none; the package's own are tested.
    public init(samples: [(name: String, request: SLARequest)] = [], chartLibrary: String) throws {
        self.samples = samples
        self.chartLibrary = chartLibrary
        pages = try ConsolePages()
    }
}
