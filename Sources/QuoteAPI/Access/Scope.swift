import MarketplaceStore

/// What a key or token may do: one word for each thing that may be allowed apart from the others.
public enum Scope: String, Sendable, Hashable, CaseIterable {
    /// See quotes and SLAs of the tenant.
    case quotesRead = "quotes:read"
    /// Make, accept, decline, cancel and revise quotes of the tenant.
    case quotesWrite = "quotes:write"
    /// Report how SLAs of the tenant were served: an oracle's, since a reported breach forfeits a provider's payment.
    case settlementsWrite = "settlements:write"
    /// Ask who suits a user.
    case recommendationsRead = "recommendations:read"
    /// Report what users did.
    case interactionsWrite = "interactions:write"
    /// Report what was measured.
    case measurementsWrite = "measurements:write"
    /// Ask for pricing advice on the tenant's own offers.
    case adviceRead = "advice:read"
    /// State the costs of the tenant's own provider.
    case costsWrite = "costs:write"
    /// Change the catalogue.
    case catalogWrite = "catalog:write"
    /// Change the registers of certified providers.
    case registersWrite = "registers:write"
    /// Read the audit log of the tenant.
    case auditRead = "audit:read"
}

/// Who calls, and what they may do.
public struct Principal: Sendable, Hashable {
    /// The tenant and the actor.
    public let caller: Caller
    /// What is allowed.
    public let scopes: Set<Scope>
    /// The provider that the caller speaks for; nil for none.
    public let provider: String?

    /// A caller with scopes, who may speak for a provider.
    public init(caller: Caller, scopes: Set<Scope>, provider: String? = nil) {
        self.caller = caller
        self.scopes = scopes
        self.provider = provider
    }

    /// Everybody, where the service is open: one tenant that may do all that tenants may.
    static let anyone = Principal(
        caller: Caller(tenant: "demo", actor: "anyone"),
        scopes: Set(Scope.allCases).subtracting([.catalogWrite, .registersWrite]))
}

extension Caller {
    /// A user as the store knows it: users of the same name are strangers when their tenants are.
    func user(_ name: String) -> String { tenant.isEmpty ? name : tenant + "/" + name }
}
