import Crypto
import Documents

/// A JSON Web Signature whose payload travels beside it (RFC 7515, appendix F), by Ed25519 (RFC 8037).
public struct DetachedSignature: Sendable, Hashable {
    /// The compact form with an empty payload: `header..signature`.
    public let compact: String
    /// The `kid` of the key that signed.
    public let key: String
    private let header: String
    private let signature: [UInt8]

    /// Signs `payload` with the ring's current key.
    public init(_ payload: [UInt8], by ring: KeyRing) throws(SigningError) {
        key = ring.currentKey
        header = Base64URL.encode(#"{"alg":"EdDSA","kid":"\#(key)"}"#.utf8)
        do {
            signature = Array(try ring.current.secret.signature(for: Self.signed(header, payload)))
        } catch {
            throw .keys("\(error)")
        }
        compact = header + ".." + Base64URL.encode(signature)
    }

    /// Reads a compact form. Only `alg` EdDSA is taken: a header that asks for another, `none` among them, is refused,
    /// and so is one with critical extensions.
    public init(compact: String) throws(SigningError) {
        let parts = compact.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[1].isEmpty, let head = Base64URL.decode(parts[0]),
            let signature = Base64URL.decode(parts[2]), signature.count == 64
        else { throw .malformed("expected 'header..signature', with 64 bytes of signature") }
        guard let document = try? JSONValue(parsing: head), case .object(let members) = document,
            members["alg"] == "EdDSA", case .string(let key) = members["kid"] ?? .null
        else { throw .malformed("its header must say 'alg': 'EdDSA', and name its key by 'kid'") }
        guard members["crit"] == nil, members["b64"] == nil else {
            throw .malformed("its header has extensions that are not understood")
        }
        self.compact = compact
        self.key = key
        self.header = String(parts[0])
        self.signature = signature
    }

    /// Passes if the key that is named signed exactly `payload`.
    public func verify(_ payload: [UInt8], by keys: VerificationKeys) throws(SigningError) {
        guard let known = keys.keys.first(where: { $0.id == key }) else { throw .unknownKey(id: key) }
        guard known.key.isValidSignature(signature, for: Self.signed(header, payload)) else { throw .forged(key: key) }
    }

    private static func signed(_ header: String, _ payload: [UInt8]) -> [UInt8] {
        Array((header + "." + Base64URL.encode(payload)).utf8)
    }
}

extension JSONValue {
    /// The object with one more member, `signature`: a detached JWS over the canonical text of all the others.
    public func signed(by ring: KeyRing) throws(SigningError) -> JSONValue {
        guard case .object(var members) = self else { throw .notCanonical("expected an object, found \(kind)") }
        members["signature"] = nil
        members["signature"] = .string(try DetachedSignature(try Self.payload(members), by: ring).compact)
        return .object(members)
    }

    /// The text of ``signed(by:)``, which is canonical itself: what is signed and what is kept are written once.
    public func signedText(by ring: KeyRing) throws(SigningError) -> String {
        guard case .object(let members) = self else { throw .notCanonical("expected an object, found \(kind)") }
        var (bytes, place): ([UInt8], Int)
        do { (bytes, place) = try Self.canonicalBytes(members, placing: "signature") } catch {
            throw .notCanonical("\(error)")
        }
        let member = #""signature":"\#(try DetachedSignature(bytes, by: ring).compact)""#
        // After a member there is a comma, or the end; before the first there is none.
        let text = place > 1 ? "," + member : bytes.count > 2 ? member + "," : member
        bytes.insert(contentsOf: text.utf8, at: place)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Passes if the object is what the key that its `signature` names signed; returns that key's `kid`.
    @discardableResult
    public func verifySignature(by keys: VerificationKeys) throws(SigningError) -> String {
        guard case .object(var members) = self, let member = members.removeValue(forKey: "signature") else {
            throw .unsigned
        }
        guard case .string(let compact) = member else { throw .malformed("expected a string, found \(member.kind)") }
        let signature = try DetachedSignature(compact: compact)
        try signature.verify(try Self.payload(members), by: keys)
        return signature.key
    }

    private static func payload(_ members: [String: JSONValue]) throws(SigningError) -> [UInt8] {
        do {
            return try JSONValue.object(members).canonicalBytes()
        } catch {
            throw .notCanonical("\(error)")
        }
    }
}
