import Documents
import JWTKit
import Logging
import MarketplaceStore
import Signing

/// Judges bearer tokens: JSON Web Tokens (RFC 7519) signed by EdDSA with an Ed25519 key (RFC 8037) of a trusted issuer.
///
/// Header and claims are read strictly, each name once, before the signature is judged; what the claims say counts only
/// after. Keys that a token brings itself, or points to, are never looked at.
public struct TokenVerifier: Sendable {
    /// The longest token, in bytes.
    static let longest = 8192

    private let issuers: [String: (issuer: TokenIssuer, keys: IssuerKeys)]

    /// A verifier of the tokens of `issuers`.
    ///
    /// - Throws: `SigningError.keys` if a key set cannot be read, or two issuers have one name.
    public init(_ issuers: [TokenIssuer], logger: Logger) async throws(SigningError) {
        var known: [String: (issuer: TokenIssuer, keys: IssuerKeys)] = [:]
        for issuer in issuers {
            guard known[issuer.issuer] == nil else { throw .keys("the issuer '\(issuer.issuer)' is given twice") }
            known[issuer.issuer] = (issuer, try await IssuerKeys(file: issuer.keySet, logger: logger))
        }
        self.issuers = known
    }

    /// Whether a bearer's text is a token rather than an API key, which has no full stop in it.
    static func isToken(_ text: some StringProtocol) -> Bool { text.contains(".") }

    /// Who calls with `token` at `now`, seconds since 1970.
    func principal(_ token: String, at now: Int) async throws(TokenFault) -> Principal {
        guard token.utf8.count <= Self.longest else { throw .size }
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let header = Self.object(parts[0]), let claims = Self.object(parts[1]),
            Base64URL.decode(parts[2]) != nil
        else { throw .form }
        let name = try Self.key(header)
        guard case .string(let iss) = claims["iss"] ?? .null, let (issuer, keys) = issuers[iss] else { throw .issuer }
        let current = await keys.current()
        guard current.names.contains(name) else { throw .unknownKey }
        do { _ = try await current.collection.verify(token, as: SignedPayload.self) } catch { throw .signature }
        try Self.check(claims, of: issuer, at: now)
        return try Self.principal(claims, tenantClaim: issuer.tenantClaim)
    }

    private static func object(_ part: Substring) -> [String: JSONValue]? {
        guard let bytes = Base64URL.decode(part), let json = try? JSONValue(parsing: bytes),
            case .object(let members) = json
        else { return nil }
        return members
    }

    /// The key that the header names, if it asks for nothing but what we do.
    private static func key(_ header: [String: JSONValue]) throws(TokenFault) -> String {
        guard header["alg"] == "EdDSA" else { throw .algorithm }
        guard header["crit"] == nil, header["zip"] == nil, header["b64"] == nil else { throw .header }
        if let type = header["typ"] {
            guard case .string(let type) = type, ["jwt", "at+jwt", "application/at+jwt"].contains(type.lowercased())
            else { throw .header }
        }
        guard case .string(let name) = header["kid"] ?? .null, !name.isEmpty else { throw .noKey }
        return name
    }

    /// For whom and when the token is valid.
    private static func check(
        _ claims: [String: JSONValue], of issuer: TokenIssuer, at now: Int
    ) throws(TokenFault) {
        switch claims["aud"] {
        case .string(issuer.audience): break
        case .array(let names) where names.contains(.string(issuer.audience)): break
        default: throw .audience
        }
        let (now, leeway) = (Double(now), Double(issuer.leeway))
        guard let end = seconds(claims["exp"]) else { throw .expiry }
        guard now < end + leeway else { throw .expired }
        for name in ["nbf", "iat"] {
            guard let claim = claims[name] else { continue }
            guard let start = seconds(claim) else { throw .notBefore }
            guard now >= start - leeway else { throw .early }
        }
    }

    private static func seconds(_ claim: JSONValue?) -> Double? {
        guard case .number(let text)? = claim, let value = Double(text), value.isFinite else { return nil }
        return value
    }

    /// The tenant, the actor and the scopes. The actor is told apart from API keys, whose IDs a `sub` might imitate.
    private static func principal(
        _ claims: [String: JSONValue], tenantClaim: String
    ) throws(TokenFault) -> Principal {
        func isName(_ text: String, upTo length: Int) -> Bool {
            (1...length).contains(text.utf8.count) && text.utf8.allSatisfy { $0 >= 0x21 && $0 < 0x7F }
        }
        guard case .string(let tenant)? = claims[tenantClaim], isName(tenant, upTo: 64), !tenant.contains("/") else {
            throw .tenant
        }
        guard case .string(let subject)? = claims["sub"], isName(subject, upTo: 128) else { throw .subject }
        var scopes: Set<Scope> = []
        if let claim = claims["scope"] {
            guard case .string(let words) = claim else { throw .scope }
            scopes = Set(words.split(separator: " ").compactMap { Scope(rawValue: String($0)) })
        }
        return Principal(caller: Caller(tenant: tenant, actor: "token:" + subject), scopes: scopes)
    }
}

/// What the library decodes of a payload whose claims we read ourselves.
private struct SignedPayload: JWTPayload {
    func verify(using algorithm: some JWTAlgorithm) {}
}
