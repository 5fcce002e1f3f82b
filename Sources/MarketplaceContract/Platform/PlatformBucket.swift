import Documents
import Money

/// Whether a bucket of the marketplace is for sale.
public enum BucketStatus: String, Sendable, Hashable, CaseIterable {
    /// For sale.
    case active = "Active"
    /// Not for sale.
    case inactive = "Inactive"
    /// Gone.
    case deleted = "Deleted"
}

/// A bucket as contract and platform write it.
public struct PlatformBucket: Sendable, Hashable {
    /// `bucket_id`: its number in the contract.
    public let id: Int
    /// Its name.
    public let name: String
    /// The provider's name of its region.
    public let region: String
    /// ISO 3166-1 alpha-2; the marketplace's view has none.
    public let country: String?
    /// `provider_id`: the provider's address, or its ID on the platform.
    public let provider: String
    /// The provider's name, in the marketplace's view.
    public let providerName: String?
    /// 0…100, in the marketplace's view.
    public let providerReputation: Int?
    /// `fb_bucket_id`: its ID on the platform.
    public let platformID: String
    /// Prices and SLA, in the contract's integers, the uptime on the profile's scale.
    public let conditions: BucketConditions
    /// The promised uptime, whatever scale it was written on.
    public let uptime: Uptime
    /// GB that can be reserved; nil when none is stated.
    public let maxStorageGB: Int?
    /// GB that can be read; nil when none is stated.
    public let maxEgressGB: Int?
    /// What it can do, by the engine's names: `versioning`, `encryption-at-rest`, `encryption-in-transit`, `object-lock`.
    public let features: [String]
    /// The interface, in lower case, e.g. `s3`.
    public let api: String
    /// Whether it is for sale.
    public let status: BucketStatus
    /// Whether a deal holds its conditions fixed.
    public let isLocked: Bool

    /// Reads a bucket: integers as numbers or strings, uptimes on any scale, fields that are not known passed over, as the
    /// platform may add some.
    ///
    /// - Parameter scale: the scale of the uptime; told by its magnitude unless given.
    /// - Throws: `InputError` with every fault.
    public init(
        _ json: JSONValue, profile: ContractProfile = .version16, scale: UptimeScale? = nil, document: String = ""
    ) throws(InputError) {
        let log = IssueLog()
        let bucket = PlatformBucket(PlatformReader(json, log: log), profile, scale)
        try log.check(document)
        guard let bucket else { throw InputError(document, [InputIssue("", "is not a bucket")]) }
        self = bucket
    }

    /// A bucket, or nil after what is wrong was noted.
    init?(_ reader: PlatformReader, _ profile: ContractProfile, _ scale: UptimeScale?) {
        let id = reader.integer("bucket_id", in: 0...Int(UInt32.max))
        let provider = reader.text("provider_id")
        let storage = reader.amount("price_per_gb_storage")
        let egress = reader.amount("price_per_gb_egress")
        let latency = reader.integer("sla_avg_latency_ms", in: 0...Int(UInt32.max))
        let uptime = reader.uptime("sla_avg_uptime_pct", scale)
        let region = reader.text("region")
        let api = reader.text("api_compatibility")
        let status = reader.has("status") ? reader.variant("status", BucketStatus.self) : .active
        name = reader.optionalText("name") ?? ""
        country = reader.optionalText("country")
        providerName = reader.optionalText("provider_name")
        providerReputation = reader.optionalInteger("provider_reputation", in: 0...100)
        platformID = reader.optionalText("fb_bucket_id") ?? ""
        maxStorageGB = reader.optionalInteger("max_storage_gb", in: 0...1_000_000_000)
        maxEgressGB = reader.optionalInteger("max_egress_gb", in: 0...1_000_000_000)
        features = [
            ("versioning_enabled", "versioning"), ("encryption_at_rest", "encryption-at-rest"),
            ("encryption_in_transit", "encryption-in-transit"), ("object_locking", "object-lock")
        ].compactMap { key, feature in reader.flag(key) == true ? feature : nil }
        isLocked = reader.flag("locked") ?? false
        guard let id, let provider, let storage, let egress, let latency, let uptime, let region, let api, let status
        else { return nil }
        self.id = id
        self.provider = provider
        self.region = region
        self.api = api.lowercased()
        self.status = status
        self.uptime = uptime
        conditions = BucketConditions(
            storagePrice: storage, egressPrice: egress, latencyMs: latency,
            uptime: uptime.integer(profile.uptimeScale))
    }
}
