/// The two parties of a deal. They travel together and by name, because the contract wants them in different orders:
/// what a consumer calls takes (consumer, provider), what a provider or the owner calls takes (provider, consumer).
public struct DealParties: Sendable, Hashable {
    /// The consumer's address; nil where the platform fills it in.
    public let consumer: String?
    /// The provider's address; nil where the platform fills it in.
    public let provider: String?

    /// The parties, as far as they are known.
    public init(consumer: String? = nil, provider: String? = nil) {
        self.consumer = consumer
        self.provider = provider
    }
}

/// What a bucket promises and costs, in the contract's integers.
public struct BucketConditions: Sendable, Hashable {
    /// USD × 10⁷ for a reported GB of storage.
    public var storagePrice: Int128
    /// USD × 10⁷ for a reported GB of egress.
    public var egressPrice: Int128
    /// The largest average latency, in milliseconds; nil when the bucket serves no reads.
    public var latencyMs: Int?
    /// The least average uptime, on the profile's scale.
    public var uptime: Int

    /// Conditions of given parts.
    public init(storagePrice: Int128, egressPrice: Int128, latencyMs: Int?, uptime: Int) {
        self.storagePrice = storagePrice
        self.egressPrice = egressPrice
        self.latencyMs = latencyMs
        self.uptime = uptime
    }
}

/// Calls of the marketplace contract, each argument in its place and within its type.
///
/// Signatures of the compiled contract, `version()` = 16; the newer client differs in the volumes' unit and type. A party
/// or an ID that is nil is left for the platform to fill in.
public struct MarketplaceCalls: Sendable, Hashable {
    /// The contract's version.
    public let profile: ContractProfile

    /// Calls of a version of the contract.
    public init(_ profile: ContractProfile) { self.profile = profile }

    /// `create_bucket`, called by the provider: prices, latency and uptime included. An uptime of 100% is refused, as a
    /// deal that no oracle has updated would breach it at once.
    public func createBucket(
        provider: String?, name: String, region: String, platformBucket: String, api: String,
        conditions: BucketConditions
    ) throws(ContractError) -> ContractCall {
        var call = CallBuilder("create_bucket")
        try call.text("provider_id", .address, provider)
        try call.text("name", .string, name)
        try call.text("region", .string, region)
        try call.text("fb_bucket_id", .string, platformBucket)
        try call.text("api_compatibility", .string, api)
        try call.integer("price_per_gb_storage", .u128, conditions.storagePrice)
        try call.integer("price_per_gb_egress", .u128, conditions.egressPrice)
        guard let latency = conditions.latencyMs else {
            throw .refused(
                argument: "create_bucket.sla_avg_latency_ms", problem: "no latency is promised",
                remedy: "promise one in milliseconds")
        }
        try call.integer("sla_avg_latency_ms", .u32, Int128(latency))
        try call.integer("sla_avg_uptime_pct", .u32, Int128(try promised(conditions.uptime, call.function)))
        return call.call
    }

    /// `update_bucket_conditions`, called by the provider; what is nil stays as it is. It fails while the bucket is locked.
    public func updateBucketConditions(
        provider: String?, bucket: Int?, name: String? = nil, region: String? = nil, storagePrice: Int128? = nil,
        egressPrice: Int128? = nil, latencyMs: Int? = nil, uptime: Int? = nil
    ) throws(ContractError) -> ContractCall {
        var call = CallBuilder("update_bucket_conditions")
        try call.text("provider_id", .address, provider)
        try call.integer("bucket_id", .u32, bucket.map { Int128($0) })
        try call.option("name", name)
        try call.option("region", region)
        try call.integer("price_per_gb_storage", .u128, storagePrice, optional: true)
        try call.integer("price_per_gb_egress", .u128, egressPrice, optional: true)
        try call.integer("sla_avg_latency_ms", .u32, latencyMs.map { Int128($0) }, optional: true)
        if let uptime { _ = try promised(uptime, call.function) }
        try call.integer("sla_avg_uptime_pct", .u32, uptime.map { Int128($0) }, optional: true)
        return call.call
    }

    /// `create_deal`, called by the consumer. Volumes in the profile's units.
    public func createDeal(
        _ parties: DealParties, bucket: Int?, repository: String?, durationSeconds: Int, storage: Int128,
        egress: Int128, api: String
    ) throws(ContractError) -> ContractCall {
        guard durationSeconds > 0 else {
            throw .refused(
                argument: "create_deal.duration_secs", problem: "\(durationSeconds) s is no duration",
                remedy: "use at least 1 s")
        }
        var call = CallBuilder("create_deal")
        try call.text("consumer_id", .address, parties.consumer)
        try call.text("provider_id", .address, parties.provider)
        try call.integer("bucket_id", .u32, bucket.map { Int128($0) })
        try call.text("fb_repo_id", .string, repository)
        try call.integer("duration_secs", .u64, Int128(durationSeconds))
        try call.integer("agreed_storage_" + profile.volumeSuffix, profile.volumeType, storage)
        try call.integer("agreed_egress_" + profile.volumeSuffix, profile.volumeType, egress)
        try call.text("api_compatibility", .string, api)
        return call.call
    }

    /// `set_deal_funded`, called by the consumer; `amount` in USD × 10⁷.
    public func setDealFunded(
        _ parties: DealParties, deal: Int?, amount: Int128, repository: String?
    ) throws(ContractError) -> ContractCall {
        var call = try funding("set_deal_funded", parties, deal, amount)
        try call.text("fb_repo_id", .string, repository)
        return call.call
    }

    /// `deposit_to_deal`, called by the consumer; `amount` in USD × 10⁷.
    public func depositToDeal(_ parties: DealParties, deal: Int?, amount: Int128) throws(ContractError) -> ContractCall
    {
        try funding("deposit_to_deal", parties, deal, amount).call
    }

    /// `update_deal_consumption`, called for the provider by the oracle: (provider, consumer). Volumes in the profile's
    /// units.
    public func updateDealConsumption(
        _ parties: DealParties, deal: Int?, storage: Int128, egress: Int128
    ) throws(ContractError) -> ContractCall {
        var call = try byProvider("update_deal_consumption", parties, deal)
        try call.integer("storage_" + profile.volumeSuffix, profile.volumeType, storage)
        try call.integer("egress_" + profile.volumeSuffix, profile.volumeType, egress)
        return call.call
    }

    /// `update_deal_sla`, called for the provider by the oracle: (provider, consumer). The averages that were observed;
    /// 100% is a fact and may be told.
    public func updateDealSLA(
        _ parties: DealParties, deal: Int?, latencyMs: Int, uptime: Int
    ) throws(ContractError) -> ContractCall {
        var call = try byProvider("update_deal_sla", parties, deal)
        try call.integer("sla_avg_latency_ms", .u32, Int128(latencyMs))
        guard uptime <= profile.fullUptime else {
            throw .refused(
                argument: "update_deal_sla.sla_avg_uptime_pct", problem: "\(uptime) is above 100%",
                remedy: "100% is \(profile.fullUptime) in this contract")
        }
        try call.integer("sla_avg_uptime_pct", .u32, Int128(uptime))
        return call.call
    }

    private func funding(
        _ function: String, _ parties: DealParties, _ deal: Int?, _ amount: Int128
    ) throws(ContractError) -> CallBuilder {
        guard amount > 0 else {
            throw .refused(
                argument: "\(function).amount_usd", problem: "\(amount) funds nothing", remedy: "use at least 1")
        }
        var call = CallBuilder(function)
        try call.text("consumer_id", .address, parties.consumer)
        try call.text("provider_id", .address, parties.provider)
        try call.integer("deal_id", .u32, deal.map { Int128($0) })
        try call.integer("amount_usd", .u128, amount)
        return call
    }

    private func byProvider(
        _ function: String, _ parties: DealParties, _ deal: Int?
    ) throws(ContractError) -> CallBuilder {
        var call = CallBuilder(function)
        try call.text("provider_id", .address, parties.provider)
        try call.text("consumer_id", .address, parties.consumer)
        try call.integer("deal_id", .u32, deal.map { Int128($0) })
        return call
    }

    private func promised(_ uptime: Int, _ function: String) throws(ContractError) -> Int {
        guard uptime < profile.fullUptime, uptime <= profile.newDealUptime else {
            throw .refused(
                argument: "\(function).sla_avg_uptime_pct",
                problem: "\(uptime) would be breached by a deal that nobody has measured yet",
                remedy: "promise at most \(min(profile.fullUptime - 1, profile.newDealUptime))")
        }
        return uptime
    }
}
