import Money

/// Who offers storage.
public struct Provider: Sendable, Hashable, Identifiable {
    /// The short name that offers refer to.
    public let id: String
    /// The name for people.
    public let name: String
    /// `cloud`, `object-store` or `decentralized`.
    public let kind: String
    /// The country of the company, ISO 3166-1 alpha-2.
    public let country: String
    /// Interfaces that its storage speaks, e.g. `s3`.
    public let apis: [String]
    /// What its storage can do, e.g. `versioning`.
    public let features: [String]
    /// Certifications it holds, e.g. `ISO27001`.
    public let certifications: [String]
    /// The availability that is assumed where an offer promises none.
    public let assumedAvailability: ExactDecimal
    /// The platform's reputation of it, 0…100.
    public let reputation: Int

    /// A provider of given parts.
    public init(
        id: String, name: String, kind: String, country: String, apis: [String], features: [String],
        certifications: [String], assumedAvailability: ExactDecimal, reputation: Int
    ) {
        self.id = id
        self.name = name
        self.kind = kind
        self.country = country
        self.apis = apis
        self.features = features
        self.certifications = certifications
        self.assumedAvailability = assumedAvailability
        self.reputation = reputation
    }
}

/// An entry of a register: who is certified, since when and by what evidence.
public struct RegisterEntry: Sendable, Hashable {
    /// `storage-provider` or `service-provider`.
    public let kind: String
    /// The participant's ID.
    public let participant: String
    /// `certified` or `suspended`.
    public let status: String
    /// The first day it holds.
    public let since: CalendarDay
    /// The last day it holds; nil when open.
    public let until: CalendarDay?
    /// What it rests on.
    public let evidence: String

    /// An entry of given parts.
    public init(
        kind: String, participant: String, status: String, since: CalendarDay, until: CalendarDay?, evidence: String
    ) {
        self.kind = kind
        self.participant = participant
        self.status = status
        self.since = since
        self.until = until
        self.evidence = evidence
    }

    /// Whether the entry certifies its participant on `day`.
    public func certifies(on day: CalendarDay) -> Bool {
        status == "certified" && since <= day && day <= until ?? day
    }

    /// Whether the entry keeps its participant from being listed on `day`, whatever other entries say.
    public func excludes(on day: CalendarDay) -> Bool {
        status == "suspended" && since <= day && day <= until ?? day
    }
}
