import Money

/// How a storage provider stands in the register.
public struct ProviderStanding: Sendable, Hashable {
    /// The provider.
    public let provider: String
    /// The entry in force: of those whose days include the day asked for the last suspension or, without one, the one that
    /// began last. Nil when there is none.
    public let current: RegisterEntry?
    /// All entries, the earliest first.
    public let history: [RegisterEntry]

    /// Whether the provider may sell: the entry in force certifies it. A suspension stands before every certification for as
    /// long as it lasts.
    public var isCertified: Bool { current?.status == "certified" }
}

extension Catalog {
    /// How the storage provider of that ID stands on `day`. O(register).
    public func standing(of provider: String, on day: CalendarDay) -> ProviderStanding {
        let history = register.filter { $0.kind == "storage-provider" && $0.participant == provider }
            .sorted { $0.since < $1.since }
        let inForce = history.filter { $0.certifies(on: day) || $0.excludes(on: day) }
        return ProviderStanding(
            provider: provider, current: inForce.last { $0.status == "suspended" } ?? inForce.last, history: history)
    }

    /// The storage providers that may sell on `day`. O(register).
    public func certifiedProviders(on day: CalendarDay) -> Set<String> {
        let providers = register.filter { $0.kind == "storage-provider" }
        return Set(providers.lazy.filter { $0.certifies(on: day) }.map(\.participant))
            .subtracting(providers.lazy.filter { $0.excludes(on: day) }.map(\.participant))
    }
}
