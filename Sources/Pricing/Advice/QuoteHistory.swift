import Documents
import Marketplace
import Money

/// What users were quoted, and whether they accepted.
///
/// Read from long format: the rows of one `request` are the providers whose offers the quote would have used; `price` is
/// the quote's total, `reference` what its user compares it with (the budget, or the cheapest quote of others), both over
/// the same term and in the same currency; one row is `chosen` when the user accepted. `week` counts whole weeks.
public struct QuoteHistory: Sendable, Hashable {
    /// One quote.
    public struct Quote: Sendable, Hashable {
        /// The last day of the week it was given in.
        public let day: CalendarDay
        /// Its user, by number; quotes of one user are drawn together.
        public let user: Int
        /// The total.
        public let total: Double
        /// What the user compares it with; 1 on the scale of acceptance.
        public let reference: Double
        /// Whether it was accepted.
        public let isAccepted: Bool
        /// The providers whose offers it used.
        public let providers: Set<String>

        /// A quote of given parts.
        public init(
            day: CalendarDay, user: Int, total: Double, reference: Double, isAccepted: Bool, providers: Set<String>
        ) {
            self.day = day
            self.user = user
            self.total = total
            self.reference = reference
            self.isAccepted = isAccepted
            self.providers = providers
        }
    }

    /// The quotes, in the order of the file.
    public let quotes: [Quote]
    /// Where they come from, for people.
    public let source: String

    /// A history of given quotes.
    public init(_ quotes: [Quote], source: String) {
        self.quotes = quotes
        self.source = source
    }

    /// Reads a file.
    ///
    /// - Parameter weekZero: the first day of week 0.
    /// - Throws: ``PricingError/input(_:)`` naming line and column of what is wrong. O(bytes).
    public init(
        csv bytes: [UInt8], document: String, weekZero: CalendarDay = CalendarDay(ordinal: 0)
    ) throws(PricingError) {
        let data = try ChoiceData(csv: bytes, document: document)
        func missing(_ column: String, _ remedy: String) -> PricingError {
            .input(InputError(document, [InputIssue("line 1", "the column '\(column)' is missing", remedy: remedy)]))
        }
        guard data.variables.contains("price") else { throw missing("price", "give each quote's total") }
        guard data.variables.contains("reference") else {
            throw missing("reference", "give what the user compares the total with: its budget, or another quote")
        }
        guard let weeks = data.groupings["week"] else { throw missing("week", "give whole weeks since week 0") }
        guard !data.providers.isEmpty else { throw missing("provider", "name the provider of each row") }
        let (totals, references) = (try data.values(of: "price"), try data.values(of: "reference"))
        let users = data.groupings["user"]
        let log = IssueLog()
        var quotes: [Quote] = []
        for situation in 0..<data.situations where log.issues.count < 20 {
            let rows = data.starts[situation]..<data.starts[situation + 1]
            let (total, reference) = (totals[rows.lowerBound], references[rows.lowerBound])
            for (name, value) in [("price", total), ("reference", reference)] where value <= 0 {
                log.report(
                    "quote \(situation + 1), \(name)", "\(value) is not above zero", remedy: "leave the quote out")
            }
            if !rows.allSatisfy({ totals[$0] == total && references[$0] == reference }) {
                log.report(
                    "quote \(situation + 1)", "its rows differ in price or reference",
                    remedy: "give the quote's total and reference in each of its rows")
            }
            let week = weeks[situation]
            guard (-100_000...1_000_000).contains(week) else {
                log.report("quote \(situation + 1), week", "\(week) is out of range", remedy: "count weeks from week 0")
                continue
            }
            quotes.append(
                Quote(
                    day: CalendarDay(ordinal: weekZero.ordinal + 7 * week + 6), user: users?[situation] ?? situation,
                    total: total, reference: reference, isAccepted: data.chosen[situation] >= 0,
                    providers: Set(rows.map { data.providers[Int(data.providerOfRow[$0])] })))
        }
        do { try log.check(document) } catch { throw .input(error) }
        self.init(quotes, source: document)
    }

    /// This history and another's quotes.
    public func adding(_ other: QuoteHistory) -> QuoteHistory {
        guard !other.quotes.isEmpty else { return self }
        guard !quotes.isEmpty else { return other }
        // Users of two sources are different people as far as anybody can tell.
        let shift = (quotes.map(\.user).max() ?? 0) &+ 1
        let moved = other.quotes.map {
            Quote(
                day: $0.day, user: $0.user &+ shift, total: $0.total, reference: $0.reference,
                isAccepted: $0.isAccepted, providers: $0.providers)
        }
        return QuoteHistory(quotes + moved, source: "\(source), \(other.source)")
    }
}

extension QuoteHistory.Quote {
    /// A quote of the store, from the document it was stored as; nil when its user stated no budget to compare it with, or
    /// when the document is none of a quote.
    public init?(document: JSONValue, user: Int, createdAt: Int, isAccepted: Bool) {
        guard case .object(let quote) = document, case .string(let total) = quote["total"],
            let total = (try? ExactDecimal(total))?.doubleValue, total > 0,
            case .object(let request) = quote["request"], case .object(let budget) = request["budget"],
            case .string(let amount) = budget["amount"], let amount = (try? ExactDecimal(amount))?.doubleValue,
            amount > 0,
            budget["asset"] == quote["asset"], case .object(let term) = request["term"],
            case .number(let months) = term["months"], let months = Double(months),
            case .array(let legs) = quote["legs"]
        else { return nil }
        let providers = legs.compactMap { leg -> String? in
            guard case .object(let leg) = leg, case .string(let offer) = leg["offer"] else { return nil }
            return offer.split(separator: "/").first.map(String.init)
        }
        self.init(
            day: UTCTime.day(createdAt), user: user, total: total,
            reference: budget["per"] == "month" ? amount * months : amount, isAccepted: isAccepted,
            providers: Set(providers))
    }
}
