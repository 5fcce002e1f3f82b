import Allocation
import Marketplace
import Money

/// Where a provider takes payments.
public struct ProviderWallet: Sendable, Hashable {
    /// The network, as assets name it, e.g. `stellar`.
    public let network: String
    /// The account on it.
    public let address: String

    /// A wallet.
    public init(network: String, address: String) {
        self.network = network
        self.address = address
    }
}

/// What one payee is paid in one settlement period.
public struct PaymentStream: Sendable, Hashable {
    /// How the money goes.
    public enum Route: Sendable, Hashable {
        /// Streamed to the provider's own wallet.
        case direct(ProviderWallet)
        /// Through the platform, which converts and pays out.
        case platform
    }

    /// The provider, or nil for the platform itself.
    public let provider: String?
    /// The first day of the period.
    public let start: CalendarDay
    /// The day after its last.
    public let end: CalendarDay
    /// What is due, credits deducted, in the tariffs' asset.
    public let amount: Amount
    /// The same in the asset that the user pays in, margin included; nil when it is the tariffs' own.
    public let paid: Amount?
    /// The platform's fee that it is charged at, in basis points; 0 for what the platform itself gets.
    public let feeBasisPoints: Int
    /// How it goes.
    public let route: Route

    /// The streams of a bill: for each month a stream to every provider that is due something, and one to the platform for
    /// its fee and gateway. Those of a month add up to what the user pays in it; the converted amounts, by largest
    /// remainder, to the converted total. O(months · legs).
    static func streams(
        _ request: SLARequest, _ bill: Bill, _ legs: [(provider: String, charges: [[Charge]])],
        _ configuration: QuotingConfiguration, _ conversion: ExchangeRates.Conversion?
    ) throws(MoneyError) -> [PaymentStream] {
        let asset = bill.total.asset
        var due: [(provider: String?, month: Int, amount: Amount)] = []
        for month in 0..<request.months {
            var owed: [String: Amount] = [:]
            for leg in legs {
                let sum = try Amount.sum(leg.charges[month].map(\.amount), asset)
                owed[leg.provider] = try (owed[leg.provider] ?? .zero(asset)).adding(sum)
            }
            if month == 0 {
                for charge in bill.migration + bill.moves {
                    let provider = charge.offer.split(separator: "/").first.map(String.init) ?? charge.offer
                    owed[provider] = try (owed[provider] ?? .zero(asset)).adding(charge.amount)
                }
            }
            for use in bill.creditsByMonth[month] {
                let provider = request.credits[use.index].provider
                owed[provider] = try (owed[provider] ?? .zero(asset)).subtracting(use.amount)
            }
            var platform = bill.payableByMonth[month]
            for (provider, amount) in owed.sorted(by: { $0.key < $1.key }) where amount.minor != 0 {
                due.append((provider, month, amount))
                platform = try platform.subtracting(amount)
            }
            if platform.minor != 0 { due.append((nil, month, platform)) }
        }
        let converted = try conversion.map { conversion throws(MoneyError) -> [Int128] in
            let weights = due.map { max(0, $0.amount.minor) }
            guard weights.contains(where: { $0 > 0 }) else { return due.map { _ in 0 } }
            return try Apportionment.largestRemainder(conversion.to.minor, weights: weights)
        }
        return due.enumerated().map { index, part in
            let paid = converted.flatMap { parts in
                conversion.map { Amount(minor: parts[index], $0.to.asset) }
            }
            // A wallet can be paid directly in what lives on its network; nothing else can be streamed to it.
            let wallet = part.provider.flatMap { configuration.wallets[$0] }
            let isDirect = wallet != nil && wallet?.network == (paid?.asset ?? asset).network
            return PaymentStream(
                provider: part.provider, start: request.start.addingMonths(part.month),
                end: request.start.addingMonths(part.month + 1), amount: part.amount, paid: paid,
                feeBasisPoints: part.provider == nil ? 0 : configuration.charges.feeBasisPoints,
                route: isDirect ? wallet.map { .direct($0) } ?? .platform : .platform)
        }
    }
}
