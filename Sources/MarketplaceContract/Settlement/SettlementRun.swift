import Money

/// A deal's life under a series of usage and QoS, by the contract's arithmetic: created, accepted, funded, settled once a
/// period, and ended.
public struct SettlementRun: Sendable, Hashable {
    /// One period and the deal after it.
    public struct Row: Sendable, Hashable {
        /// The period.
        public let period: SettlementPeriod
        /// The live bucket that it was settled by.
        public let bucket: BucketConditions
        /// What was settled; nil when the contract refused to.
        public let settlement: Deal.Settlement?
        /// Why it was not settled.
        public let refusal: ContractError?
        /// The deal after it.
        public let deal: Deal
    }

    /// What was simulated.
    public let scenario: SettlementScenario
    /// The periods, in order.
    public let rows: [Row]
    /// The deal at the end: completed or, after a breach of the consumer's, cancelled.
    public let end: Deal

    /// Replays `periods`. Volumes become the profile's units, rounded up; latencies whole milliseconds, rounded up;
    /// uptimes rounded down: against the user and the provider alike, what is reported is never flattered.
    ///
    /// A settlement that the contract refuses is a row with its reason. O(periods); the same inputs give the same run.
    /// - Throws: ``ContractError`` when the deal cannot be funded, or a report does not fit the contract's types.
    public init(_ scenario: SettlementScenario, _ periods: [SettlementPeriod]) throws(ContractError) {
        let profile = scenario.profile
        var deal = Deal(
            profile, providerReputation: scenario.providerReputation, consumerReputation: scenario.consumerReputation)
        try deal.accept()
        try deal.fund(scenario.funding)
        var bucket = scenario.bucket
        var rows: [Row] = []
        for period in periods {
            bucket.storagePrice = period.storagePrice ?? bucket.storagePrice
            bucket.egressPrice = period.egressPrice ?? bucket.egressPrice
            bucket.latencyMs = period.promisedLatencyMs ?? bucket.latencyMs
            bucket.uptime = period.promisedUptime?.integer(profile.uptimeScale) ?? bucket.uptime
            if period.deposit > .zero { try deal.deposit(try profile.amount(period.deposit)) }
            try deal.report(try profile.volumes(period))
            if period.latencyMs != nil || period.uptime != nil {
                let latency = try ContractError.wrap { () throws(MoneyError) in
                    try period.latencyMs?.scaled(by: 1, rounding: .up)
                }
                try deal.observe(
                    latencyMs: latency.map { Int(clamping: $0) } ?? deal.latencyMs,
                    uptime: period.uptime?.integer(profile.uptimeScale) ?? deal.uptime)
            }
            var settlement: Deal.Settlement?
            var refusal: ContractError?
            do throws(ContractError) {
                settlement = try deal.settle(bucket)
            } catch {
                guard case .notAllowed = error else { throw error }
                refusal = error
            }
            rows.append(Row(period: period, bucket: bucket, settlement: settlement, refusal: refusal, deal: deal))
        }
        if deal.status == .breachedConsumer { try deal.cancel() } else { try deal.complete() }
        self.scenario = scenario
        self.rows = rows
        end = deal
    }
}

extension ContractProfile {
    /// A period's volumes as the oracle reports them, in contract units, rounded up.
    func volumes(_ period: SettlementPeriod) throws(ContractError) -> Deal.Volumes {
        try ContractError.wrap { () throws(MoneyError) in
            let unit = Int128(volumeUnitsPerGB)
            // Micro-gigabytes first, so that a share of a month stays exact.
            let held = try period.storageGB.scaled(by: unit * 1_000_000, rounding: .up)
            let days = storageReporting == .volumeMonths ? Int128(period.days) : 30
            let product = held.multipliedReportingOverflow(by: days)
            guard !product.overflow else { throw .overflow(operation: "a reported volume") }
            return Deal.Volumes(
                storage: try Rounding.up.quotient(product.partialValue, 30_000_000),
                egress: try period.egressGB.scaled(by: unit, rounding: .up))
        }
    }
}
