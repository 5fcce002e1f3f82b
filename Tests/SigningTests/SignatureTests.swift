import Documents
import Foundation
import Signing
import TestSupport
import Testing

@Suite("Signatures")
struct SignatureTests {
    let ring = KeyRing(now: 1_000)
    let quote: JSONValue = [
        "id": "q_1", "total": "12.50", "gap": .number("1e-9"), "legs": [["offer": "wasabi/eu", "n": 3]]
    ]

    @Test func whatIsSignedIsVerifiedByThePublishedKeys() throws {
        let signed = try quote.signed(by: ring)
        let published = try VerificationKeys(jwks: JSONValue(parsing: ring.verification.jwks.text().utf8))
        // Another order, other white space and another spelling of a number are the same document.
        let other = signed.text(indented: true).replacing("1e-9", with: "0.000000001")
        #expect(try JSONValue(parsing: other.utf8).verifySignature(by: published) == ring.currentKey)
        #expect(try signed.signed(by: ring) == signed, "signing again changes nothing")
    }

    @Test(arguments: [
        #"{"a":1,"z":2.50}"#, #"{"a":1e2}"#, #"{"z":[1.0,{"y":"ü","x":null}]}"#, "{}", #"{"signature":"old","a":true}"#
    ])
    func whatIsKeptIsWhatWasSigned(text: String) throws {
        let document = try JSONValue(parsing: text.utf8)
        let kept = try document.signedText(by: ring)
        let read = try JSONValue(parsing: kept.utf8)
        #expect(try read.verifySignature(by: ring.verification) == ring.currentKey)
        #expect(try read.canonicalText() == kept, "the text is canonical")
        #expect(try document.signed(by: ring).canonicalText() == kept)
    }

    /// Whatever byte of the text is changed: it is no document any more, the same document, or refused.
    @Test func everyChangedByteIsNoticed() throws {
        let signed = try quote.signed(by: ring)
        let bytes = Array(signed.text().utf8)
        var refused = 0
        for index in bytes.indices {
            var changed = bytes
            changed[index] ^= 1
            guard let document = try? JSONValue(parsing: changed) else { continue }
            #expect(throws: SigningError.self, "byte \(index)") {
                try document.verifySignature(by: ring.verification)
            }
            refused += 1
        }
        #expect(refused > 100)
    }

    @Test func foreignAndRetiredKeys() throws {
        let signed = try quote.signed(by: ring)
        let stranger = KeyRing(now: 1_000)
        #expect(throws: SigningError.unknownKey(id: ring.currentKey)) {
            try signed.verifySignature(by: stranger.verification)
        }
        var rotated = ring
        rotated.rotate(now: 2_000)
        #expect(rotated.currentKey != ring.currentKey)
        #expect(try signed.verifySignature(by: rotated.verification) == ring.currentKey)
        #expect(try quote.signed(by: rotated).verifySignature(by: rotated.verification) == rotated.currentKey)
        rotated.rotate(now: 3_000, forgetting: 2_500)
        #expect(throws: SigningError.unknownKey(id: ring.currentKey)) {
            try signed.verifySignature(by: rotated.verification)
        }
    }

    @Test(arguments: [
        #"{"alg":"none","kid":"K"}"#, #"{"alg":"HS256","kid":"K"}"#, #"{"alg":"EdDSA"}"#,
        #"{"alg":"EdDSA","kid":"K","crit":["exp"]}"#, #"{"alg":"EdDSA","kid":"K","b64":false}"#, "[]", "nonsense"
    ])
    func headersThatAreNotOurs(header: String) throws {
        let signed = try DetachedSignature(Array("text".utf8), by: ring).compact
        let head = Data(header.replacing("K", with: ring.currentKey).utf8).base64EncodedString()
            .replacing("=", with: "").replacing("+", with: "-").replacing("/", with: "_")
        let forged = head + signed[try #require(signed.firstIndex(of: "."))...]
        #expect(throws: SigningError.self) { try DetachedSignature(compact: forged) }
    }

    @Test(arguments: ["", ".", "..", "a.b.c", "a..", "....", "eyJ9..AAAA", "=..=", "ä..ö"])
    func texts(text: String) {
        #expect(throws: SigningError.self) { try DetachedSignature(compact: text) }
    }

    @Test func documentsWithoutSignature() {
        #expect(throws: SigningError.unsigned) { try quote.verifySignature(by: ring.verification) }
        #expect(throws: SigningError.unsigned) { try JSONValue.array([]).verifySignature(by: ring.verification) }
        #expect(throws: SigningError.self) { try JSONValue.string("x").signed(by: ring) }
        #expect(throws: SigningError.self) {
            try JSONValue.object(["signature": 7]).verifySignature(by: ring.verification)
        }
        #expect(throws: SigningError.self) { try JSONValue.object(["n": .number("1e999")]).signed(by: ring) }
    }
}

@Suite("Key rings")
struct KeyRingTests {
    @Test func aRingOutlivesItsFile() throws {
        let folder = try TemporaryFolder()
        let path = folder.path("keys.json")
        var ring = KeyRing(now: 5)
        ring.rotate(now: 9)
        try ring.write(to: path)
        let read = try KeyRing(file: path)
        #expect(read.json == ring.json && read.currentKey == ring.currentKey)
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).count == 1)
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
        #expect(throws: SigningError.exposedKeys(path: path)) { try KeyRing(file: path) }
    }

    @Test func whatIsPublishedHoldsNoSecret() {
        let ring = KeyRing(now: 5)
        #expect(!ring.verification.jwks.text().contains("\"d\""))
    }

    /// RFC 8037, appendix A.1 to A.3: a key of RFC 8032 and its thumbprint.
    @Test func thumbprintOfTheStandard() throws {
        let key = try VerificationKey(jwk: [
            "kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
        ])
        #expect(key.id == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k")
    }

    @Test(arguments: [
        "{}", #"{"keys":[]}"#, #"{"keys":[{}]}"#, #"{"keys":7}"#, "[]",
        #"{"keys":[{"kty":"OKP","crv":"Ed25519","x":"AA","d":"AA","since":1}]}"#
    ])
    func filesThatAreNoRing(text: String) throws {
        #expect(throws: SigningError.self) { try KeyRing(json: JSONValue(parsing: text.utf8)) }
        #expect(throws: SigningError.self) { try VerificationKeys(jwks: JSONValue(parsing: text.utf8)) }
    }

    @Test func mixedUpFiles() throws {
        var ring = KeyRing(now: 5)
        ring.rotate(now: 9)
        guard case .object(var root) = ring.json, case .array(var keys) = root["keys"] ?? .null else { return }
        keys.swapAt(0, 1)
        root["keys"] = .array(keys)
        #expect(throws: SigningError.self) { try KeyRing(json: .object(root)) }
        #expect(throws: SigningError.self) { try KeyRing(file: "/nowhere/keys.json") }
    }
}
