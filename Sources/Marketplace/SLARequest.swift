import Money

/// How a request's data is to be spread.
public enum RedundancyChoice: Sendable, Hashable {
    /// One given scheme.
    case fixed(RedundancyScheme)
    /// The optimizer chooses among the configured schemes.
    case auto
}

/// A scheme (k, n): any `data` of `shards` shards rebuild the data. Replication is `data` = 1.
public struct RedundancyScheme: Sendable, Hashable, CustomStringConvertible {
    /// k: how many shards are needed.
    public let data: Int
    /// n: how many shards there are.
    public let shards: Int

    /// A scheme; nil unless 1 ≤ k ≤ n.
    public init?(data: Int, shards: Int) {
        guard data >= 1, shards >= data else { return nil }
        self.data = data
        self.shards = shards
    }

    /// Raw bytes for each byte of data, n / k.
    public var overhead: Double { Double(shards) / Double(data) }

    /// How many shards may be lost.
    public var parity: Int { shards - data }

    /// `3 copies` or `(6, 9) erasure code`.
    public var description: String {
        data == 1 ? (shards == 1 ? "1 copy" : "\(shards) copies") : "(\(data), \(shards)) erasure code"
    }
}

/// What a user asks for.
public struct SLARequest: Sendable, Hashable {
    /// Reading and writing from one region, a month.
    public struct Traffic: Sendable, Hashable {
        /// The reader region.
        public var region: String
        /// Bytes read.
        public var egressBytes: Int
        /// Read requests.
        public var reads: Int
        /// Write requests.
        public var writes: Int

        /// A month's traffic of one region.
        public init(region: String, egressBytes: Int, reads: Int, writes: Int) {
            self.region = region
            self.egressBytes = egressBytes
            self.reads = reads
            self.writes = writes
        }
    }

    /// The quality of service that every placement must meet; nil members are not asked for.
    public struct QoS: Sendable, Hashable {
        /// The probability that data can be read.
        public var availability: ExactDecimal?
        /// Nines of annual durability.
        public var durabilityNines: Int?
        /// The bound of the k-th smallest latency at every reader region, in milliseconds.
        public var latencyMs: ExactDecimal?
        /// Upload throughput, MB/s: a term of the SLA.
        public var uploadMBps: ExactDecimal?
        /// Download throughput, MB/s: a term of the SLA.
        public var downloadMBps: ExactDecimal?
        /// Share of failed requests: a term of the SLA.
        public var errorRate: ExactDecimal?

        /// Nothing asked for.
        public init() {}
    }

    /// The period that a budget holds for.
    public enum BudgetPeriod: String, Sendable, Hashable, CaseIterable {
        /// Every month stays within it.
        case month
        /// The whole term stays within it.
        case term
    }

    /// The most that may be spent.
    public struct Budget: Sendable, Hashable {
        /// How much.
        public var amount: Amount
        /// For how long.
        public var period: BudgetPeriod

        /// A bound of what is paid.
        public init(amount: Amount, period: BudgetPeriod) {
            self.amount = amount
            self.period = period
        }
    }

    /// Hard filters on offers.
    public struct Eligibility: Sendable, Hashable {
        /// Only these providers, unless empty.
        public var allow: [String] = []
        /// Never these providers.
        public var deny: [String] = []
        /// Data must lie under one of these jurisdictions, unless empty.
        public var jurisdictions: [String] = []
        /// Certifications that the provider must hold.
        public var certifications: [String] = []
        /// Features that the storage must have.
        public var features: [String] = []
        /// The interface that it must speak.
        public var api: String?
        /// The least reputation.
        public var minReputation: Int?

        /// No filter.
        public init() {}
    }

    /// Free credit of the user's own account at a provider.
    public struct Credit: Sendable, Hashable {
        /// The provider.
        public var provider: String
        /// What is left.
        public var amount: Amount
        /// The last day it pays.
        public var expires: CalendarDay

        /// A credit.
        public init(provider: String, amount: Amount, expires: CalendarDay) {
            self.provider = provider
            self.amount = amount
            self.expires = expires
        }
    }

    /// Data that lies somewhere already.
    public struct Holding: Sendable, Hashable {
        /// The offer that holds it.
        public var offer: String
        /// Logical bytes.
        public var logicalBytes: Int
        /// Since which day it lies there. Who leaves before the offer's minimum duration is over is charged for the rest
        /// of it; without the day nothing is charged for leaving early, as nobody can say how early it is.
        public var since: CalendarDay?

        /// Data on an offer.
        public init(offer: String, logicalBytes: Int, since: CalendarDay? = nil) {
            self.offer = offer
            self.logicalBytes = logicalBytes
            self.since = since
        }
    }

    /// Who asks.
    public var user: String
    /// Logical bytes to store at the start.
    public var logicalBytes: Int
    /// Mean size of an object, in bytes.
    public var meanObjectBytes: Int
    /// Growth of the stored volume a month, e.g. 0.02.
    public var monthlyGrowth: ExactDecimal
    /// The first day.
    public var start: CalendarDay
    /// The term in months.
    public var months: Int
    /// Traffic by reader region.
    public var traffic: [Traffic]
    /// The redundancy scheme, or its choice left to the optimizer.
    public var redundancy: RedundancyChoice
    /// How many providers may be lost at once without loss of data.
    public var toleratedProviders: Int
    /// How many metros may be lost at once without loss of data.
    public var toleratedRegions: Int
    /// The quality asked for.
    public var qos: QoS
    /// The most that may be spent.
    public var budget: Budget?
    /// Hard filters.
    public var eligibility: Eligibility
    /// The most of the raw volume that one provider may hold, 0…1.
    public var maxProviderShare: ExactDecimal?
    /// The least number of providers that hold data.
    public var minProviders: Int
    /// Credits that pay first.
    public var credits: [Credit]
    /// Where the data is now.
    public var current: [Holding]
    /// ρ: how far above the cheapest an allocation may cost for the sake of the recommendation.
    public var recommendedPreference: ExactDecimal
    /// What the user pays in; nil for the tariffs' own asset.
    public var payment: Asset?

    /// The least request: a user, a volume, a term and a scheme.
    public init(user: String, logicalBytes: Int, start: CalendarDay, months: Int, redundancy: RedundancyChoice) {
        self.user = user
        self.logicalBytes = logicalBytes
        meanObjectBytes = Self.defaultMeanObjectBytes
        monthlyGrowth = .zero
        self.start = start
        self.months = months
        traffic = []
        self.redundancy = redundancy
        toleratedProviders = 0
        toleratedRegions = 0
        qos = QoS()
        eligibility = Eligibility()
        minProviders = 1
        credits = []
        current = []
        recommendedPreference = .zero
    }

    /// The mean object size that is taken when a request states none: 1 MB.
    public static let defaultMeanObjectBytes = 1_000_000
}
