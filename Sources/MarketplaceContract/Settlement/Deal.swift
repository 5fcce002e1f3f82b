/// Where a deal stands.
public enum DealStatus: String, Sendable, Hashable, CaseIterable {
    /// Created by the consumer.
    case pending = "Pending"
    /// Accepted by the provider.
    case accepted = "Accepted"
    /// Paid for in advance by the consumer.
    case funded = "Funded"
    /// Ended by the consumer.
    case completed = "Completed"
    /// Called off before it was served, or after the consumer failed to pay.
    case cancelled = "Cancelled"
    /// The balance did not cover what was consumed.
    case breachedConsumer = "BreachedConsumer"
    /// The SLA was not kept.
    case breachedProvider = "BreachedProvider"
}

/// A deal as the contract keeps it, and the contract's steps in its own integer arithmetic.
///
/// All amounts are in the contract's integers (USD × 10⁷), all volumes in the profile's units. A step that fails leaves
/// the deal as it was. In every step deposited = balance + paid out + fees + refunded.
public struct Deal: Sendable, Hashable {
    /// The version of the contract.
    public let profile: ContractProfile
    /// Where it stands.
    public private(set) var status = DealStatus.pending
    /// `balance_consumer`: what is deposited and not yet spent.
    public private(set) var balance: Int128 = 0
    /// All that the consumer deposited.
    public private(set) var deposited: Int128 = 0
    /// `balance_provider`: paid out to the provider, fees deducted.
    public private(set) var paidOut: Int128 = 0
    /// The platform's fees.
    public private(set) var fees: Int128 = 0
    /// Returned to the consumer at the end.
    public private(set) var refunded: Int128 = 0
    /// `slash_amount_usd`: all that the provider forfeited. It was never taken from the balance.
    public private(set) var forfeited: Int128 = 0
    /// What the oracle reported and nobody has paid.
    public private(set) var unpaid = Volumes()
    /// What was paid.
    public private(set) var paid = Volumes()
    /// What was forfeited.
    public private(set) var slashed = Volumes()
    /// `sla_avg_latency_ms`: the observed average, in milliseconds.
    public private(set) var latencyMs: Int
    /// `sla_avg_uptime_pct`: the observed average, on the profile's scale.
    public private(set) var uptime: Int
    /// The provider's reputation, 0…100.
    public private(set) var providerReputation: Int
    /// The consumer's reputation, 0…100.
    public private(set) var consumerReputation: Int

    /// Storage and egress.
    public struct Volumes: Sendable, Hashable {
        /// In the profile's units.
        public var storage: Int128 = 0
        /// In the profile's units.
        public var egress: Int128 = 0

        /// Volumes in the profile's units.
        public init(storage: Int128 = 0, egress: Int128 = 0) {
            self.storage = storage
            self.egress = egress
        }
    }

    /// A new deal, not yet accepted; reputations are cut to 0…100.
    public init(_ profile: ContractProfile, providerReputation: Int = 50, consumerReputation: Int = 50) {
        self.profile = profile
        latencyMs = profile.newDealLatencyMs
        uptime = profile.newDealUptime
        self.providerReputation = min(max(providerReputation, 0), 100)
        self.consumerReputation = min(max(consumerReputation, 0), 100)
    }

    private func require(_ step: String, _ allowed: [DealStatus]) throws(ContractError) {
        guard allowed.contains(status) else { throw .notAllowed(step: step, status: status, allowed: allowed) }
    }

    /// The provider accepts.
    public mutating func accept() throws(ContractError) {
        try require("accept", [.pending])
        status = .accepted
    }

    /// The provider rejects.
    public mutating func reject() throws(ContractError) {
        try require("reject", [.pending])
        status = .cancelled
    }

    /// `set_deal_funded`.
    public mutating func fund(_ amount: Int128) throws(ContractError) {
        try require("fund", [.accepted])
        try add(amount)
        status = .funded
    }

    /// `deposit_to_deal`; mends a consumer's breach where the profile says so.
    public mutating func deposit(_ amount: Int128) throws(ContractError) {
        try require("deposit to", [.funded, .breachedConsumer, .breachedProvider])
        try add(amount)
        if status == .breachedConsumer, profile.depositMendsBreach { status = .funded }
    }

    private mutating func add(_ amount: Int128) throws(ContractError) {
        guard amount > 0 else {
            throw .refused(argument: "amount_usd", problem: "\(amount) funds nothing", remedy: "use at least 1")
        }
        let deposited = try sum(deposited, amount)
        balance = try sum(balance, amount)
        self.deposited = deposited
    }

    /// `update_deal_consumption`: the oracle adds volumes that are to be paid.
    public mutating func report(_ volumes: Volumes) throws(ContractError) {
        try require("report on", [.funded, .breachedConsumer, .breachedProvider])
        for (name, value) in [("storage", volumes.storage), ("egress", volumes.egress)] {
            guard value >= 0, value <= profile.volumeType.maximum ?? .max else {
                throw .outOfRange(
                    argument: "\(name)_\(profile.volumeSuffix)", value: String(value), type: profile.volumeType)
            }
        }
        unpaid = Volumes(
            storage: try sum(unpaid.storage, volumes.storage), egress: try sum(unpaid.egress, volumes.egress))
    }

    /// `update_deal_sla`: the oracle tells the averages.
    public mutating func observe(latencyMs: Int, uptime: Int) throws(ContractError) {
        try require("report on", [.funded, .breachedConsumer, .breachedProvider])
        guard (0...Int(UInt32.max)).contains(latencyMs) else {
            throw .outOfRange(argument: "sla_avg_latency_ms", value: "\(latencyMs)", type: .u32)
        }
        guard (0...profile.fullUptime).contains(uptime) else {
            throw .refused(
                argument: "sla_avg_uptime_pct", problem: "\(uptime) is no uptime", remedy: "use 0…\(profile.fullUptime)"
            )
        }
        self.latencyMs = latencyMs
        self.uptime = uptime
    }

    /// The consumer ends the deal; what is left of the balance goes back.
    public mutating func complete() throws(ContractError) {
        try require("complete", [.funded, .breachedProvider])
        refund()
        status = .completed
    }

    /// The consumer calls the deal off; what is left of the balance goes back.
    public mutating func cancel() throws(ContractError) {
        try require("cancel", [.pending, .accepted, .breachedConsumer])
        refund()
        status = .cancelled
    }

    private mutating func refund() {
        // No more than was deposited in all.
        refunded += balance
        balance = 0
    }

    private func sum(_ one: Int128, _ other: Int128) throws(ContractError) -> Int128 {
        let result = one.addingReportingOverflow(other)
        guard !result.overflow else { throw .overflow("a sum") }
        return result.partialValue
    }
}

extension Deal {
    /// What one settlement did.
    public struct Settlement: Sendable, Hashable {
        /// What was pending.
        public let amount: Int128
        /// Taken from the balance: to the provider and as the fee.
        public let payment: Int128
        /// The part of the payment that the platform keeps.
        public let fee: Int128
        /// What the provider forfeited.
        public let forfeited: Int128
        /// How the SLA was broken; empty when it was kept.
        public let breaches: [Breach]

        /// What the balance did not cover.
        public var shortfall: Int128 { amount - payment - forfeited }
        /// The part of the payment that the provider gets.
        public var payout: Int128 { payment - fee }
    }

    /// A promise of the live bucket that the deal's averages do not keep.
    public enum Breach: Sendable, Hashable {
        /// The average latency is above the bucket's.
        case latency(observed: Int, promised: Int)
        /// The average uptime is below the bucket's.
        case uptime(observed: Int, promised: Int)
    }

    /// `pay_pending_consumption` at the LIVE bucket's price and promises, whatever they were when the deal was made.
    ///
    /// amount = (price of storage × unpaid storage + price of egress × unpaid egress) / divisor, rounded down. A breach
    /// forfeits all of it and costs the provider a point of reputation. Otherwise the provider gains a point; paid in
    /// full, so does the consumer; short, the whole balance is paid, volumes are marked paid in proportion, rounded down,
    /// and the consumer has breached and loses a point. Fee = payment × basis points / 10,000, rounded down, out of the
    /// provider's payout.
    public mutating func settle(_ bucket: BucketConditions) throws(ContractError) -> Settlement {
        try require("settle", profile.settlesAfterBreach ? [.funded, .breachedProvider] : [.funded])
        let amount = try pending(bucket)
        let breaches = breaches(of: bucket)
        guard breaches.isEmpty else {
            let slashed = Volumes(
                storage: try sum(slashed.storage, unpaid.storage), egress: try sum(slashed.egress, unpaid.egress))
            forfeited = try sum(forfeited, amount)
            self.slashed = slashed
            unpaid = Volumes()
            providerReputation = max(0, providerReputation - 1)
            status = .breachedProvider
            return Settlement(amount: amount, payment: 0, fee: 0, forfeited: amount, breaches: breaches)
        }
        let payment = min(amount, balance)
        let fee = try product(payment, Int128(profile.platformFeeBasisPoints)) / 10_000
        var settled = unpaid
        if payment < amount {
            settled.storage = try product(unpaid.storage, payment) / amount
            settled.egress = try product(unpaid.egress, payment) / amount
        }
        let paid = Volumes(
            storage: try sum(paid.storage, settled.storage), egress: try sum(paid.egress, settled.egress))
        // Nothing fails from here on.
        self.paid = paid
        unpaid = Volumes(storage: unpaid.storage - settled.storage, egress: unpaid.egress - settled.egress)
        balance -= payment
        fees += fee
        paidOut += payment - fee
        providerReputation = min(100, providerReputation + 1)
        if payment == amount {
            consumerReputation = min(100, consumerReputation + 1)
            status = .funded
        } else {
            consumerReputation = max(0, consumerReputation - 1)
            status = .breachedConsumer
        }
        return Settlement(amount: amount, payment: payment, fee: fee, forfeited: 0, breaches: [])
    }

    /// What settlement at `bucket`'s prices would have to pay.
    public func pending(_ bucket: BucketConditions) throws(ContractError) -> Int128 {
        try profile.amount(of: unpaid, at: bucket)
    }

    /// The promises of `bucket` that the deal's averages do not keep.
    public func breaches(of bucket: BucketConditions) -> [Breach] {
        var breaches: [Breach] = []
        if let promised = bucket.latencyMs, latencyMs > promised {
            breaches.append(.latency(observed: latencyMs, promised: promised))
        }
        if uptime < bucket.uptime { breaches.append(.uptime(observed: uptime, promised: bucket.uptime)) }
        return breaches
    }

    private func product(_ one: Int128, _ other: Int128) throws(ContractError) -> Int128 {
        try ContractProfile.product(one, other)
    }
}

extension ContractProfile {
    /// What the contract charges for `volumes`: (price of storage × storage + price of egress × egress) / divisor, rounded
    /// down once.
    public func amount(of volumes: Deal.Volumes, at bucket: BucketConditions) throws(ContractError) -> Int128 {
        guard bucket.storagePrice >= 0, bucket.egressPrice >= 0 else {
            throw .refused(argument: "price_per_gb", problem: "a price is negative", remedy: "use 0 or more")
        }
        let whole = try Self.product(bucket.storagePrice, volumes.storage)
            .addingReportingOverflow(try Self.product(bucket.egressPrice, volumes.egress))
        guard !whole.overflow else { throw .overflow("a settlement") }
        return whole.partialValue / Int128(max(1, settlementDivisor))
    }

    static func product(_ one: Int128, _ other: Int128) throws(ContractError) -> Int128 {
        let result = one.multipliedReportingOverflow(by: other)
        guard !result.overflow else { throw .overflow("a settlement") }
        return result.partialValue
    }
}
