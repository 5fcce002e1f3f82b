import Marketplace

/// What the console is shown with; a service without these has none.
///
/// The console is for trying out: it asks nobody for a key, shows nothing that belongs to a tenant, and keeps nothing.
public struct ConsoleSettings: Sendable {
    /// Requests to begin with, by name.
    public let samples: [(name: String, request: SLARequest)]
    /// Chart.js, as Debian's package installs it.
    public let chartLibrary: String

    /// A console that offers `samples` and draws by `chartLibrary`.
    public init(samples: [(name: String, request: SLARequest)] = [], chartLibrary: String) {
        self.samples = samples
        self.chartLibrary = chartLibrary
    }
}
