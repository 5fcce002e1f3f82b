import Crypto
import Documents
import Foundation

/// The service's own keys: one signs, the retired ones are still published until what they signed has ended.
///
/// A value; whoever rotates writes the new ring where the old one was. Its text holds private keys.
public struct KeyRing: Sendable {
    struct Entry: Sendable {
        let secret: Curve25519.Signing.PrivateKey
        /// Seconds since 1970.
        let since: Int
        var retired: Int?

        var verification: VerificationKey { VerificationKey(secret.publicKey) }
    }

    private(set) var entries: [Entry]

    /// A ring with one new key, made at `now` (seconds since 1970).
    public init(now: Int) { entries = [Entry(secret: .init(), since: now, retired: nil)] }

    /// The key that signs.
    var current: Entry { entries[0] }

    /// The `kid` of the key that signs.
    public var currentKey: String { current.verification.id }

    /// What is published: every key of the ring.
    public var verification: VerificationKeys { VerificationKeys(entries.map(\.verification)) }

    /// A new key signs from `now` on; keys that were retired before `forgetting` are dropped.
    ///
    /// - Parameter forgetting: seconds since 1970, before everything that was signed by then has ended.
    public mutating func rotate(now: Int, forgetting: Int = .min) {
        entries[0].retired = now
        entries.insert(Entry(secret: .init(), since: now, retired: nil), at: 0)
        entries.removeAll { $0.retired.map { $0 < forgetting } ?? false }
    }

    /// The ring with its private keys, as a JSON Web Key Set.
    public var json: JSONValue {
        [
            "keys": .array(
                entries.map { entry in
                    guard case .object(var members) = entry.verification.jwk else { return .null }
                    members["d"] = .string(Base64URL.encode(entry.secret.rawRepresentation))
                    members["since"] = JSONValue(entry.since)
                    if let retired = entry.retired { members["retired"] = JSONValue(retired) }
                    return .object(members)
                })
        ]
    }

    /// Reads a ring: the first key signs, all others are retired.
    public init(json: JSONValue) throws(SigningError) {
        guard case .object(let root) = json, case .array(let elements) = root["keys"] ?? .null, !elements.isEmpty else {
            throw .keys("expected an object with an array 'keys'; make one with 'quote-service keys rotate'")
        }
        entries = []
        for (index, element) in elements.enumerated() {
            guard case .object(let members) = element, case .string(let d) = members["d"] ?? .null,
                let bytes = Base64URL.decode(d),
                let secret = try? Curve25519.Signing.PrivateKey(rawRepresentation: bytes),
                case .number(let since) = members["since"] ?? .null, let since = Int(since)
            else { throw .keys("/keys/\(index) lacks 'd' (a private Ed25519 key) or 'since' (seconds since 1970)") }
            var retired: Int?
            if case .number(let text) = members["retired"] ?? .null { retired = Int(text) }
            guard (retired == nil) == (index == 0) else {
                throw .keys("/keys/\(index): the first key alone signs; all others say when they were 'retired'")
            }
            let entry = Entry(secret: secret, since: since, retired: retired)
            guard try VerificationKey(jwk: element).id == entry.verification.id else {
                throw .keys("/keys/\(index): 'x' is not the public part of 'd'")
            }
            entries.append(entry)
        }
    }

    /// Reads the ring in the file `path`, which nobody but its owner may read.
    public init(file path: String) throws(SigningError) {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw .keys("'\(path)' cannot be read; make it with 'quote-service keys rotate --keys \(path)'")
        }
        let mode = (try? FileManager.default.attributesOfItem(atPath: path))?[.posixPermissions] as? Int ?? 0o600
        guard mode & 0o077 == 0 else { throw .exposedKeys(path: path) }
        do {
            try self.init(json: JSONValue(parsing: data, document: path))
        } catch let error as SigningError {
            throw error
        } catch {
            throw .keys("\(error)")
        }
    }

    /// Puts the ring into the file `path`, readable by its owner alone; a process that dies leaves the old file or the
    /// new one.
    public func write(to path: String) throws(SigningError) {
        let temporary = path + ".\(UUID().uuidString).new"
        let bytes = Data((json.text(indented: true) + "\n").utf8)
        guard
            FileManager.default.createFile(atPath: temporary, contents: nil, attributes: [.posixPermissions: 0o600])
        else { throw .keys("'\(temporary)' cannot be created; check the folder's permissions") }
        do {
            let file = try FileHandle(forWritingTo: URL(fileURLWithPath: temporary))
            try file.write(contentsOf: bytes)
            try file.synchronize()
            try file.close()
        } catch {
            try? FileManager.default.removeItem(atPath: temporary)
            throw .keys("'\(path)' cannot be written: \(error.localizedDescription)")
        }
        guard rename(temporary, path) == 0 else {
            try? FileManager.default.removeItem(atPath: temporary)
            throw .keys("'\(path)' cannot be replaced: \(String(cString: strerror(errno)))")
        }
    }
}
