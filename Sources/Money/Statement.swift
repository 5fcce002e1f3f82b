/// Lines of one asset that add up: charges, credits, fees, taxes, and the margin of a conversion.
///
/// The total is the sum of the lines, by construction and in every asset: where a statement is converted, the total is
/// converted once and divided over the lines, so that no rounding of a line is left over.
public struct Statement: Sendable, Hashable {
    /// What a line is.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// What a provider charges.
        case charge
        /// What a credit pays; not positive.
        case credit
        /// What the platform charges.
        case fee
        /// A tax.
        case tax
        /// What is added for the risk of an exchange rate.
        case margin
    }

    /// One line.
    public struct Line: Sendable, Hashable {
        /// What it is.
        public let kind: Kind
        /// What for.
        public let label: String
        /// How much.
        public let amount: Amount

        /// A line of `amount`.
        public init(_ kind: Kind, _ label: String, _ amount: Amount) {
            self.kind = kind
            self.label = label
            self.amount = amount
        }
    }

    /// The lines.
    public private(set) var lines: [Line]
    /// Their sum.
    public private(set) var total: Amount

    /// A statement of `lines`, all in `asset`. O(lines).
    /// - Throws: `assetMismatch`, `overflow`, `negativeTotal`.
    public init(_ lines: [Line], _ asset: Asset) throws(MoneyError) {
        self.lines = lines
        total = try Amount.sum(lines.map(\.amount), asset)
        guard total.minor >= 0 else { throw .negativeTotal }
        // The one number without a negative.
        guard lines.allSatisfy({ $0.amount.minor != .min }) else { throw .overflow(operation: "a line") }
    }

    /// Adds a fee or a tax of `basisPoints` / 10,000 on what the statement comes to so far.
    public mutating func add(
        _ kind: Kind, _ label: String, basisPoints: Int, rounding: Rounding = .halfEven
    ) throws(MoneyError) {
        let amount = try total.share(basisPoints: basisPoints, rounding: rounding)
        let sum = try total.adding(amount)
        guard sum.minor >= 0 else { throw .negativeTotal }
        total = sum
        lines.append(Line(kind, label, amount))
    }

    /// The statement in another asset, the margin as a line of its own, and the conversion of its total.
    ///
    /// Positive lines share what all of them convert to by largest remainder, negative lines likewise. The total, rounded
    /// up, is what ``ExchangeRates/convert(_:to:marginBasisPoints:maximumAgeDays:maximumFeedAgeSeconds:)`` says.
    /// O(lines · log lines).
    public func converted(
        to asset: Asset, by rates: ExchangeRates, marginBasisPoints: Int = 0, maximumAgeDays: Int,
        maximumFeedAgeSeconds: Int? = nil
    ) throws(MoneyError) -> (statement: Statement, conversion: ExchangeRates.Conversion) {
        let conversion = try rates.convert(
            total, to: asset, marginBasisPoints: marginBasisPoints, maximumAgeDays: maximumAgeDays,
            maximumFeedAgeSeconds: maximumFeedAgeSeconds)
        let positive = lines.map { max(0, $0.amount.minor) }
        let negative = lines.map { $0.amount.minor < 0 ? -$0.amount.minor : 0 }
        let owed = try rates.convert(
            try Amount.sum(positive.map { Amount(minor: $0, total.asset) }, total.asset), to: asset,
            maximumAgeDays: maximumAgeDays, maximumFeedAgeSeconds: maximumFeedAgeSeconds
        ).to
        let added = try Self.divide(owed.minor, positive)
        // What is owed is at least the total, so what credits pay is not negative.
        let paid = try Self.divide(try owed.subtracting(conversion.withoutMargin).minor, negative)
        var converted = lines.indices.map {
            Line(lines[$0].kind, lines[$0].label, Amount(minor: added[$0] - paid[$0], asset))
        }
        if marginBasisPoints > 0 { converted.append(Line(.margin, "exchange rate margin", conversion.margin)) }
        return (try Statement(converted, asset), conversion)
    }

    private static func divide(_ total: Int128, _ weights: [Int128]) throws(MoneyError) -> [Int128] {
        guard total > 0 else { return weights.map { _ in 0 } }
        return try Apportionment.largestRemainder(total, weights: weights)
    }
}
