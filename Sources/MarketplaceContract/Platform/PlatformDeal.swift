import Documents

/// A deal as contract and platform write it.
public struct PlatformDeal: Sendable, Hashable {
    /// `deal_id`.
    public let id: Int
    /// The parties' addresses.
    public let parties: DealParties
    /// `bucket_id`.
    public let bucket: Int
    /// `fb_repo_id`.
    public let repository: String
    /// Where it stands.
    public let status: DealStatus
    /// When it starts, seconds since 1970; 0 before.
    public let start: Int
    /// For how long, in seconds.
    public let durationSeconds: Int
    /// `gb` or `mb`, as its fields are named.
    public let volumeSuffix: String
    /// What was agreed, in its units.
    public let agreed: Deal.Volumes
    /// What was reported and not paid.
    public let unpaid: Deal.Volumes
    /// What was paid.
    public let paid: Deal.Volumes
    /// What was forfeited.
    public let slashed: Deal.Volumes
    /// `balance_consumer`, USD × 10⁷.
    public let balance: Int128
    /// `balance_provider`, USD × 10⁷.
    public let providerBalance: Int128
    /// `slash_amount_usd`, USD × 10⁷.
    public let forfeited: Int128
    /// The observed average latency, in milliseconds.
    public let latencyMs: Int
    /// The observed average uptime.
    public let uptime: Uptime
    /// When it was settled last, seconds since 1970; older versions do not say.
    public let lastSettled: Int?

    /// Reads a deal: integers as numbers or strings, volumes in GB or MB by the names of their fields, uptimes on any scale,
    /// fields that are not known passed over.
    /// - Throws: `InputError` with every fault.
    public init(_ json: JSONValue, scale: UptimeScale? = nil, document: String = "") throws(InputError) {
        let log = IssueLog()
        let deal = PlatformDeal(PlatformReader(json, log: log), scale)
        try log.check(document)
        guard let deal else { throw InputError(document, [InputIssue("", "is not a deal")]) }
        self = deal
    }

    init?(_ reader: PlatformReader, _ scale: UptimeScale?) {
        let suffix = reader.has("agreed_storage_mb") ? "mb" : "gb"
        func volumes(_ name: String) -> Deal.Volumes? {
            let (storage, egress) = ("\(name)_storage_\(suffix)", "\(name)_egress_\(suffix)")
            // Only what was agreed must be told; the rest starts at nothing.
            let required = name == "agreed"
            let held = required || reader.has(storage) ? reader.amount(storage) : 0
            let read = required || reader.has(egress) ? reader.amount(egress) : 0
            guard let held, let read else { return nil }
            return Deal.Volumes(storage: held, egress: read)
        }
        let id = reader.integer("deal_id", in: 0...Int(UInt32.max))
        let consumer = reader.text("consumer_id")
        let provider = reader.text("provider_id")
        let bucket = reader.integer("bucket_id", in: 0...Int(UInt32.max))
        let duration = reader.integer("duration_secs", in: 1...Int.max)
        let status = reader.variant("status", DealStatus.self)
        let agreed = volumes("agreed")
        let unpaid = volumes("unpaid")
        let paid = volumes("paid")
        let slashed = volumes("slash")
        let uptime = reader.uptime("sla_avg_uptime_pct", scale)
        let latency = reader.integer("sla_avg_latency_ms", in: 0...Int(UInt32.max))
        repository = reader.optionalText("fb_repo_id") ?? ""
        start = reader.has("start_ts") ? reader.time("start_ts") ?? 0 : 0
        lastSettled = reader.has("last_settled_ts") ? reader.time("last_settled_ts") : nil
        balance = reader.optionalAmount("balance_consumer") ?? 0
        providerBalance = reader.optionalAmount("balance_provider") ?? 0
        forfeited = reader.optionalAmount("slash_amount_usd") ?? 0
        volumeSuffix = suffix
        guard let id, let consumer, let provider, let bucket, let duration, let status, let agreed, let unpaid,
            let paid, let slashed, let uptime, let latency
        else { return nil }
        self.id = id
        parties = DealParties(consumer: consumer, provider: provider)
        self.bucket = bucket
        durationSeconds = duration
        self.status = status
        self.agreed = agreed
        self.unpaid = unpaid
        self.paid = paid
        self.slashed = slashed
        self.uptime = uptime
        latencyMs = latency
    }
}

/// A provider as the platform writes it.
public struct PlatformProvider: Sendable, Hashable {
    /// `provider_id`.
    public let id: String
    /// Its name.
    public let name: String
    /// 0…100; a new one starts at 50.
    public let reputation: Int

    init?(_ reader: PlatformReader) {
        let id = reader.text(reader.first(["provider_id", "id"]))
        name = reader.optionalText(reader.first(["name", "provider_name"])) ?? id ?? ""
        reputation = reader.optionalInteger(reader.first(["reputation", "provider_reputation"]), in: 0...100) ?? 50
        guard let id else { return nil }
        self.id = id
    }
}
