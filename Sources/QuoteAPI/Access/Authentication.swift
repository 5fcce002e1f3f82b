import HTTPTypes
import Hummingbird
import MarketplaceStore

/// How callers prove who they are.
public enum Authentication: Sendable {
    /// By an API key of the store.
    case keys
    /// Not at all: everybody is the tenant `demo`. For trying out.
    case open
}

/// Finds out who calls. A caller that is not known goes on without a name: routes say what they need.
struct AuthenticationMiddleware: RouterMiddleware {
    let authentication: Authentication
    let state: MarketState
    let clock: @Sendable () -> Int

    func handle(
        _ request: Request, context: APIContext, next: (Request, APIContext) async throws -> Response
    ) async throws -> Response {
        var context = context
        switch authentication {
        case .open: context.principal = .anyone
        case .keys:
            if let field = request.headers[.authorization] {
                context.principal = try await principal(field)
            }
        }
        return try await next(request, context)
    }

    private func principal(_ field: String) async throws -> Principal {
        let parts = field.split(separator: " ", omittingEmptySubsequences: true)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { throw Problem.unauthenticated }
        let (text, store) = (String(parts[1]), state.store)
        let key = try await state.compute { try store.key(text) }
        guard let key, key.isValid(at: clock()) else { throw Problem.unauthenticated }
        return Principal(
            caller: Caller(tenant: key.tenant, actor: key.id), scopes: Set(key.scopes.compactMap(Scope.init)),
            provider: key.provider)
    }
}
