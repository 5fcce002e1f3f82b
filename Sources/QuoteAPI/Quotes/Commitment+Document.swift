import Documents
import Foundation
import Marketplace
import MarketplaceStore
import Money

extension Commitment {
    /// What the quote's document promises and counts on: for each leg the most that lies there in any month, for each
    /// credit what the bill takes from it; from the term's first day to its end.
    init(_ quote: StoredQuote, request: SLARequest) throws(StoreError) {
        func broken(_ detail: String) -> StoreError { .corrupt(path: "", detail: "quote \(quote.id): \(detail)") }
        let members = try quote.members()
        guard case .array(let legs) = members["legs"] ?? .null, case .object(let bill) = members["bill"] ?? .null else {
            throw broken("no legs or no bill")
        }
        var capacities: [Capacity] = []
        for leg in legs {
            guard case .object(let leg) = leg, case .string(let offer) = leg["offer"] ?? .null,
                let first = Self.bytes(leg["storedGB"]), let last = Self.bytes(leg["storedGBAtEnd"])
            else { throw broken("a leg without offer or volume") }
            capacities.append(Capacity(offer: offer, bytes: max(first, last)))
        }
        var used: [String: Amount] = [:]
        if case .array(let uses) = bill["credits"] ?? .null {
            for use in uses {
                guard case .object(let use) = use, case .string(let provider) = use["provider"] ?? .null,
                    case .string(let text) = use["amount"] ?? .null,
                    let asset = request.credits.first(where: { $0.provider == provider })?.amount.asset,
                    let amount = try? Amount(text.replacing("-", with: ""), asset),
                    let sum = try? (used[provider] ?? .zero(asset)).adding(amount)
                else { throw broken("a credit that the request does not state") }
                used[provider] = sum
            }
        }
        let credits = try used.filter { $0.value.minor > 0 }.sorted { $0.key < $1.key }.map {
            (provider, used) throws(StoreError) in
            let all = request.credits.filter { $0.provider == provider }.map(\.amount)
            guard let stated = try? Amount.sum(all, used.asset) else { throw broken("credits in several assets") }
            return Credit(provider: provider, used: used, stated: stated)
        }
        self.init(
            capacities: capacities, credits: credits, start: request.start.ordinal * 86_400,
            end: request.start.addingMonths(max(1, request.months)).ordinal * 86_400)
    }

    /// Decimal gigabytes as bytes.
    private static func bytes(_ value: JSONValue?) -> Int? {
        guard case .string(let text)? = value, let gigabytes = try? ExactDecimal(text),
            let bytes = try? gigabytes.scaled(by: 1_000_000_000, rounding: .up)
        else { return nil }
        return Int(exactly: bytes)
    }
}
