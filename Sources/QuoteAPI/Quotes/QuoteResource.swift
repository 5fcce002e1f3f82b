import Documents
import Marketplace
import MarketplaceStore

/// A quote as the service shows it: the signed document, which never changes, and where the quote stands.
struct QuoteResource: Sendable {
    let quote: StoredQuote
    let steps: [QuoteStep]
    let now: Int

    /// The status as of now, and not as it was last written down.
    var state: QuoteStatus { quote.status(at: now) }

    /// Changes with everything that the text depends on.
    var entityTag: String { "\"\(quote.id)-\(steps.count)-\(state.rawValue)\"" }

    /// The resource as JSON text.
    var text: String {
        let rest = JSONValue(members: [
            ("expiresAt", .string(UTCTime.text(quote.expiresAt))),
            (
                "history",
                .array(
                    steps.map { ["state": .string($0.status.rawValue), "at": .string(UTCTime.text($0.time))] })
            ),
            ("id", .string(quote.id)), ("revisionOf", quote.revisionOf.map { .string($0) }),
            ("state", .string(state.rawValue)), ("version", JSONValue(quote.version))
        ])
        // The document's bytes as they were stored: reading and writing them again could only cost.
        return "{\"document\":" + quote.document + "," + rest.text().dropFirst()
    }
}

extension StoredQuote {
    /// The members of the document.
    func members() throws(StoreError) -> [String: JSONValue] {
        guard let json = try? JSONValue(parsing: document.utf8, document: id), case .object(let members) = json else {
            throw .corrupt(path: "", detail: "the document of quote \(id)")
        }
        return members
    }
}
