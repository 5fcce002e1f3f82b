import Dispatch
import Marketplace
import Pricing
import Synchronization

/// What the console draws a provider's curves from. None of it is anybody's record: the requests and the quotes are made up,
/// and costs are assumed.
struct ConsoleDemand: Sendable {
    /// The requests that are replayed.
    let requests: [NamedRequest]
    /// Assumed costs, by provider.
    let costs: [String: CostFile]
    /// Made-up quotes, and whether they were accepted.
    let history: QuoteHistory?

    /// Demand of `requests`, with the costs of `files` where the visitor states none.
    init(requests: [(name: String, request: SLARequest)], costs files: [CostFile], history: QuoteHistory?) {
        self.requests = requests.map { NamedRequest(name: $0.name, request: $0.request) }
        costs = Dictionary(files.map { ($0.provider, $0) }) { $1 }
        self.history = history
    }
}

/// Curves that were drawn, and those that are being drawn: they take seconds, so that whoever asks is told to come back.
final class ConsoleCurves: Sendable {
    /// What became of a question.
    typealias Outcome = Result<PriceAdvice, any Error>

    /// The most that are being drawn, or wait.
    private static let most = 4

    private let known = BoundedCache<String, Outcome>(capacity: 64)
    private let begun = Mutex<Set<String>>([])
    private let queue = DispatchQueue(label: "curves", qos: .utility)

    /// The outcome for `key`; nil while it is being worked out, one after the other, which begins now unless it has.
    ///
    /// - Throws: a ``Problem`` when too many others wait.
    func outcome(_ key: String, _ body: @escaping @Sendable () throws -> PriceAdvice) throws(Problem) -> Outcome? {
        if let known = known.value(key) { return known }
        let isNew = try begun.withLock { begun throws(Problem) in
            guard begun.contains(key) || begun.count < Self.most else { throw .tooMuchWork }
            return begun.insert(key).inserted
        }
        guard isNew else { return nil }
        queue.async { [self] in
            known.insert(Outcome(catching: body), for: key)
            begun.withLock { _ = $0.remove(key) }
        }
        return nil
    }
}
