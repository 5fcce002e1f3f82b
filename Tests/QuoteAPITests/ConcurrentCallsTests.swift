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

/// Two services over one database file, each with connections of its own, as two processes have them: what one remembers
/// of calls in flight, the other does not know.
private final class TwinServices: Sendable {
    let time = Mutex(1_795_348_800)  // 2026-11-22T12:00:00Z
    private let folder: TemporaryFolder
    let stores: [MarketplaceDatabase]
    private let ring = KeyRing(now: 0)
    private let key: String

    /// - Parameter changing: what the catalogue of the store is to be, line by line.
    init(changing: (String) -> String = { $0 }) throws {
        let now = time.withLock { $0 }
        folder = try TemporaryFolder()
        let path = folder.path("store.sqlite")
        let first = try MarketplaceDatabase(path: path, .creating)
        try first.importFolder(ShippedData.folder.path, now: now)
        let catalog = try Data(contentsOf: ShippedData.folder.appendingPathComponent("catalog.jsonl"))
        let lines = String(decoding: catalog, as: UTF8.self).split(separator: "\n").map { changing(String($0)) }
        try first.import(.catalog, Array(lines.joined(separator: "\n").utf8), document: "test", now: now)
        var random = SeededGenerator(seed: 8)
        key = try first.transact(by: .machine, at: 0) {
            try $0.createKey(for: "acme", name: "k", scopes: ["quotes:read", "quotes:write"], using: &random).text
        }
        stores = [first, try MarketplaceDatabase(path: path)]
    }

    func run(_ body: @escaping @Sendable ([TestCaller]) async throws -> Void) async throws {
        let keys = ["acme": key]
        // How often calls are repeated depends on the machine.
        var unlimited = TrafficLimits()
        unlimited.requestsPerWindow = 0
        let applications = stores.map { [unlimited] store in
            Application(
                router: QuoteServer(
                    store: store, models: "/nonexistent", configuration: QuotingConfiguration(),
                    logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, authentication: .keys, keys: ring,
                    limits: unlimited, clock: { self.time.withLock { $0 } }
                ).router())
        }
        try await applications[0].test(.router) { one in
            try await applications[1].test(.router) { other in
                try await body([one, other].map { TestCaller(client: $0, keys: keys) })
            }
        }
        for store in stores { try store.close() }
    }
}

@Suite("Calls at the same time, to two services over one store")
struct ConcurrentCallsTests {
    /// An offer that the sample request is allocated to, and the bytes that it holds then.
    private func chosenOffer() async throws -> (id: String, bytes: Int) {
        let service = try TestService()
        try await service.run { caller in
            let id = try #require(try await caller.quote()["id"])
            #expect(try await caller.call(.post, "/v1/quotes/\(id)/accept").status == 200)
        }
        let held = try service.store.heldCapacity(at: 0).sorted { $0.key < $1.key }
        let (id, bytes) = try #require(held.first)
        return (id, bytes)
    }

    @Test func theLastCapacityHasOneWinnerAmongTwoServices() async throws {
        let (offer, bytes) = try await chosenOffer()
        let capacity = bytes / 1_000_000_000 + 1
        let twins = try TwinServices { line in
            line.contains("\"id\":\"\(offer)\"") || line.contains("\"id\": \"\(offer)\"")
                ? line.replacing("\"provenance\"", with: "\"capacityGB\":\"\(capacity)\",\"provenance\"") : line
        }
        let stores = twins.stores
        try await twins.run { callers in
            var ids: [String] = []
            for number in 0..<64 {
                twins.time.withLock { $0 += 1 }
                ids.append(try #require(try await callers[number % 2].quote()["id"]))
            }
            #expect(Set(ids).count == 64)
            let answers = try await withThrowingTaskGroup(of: TestCaller.Answer.self) { group in
                for (number, id) in ids.enumerated() {
                    // Not by the service that made the quote.
                    group.addTask { try await callers[(number + 1) % 2].call(.post, "/v1/quotes/\(id)/accept") }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            let (winners, losers) = (answers.filter { $0.status == 200 }, answers.filter { $0.status != 200 })
            #expect(winners.count == 1 && losers.count == 63)
            for loser in losers {
                #expect(loser.status == 409 && loser.problem == "capacity" && loser["status"] == "409")
                #expect(loser.headers[.contentType] == "application/problem+json")
            }
            for store in stores {
                #expect(try store.heldCapacity(at: 0)[offer] == bytes)
                let states = try store.quotes(tenant: "acme", limit: 100).map(\.status)
                #expect(states.count { $0 == .accepted } == 1 && states.count { $0 == .open } == 63)
                #expect(try store.verifyAudit().count == 66, "one key, 64 quotes, one acceptance")
            }
        }
    }

    /// What a worker was answered.
    private struct Tally: Sendable {
        var answers = 0
        var new = 0
        var waits = 0
        var bodies: Set<[UInt8]> = []

        /// Delivers the call until it is answered. Who is told that the call is being answered delivers it again.
        mutating func deliver(_ caller: TestCaller) async throws {
            while true {
                let answer = try await caller.quote(key: "one")
                guard answer.status == 409 else {
                    #expect(answer.status == 201)
                    answers += 1
                    if answer.field("Idempotency-Replayed") == nil { new += 1 }
                    bodies.insert(answer.bytes)
                    return
                }
                #expect(answer.problem == "in-flight" && answer.field("Retry-After") == "1")
                waits += 1
                try await Task.sleep(for: .milliseconds(2))
            }
        }
    }

    /// 10,000 deliveries of one call, 8 at a time.
    @Test func aCallThatIsDeliveredTenThousandTimesHasOneEffect() async throws {
        let twins = try TwinServices()
        let store = twins.stores[1]
        try await twins.run { callers in
            let tally = try await withThrowingTaskGroup(of: Tally.self) { group in
                for worker in 0..<8 {
                    group.addTask {
                        var tally = Tally()
                        for _ in stride(from: worker, to: 10_000, by: 8) {
                            try await tally.deliver(callers[worker % 2])
                        }
                        return tally
                    }
                }
                return try await group.reduce(into: Tally()) {
                    $0.answers += $1.answers
                    $0.new += $1.new
                    $0.waits += $1.waits
                    $0.bodies.formUnion($1.bodies)
                }
            }
            #expect(tally.answers == 10_000 && tally.new == 1 && tally.bodies.count == 1)
            // The answer is known now: repetitions at the same moment do not stand in each other's way.
            let repeated = try await withThrowingTaskGroup(of: TestCaller.Answer.self) { group in
                for number in 0..<64 { group.addTask { try await callers[number % 2].quote(key: "one") } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(repeated.allSatisfy { $0.status == 201 && tally.bodies.contains($0.bytes) })
            let quotes = try store.quotes(tenant: "acme", limit: 100)
            #expect(quotes.count == 1 && quotes.first?.version == 1)
            #expect(try store.verifyAudit().count == 2, "one key, one quote")
            print("\(tally.answers) deliveries answered, \(tally.new) new, \(tally.waits) more were told to wait")
        }
    }
}
