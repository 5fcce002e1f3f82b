import Crypto
import Documents
import Foundation
import HTTPTypes
import Logging
import MarketplaceStore
import QuoteAPI
import Signing
import TestSupport
import Testing

/// Tokens that joserfc made, another implementation of the standards, and an issuer whose tokens the tests make.
struct TokenWorkshop: Sendable {
    /// joserfc's key set.
    static let platform = #"""
        {"keys":[{"crv":"Ed25519","x":"aQsw9LQhV3on_S0u3pWKFuBaPIcCHUZYM0uPsGF2w84","kid":"platform-1","use":"sig",\
        "alg":"EdDSA","kty":"OKP"}]}
        """#.replacing("\\\n", with: "")
    /// `aud` is a string; scopes quotes:read and quotes:write; until 2026-11-22T13:00:00Z.
    static let writer =
        "eyJ0eXAiOiJKV1QiLCJhbGciOiJFZERTQSIsImtpZCI6InBsYXRmb3JtLTEifQ.eyJpc3MiOiJodHRwczovL3BsYXRmb3JtLmV4Y"
        + "W1wbGUiLCJhdWQiOiJxdW90ZXMuZXhhbXBsZSIsInN1YiI6InVzZXItNyIsInRlbmFudCI6ImFjbWUiLCJpYXQiOjE3OTUzNDg3N"
        + "DAsIm5iZiI6MTc5NTM0ODc0MCwiZXhwIjoxNzk1MzUyNDAwLCJzY29wZSI6InF1b3RlczpyZWFkIHF1b3Rlczp3cml0ZSJ9.04Ck"
        + "8MxdFdyUgT3rN4xC9xjV8zkj3yKLRngkn0IQVtxv0QKOsTrPmn0Oa7ifbsQbGs3PXPl5WvAApO2ihu6WDw"
    /// `typ` is at+jwt, `aud` a list; scopes quotes:read and another's.
    static let reader =
        "eyJ0eXAiOiJhdCtqd3QiLCJhbGciOiJFZERTQSIsImtpZCI6InBsYXRmb3JtLTEifQ.eyJpc3MiOiJodHRwczovL3BsYXRmb3JtL"
        + "mV4YW1wbGUiLCJhdWQiOlsib3RoZXIuZXhhbXBsZSIsInF1b3Rlcy5leGFtcGxlIl0sInN1YiI6InVzZXItNyIsInRlbmFudCI6I"
        + "mFjbWUiLCJpYXQiOjE3OTUzNDg3NDAsIm5iZiI6MTc5NTM0ODc0MCwiZXhwIjoxNzk1MzUyNDAwLCJzY29wZSI6InF1b3RlczpyZ"
        + "WFkIG90aGVyOnNjb3BlIn0.PVaKBFiObVa9m7V6bsB81R-jknGr9R4SY-vhhyj-TewjXeGf4tzrRlfDrqoDkmaUx8oT3B581tYmx"
        + "57mAC5CCQ"

    let folder: TemporaryFolder
    let key = Curve25519.Signing.PrivateKey()
    let now = 1_795_348_800

    init() throws {
        folder = try TemporaryFolder()
        try Data(Self.platform.utf8).write(to: URL(fileURLWithPath: folder.path("platform.json")))
        try publish(["own": key])
    }

    /// Puts the public parts of `keys` into the own issuer's key set.
    func publish(_ keys: [String: Curve25519.Signing.PrivateKey]) throws {
        let set: JSONValue = [
            "keys": .array(
                [["kty": "RSA", "kid": "of another kind", "n": "AQAB", "e": "AQAB"]]
                    + keys.sorted { $0.key < $1.key }.map { name, key in
                        [
                            "kty": "OKP", "crv": "Ed25519", "kid": .string(name),
                            "x": .string(Base64URL.encode(key.publicKey.rawRepresentation))
                        ]
                    })
        ]
        try Data(set.text().utf8).write(to: URL(fileURLWithPath: folder.path("own.json")), options: .atomic)
    }

    func authentication() async throws -> Authentication {
        .keysAndTokens(
            try await TokenVerifier(
                [
                    TokenIssuer(
                        issuer: "https://platform.example", audience: "quotes.example",
                        keySet: folder.path("platform.json")),
                    TokenIssuer(issuer: "own", audience: "quotes.example", keySet: folder.path("own.json"))
                ], logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }))
    }

    /// A token of the own issuer; members that are nil are left out.
    func token(
        header: [String: JSONValue?] = [:], _ claims: [String: JSONValue?] = [:],
        by key: Curve25519.Signing.PrivateKey? = nil
    ) throws -> String {
        let head: [String: JSONValue?] = ["alg": "EdDSA", "kid": "own", "typ": "JWT"]
        let body: [String: JSONValue?] = [
            "iss": "own", "aud": "quotes.example", "sub": "u1", "tenant": "acme", "scope": "quotes:read quotes:write",
            "exp": JSONValue(now + 600), "nbf": JSONValue(now - 10)
        ]
        func text(_ parts: [String: JSONValue?]) -> String {
            JSONValue.object(parts.compactMapValues { $0 }).text()
        }
        return try signed(
            text(head.merging(header) { _, new in new }), text(body.merging(claims) { _, new in new }),
            by: key ?? self.key)
    }

    /// A token of these very texts.
    func signed(_ header: String, _ claims: String, by key: Curve25519.Signing.PrivateKey) throws -> String {
        let signing = Base64URL.encode(header.utf8) + "." + Base64URL.encode(claims.utf8)
        return signing + "." + Base64URL.encode(try key.signature(for: Data(signing.utf8)))
    }
}

@Suite("Bearer tokens of the platform's issuer")
struct TokenTests {
    private func refused(
        _ caller: TestCaller, _ token: String, _ reason: String, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let answer = try await caller.call(.get, "/v1/quotes", as: token)
        let challenge = answer.headers[.wwwAuthenticate] ?? ""
        #expect(
            answer.status == 401 && answer.problem == "unauthenticated"
                && challenge.hasPrefix("Bearer error=\"invalid_token\", error_description=")
                && answer["detail"]?.contains(reason) == true,
            "\(answer.status) \(answer["detail"] ?? "")", sourceLocation: sourceLocation)
    }

    @Test func tokensOfAnotherImplementationOpenTheirTenantsQuotes() async throws {
        let workshop = try TokenWorkshop()
        let service = try TestService()
        try await service.run(await workshop.authentication()) { caller in
            let made = try await caller.quote(as: TokenWorkshop.writer)
            #expect(made.status == 201)
            let path = "/v1/quotes/\(try #require(made["id"]))"
            #expect(try await caller.call(.get, path, as: TokenWorkshop.reader).status == 200)
            #expect(try await caller.call(.get, path, as: "acme").status == 200, "an API key of the same tenant")
            #expect(try await caller.call(.get, path, as: "other").status == 404)
            let stranger = try workshop.token(["tenant": "other"])
            #expect(try await caller.call(.get, path, as: stranger).status == 404, "the tenant is the token's")
            let answer = try await caller.quote(as: TokenWorkshop.reader)
            #expect(answer.status == 403)
            #expect(
                answer.headers[.wwwAuthenticate] == "Bearer error=\"insufficient_scope\", scope=\"quotes:write\"")
            let none = try await caller.call(.get, path, as: try workshop.token(["scope": nil]))
            #expect(none.status == 403)
        }
        var actors: Set<String> = []
        try service.store.forEachAuditEntry(of: "acme") { actors.insert($0.actor) }
        #expect(actors.contains("token:user-7"))
    }

    @Test func headersThatAskForAnythingElseAreRefused() async throws {
        let workshop = try TokenWorkshop()
        try await TestService().run(await workshop.authentication()) { caller in
            for algorithm: JSONValue in ["none", "None", "HS256", "RS256", "ES256", "eddsa", 1, .null] {
                try await refused(caller, workshop.token(header: ["alg": algorithm]), "'alg' must be EdDSA")
            }
            try await refused(caller, workshop.token(header: ["alg": nil]), "'alg' must be EdDSA")
            for change: [String: JSONValue?] in [["crit": ["b64"]], ["b64": false], ["zip": "DEF"], ["typ": "dpop+jwt"]]
            {
                try await refused(caller, workshop.token(header: change), "not understood")
            }
            try await refused(caller, workshop.token(header: ["kid": nil]), "by 'kid'")
            try await refused(caller, workshop.token(header: ["kid": "platform-1"]), "'kid' is not in")
            try await refused(caller, workshop.token(header: ["kid": "of another kind"]), "'kid' is not in")
        }
    }

    @Test func aPublicKeyIsNoSecretAndATokenBringsNoKey() async throws {
        let workshop = try TokenWorkshop()
        try await TestService().run(await workshop.authentication()) { caller in
            // Key confusion: the published key as the secret of an HMAC.
            let head = Base64URL.encode(#"{"alg":"HS256","kid":"own"}"#.utf8)
            let body = try workshop.token().split(separator: ".")[1]
            let secret = SymmetricKey(data: workshop.key.publicKey.rawRepresentation)
            let code = HMAC<SHA256>.authenticationCode(for: Data("\(head).\(body)".utf8), using: secret)
            try await refused(caller, "\(head).\(body).\(Base64URL.encode(code))", "'alg' must be EdDSA")
            try await refused(caller, "\(head).\(body).", "'alg' must be EdDSA")
            // A forger's own key, in the header and in the name of the issuer's.
            let forger = Curve25519.Signing.PrivateKey()
            let jwk: JSONValue = [
                "kty": "OKP", "crv": "Ed25519", "x": .string(Base64URL.encode(forger.publicKey.rawRepresentation))
            ]
            try await refused(caller, workshop.token(header: ["jwk": jwk], by: forger), "signature does not fit")
            try await refused(caller, workshop.token(["iss": "https://platform.example"]), "'kid' is not in")
            // One bit of the signature, and claims that were changed after it.
            let token = try workshop.token()
            var parts = token.split(separator: ".").map(String.init)
            var signature = try #require(Base64URL.decode(parts[2]))
            signature[9] ^= 1
            try await refused(
                caller, "\(parts[0]).\(parts[1]).\(Base64URL.encode(signature))", "signature does not fit")
            parts[1] = String(try workshop.token(["tenant": "other"]).split(separator: ".")[1])
            try await refused(caller, parts.joined(separator: "."), "signature does not fit")
        }
    }

    @Test func claimsAreJudgedByTheClockWithLeeway() async throws {
        let workshop = try TokenWorkshop()
        let service = try TestService()
        try await service.run(await workshop.authentication()) { caller in
            let now = workshop.now
            for (claims, reason): ([String: JSONValue?], String) in [
                (["exp": JSONValue(now - 30)], "has expired"), (["exp": nil], "needs an 'exp'"),
                (["exp": "tomorrow"], "needs an 'exp'"), (["exp": .number("1e999")], "needs an 'exp'"),
                (["nbf": JSONValue(now + 31)], "not valid yet"), (["iat": JSONValue(now + 31)], "not valid yet"),
                (["nbf": "now"], "'nbf' and 'iat'"), (["aud": "others.example"], "'aud' does not name"),
                (["aud": nil], "'aud' does not name"), (["aud": ["a", "b"]], "'aud' does not name"),
                (["iss": "stranger"], "'iss' is not"), (["iss": nil], "'iss' is not"),
                (["tenant": nil], "name its tenant"), (["tenant": ""], "name its tenant"),
                (["tenant": "a/b"], "name its tenant"), (["tenant": "ünï"], "name its tenant"),
                (["sub": nil], "needs a 'sub'"), (["scope": ["quotes:read"]], "'scope' must be")
            ] {
                try await refused(caller, workshop.token(claims), reason)
            }
            for claims: [String: JSONValue?] in [
                ["exp": JSONValue(now - 29)], ["nbf": JSONValue(now + 30)], ["exp": .number("\(now).5")], ["nbf": nil]
            ] {
                #expect(try await caller.call(.get, "/v1/quotes", as: workshop.token(claims)).status == 200)
            }
            let token = try workshop.token()
            service.time.withLock { $0 += 630 }
            try await refused(caller, token, "has expired")
        }
    }

    @Test func formIsStrict() async throws {
        let workshop = try TokenWorkshop()
        try await TestService().run(await workshop.authentication()) { caller in
            let token = try workshop.token()
            let twice =
                #"{"iss":"own","aud":"quotes.example","sub":"u","tenant":"acme","tenant":"other","exp":9999999999}"#
            let head = #"{"alg":"EdDSA","kid":"own"}"#
            let malformed = [
                try workshop.signed(head, twice, by: workshop.key),
                try workshop.signed(#"{"alg":"none","alg":"EdDSA","kid":"own"}"#, "{}", by: workshop.key),
                try workshop.signed(head, "[]", by: workshop.key), try workshop.signed(head, "{", by: workshop.key),
                token + "=", token + ".", ".", "..", "a.b.c", String(token.dropLast(2)) + "+/"
            ]
            for text in malformed { try await refused(caller, text, "three canonical base64url parts") }
            let long = try workshop.token(["note": .string(String(repeating: "x", count: 8192))])
            try await refused(caller, long, "longer than 8192 bytes")
        }
    }

    @Test func keysAreReadAnewWhenTheirFileChanges() async throws {
        let workshop = try TokenWorkshop()
        try await TestService().run(await workshop.authentication()) { caller in
            let next = Curve25519.Signing.PrivateKey()
            let (old, new) = (try workshop.token(), try workshop.token(header: ["kid": "next"], by: next))
            func status(_ token: String) async throws -> Int {
                try await caller.call(.get, "/v1/quotes", as: token).status
            }
            #expect(try await status(old) == 200)
            #expect(try await status(new) == 401)
            try workshop.publish(["own": workshop.key, "next": next])
            #expect(try await status(old) == 200)
            #expect(try await status(new) == 200)
            try Data("broken".utf8).write(to: URL(fileURLWithPath: workshop.folder.path("own.json")), options: .atomic)
            #expect(try await status(new) == 200, "a broken file replaces nothing")
            try workshop.publish(["next": next])
            #expect(try await status(old) == 401, "a key that was withdrawn opens nothing")
            #expect(try await status(new) == 200)
        }
    }

    @Test(arguments: [
        ("{", "is not a JSON Web Key Set"), (#"{"keys":[]}"#, "holds no Ed25519 key"),
        (#"{"keys":[{"kty":"OKP","crv":"Ed25519","x":"AA","kid":"a"}]}"#, "/keys/0 has no 'x' of 32 bytes"),
        (#"{"keys":[{"kty":"OKP","crv":"Ed25519","x":"aQsw9LQhV3on_S0u3pWKFuBaPIcCHUZYM0uPsGF2w84"}]}"#, "no 'kid'"),
        (#"{"keys":[{"kty":"OKP","crv":"Ed25519","x":"AA","d":"AA","kid":"a"}]}"#, "is a private key")
    ])
    func keySetsThatCannotBeUsedAreNamed(_ text: String, _ reason: String) async throws {
        let folder = try TemporaryFolder()
        let path = folder.path("keys.json")
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        let error = await #expect(throws: SigningError.self) {
            _ = try await TokenVerifier(
                [TokenIssuer(issuer: "i", audience: "a", keySet: path)],
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        }
        #expect(error?.description.contains(reason) == true && error?.description.contains(path) == true)
    }
}
