import Money

/// How soon the first byte of a read arrives.
public enum Access: String, Sendable, Hashable, CaseIterable {
    /// Within the network's latency.
    case online
    /// After hours: data must be restored first.
    case archive
}

/// How many availability zones hold an offer's data.
public enum Zones: String, Sendable, Hashable, CaseIterable {
    /// One: the loss of a data centre loses the data.
    case single
    /// Several.
    case multi
}

/// Where a fact comes from.
public struct Provenance: Sendable, Hashable {
    /// Who states it.
    public let source: String
    /// The day, month or year it was true, as the source gives it.
    public let asOf: String
    /// How far it was verified.
    public let verified: String
    /// What a reader should know.
    public let notes: String

    /// A fact's origin.
    public init(source: String, asOf: String, verified: String = "", notes: String = "") {
        self.source = source
        self.asOf = asOf
        self.verified = verified
        self.notes = notes
    }
}

/// One thing that can be bought: provider × region × storage class.
public struct Offer: Sendable, Hashable, Identifiable {
    /// `provider/region/class`, unique in a catalogue.
    public var id: String
    /// The provider.
    public var provider: String
    /// The provider's own name of the region.
    public var region: String
    /// The provider's own name of the storage class.
    public var storageClass: String
    /// The metropolitan area that the region lies in.
    public var metro: String
    /// How it is billed until the first of ``changes``.
    public var tariff: Tariff
    /// Price changes that the provider has announced, the earliest first.
    public var changes: [PriceChange]
    /// Promised availability as a probability; nil when none is published.
    public var availability: ExactDecimal?
    /// Nines of designed annual durability; nil when unpublished.
    public var durabilityNines: Int?
    /// How soon reads begin.
    public var access: Access
    /// Where the data lies within the region.
    public var zones: Zones
    /// Bytes that can still be reserved; nil when no limit is published.
    public var capacityBytes: Int?
    /// Where the facts come from.
    public var provenance: Provenance

    /// An offer of given parts.
    public init(
        id: String, provider: String, region: String, storageClass: String, metro: String, tariff: Tariff,
        changes: [PriceChange] = [], availability: ExactDecimal? = nil, durabilityNines: Int? = nil,
        access: Access = .online, zones: Zones = .multi, capacityBytes: Int? = nil,
        provenance: Provenance = Provenance(source: "", asOf: "")
    ) {
        self.id = id
        self.provider = provider
        self.region = region
        self.storageClass = storageClass
        self.metro = metro
        self.tariff = tariff
        self.changes = changes.sorted { $0.from < $1.from }
        self.availability = availability
        self.durabilityNines = durabilityNines
        self.access = access
        self.zones = zones
        self.capacityBytes = capacityBytes
        self.provenance = provenance
    }
}
