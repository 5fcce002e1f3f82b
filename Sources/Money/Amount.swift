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

    /// Decimal text as an amount; more decimals than the asset has are an error.
    public init(_ text: String, _ asset: Asset) throws(MoneyError) {
        let value = try ExactDecimal(text)
        guard value.scale <= asset.decimals else { throw .notADecimal(text) }
        self.init(minor: try value.scaled(by: asset.unit, rounding: .halfEven), asset)
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
