import Allocation
import Documents
import Marketplace
import Money

/// What keeps pricing advice from being given.
public enum PricingError: Error, Sendable, CustomStringConvertible {
    /// No provider of that ID lists an offer.
    case unknownProvider(String, known: [String])
    /// The provider lists no offer of that ID.
    case unknownOffer(String, provider: String, known: [String])
    /// There is no request to replay.
    case noRequests
    /// The range of prices is empty, negative, or beyond what a tariff holds.
    case badRange(lower: Double, upper: Double)
    /// A request refers to what is not in the catalogue.
    case input(InputError)
    /// The optimizer failed on a request.
    case allocation(request: String, AllocationError)
    /// A provider asked about more prices than a period allows; when to ask again, in seconds since 1970, or nil when
    /// so many may never be asked about at once.
    case tooManyQuestions(limit: Int, period: String, retryAt: Int?)
    /// A deal holds the bucket, so that its conditions cannot be changed.
    case bucketLocked(id: Int)
    /// A fit or a score asks for a variable or grouping that the choices do not have.
    case unknownVariable(String, known: [String])
    /// A setting of a method is out of its range; `problem` says which values it takes.
    case badSetting(String, problem: String)
    /// These variables explain each other exactly, or one does not vary among the alternatives of any choice.
    case collinear([String])
    /// These variables tell chosen from not chosen without exception: their coefficients grow without bound.
    case separated([String])
    /// The likelihood found no maximum.
    case notConverged(iterations: Int)
    /// A figure that a price would be made from is missing or out of its range.
    case badValue(field: String, remedy: String)
    /// No prices were found that no owner would change alone.
    case noEquilibrium(iterations: Int, residual: Double)

    /// What is wrong and what helps.
    public var description: String {
        switch self {
        case .unknownProvider(let id, let known):
            "no provider '\(id)' lists an offer; \(suggestion(id, known))"
        case .unknownOffer(let id, let provider, let known):
            "'\(provider)' lists no offer '\(id)'; \(Self.offerSuggestion(id, known))"
        case .noRequests: "there is no request to replay; name a folder with requests by --requests"
        case .badRange(let lower, let upper):
            "prices from \(lower) to \(upper) cannot be searched; give 0 ≤ lower < upper ≤ 100000 USD"
        case .input(let error): error.description
        case .allocation(let request, let error): "request '\(request)': \(error)"
        case .tooManyQuestions(let limit, let period, let retry):
            "at most \(limit) prices may be asked about in any \(period); "
                + (retry.map { "ask again at \(UTCTime.text($0))" } ?? "ask about fewer")
        case .bucketLocked(let id):
            "bucket \(id) is locked by a deal: its conditions cannot be changed; unlock it, or wait until the deal ends"
        case .unknownVariable(let name, let known):
            "the choices have no '\(name)'; " + (known.isEmpty ? "they have none" : suggestion(name, known))
        case .badSetting(let name, let problem): "\(name): \(problem)"
        case .collinear(let names):
            names.count == 1
                ? "'\(names[0])' does not vary among the alternatives of any choice; leave it out"
                : "\(names.joined(separator: ", ")) are exactly collinear; leave one out, or fit with ridge > 0"
        case .separated(let names):
            "\(names.joined(separator: ", ")) separate the chosen from the others without exception, so there is no "
                + "estimate; fit with ridge > 0, or gather more choices"
        case .notConverged(let iterations):
            "the likelihood has no maximum within \(iterations) steps; check the variables for outliers, or fit with "
                + "ridge > 0"
        case .badValue(let field, let remedy): "\(field) cannot be used; \(remedy)"
        case .noEquilibrium(let iterations, let residual):
            "no equilibrium of prices was found in \(iterations) steps (conditions are missed by \(residual)); give a lower "
                + "correlation within nests or less shared ownership"
        }
    }

    /// Refuses a value of `field` that does not hold what it must.
    static func require(_ condition: Bool, _ field: String, _ remedy: String) throws(PricingError) {
        guard condition else { throw .badValue(field: field, remedy: remedy) }
    }

    /// The nearest offer, or those that share the most parts of the ID, or the first few: an ID has parts that are
    /// easily left out.
    private static func offerSuggestion(_ id: String, _ known: [String]) -> String {
        if let near = id.nearest(among: known) { return "did you mean '\(near)'?" }
        let parts = Set(id.lowercased().split(separator: "/").map(String.init))
        let scores = known.map { offer in
            let own = offer.lowercased().split(separator: "/").dropFirst()
            return parts.count { part in own.contains { $0.contains(part) } }
        }
        let best = scores.max() ?? 0
        let alike = zip(known, scores).filter { $0.1 == best }.map(\.0)
        if best > 0, alike.count == 1, let only = alike.first { return "did you mean '\(only)'?" }
        return "it lists " + alike.prefix(6).joined(separator: ", ") + (alike.count > 6 ? ", …" : "")
    }
}
