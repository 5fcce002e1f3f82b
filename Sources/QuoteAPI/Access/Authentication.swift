import Crypto
import HTTPTypes
import Hummingbird
import MarketplaceStore
import Synchronization

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
    private let known = KnownKeys()

    init(
        authentication: Authentication, state: MarketState, rate: RateLimitMiddleware?,
        clock: @escaping @Sendable () -> Int
    ) {
        self.authentication = authentication
        self.state = state
        self.rate = rate
        self.clock = clock
    }

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
        // Looked up here: less work than handing it to a worker.
        guard let key = try known.key(text, of: state.store), key.isValid(at: clock()) else {
            throw Problem.invalidToken("the API key is unknown, revoked or expired")
        }
        return Principal(
            caller: Caller(tenant: key.tenant, actor: key.id), scopes: Set(key.scopes.compactMap(Scope.init)),
            provider: key.provider)
    }
}

/// Keys that were looked up since anybody wrote to the store: revoking one counts at once, whichever process does it. Their
/// texts are not kept, only hashes of them.
private final class KnownKeys: Sendable {
    /// The most that are kept.
    private static let most = 10_000

    private struct State {
        var mark = 0
        var keys: [SHA256.Digest: APIKey] = [:]
    }

    private let state = Mutex(State())

    /// The key whose text is `text`; nil when there is none.
    func key(_ text: String, of store: MarketplaceDatabase) throws(StoreError) -> APIKey? {
        // Before the key is looked up: what is written meanwhile makes another mark.
        guard let mark = try store.changeMark() else { return try store.key(text) }
        let digest = SHA256.hash(data: Array(text.utf8))
        if let key = state.withLock({ $0.mark == mark ? $0.keys[digest] : nil }) { return key }
        let key = try store.key(text)
        guard let key else { return nil }
        state.withLock { state in
            if state.mark != mark || state.keys.count >= Self.most { state = State(mark: mark) }
            state.keys[digest] = key
        }
        return key
    }
}
