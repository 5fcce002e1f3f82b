import Documents
import Money

/// What happens in one settlement period.
public struct SettlementPeriod: Sendable, Hashable {
    /// A name, e.g. `2026-12`.
    public let label: String
    /// How many days it has.
    public let days: Int
    /// GB (10⁹ bytes) held.
    public let storageGB: ExactDecimal
    /// GB read.
    public let egressGB: ExactDecimal
    /// The average latency in milliseconds; nil when the oracle tells none.
    public let latencyMs: ExactDecimal?
    /// The average uptime; nil when the oracle tells none.
    public let uptime: Uptime?
    /// USD that the consumer deposits before it.
    public let deposit: ExactDecimal
    /// The live bucket's price of storage from now on, USD × 10⁷; nil when it stays. Likewise the others.
    public let storagePrice: Int128?
    /// The live bucket's price of egress from now on.
    public let egressPrice: Int128?
    /// The live bucket's latency from now on.
    public let promisedLatencyMs: Int?
    /// The live bucket's uptime from now on.
    public let promisedUptime: Uptime?

    /// The columns of a file of periods; from `latency_ms` on they may be empty.
    public static let header = [
        "period", "days", "storage_gb", "egress_gb", "latency_ms", "uptime_percent", "deposit_usd",
        "price_per_gb_storage", "price_per_gb_egress", "sla_avg_latency_ms", "sla_avg_uptime_percent"
    ]

    /// A period of given parts.
    public init(
        label: String, days: Int = 30, storageGB: ExactDecimal, egressGB: ExactDecimal, latencyMs: ExactDecimal? = nil,
        uptime: Uptime? = nil, deposit: ExactDecimal = .zero, storagePrice: Int128? = nil, egressPrice: Int128? = nil,
        promisedLatencyMs: Int? = nil, promisedUptime: Uptime? = nil
    ) {
        self.label = label
        self.days = days
        self.storageGB = storageGB
        self.egressGB = egressGB
        self.latencyMs = latencyMs
        self.uptime = uptime
        self.deposit = deposit
        self.storagePrice = storagePrice
        self.egressPrice = egressPrice
        self.promisedLatencyMs = promisedLatencyMs
        self.promisedUptime = promisedUptime
    }

    /// Reads a CSV file with the columns of ``header``.
    /// - Throws: `InputError` with every bad row.
    public static func periods(_ bytes: [UInt8], document: String) throws(InputError) -> [SettlementPeriod] {
        let table = try CSVTable(parsing: bytes, header: header, document: document)
        let log = IssueLog()
        let volume = ExactDecimal.zero...ExactDecimal(1_000_000_000)
        let periods = table.rows.compactMap { row -> SettlementPeriod? in
            let row = RowReader(row, of: table, log: log)
            func optional<Value>(_ field: String, _ read: (String) -> Value?) -> Value? {
                row.text(field).isEmpty ? nil : read(field)
            }
            func price(_ field: String) -> Int128? {
                row.integer(field, in: 0...100_000_000_000_000_000).map { Int128($0) }
            }
            func uptime(_ field: String) -> Uptime? {
                row.decimal(field, in: .zero...ExactDecimal(100)).flatMap { Uptime($0, scale: .percent) }
            }
            guard let label = row.string("period"), let days = row.integer("days", in: 1...3660),
                let storage = row.decimal("storage_gb", in: volume), let egress = row.decimal("egress_gb", in: volume)
            else { return nil }
            return SettlementPeriod(
                label: label, days: days, storageGB: storage, egressGB: egress,
                latencyMs: optional("latency_ms") { row.decimal($0, in: .zero...ExactDecimal(4_294_967_295)) },
                uptime: optional("uptime_percent", uptime),
                deposit: optional("deposit_usd") { row.decimal($0, in: volume) } ?? .zero,
                storagePrice: optional("price_per_gb_storage", price),
                egressPrice: optional("price_per_gb_egress", price),
                promisedLatencyMs: optional("sla_avg_latency_ms") { row.integer($0, in: 0...4_294_967_295) },
                promisedUptime: optional("sla_avg_uptime_percent", uptime))
        }
        if periods.isEmpty, log.issues.isEmpty { log.report("line 2", "there is no period", remedy: "add one") }
        try log.check(document)
        return periods
    }
}

/// A deal to be simulated: the bucket as it is at the start, what is funded, and the reputations.
public struct SettlementScenario: Sendable, Hashable {
    /// The version of the contract.
    public var profile: ContractProfile
    /// The bucket at the start.
    public var bucket: BucketConditions
    /// `amount_usd` of `set_deal_funded`, USD × 10⁷.
    public var funding: Int128
    /// The provider's reputation at the start, 0…100.
    public var providerReputation: Int
    /// The consumer's reputation at the start, 0…100.
    public var consumerReputation: Int

    /// A scenario of given parts.
    public init(
        profile: ContractProfile, bucket: BucketConditions, funding: Int128, providerReputation: Int = 50,
        consumerReputation: Int = 50
    ) {
        self.profile = profile
        self.bucket = bucket
        self.funding = funding
        self.providerReputation = providerReputation
        self.consumerReputation = consumerReputation
    }

    /// Reads `{"profile", "bucket": {price_per_gb_storage, …}, "fund_usd" | "amount_usd", "reputation": {…}}`. `profile` is
    /// a known name or a whole profile; `override` replaces it. `bucket` may be the platform's own, with all its fields.
    /// - Throws: `InputError` with every fault.
    public init(_ json: JSONValue, override: ContractProfile? = nil, document: String = "") throws(InputError) {
        let log = IssueLog()
        let reader = ObjectReader(json, log: log)
        var profile = ContractProfile.version16
        switch reader.value("profile") {
        case nil: break
        case .string(let name)?:
            if let known = ContractProfile.named(name) {
                profile = known
            } else {
                log.report(
                    "/profile", "unknown profile '\(name)'",
                    remedy: suggestion(name, ContractProfile.known.map(\.name)) + ", or give a whole profile")
            }
        case let value?:
            do throws(InputError) {
                profile = try ContractProfile(value)
            } catch {
                for issue in error.issues {
                    log.report("/profile" + issue.location, issue.problem, remedy: issue.remedy)
                }
            }
        }
        profile = override ?? profile
        var bucket: BucketConditions?
        if let value = reader.value("bucket") {
            let reader = PlatformReader(value, at: "/bucket", log: log)
            if let storage = reader.amount("price_per_gb_storage"), let egress = reader.amount("price_per_gb_egress"),
                let uptime = reader.uptime("sla_avg_uptime_pct", nil)
            {
                bucket = BucketConditions(
                    storagePrice: storage, egressPrice: egress,
                    latencyMs: reader.optionalInteger("sla_avg_latency_ms", in: 0...4_294_967_295),
                    uptime: uptime.integer(profile.uptimeScale))
            }
        } else {
            log.report("/bucket", "is missing", remedy: "give its prices, latency and uptime")
        }
        var funding: Int128?
        if reader.has("amount_usd") {
            funding = PlatformReader(json, log: log).amount("amount_usd")
        } else if let usd = reader.decimal("fund_usd", in: .zero...ExactDecimal(1_000_000_000), unit: "USD") {
            funding = try? profile.amount(usd)
        }
        var reputations = [50, 50]
        if let part = reader.object("reputation") {
            for (index, key) in ["provider", "consumer"].enumerated() where part.has(key) {
                reputations[index] = part.integer(key, in: 0...100) ?? 50
            }
            part.finish()
        }
        reader.finish()
        try log.check(document)
        guard let bucket, let funding else {
            throw InputError(document, [InputIssue("", "is no deal", remedy: "give bucket and fund_usd")])
        }
        self.init(
            profile: profile, bucket: bucket, funding: funding, providerReputation: reputations[0],
            consumerReputation: reputations[1])
    }
}
