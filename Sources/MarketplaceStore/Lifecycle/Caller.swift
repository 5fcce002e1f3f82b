/// Who acts on the store: a tenant's actor, or the operator.
public struct Caller: Sendable, Hashable {
    /// Whose records it sees and writes; the operator's own are the empty tenant's.
    public let tenant: String
    /// Who within the tenant, for the audit log: a key's ID, a token's subject, a command.
    public let actor: String

    /// `actor` of `tenant`.
    public init(tenant: String, actor: String) {
        self.tenant = tenant
        self.actor = actor
    }

    /// Whoever runs commands on the machine itself.
    public static let machine = Caller(tenant: "", actor: "machine")
}
