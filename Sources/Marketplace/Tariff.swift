import Money

/// What one unit of volume is in a tariff.
public enum VolumeUnit: String, Sendable, Hashable, CaseIterable {
    /// 10⁹ bytes.
    case gigabyte = "GB"
    /// 2³⁰ bytes.
    case gibibyte = "GiB"

    /// Bytes of one unit.
    public var bytes: Int128 { self == .gigabyte ? 1_000_000_000 : 1 << 30 }
}

/// A step of a graduated price: the price of the volume between the previous step's end and this one's.
public struct Tier: Sendable, Hashable {
    /// Where the step ends, in volume units; the last step has no end.
    public let upTo: ExactDecimal?
    /// The price of one volume unit within the step.
    public let price: ExactDecimal

    /// A step that ends at `upTo`.
    public init(upTo: ExactDecimal? = nil, price: ExactDecimal) {
        self.upTo = upTo
        self.price = price
    }
}

/// Egress that costs nothing, before the tiers begin.
public enum EgressAllowance: Sendable, Hashable {
    /// A fixed volume a month, in volume units.
    case fixed(ExactDecimal)
    /// This many times the volume that is stored.
    case multipleOfStored(ExactDecimal)
}

/// How reading data out of a provider is billed.
public struct EgressTariff: Sendable, Hashable {
    /// Graduated price per volume unit, on what exceeds the allowance.
    public let tiers: [Tier]
    /// What is free each month.
    public let allowance: EgressAllowance?
    /// A hard limit: egress must not exceed this many times the stored volume. Not a price.
    public let limitMultipleOfStored: ExactDecimal?

    /// An egress tariff; `tiers` must not be empty.
    public init(tiers: [Tier], allowance: EgressAllowance? = nil, limitMultipleOfStored: ExactDecimal? = nil) {
        self.tiers = tiers
        self.allowance = allowance
        self.limitMultipleOfStored = limitMultipleOfStored
    }
}

/// How an offer is billed, as its provider publishes it. Prices that are not published are absent, never zero.
public struct Tariff: Sendable, Hashable {
    /// The asset of all prices.
    public var asset: Asset
    /// The volume unit of all prices and tiers.
    public var unit: VolumeUnit
    /// Graduated price per volume unit stored for a month of 30 days.
    public var storage: [Tier]
    /// Egress; nil when unpublished.
    public var egress: EgressTariff?
    /// The price of 1,000 writes; nil when unpublished.
    public var writesPer1000: ExactDecimal?
    /// The price of 1,000 reads; nil when unpublished.
    public var readsPer1000: ExactDecimal?
    /// The price of one volume unit retrieved; nil when unpublished.
    public var retrieval: ExactDecimal?
    /// A base fee a month, on top of everything; what it includes stands as tiers of price zero.
    public var monthlyFee: ExactDecimal
    /// The least that a month costs, fee included.
    public var monthlyMinimum: ExactDecimal
    /// Storage of a shorter term is billed up to this many days.
    public var minimumDays: Int
    /// Smaller objects are billed at this size, in bytes.
    public var minimumObjectBytes: Int
    /// Bytes billed on top of every object.
    public var objectOverheadBytes: Int

    /// A tariff of given parts; storage must have at least one tier.
    public init(
        asset: Asset = .usd, unit: VolumeUnit = .gigabyte, storage: [Tier], egress: EgressTariff? = nil,
        writesPer1000: ExactDecimal? = nil, readsPer1000: ExactDecimal? = nil, retrieval: ExactDecimal? = nil,
        monthlyFee: ExactDecimal = .zero, monthlyMinimum: ExactDecimal = .zero, minimumDays: Int = 0,
        minimumObjectBytes: Int = 0, objectOverheadBytes: Int = 0
    ) {
        self.asset = asset
        self.unit = unit
        self.storage = storage
        self.egress = egress
        self.writesPer1000 = writesPer1000
        self.readsPer1000 = readsPer1000
        self.retrieval = retrieval
        self.monthlyFee = monthlyFee
        self.monthlyMinimum = monthlyMinimum
        self.minimumDays = minimumDays
        self.minimumObjectBytes = minimumObjectBytes
        self.objectOverheadBytes = objectOverheadBytes
    }
}
