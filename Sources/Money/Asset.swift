/// What an amount is counted in: a currency or a token, with the number of decimals of its minor unit.
public struct Asset: Sendable, Hashable {
    /// The code, e.g. `USD` or `XLM`.
    public let code: String
    /// Digits after the point of one minor unit.
    public let decimals: Int
    /// The network that carries a token, e.g. `stellar`; none for a currency.
    public let network: String?
    /// Who issues a token on its network, as the network names it: an account or a contract; nil for a currency and for
    /// a network's own coin. Two tokens of one code and different issuers are different assets.
    public let issuer: String?

    /// An asset of given parts.
    init(code: String, decimals: Int, network: String?, issuer: String? = nil) {
        self.code = code
        self.decimals = decimals
        self.network = network
        self.issuer = issuer
    }

    /// The assets that the marketplace settles in.
    ///
    /// Decimals: ISO 4217 for currencies; the networks' own units for tokens. Issuers: Circle's account for USDC on
    /// Stellar, the STRK contract on Starknet.
    public static let registry: [Asset] = [
        Asset(code: "USD", decimals: 2, network: nil), Asset(code: "EUR", decimals: 2, network: nil),
        Asset(code: "GBP", decimals: 2, network: nil), Asset(code: "CHF", decimals: 2, network: nil),
        Asset(code: "JPY", decimals: 0, network: nil), Asset(code: "CNY", decimals: 2, network: nil),
        Asset(code: "INR", decimals: 2, network: nil), Asset(code: "CAD", decimals: 2, network: nil),
        Asset(code: "AUD", decimals: 2, network: nil), Asset(code: "BRL", decimals: 2, network: nil),
        Asset(code: "KRW", decimals: 0, network: nil), Asset(code: "SGD", decimals: 2, network: nil),
        Asset(code: "SEK", decimals: 2, network: nil), Asset(code: "NOK", decimals: 2, network: nil),
        Asset(code: "DKK", decimals: 2, network: nil), Asset(code: "PLN", decimals: 2, network: nil),
        Asset(code: "ZAR", decimals: 2, network: nil), Asset(code: "MXN", decimals: 2, network: nil),
        Asset(code: "HKD", decimals: 2, network: nil), Asset(code: "BTC", decimals: 8, network: "bitcoin"),
        Asset(code: "XLM", decimals: 7, network: "stellar"),
        Asset(
            code: "USDC", decimals: 7, network: "stellar",
            issuer: "GA5ZSEJYB37JRC5AVCIA5MOP4RHTM335X2KGX3IHOJAPP5RE34K4KZVN"),
        Asset(
            code: "STRK", decimals: 18, network: "starknet",
            issuer: "0x04718f5a0fc34cc1af16a1cdee98ffb20c31f5cd61d6ab07201858f4287c938d")
    ]

    /// The US dollar, in which tariffs are listed.
    public static let usd = registry[0]

    /// The registered asset of that code.
    public static func named(_ code: String) throws(MoneyError) -> Asset {
        guard let asset = registry.first(where: { $0.code == code }) else { throw .unknownAsset(code) }
        return asset
    }

    /// How many minor units make one unit.
    public var unit: Int128 { ExactDecimal.power(of: decimals) }
}
