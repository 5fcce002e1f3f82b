import Allocation
import Marketplace
import MarketplaceContract
import Money

/// What an operator sets for all quotes.
public struct QuotingConfiguration: Sendable, Hashable {
    /// How failures are shared.
    public var failures = FailureModel()
    /// The platform's own charges.
    public var charges = PlatformCharges()
    /// The schemes that `auto` chooses among.
    public var schemes = AllocationProblem.defaultSchemes
    /// What the ranking goes by.
    public var ranking = RankingConfiguration()
    /// Minutes that a quote stays open.
    public var validMinutes = 15
    /// The oldest exchange rate that is taken, in days.
    public var maximumRateAgeDays = 7
    /// The oldest rate of a feed that is taken, in minutes.
    public var maximumFeedAgeMinutes = 15
    /// What is added to a conversion for the rate's risk, in basis points.
    public var rateMarginBasisPoints = 50
    /// Seconds that the optimizer may take.
    public var timeLimit = 30.0
    /// The marketplace contract that terms are written for.
    public var contract = ContractProfile.version16
    /// Days that a settlement averages over.
    public var settlementDays = 30
    /// The SLA parameters that hold where a request asks for nothing else.
    public var sla = SLAParameters()
    /// Where providers take payments, by provider; the platform pays out to others.
    public var wallets: [String: ProviderWallet] = [:]

    /// The defaults.
    public init() {}

    /// The configuration in words, hashed with a quote's inputs.
    var fingerprint: String {
        """
        failures \(failures.regionCauseShare) \(failures.providerCauseShare) \(failures.providerExitPerYear) \
        \(failures.repairDays) \(failures.assumedAvailability) \(failures.assumedDurabilityNines); \
        fee \(charges.feeBasisPoints) gateway \(charges.gatewayPerGB); \
        schemes \(schemes.map { "\($0.data)/\($0.shards)" }.joined(separator: " ")); ranking \(ranking.fingerprint); \
        valid \(validMinutes); rates \(maximumRateAgeDays) \(maximumFeedAgeMinutes) \(rateMarginBasisPoints); \
        contract \(contract.json.text()) \(settlementDays); SLA \(sla.fingerprint); \
        wallets \(wallets.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value.network):\($0.value.address)" })
        """
    }
}
