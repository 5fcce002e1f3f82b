import Documents
import Foundation
import Hummingbird
import HummingbirdTesting
import Logging
import MarketplaceStore
import QuoteAPI
import Quoting
import TestSupport
import Testing

/// The routes over the shipped catalogue, in process.
@Suite struct QuoteRoutesTests {
    private static let now = 1_795_348_800  // 2026-11-22T12:00:00Z

    private func client(_ body: @escaping @Sendable (any TestClientProtocol) async throws -> Void) async throws {
        let store = try MarketplaceDatabase.inMemory()
        try store.importFolder(ShippedData.folder.path, now: Self.now)
        let server = QuoteServer(
            store: store, models: "/nonexistent", configuration: QuotingConfiguration(),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, authentication: .open,
            clock: { Self.now })
        try await Application(router: server.router()).test(.router, body)
    }

    private func json(_ response: TestResponse) throws -> [String: JSONValue] {
        guard case .object(let members) = try JSONValue(parsing: response.body.readableBytesView) else { return [:] }
        return members
    }

    @Test func liveness() async throws {
        try await client { client in
            try await client.execute(uri: "/livez", method: .get) { #expect($0.status == .ok) }
        }
    }

    @Test func aQuoteIsMadeAndReadAgainByteForByte() async throws {
        let request = try ShippedData.request("small-app")
        try await client { client in
            let created = try await client.execute(
                uri: "/v1/quotes", method: .post, body: ByteBuffer(bytes: request))
            #expect(created.status == .created)
            #expect(created.headers[.contentType] == "application/json")
            let location = try #require(created.headers[.location])
            let read = try await client.execute(uri: location, method: .get)
            #expect(read.status == .ok)
            #expect(read.body == created.body)
            let members = try json(read)
            #expect(members["state"] == "open" && members["version"] == 1)
            guard case .object(let document) = members["document"] else { throw Missing(name: "document") }
            #expect(document["status"] == "optimal" && document["id"] == members["id"])
        }
    }

    @Test func anInfeasibleRequestIsAProblemThatNamesTheConstraint() async throws {
        let request = try ShippedData.request("impossible-budget")
        try await client { client in
            let response = try await client.execute(uri: "/v1/quotes", method: .post, body: ByteBuffer(bytes: request))
            #expect(response.status == .unprocessableContent)
            #expect(response.headers[.contentType] == "application/problem+json")
            let problem = try json(response)
            #expect(problem["type"] == "https://flashback.tech/problems/infeasible")
            guard case .array(let members) = problem["conflict"], case .object(let member) = members.first else {
                Issue.record("no conflict in \(problem)")
                return
            }
            #expect(member["pointer"] == "/budget")
        }
    }

    @Test(arguments: [
        ("{", ""), ("[]", ""), (#"{"user":"a","user":"b"}"#, ""),
        (
            #"{"user":"a","storage":{"logicalGB":"-1"},"term":{"start":"2026-12-01","months":1},"redundancy":{"scheme":"auto"}}"#,
            "/storage/logicalGB"
        ),
        (
            #"{"user":"a","storage":{"logicalGB":"1"},"term":{"start":"2026-12-01","months":1},"redundancy":{"scheme":"auto"},"x":1}"#,
            "/x"
        ),
        (
            #"{"user":"a","storage":{"logicalGB":"1"},"term":{"start":"2026-12-01","months":1},"redundancy":{"scheme":"auto"},"traffic":[{"region":"atlantis"}]}"#,
            "/traffic/0/region"
        )
    ])
    func badRequestsAreProblemsWithPointers(_ body: String, _ pointer: String) async throws {
        try await client { client in
            let response = try await client.execute(uri: "/v1/quotes", method: .post, body: ByteBuffer(string: body))
            #expect(response.status == .badRequest)
            guard case .array(let errors) = try json(response)["errors"], case .object(let error) = errors.first else {
                Issue.record("no errors")
                return
            }
            if !pointer.isEmpty { #expect(error["pointer"] == .string(pointer)) }
        }
    }

    @Test func largeBodiesAndUnknownPathsAreRefused() async throws {
        try await client { client in
            let large = ByteBuffer(string: String(repeating: " ", count: 300_000))
            try await client.execute(uri: "/v1/quotes", method: .post, body: large) {
                #expect($0.status == .contentTooLarge)
            }
            try await client.execute(uri: "/v1/quotes/q_none", method: .get) { #expect($0.status == .notFound) }
            try await client.execute(uri: "/nowhere", method: .get) { #expect($0.status == .notFound) }
        }
    }
}

/// A member that an answer should have.
struct Missing: Error { let name: String }
