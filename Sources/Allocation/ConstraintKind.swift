/// The constraints of a request that an explanation can name.
public enum ConstraintKind: String, Sendable, Hashable, CaseIterable {
    /// The budget.
    case budget
    /// The latency bound at every reader region.
    case latency
    /// The availability of every placement.
    case availability
    /// The durability of every placement.
    case durability
    /// Surviving the loss of providers.
    case toleratedProviders
    /// Surviving the loss of metros.
    case toleratedRegions
    /// The largest share of one provider.
    case maxProviderShare
    /// The least number of providers.
    case minProviders
    /// What offers can still take.
    case capacity
    /// Egress that a provider limits to a multiple of what is stored.
    case egressLimit
    /// The filters on offers: too few offers are left.
    case eligibility

    /// Where the request states it, as a JSON pointer.
    public var pointer: String {
        switch self {
        case .budget: "/budget"
        case .latency: "/qos/latencyMs"
        case .availability: "/qos/availability"
        case .durability: "/qos/durabilityNines"
        case .toleratedProviders: "/redundancy/tolerate/providers"
        case .toleratedRegions: "/redundancy/tolerate/regions"
        case .maxProviderShare: "/diversification/maxProviderShare"
        case .minProviders: "/diversification/minProviders"
        case .capacity: "/storage/logicalGB"
        case .egressLimit: "/traffic"
        case .eligibility: "/eligibility"
        }
    }
}
