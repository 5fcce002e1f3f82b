/// An exact amount of an asset, in whole minor units.
public struct Amount: Sendable, Hashable {
    /// Minor units, e.g. cents.
    public let minor: Int128
    /// What is counted.
    public let asset: Asset

    /// `minor` minor units of `asset`.
    public init(minor: Int128, _ asset: Asset) {
        self.minor = minor
        self.asset = asset
    }

    /// Nothing of `asset`.
    public static func zero(_ asset: Asset) -> Amount { Amount(minor: 0, asset) }

    /// Plain decimal text as an amount; more decimals than the asset has are an error. Reads every amount that
    /// ``decimalText`` writes.
    public init(_ text: String, _ asset: Asset) throws(MoneyError) {
        let isNegative = text.utf8.first == UInt8(ascii: "-")
        let parts = text.utf8.dropFirst(isNegative ? 1 : 0)
            .split(separator: UInt8(ascii: "."), maxSplits: 1, omittingEmptySubsequences: false)
        let fraction = parts.count == 2 ? parts[1].count : 0
        guard let whole = parts.first, !whole.isEmpty, parts.count == 1 || fraction > 0, fraction <= asset.decimals
        else { throw .notADecimal(text) }
        var minor: Int128 = 0
        func shift(_ digit: Int128) throws(MoneyError) {
            let (product, tooLarge) = minor.multipliedReportingOverflow(by: 10)
            // Downwards for what is negative: there is one more number below zero than above.
            let (sum, overflow) = product.addingReportingOverflow(isNegative ? -digit : digit)
            guard !tooLarge, !overflow else { throw .overflow(operation: "an amount") }
            minor = sum
        }
        for byte in parts.joined() {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { throw .notADecimal(text) }
            try shift(Int128(byte - UInt8(ascii: "0")))
        }
        for _ in fraction..<asset.decimals { try shift(0) }
        self.init(minor: minor, asset)
    }

    /// The sum of two amounts of one asset.
    public func adding(_ other: Amount) throws(MoneyError) -> Amount {
        try combined(other, "a sum") { $0.addingReportingOverflow($1) }
    }

    /// The difference of two amounts of one asset.
    public func subtracting(_ other: Amount) throws(MoneyError) -> Amount {
        try combined(other, "a difference") { $0.subtractingReportingOverflow($1) }
    }

    /// The amount `count` times.
    public func times(_ count: Int) throws(MoneyError) -> Amount {
        let product = minor.multipliedReportingOverflow(by: Int128(count))
        guard !product.overflow else { throw .overflow(operation: "a product") }
        return Amount(minor: product.partialValue, asset)
    }

    /// `basisPoints` / 10,000 of the amount, rounded by `rounding`.
    public func share(basisPoints: Int, rounding: Rounding) throws(MoneyError) -> Amount {
        Amount(minor: try rounding.quotient(try times(basisPoints).minor, 10_000), asset)
    }

    /// The sum of `amounts`, all of `asset`.
    public static func sum(_ amounts: some Sequence<Amount>, _ asset: Asset) throws(MoneyError) -> Amount {
        var total = Amount.zero(asset)
        for amount in amounts { total = try total.adding(amount) }
        return total
    }

    /// The nearest double, in units of the asset; for display and for the optimizer, never for accounts.
    public var doubleValue: Double { Double(minor) / Double(asset.unit) }

    /// Plain decimal text with all decimals of the asset.
    public var decimalText: String { Money.decimalText(minor, scale: asset.decimals) }

    private func combined(
        _ other: Amount, _ operation: String, _ apply: (Int128, Int128) -> (partialValue: Int128, overflow: Bool)
    ) throws(MoneyError) -> Amount {
        guard asset == other.asset else { throw .assetMismatch(asset.code, other.asset.code) }
        let result = apply(minor, other.minor)
        guard !result.overflow else { throw .overflow(operation: operation) }
        return Amount(minor: result.partialValue, asset)
    }
}

extension Amount: CustomStringConvertible {
    /// The amount with its asset's code, e.g. `12.50 USD`.
    public var description: String { decimalText + " " + asset.code }
}
