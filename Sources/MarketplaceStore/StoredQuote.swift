/// Where a quote stands in its life: open → accepted | declined | cancelled | expired; an accepted one is an SLA.
public enum QuoteStatus: String, Sendable, Hashable, CaseIterable {
    /// It can be accepted.
    case open
    /// The user took it: it is an SLA that has not begun.
    case accepted
    /// The user refused it.
    case declined
    /// It was withdrawn before it was accepted.
    case cancelled
    /// Nobody took it in time.
    case expired
    /// The SLA runs.
    case active
    /// The SLA ran to its end.
    case completed
    /// The SLA was ended early.
    case terminated
    /// The SLA was broken.
    case breached

    /// The states that may follow.
    public var successors: [QuoteStatus] {
        switch self {
        case .open: [.accepted, .declined, .cancelled, .expired]
        case .accepted: [.active, .terminated]
        case .active: [.completed, .terminated, .breached]
        case .declined, .cancelled, .expired, .completed, .terminated, .breached: []
        }
    }
}

/// A quote as it is kept: its document never changes, its status does.
public struct StoredQuote: Sendable, Hashable, Identifiable {
    /// The quote's ID.
    public let id: String
    /// Whom it was made for.
    public let user: String
    /// Seconds since 1970-01-01T00:00:00Z.
    public let createdAt: Int
    /// The first second at which it can no longer be accepted.
    public let expiresAt: Int
    /// Where it stands.
    public let status: QuoteStatus
    /// The hash of everything it was computed from.
    public let inputHash: String
    /// The quote itself, as JSON text.
    public let document: String
    /// Whose it is; empty for the machine's own.
    public let tenant: String
    /// 1, or one more than the quote that it revises.
    public let version: Int
    /// The quote that it revises.
    public let revisionOf: String?

    /// Where it stands at `now`: an open quote whose time has come has expired, whether or not anybody wrote that down.
    public func status(at now: Int) -> QuoteStatus { status == .open && now >= expiresAt ? .expired : status }

    /// A quote of given parts.
    public init(
        id: String, user: String, createdAt: Int, expiresAt: Int, status: QuoteStatus = .open, inputHash: String,
        document: String, tenant: String = "", version: Int = 1, revisionOf: String? = nil
    ) {
        self.id = id
        self.user = user
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.status = status
        self.inputHash = inputHash
        self.document = document
        self.tenant = tenant
        self.version = version
        self.revisionOf = revisionOf
    }
}
