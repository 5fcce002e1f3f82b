import HTTPTypes
import Hummingbird
import MarketplaceStore

/// How callers prove who they are.
public enum Authentication: Sendable {
    /// By an API key of the store.
    case keys
    /// By an API key of the store, or by a token of a trusted issuer.
    case keysAndTokens(TokenVerifier)
    /// Not at all: everybody is the tenant `demo`. For trying out.
    case open
}

/// Finds out who calls. A caller that is not known goes on without a name: routes say what they need.
struct AuthenticationMiddleware: RouterMiddleware {
    let authentication: Authentication
    let state: MarketState
    /// What counts calls whose key opens nothing, as calls of their address: who guesses is told to wait, and valid keys
    /// from the same address are answered still.
    let rate: RateLimitMiddleware?
    let clock: @Sendable () -> Int

    func handle(
        _ request: Request, context: APIContext, next: (Request, APIContext) async throws -> Response
    ) async throws -> Response {
        var context = context
        do {
            context.principal = try await principal(request.headers[values: .authorization])
        } catch var problem as Problem {
            if let rate, !context.isWatch {
                problem.headers.append(contentsOf: try rate.admit("a" + (context.address ?? ""), "address"))
            }
            throw problem
        }
        return try await next(request, context)
    }

    private func principal(_ fields: [String]) async throws -> Principal? {
        let tokens: TokenVerifier?
        switch authentication {
        case .open: return .anyone
        case .keys: tokens = nil
        case .keysAndTokens(let verifier): tokens = verifier
        }
        guard let field = fields.first else { return nil }
        guard fields.count == 1 else { throw Problem.unauthenticated }
        let parts = field.split(separator: " ", omittingEmptySubsequences: true)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { throw Problem.unauthenticated }
        let text = String(parts[1])
        if let tokens, TokenVerifier.isToken(text) {
            do throws(TokenFault) { return try await tokens.principal(text, at: clock()) } catch { throw error.problem }
        }
        // One row by its key: less work than handing it to a worker. It is never remembered, so that revoking counts at once.
        let key = try state.store.key(text)
        guard let key, key.isValid(at: clock()) else {
            throw Problem.invalidToken("the API key is unknown, revoked or expired")
        }
        return Principal(
            caller: Caller(tenant: key.tenant, actor: key.id), scopes: Set(key.scopes.compactMap(Scope.init)),
            provider: key.provider)
    }
}
