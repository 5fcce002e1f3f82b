/// Who makes tokens that the service takes beside API keys, and what their tokens must say.
public struct TokenIssuer: Sendable, Hashable {
    /// The `iss` of its tokens.
    public let issuer: String
    /// What their `aud` must name: this service.
    public let audience: String
    /// The file with the issuer's JSON Web Key Set.
    public let keySet: String
    /// The claim that names the tenant.
    public let tenantClaim: String
    /// How far the issuer's clock may be from ours, in seconds.
    public let leeway: Int

    /// An issuer. Tokens of every tenant that it names are taken: it is trusted as `api-keys create` is.
    public init(issuer: String, audience: String, keySet: String, tenantClaim: String = "tenant", leeway: Int = 30) {
        self.issuer = issuer
        self.audience = audience
        self.keySet = keySet
        self.tenantClaim = tenantClaim
        self.leeway = leeway
    }
}

/// Why a token is refused. The texts name no part of the token: they go to whoever sent it.
enum TokenFault: String, Error, Sendable, CaseIterable {
    case size = "the token is longer than 8192 bytes"
    case form = "the token is not three canonical base64url parts with JSON objects, each name once"
    case algorithm = "the token's 'alg' must be EdDSA"
    case header = "the token's header asks for what is not understood; leave out 'crit', 'zip' and unknown 'typ'"
    case noKey = "the token's header must name its key by 'kid'"
    case issuer = "the token's 'iss' is not an issuer that this service trusts"
    case unknownKey = "the token's 'kid' is not in the issuer's key set"
    case signature = "the token's signature does not fit"
    case audience = "the token's 'aud' does not name this service"
    case expiry = "the token needs an 'exp', a number of seconds since 1970"
    case expired = "the token has expired; get a new one"
    case notBefore = "the token's 'nbf' and 'iat' must be numbers of seconds since 1970"
    case early = "the token is not valid yet"
    case tenant = "the token must name its tenant: 1…64 printable ASCII characters, no '/'"
    case subject = "the token needs a 'sub' of 1…128 printable ASCII characters"
    case scope = "the token's 'scope' must be a string of words between spaces"

    /// The problem for the caller, with the error code of RFC 6750.
    var problem: Problem { .invalidToken(rawValue) }
}
