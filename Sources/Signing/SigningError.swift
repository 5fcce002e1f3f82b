/// What can be wrong with keys and signatures.
public enum SigningError: Error, Sendable, Hashable, CustomStringConvertible {
    /// A key file or key set that cannot be read.
    case keys(String)
    /// A key file whose permissions let others read it.
    case exposedKeys(path: String)
    /// The document has no canonical form.
    case notCanonical(String)
    /// The document carries no signature.
    case unsigned
    /// The signature is not a detached JWS of ours.
    case malformed(String)
    /// The signature names a key that is not in the set.
    case unknownKey(id: String)
    /// The document is not what was signed.
    case forged(key: String)

    /// What is wrong and what helps.
    public var description: String {
        switch self {
        case .keys(let detail): "the signing keys cannot be used: \(detail)"
        case .exposedKeys(let path): "others may read the signing keys '\(path)'; run 'chmod 600 \(path)'"
        case .notCanonical(let detail): "the document cannot be signed: \(detail)"
        case .unsigned: "the document has no signature; a signed quote has a member 'signature'"
        case .malformed(let detail): "the signature is not a detached JWS: \(detail)"
        case .unknownKey(let id):
            "the signature is by key '\(id)', which is not in the key set; fetch /.well-known/jwks.json again"
        case .forged(let key): "the document is not the one that key '\(key)' signed: it was changed afterwards"
        }
    }
}
