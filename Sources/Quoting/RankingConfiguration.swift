import Marketplace
import Recommendation

/// What an operator sets for the ranking: every number that a score depends on.
public struct RankingConfiguration: Sendable, Hashable {
    /// When a provider is on probation, and what that means.
    public struct Probation: Sendable, Hashable {
        /// A provider with fewer commitments of all users is on probation; 0 asks for none.
        public var minimumDeals = 10
        /// A provider of lower reputation, 0…100, is on probation.
        public var minimumReputation = 20
        /// The share of its score that an offer on probation loses, 0…1.
        public var discount = 0.1
        /// The largest share of the first places that offers on probation take, 0…1.
        public var maximumShare = 0.2

        /// The defaults.
        public init() {}
    }

    /// How much one provider may take.
    public struct Concentration: Sendable, Hashable {
        /// How many first places are watched.
        public var positions = 10
        /// The largest share of them that one provider's offers take, at least one place.
        public var maximumShare = 0.4
        /// The largest share of all users' first places that one provider takes undiscounted, 0…1: beyond it the score
        /// shrinks in proportion.
        public var maximumExposure = 0.5
        /// With first places of fewer users nothing is concluded from them.
        public var minimumUsers = 30

        /// The defaults.
        public init() {}
    }

    /// β, the weight of QoS utility beside preference.
    ///
    /// Chosen on three synthetic markets, whose true utilities V are known, for 300 users with history each, by the NDCG of
    /// the first ten offers with gains e^(V − V of the best): 0.556, 0.584 and 0.520 at 0.005, the best of 16 values or
    /// within 0.001 of it; 0.549, 0.581 and 0.512 without QoS, 0.470, 0.487 and 0.451 at 0.1, 0.397, 0.400 and 0.386 at
    /// 0.5. Calibrated preferences are probabilities of taking one offer among hundreds, mostly below 0.01.
    public var qosWeight = 0.005
    /// The weight of each bound within the QoS utility.
    public var latencyWeight = 1.0
    /// The weight of each bound within the QoS utility.
    public var availabilityWeight = 1.0
    /// The weight of each bound within the QoS utility.
    public var throughputWeight = 1.0
    /// The latency, in milliseconds, that offers are judged by when the request asks for none.
    public var referenceLatencyMs = 50.0
    /// The availability that offers are judged by when the request asks for none.
    public var referenceAvailability = 0.999
    /// How far what is seen strays from the catalogue.
    public var spread = CatalogQoS.Spread()
    /// New and doubtful providers.
    public var probation = Probation()
    /// Large providers.
    public var concentration = Concentration()

    /// The defaults.
    public init() {}

    /// The configuration in words, hashed with a quote's inputs.
    var fingerprint: String {
        """
        \(qosWeight) \(latencyWeight) \(availabilityWeight) \(throughputWeight) \(referenceLatencyMs) \
        \(referenceAvailability) \(spread.measured) \(spread.estimated) \(spread.availability) \
        \(probation.minimumDeals) \(probation.minimumReputation) \(probation.discount) \(probation.maximumShare) \
        \(concentration.positions) \(concentration.maximumShare) \(concentration.maximumExposure) \
        \(concentration.minimumUsers)
        """
    }
}

/// What the marketplace knows of its providers beyond the catalogue.
public struct MarketEvidence: Sendable, Hashable {
    /// Commitments (accepted, reserved, renewed) of all users, by provider; those that are left out have none.
    public var deals: [String: Int]
    /// The share of all users' first places that each provider lately took, 0…1.
    public var exposure: [String: Double]
    /// How many users' first places the shares are of; nil when that is not known, and they are taken as they are.
    public var users: Int?

    /// Evidence by provider.
    public init(deals: [String: Int], exposure: [String: Double] = [:], users: Int? = nil) {
        self.deals = deals
        self.exposure = exposure
        self.users = users
    }

    /// Evidence of commitments by provider, and of the provider that stood first in each user's latest ranking.
    public init(deals: [String: Int], firstPlaces: [String]) {
        var counts: [String: Int] = [:]
        for provider in firstPlaces { counts[provider, default: 0] += 1 }
        self.init(
            deals: deals, exposure: counts.mapValues { Double($0) / Double(firstPlaces.count) },
            users: firstPlaces.count)
    }

    /// The evidence in words, hashed with a quote's inputs.
    var fingerprint: String {
        (deals.map { "\($0.key) \($0.value)" } + exposure.map { "\($0.key) \($0.value)" }).sorted()
            .joined(separator: ", ") + (users.map { " of \($0)" } ?? "")
    }
}
