import Documents
import Marketplace
import MarketplaceStore
import Quoting

extension MarketplaceTransaction {
    /// A quote of the caller's tenant as it stands within the transaction.
    func resource(_ id: String) throws(StoreError) -> QuoteResource {
        QuoteResource(quote: try quote(id), steps: try steps(of: id), now: time)
    }
}

extension MarketplaceDatabase {
    /// A quote of the caller's tenant as it stands at `now`.
    func resource(_ id: String, of caller: Caller, now: Int) throws(StoreError) -> QuoteResource {
        guard let quote = try quote(id: id), quote.tenant == caller.tenant else { throw .unknownQuote(id: id) }
        return QuoteResource(quote: quote, steps: try steps(of: id), now: now)
    }
}

extension StoredQuote {
    /// The request that was answered.
    func request() throws -> SLARequest {
        try SLARequest(try members()["request"] ?? .null, document: id)
    }
}

extension Market {
    /// Passes if every leg's offer may still serve the request: a provider may have been suspended, an offer delisted,
    /// since the quote was made. What the quote costs stays as it was promised.
    func recheck(_ quote: StoredQuote, _ request: SLARequest, at now: Int) throws {
        guard case .array(let legs) = try quote.members()["legs"] ?? .null else { return }
        let eligibility = Eligibility(request, catalog, on: UTCTime.day(now))
        let eligible = Set(eligibility.offers.map(\.id))
        for leg in legs {
            guard case .object(let leg) = leg, case .string(let offer) = leg["offer"] ?? .null,
                !eligible.contains(offer)
            else { continue }
            let causes =
                eligibility.rejections.first { $0.offer == offer }?.causes
                .map { $0.reason.rawValue + ($0.detail.isEmpty ? "" : " (\($0.detail))") } ?? ["not listed"]
            throw Problem(
                status: .conflict, type: "no-longer-eligible", title: "An offer of the quote may no longer serve it",
                detail: "'\(offer)': \(causes.joined(separator: ", ")); ask for a new quote")
        }
    }
}
