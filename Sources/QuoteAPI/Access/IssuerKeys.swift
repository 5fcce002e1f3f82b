import Documents
import Foundation
import JWTKit
import Logging
import Signing

/// The Ed25519 keys of an issuer, read again whenever their file has changed.
///
/// A file that cannot be read never replaces one that could.
actor IssuerKeys {
    /// Keys by `kid`, and the names that there are: the collection itself answers with another key for a name that it
    /// does not know.
    struct Keys: Sendable {
        let collection: JWTKeyCollection
        let names: Set<String>
    }

    private let path: String
    private let logger: Logger
    private var stamp: FileStamp?
    private var keys: Keys

    /// Reads the key set in the file `path`.
    init(file path: String, logger: Logger) async throws(SigningError) {
        self.path = path
        self.logger = logger
        // The stamp first: a file that changes meanwhile is read once more.
        stamp = FileStamp(path: path)
        keys = try await Self.read(path)
    }

    /// The keys as the file holds them now.
    func current() async -> Keys {
        let now = FileStamp(path: path)
        guard now != stamp else { return keys }
        stamp = now
        do throws(SigningError) {
            keys = try await Self.read(path)
            logger.notice("read an issuer's keys anew", metadata: ["file": "\(path)", "keys": "\(keys.names.count)"])
        } catch {
            logger.error("an issuer's keys cannot be read; the old stay", metadata: ["reason": "\(error)"])
        }
        return keys
    }

    /// Keys of other kinds are passed over, as RFC 7517 asks.
    private static func read(_ path: String) async throws(SigningError) -> Keys {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw .keys("'\(path)' cannot be read; put the issuer's JSON Web Key Set there")
        }
        guard let json = try? JSONValue(parsing: data), case .object(let root) = json,
            case .array(let elements) = root["keys"] ?? .null
        else { throw .keys("'\(path)' is not a JSON Web Key Set: an object with an array 'keys'") }
        let collection = JWTKeyCollection()
        var names: Set<String> = []
        for (index, element) in elements.enumerated() {
            guard case .object(let key) = element, key["kty"] == "OKP", key["crv"] == "Ed25519",
                key["use"] ?? "sig" == "sig", ["EdDSA", "Ed25519"].contains(key["alg"] ?? "EdDSA")
            else { continue }
            let place = "'\(path)': /keys/\(index)"
            guard key["d"] == nil else { throw .keys("\(place) is a private key; put its public part there") }
            guard case .string(let name) = key["kid"] ?? .null, !name.isEmpty else {
                throw .keys("\(place) has no 'kid', by which tokens name it")
            }
            guard case .string(let x) = key["x"] ?? .null, Base64URL.decode(x)?.count == 32,
                let key = try? EdDSA.PublicKey(x: x, curve: .ed25519)
            else { throw .keys("\(place) has no 'x' of 32 bytes in base64url") }
            guard names.insert(name).inserted else { throw .keys("\(place) has the 'kid' of another key") }
            await collection.add(eddsa: key, kid: JWKIdentifier(string: name))
        }
        guard !names.isEmpty else { throw .keys("'\(path)' holds no Ed25519 key to verify tokens with") }
        return Keys(collection: collection, names: names)
    }
}
