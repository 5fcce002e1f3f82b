/// What can go wrong with exact numbers and money.
public enum MoneyError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The text is not a plain decimal such as `-12.50`, or has more digits than are kept exactly.
    case notADecimal(String)
    /// A result does not fit into 128 bits, or beyond what an exact decimal holds.
    case overflow(operation: String)
    /// A division by zero.
    case divisionByZero
    /// Two amounts of different assets were combined.
    case assetMismatch(String, String)
    /// The asset is not in the registry.
    case unknownAsset(String)
    /// The text is not a day of the calendar in the form `YYYY-MM-DD`.
    case notADay(String)
    /// No chain of known exchange rates leads from one asset to the other.
    case noRate(from: String, to: String)
    /// The newest rate is older than allowed.
    case staleRate(base: String, quote: String, date: CalendarDay, ageDays: Int, maximumDays: Int)
    /// The newest rate of a feed is older than allowed.
    case staleFeed(base: String, quote: String, ageSeconds: Int, maximumSeconds: Int)
    /// A margin below zero, in basis points.
    case negativeMargin(Int)
    /// Credits exceed what they are to pay, so that a total would be negative.
    case negativeTotal
    /// Shares cannot be apportioned: no weight is positive, or one is negative.
    case badWeights

    /// What is wrong and what helps.
    public var description: String {
        switch self {
        case .notADecimal(let text):
            "'\(text)' is not a decimal number; write digits with at most one point, at most 18 digits on either side"
        case .overflow(let operation): "\(operation) exceeds the range of exact amounts"
        case .divisionByZero: "division by zero"
        case .assetMismatch(let one, let other): "amounts of \(one) and \(other) cannot be combined; convert first"
        case .unknownAsset(let code):
            "unknown asset '\(code)'; known are \(Asset.registry.map(\.code).joined(separator: ", "))"
        case .notADay(let text): "'\(text)' is not a date; write YYYY-MM-DD"
        case .noRate(let from, let to):
            "no exchange rate leads from \(from) to \(to); import one with 'quote-service import rates'"
        case .staleRate(let base, let quote, let date, let age, let maximum):
            "the \(base)/\(quote) rate of \(date) is \(age) days old, at most \(maximum) are allowed; "
                + "import newer rates or allow older ones"
        case .staleFeed(let base, let quote, let age, let maximum):
            "the \(base)/\(quote) rate of the feed is \(age) s old, at most \(maximum) s are allowed; refresh the feed"
        case .negativeMargin(let margin):
            "a conversion margin of \(margin) basis points is negative; use 0 or more"
        case .negativeTotal: "credits exceed the charges; spend no more of them than is owed"
        case .badWeights: "shares need weights that are not negative and at least one that is positive"
        }
    }
}
