import Crypto
import Documents

/// A public Ed25519 key, as key sets publish it (RFC 8037).
public struct VerificationKey: Sendable {
    /// The key's thumbprint (RFC 7638), which is its `kid`.
    public let id: String
    let key: Curve25519.Signing.PublicKey

    init(_ key: Curve25519.Signing.PublicKey) {
        self.key = key
        let x = Base64URL.encode(key.rawRepresentation)
        // The required members alone, in the order of their names, without white space.
        id = Base64URL.encode(SHA256.hash(data: Array(#"{"crv":"Ed25519","kty":"OKP","x":"\#(x)"}"#.utf8)))
    }

    /// The key as a JSON Web Key.
    public var jwk: JSONValue {
        [
            "kty": "OKP", "crv": "Ed25519", "x": .string(Base64URL.encode(key.rawRepresentation)), "kid": .string(id),
            "use": "sig", "alg": "EdDSA"
        ]
    }

    /// Reads a JSON Web Key; members that we do not use are passed over, as RFC 7517 asks.
    public init(jwk: JSONValue) throws(SigningError) {
        guard case .object(let members) = jwk, members["kty"] == "OKP", members["crv"] == "Ed25519",
            case .string(let x) = members["x"] ?? .null, let bytes = Base64URL.decode(x),
            let key = try? Curve25519.Signing.PublicKey(rawRepresentation: bytes)
        else { throw .keys("expected a JSON Web Key of type OKP, curve Ed25519, with 32 bytes of 'x'") }
        self.init(key)
        if case .string(let name) = members["kid"] ?? .null, name != id {
            throw .keys("the kid '\(name)' is not the key's thumbprint '\(id)'")
        }
    }
}

/// The keys by which signatures are judged: those in use, and the retired ones that signed what is still valid.
public struct VerificationKeys: Sendable {
    /// The keys, the newest first.
    public let keys: [VerificationKey]

    /// A set of `keys`.
    public init(_ keys: [VerificationKey]) { self.keys = keys }

    /// Reads a JSON Web Key Set; keys of other kinds in it are passed over.
    public init(jwks: JSONValue) throws(SigningError) {
        guard case .object(let members) = jwks, case .array(let elements) = members["keys"] ?? .null else {
            throw .keys("expected a JSON Web Key Set: an object with an array 'keys'")
        }
        var keys: [VerificationKey] = []
        for element in elements {
            guard case .object(let key) = element, key["crv"] == "Ed25519" else { continue }
            keys.append(try VerificationKey(jwk: element))
        }
        guard !keys.isEmpty else { throw .keys("the set holds no Ed25519 key") }
        self.keys = keys
    }

    /// The set as `/.well-known/jwks.json` serves it.
    public var jwks: JSONValue { ["keys": .array(keys.map(\.jwk))] }
}
