import Allocation
import Documents
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
        }
    }

    /// The nearest offer, or the first few: an offer's ID is too long for two typing errors to be its only fault.
    private static func offerSuggestion(_ id: String, _ known: [String]) -> String {
        if let near = id.nearest(among: known) { return "did you mean '\(near)'?" }
        let parts = id.split(separator: "/").map { $0.lowercased() }
        let alike = known.filter { offer in
            let own = offer.lowercased()
            return parts.dropFirst().contains { own.contains($0) }
        }
        let shown = alike.isEmpty ? known : alike
        return "it lists " + shown.prefix(6).joined(separator: ", ") + (shown.count > 6 ? ", …" : "")
    }
}
