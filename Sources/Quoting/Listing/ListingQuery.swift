import Marketplace
import Money

/// Which offers of the listing are asked for, and in which order. Empty filters let everything through.
public struct ListingQuery: Sendable, Hashable {
    /// What offers are sorted by; ties by ID.
    public enum Order: String, Sendable, Hashable, CaseIterable {
        /// What the volume costs a month.
        case price
        /// The provider's ID, then the offer's.
        case provider
        /// The latency from ``readers``.
        case latency
    }

    /// A word that stands in the offer's ID, its class, its provider's name or its metro's, in any case.
    public var text: String?
    /// These providers alone.
    public var providers: Set<String> = []
    /// These regions alone, as their providers name them.
    public var regions: Set<String> = []
    /// These metros alone.
    public var metros: Set<String> = []
    /// These continents alone.
    public var continents: Set<String> = []
    /// Data must lie under one of these jurisdictions.
    public var jurisdictions: Set<String> = []
    /// Certifications that the provider must hold, all of them.
    public var certifications: Set<String> = []
    /// Features that the storage must have, all of them.
    public var features: Set<String> = []
    /// The interface that it must speak.
    public var api: String?
    /// How soon reads must begin.
    public var access: Access?
    /// The provider's own name of the storage class.
    public var storageClass: String?
    /// The volume that prices are worked out for, in bytes.
    public var volumeBytes = 1_000_000_000_000
    /// The least price, in USD for a GB (10⁹ bytes) and month at that volume.
    public var minimumPrice: ExactDecimal?
    /// The highest such price.
    public var maximumPrice: ExactDecimal?
    /// The least availability that the offer promises.
    public var minimumAvailability: ExactDecimal?
    /// Bytes that must still be free; offers that publish no limit have room for all.
    public var availableBytes: Int?
    /// Where readers are, for latencies.
    public var readers: String?
    /// The highest latency from there, in milliseconds.
    public var maximumLatencyMs: Double?
    /// The order.
    public var order = Order.provider
    /// Whether the largest come first; what has no value comes last either way.
    public var isDescending = false

    /// Everything, by provider.
    public init() {}
}
