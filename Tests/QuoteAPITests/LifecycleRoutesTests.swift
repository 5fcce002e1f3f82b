import Documents
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import MarketplaceStore
import QuoteAPI
import Quoting
import Signing
import Synchronization
import TestSupport
import Testing

/// A service over a store with a clock that tests set, and keys of two tenants.
final class TestService: Sendable {
    let store: MarketplaceDatabase
    let ring = KeyRing(now: 0)
    let time = Mutex(1_795_348_800)  // 2026-11-22T12:00:00Z
    let keys: [String: String]
    /// Where models are looked for; there is no such folder unless a test makes it.
    let models = FileManager.default.temporaryDirectory.appendingPathComponent("models-\(UUID().uuidString)")

    /// - Parameter changing: what the catalogue of the store is to be, line by line.
    init(changing: (String) -> String = { $0 }) throws {
        store = try MarketplaceDatabase.inMemory()
        try store.importFolder(ShippedData.folder.path, now: 1_795_348_800)
        let catalog = ShippedData.folder.appendingPathComponent("catalog.jsonl")
        let lines = String(decoding: try Data(contentsOf: catalog), as: UTF8.self).split(separator: "\n")
        let changed = lines.map { changing(String($0)) }
        if changed != lines.map(String.init) {
            try store.import(
                .catalog, Array(changed.joined(separator: "\n").utf8), document: "test", now: 1_795_348_800)
        }
        var (generator, keys) = (SeededGenerator(seed: 6), [String: String]())
        for (tenant, scopes) in [
            ("acme", ["quotes:read", "quotes:write", "settlements:write"]),
            ("other", ["quotes:read", "quotes:write", "settlements:write"]),
            ("reader", ["quotes:read"])
        ] {
            keys[tenant] = try store.transact(by: .machine, at: 0) {
                try $0.createKey(for: tenant, name: "k", scopes: Set(scopes), using: &generator).text
            }
        }
        self.keys = keys
    }

    /// A key of `tenant`, made at time 0.
    func key(_ tenant: String, _ scopes: String..., provider: String? = nil, seed: UInt64 = 7) throws -> String {
        var generator = SeededGenerator(seed: tenant.utf8.reduce(seed) { 31 &* $0 &+ UInt64($1) })
        return try store.transact(by: .machine, at: 0) {
            try $0.createKey(
                for: tenant, name: "k", scopes: Set(scopes), provider: provider, using: &generator
            ).text
        }
    }

    func run(
        _ authentication: Authentication = .keys, advice: AdviceSettings = AdviceSettings(),
        limits: TrafficLimits = TrafficLimits(), _ body: @escaping @Sendable (TestCaller) async throws -> Void
    ) async throws {
        defer { try? FileManager.default.removeItem(at: models) }
        let server = QuoteServer(
            store: store, models: models.path, configuration: QuotingConfiguration(),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, authentication: authentication,
            keys: ring, advice: advice, limits: limits,
            clock: { self.time.withLock { $0 } })
        try await Application(router: server.router()).test(.router) { client in
            try await body(TestCaller(client: client, keys: self.keys))
        }
    }
}

/// Calls the service as one of the tenants.
struct TestCaller: Sendable {
    let client: any TestClientProtocol
    let keys: [String: String]

    struct Answer: Sendable {
        let status: Int
        let headers: HTTPFields
        let bytes: [UInt8]

        var members: [String: JSONValue] {
            if case .object(let members)? = try? JSONValue(parsing: bytes) { members } else { [:] }
        }
        subscript(_ name: String) -> String? {
            switch members[name] {
            case .string(let text): text
            case .number(let text): text
            default: nil
            }
        }
        var tag: String { headers[.eTag] ?? "" }
        func field(_ name: String) -> String? { HTTPField.Name(name).flatMap { headers[$0] } }
        /// The last part of a problem's type.
        var problem: String? { self["type"]?.split(separator: "/").last.map(String.init) }
    }

    func call(
        _ method: HTTPRequest.Method, _ path: String, as tenant: String? = "acme", key: String? = nil,
        body: [UInt8] = [], _ headers: [String: String] = [:]
    ) async throws -> Answer {
        var fields = HTTPFields()
        if let tenant { fields[.authorization] = "Bearer \(keys[tenant] ?? tenant)" }
        if let key, let name = HTTPField.Name("Idempotency-Key") { fields[name] = key }
        for (name, value) in headers { if let name = HTTPField.Name(name) { fields[name] = value } }
        let response = try await client.execute(
            uri: path, method: method, headers: fields, body: ByteBuffer(bytes: body))
        return Answer(
            status: response.status.code, headers: response.headers, bytes: Array(response.body.readableBytesView))
    }

    func quote(as tenant: String = "acme", key: String? = nil, _ name: String = "small-app") async throws -> Answer {
        try await call(.post, "/v1/quotes", as: tenant, key: key, body: ShippedData.request(name))
    }
}

@Suite("The life of quotes over HTTP")
struct LifecycleRoutesTests {
    @Test func aQuoteIsSignedAcceptedAndAnSLA() async throws {
        let service = try TestService()
        try await service.run { caller in
            let made = try await caller.quote()
            #expect(made.status == 201)
            let id = try #require(made["id"])
            guard let document = made.members["document"] else { throw Missing(name: "document") }
            let keys = try await caller.call(.get, "/.well-known/jwks.json", as: nil)
            #expect(keys.status == 200)
            let published = try VerificationKeys(jwks: JSONValue(parsing: keys.bytes))
            let signer = try document.verifySignature(by: published)
            #expect(signer == service.ring.currentKey)

            #expect(try await caller.call(.get, "/v1/slas/\(id)").status == 404)
            let accepted = try await caller.call(.post, "/v1/quotes/\(id)/accept")
            #expect(accepted.status == 200 && accepted["state"] == "accepted")
            #expect(accepted.members["document"] == document, "what was signed never changes")
            let sla = try await caller.call(.get, "/v1/slas/\(id)")
            #expect(sla.status == 200 && sla["state"] == "accepted" && sla["acceptedAt"] == "2026-11-22T12:00:00Z")
            let again = try await caller.call(.post, "/v1/quotes/\(id)/accept")
            #expect(again.status == 409 && again.problem == "state")
            let lines = try service.store.verifyAudit().count
            #expect(lines == 5, "three keys, one quote, one acceptance")
        }
    }

    @Test func expiryIsJudgedByTheClock() async throws {
        let service = try TestService()
        try await service.run { caller in
            let made = try await caller.quote()
            let id = try #require(made["id"])
            service.time.withLock { $0 += 86_400 }
            let late = try await caller.call(.post, "/v1/quotes/\(id)/accept")
            #expect(late.status == 409 && late.problem == "expired")
            let read = try await caller.call(.get, "/v1/quotes/\(id)")
            #expect(read["state"] == "expired" && read.tag != made.tag)
            #expect(try await caller.call(.post, "/v1/quotes/\(id)/decline").problem == "state")
            let revised = try await caller.call(
                .post, "/v1/quotes/\(id)/revise", body: ShippedData.request("small-app"))
            #expect(revised.status == 201 && revised["version"] == "2" && revised["revisionOf"] == id)
        }
    }

    @Test func aRepeatedCallHasOneEffectAndTheSameBytes() async throws {
        let service = try TestService()
        try await service.run { caller in
            let first = try await caller.quote(key: "one")
            service.time.withLock { $0 += 60 }
            let second = try await caller.quote(key: "one")
            #expect(second.status == 201 && second.bytes == first.bytes)
            #expect(second.field("Idempotency-Replayed") == "true")
            #expect(try await caller.quote(key: "two")["id"] != first["id"])
            let other = try await caller.call(
                .post, "/v1/quotes", key: "one", body: ShippedData.request("backup-archive"))
            #expect(other.status == 422 && other.problem == "reused-key")
            #expect(try await caller.quote(as: "other", key: "one")["id"] != first["id"])
            let id = try #require(first["id"])
            let accepted = try await caller.call(.post, "/v1/quotes/\(id)/accept", key: "accept")
            let repeated = try await caller.call(.post, "/v1/quotes/\(id)/accept", key: "accept")
            #expect(accepted.status == 200 && repeated.bytes == accepted.bytes)
            for bad in ["", String(repeating: "x", count: 256), "a b", "ü"] {
                #expect(try await caller.quote(key: bad).status == 400)
            }
        }
    }

    @Test func conditionsAndPages() async throws {
        let service = try TestService()
        try await service.run { caller in
            let made = try await caller.quote()
            let id = try #require(made["id"])
            let same = try await caller.call(.get, "/v1/quotes/\(id)", ["If-None-Match": "\"x\", \(made.tag)"])
            #expect(same.status == 304 && same.bytes.isEmpty && same.tag == made.tag)
            let wrong = try await caller.call(.post, "/v1/quotes/\(id)/decline", ["If-Match": "\"x\""])
            #expect(wrong.status == 412)
            let right = try await caller.call(.post, "/v1/quotes/\(id)/decline", ["If-Match": made.tag])
            #expect(right.status == 200 && right["state"] == "declined" && right.tag != made.tag)
            for _ in 0..<4 {
                service.time.withLock { $0 += 1 }
                _ = try await caller.quote()
            }
            var (seen, cursor): ([String], String?) = ([], "")
            while let next = cursor {
                let page = try await caller.call(.get, "/v1/quotes?limit=2" + (next.isEmpty ? "" : "&cursor=\(next)"))
                guard case .array(let quotes) = page.members["quotes"] else { throw Missing(name: "quotes") }
                seen += quotes.compactMap {
                    if case .object(let one) = $0, case .string(let id) = one["id"] { id } else { nil }
                }
                cursor = page["next"]
            }
            #expect(seen.count == 5 && Set(seen).count == 5 && seen.last == id)
            guard case .array(let declined) = try await caller.call(.get, "/v1/quotes?state=declined").members["quotes"]
            else { throw Missing(name: "quotes") }
            #expect(declined.count == 1)
            for bad in ["limit=0", "limit=x", "cursor=%21", "state=lost", "sort=id"] {
                let answer = try await caller.call(.get, "/v1/quotes?\(bad)")
                #expect(answer.status == 400 && answer.problem == "invalid-parameter", "\(bad)")
            }
        }
    }

    @Test func keysAndScopes() async throws {
        let service = try TestService()
        try await service.run { caller in
            let id = try #require(try await caller.quote()["id"])
            for tenant in [nil, "nonsense", "fbk_x_y"] as [String?] {
                let answer = try await caller.call(.get, "/v1/quotes/\(id)", as: tenant)
                let challenge = answer.headers[.wwwAuthenticate] ?? ""
                #expect(answer.status == 401)
                #expect(
                    tenant == nil ? challenge == "Bearer" : challenge.hasPrefix("Bearer error=\"invalid_token\""))
            }
            let scheme = try await caller.call(.get, "/v1/quotes/\(id)", as: nil, ["Authorization": "Basic eDp5"])
            #expect(scheme.status == 401)
            #expect(try await caller.quote(as: "reader").status == 403)
            for step in ["accept", "decline", "cancel"] {
                #expect(try await caller.call(.post, "/v1/quotes/\(id)/\(step)", as: "other").status == 404)
                #expect(try await caller.call(.post, "/v1/quotes/\(id)/\(step)", as: "reader").status == 403)
            }
            #expect(try await caller.call(.get, "/v1/quotes/\(id)", as: "other").status == 404)
            #expect(try await caller.call(.get, "/v1/slas/\(id)", as: "other").status == 404)
            #expect(
                try await caller.call(
                    .post, "/v1/quotes/\(id)/revise", as: "other", body: ShippedData.request("small-app")
                ).status == 404)
            guard case .array(let seen) = try await caller.call(.get, "/v1/quotes", as: "other").members["quotes"]
            else {
                throw Missing(name: "quotes")
            }
            #expect(seen.isEmpty)
            #expect(try await caller.call(.get, "/livez", as: nil).status == 200)
        }
    }

    /// 64 callers accept quotes that all need the last capacity of one offer; the quotes that follow know that it is gone.
    @Test func theLastCapacityHasOneWinner() async throws {
        let probe = try TestService()
        let chosen = Mutex<[String: Int]>([:])
        try await probe.run { caller in
            _ = try await caller.quote()
            let id = try #require(try probe.store.quotes(tenant: "acme").first?.id)
            _ = try await caller.call(.post, "/v1/quotes/\(id)/accept")
            let held = try probe.store.heldCapacity(at: 0)
            chosen.withLock { $0 = held }
        }
        let need = chosen.withLock { $0 }
        let (offer, bytes) = try #require(need.sorted { $0.key < $1.key }.first)
        let gigabytes = bytes / 1_000_000_000 + 1
        let service = try TestService { line in
            line.contains("\"id\":\"\(offer)\"") || line.contains("\"id\": \"\(offer)\"")
                ? line.replacing("\"provenance\"", with: "\"capacityGB\":\"\(gigabytes)\",\"provenance\"") : line
        }
        try await service.run { caller in
            var ids: [String] = []
            for _ in 0..<64 {
                service.time.withLock { $0 += 1 }
                ids.append(try #require(try await caller.quote()["id"]))
            }
            let answers = try await withThrowingTaskGroup(of: (Int, String?).self) { group in
                for id in ids {
                    group.addTask {
                        let answer = try await caller.call(.post, "/v1/quotes/\(id)/accept")
                        return (answer.status, answer.problem)
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(answers.count { $0.0 == 200 } == 1)
            #expect(answers.count { $0.0 == 409 && $0.1 == "capacity" } == 63)
            let next = try await caller.quote()
            guard case .object(let document) = next.members["document"], case .array(let legs) = document["legs"] else {
                throw Missing(name: "legs")
            }
            let offers = legs.compactMap { if case .object(let leg) = $0 { leg["offer"] } else { nil } }
            #expect(!offers.contains(.string(offer)))
        }
    }
}
