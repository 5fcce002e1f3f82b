import Money

/// How a storage provider stands in the register.
public struct ProviderStanding: Sendable, Hashable {
    /// The provider.
    public let provider: String
    /// The entry in force: of those whose days include the day asked for, the one that began last. Nil when there is none.
    public let current: RegisterEntry?
    /// All entries, the earliest first.
    public let history: [RegisterEntry]

    /// Whether the provider may sell: the entry in force certifies it. A suspension that began later than a certification
    /// stands before it for as long as it lasts.
    public var isCertified: Bool { current?.status == "certified" }
}

extension Catalog {
    /// How the storage provider of that ID stands on `day`. O(register).
    public func standing(of provider: String, on day: CalendarDay) -> ProviderStanding {
        let history = register.filter { $0.kind == "storage-provider" && $0.participant == provider }
            .sorted { $0.since < $1.since }
        return ProviderStanding(
            provider: provider, current: history.last { $0.isInForce(on: day) }, history: history)
    }

    /// The storage providers that may sell on `day`. O(register).
    public func certifiedProviders(on day: CalendarDay) -> Set<String> {
        var latest: [String: RegisterEntry] = [:]
        for entry in register where entry.kind == "storage-provider" && entry.isInForce(on: day) {
            if let known = latest[entry.participant], known.since > entry.since { continue }
            latest[entry.participant] = entry
        }
        return Set(latest.values.lazy.filter { $0.status == "certified" }.map(\.participant))
    }
}

extension RegisterEntry {
    /// Whether the entry's days include `day`.
    public func isInForce(on day: CalendarDay) -> Bool { since <= day && day <= until ?? day }
}
