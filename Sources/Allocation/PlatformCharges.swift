import Money

/// What the platform itself charges on top of the providers.
public struct PlatformCharges: Sendable, Hashable {
    /// The platform's fee on what providers are paid, in basis points. 200 (2%) by the platform's documentation of
    /// 2025-08; the fee of the deployed contract is the operator's to configure.
    public var feeBasisPoints = 200
    /// The price of a gigabyte that leaves through the platform's gateway node, in USD; zero for direct access.
    public var gatewayPerGB = ExactDecimal.zero

    /// The defaults.
    public init() {}
}
