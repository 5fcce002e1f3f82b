import Documents
import Foundation
import Hummingbird
import HummingbirdTesting
import Logging
import Marketplace
import MarketplaceStore
import QuoteAPI
import Quoting
import Recommendation
import Synchronization
import TestSupport
import Testing

/// Models come, change and break under a service that is running.
@Suite struct ModelsInServiceTests {
    private static let now = 1_795_348_800  // 2026-11-22T12:00:00Z
    private static let region = "eu-west"

    /// A service with a folder of models of its own.
    private struct Service {
        let folder: URL
        let store: MarketplaceDatabase
        let server: QuoteServer
        let clock = Atomic64()
        var preferences: ModelRegistry { ModelRegistry(folder: folder) }
        var performance: QoSRegistry { QoSRegistry(models: folder) }

        final class Atomic64: Sendable {
            let seconds = Mutex(ModelsInServiceTests.now)
        }

        init() throws {
            folder = FileManager.default.temporaryDirectory.appendingPathComponent("service-\(UUID().uuidString)")
            store = try MarketplaceDatabase.inMemory()
            try store.importFolder(ShippedData.folder.path, now: ModelsInServiceTests.now)
            let clock = clock
            server = QuoteServer(
                store: store, models: folder.path, configuration: QuotingConfiguration(),
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, authentication: .open,
                clock: { clock.seconds.withLock { $0 } })
        }

        func run(_ body: @escaping @Sendable (any TestClientProtocol) async throws -> Void) async throws {
            defer { try? FileManager.default.removeItem(at: folder) }
            try await Application(router: server.router()).test(.router, body)
        }

        /// Stores and promotes models of latency that learned from everything there is.
        func promoteQoS(_ version: String, factors: Int = 2) throws {
            let catalog = try store.catalog()
            let measurements = try store.measurements()
            let settings = QoSHyperparameters(factors: factors, sweeps: 5)
            let model = try MetricModel.train(.latencyMs, measurements, catalog: catalog, settings)
            let end = Date(timeIntervalSince1970: Double((measurements.map(\.time).max() ?? 0) + 1))
            try performance.save(
                [.latencyMs: model],
                QoSManifest(
                    version: version, createdAt: end, hyperparameters: settings,
                    data: .init(start: end, end: end, measurements: measurements.count, hash: ""), metrics: [:],
                    codeVersion: "test", job: version))
            try performance.promote(version, at: end)
        }

        /// Stores and promotes a small model of preferences.
        func promotePreferences(_ version: String) throws {
            let snapshot = InteractionSnapshot(try store.interactions(), offers: try store.catalog().offers.map(\.id))
            let matrix = try snapshot.matrix(before: .max, weighting: .init())
            let provenance = ModelProvenance(
                version: version, createdAt: Date(timeIntervalSince1970: 0), seed: 1, data: .init(of: matrix),
                codeVersion: "test", userIDs: snapshot.users, itemIDs: snapshot.offers)
            try preferences.save(try ImplicitALS(.init(factors: 8, epochs: 2)).train(matrix), provenance)
            try preferences.promote(version, at: Date(timeIntervalSince1970: 0))
        }
    }

    private func members(_ json: JSONValue?) -> [String: JSONValue] {
        guard case .object(let members)? = json else { return [:] }
        return members
    }

    /// The quote for a request of one user in `region`.
    private func quote(_ client: any TestClientProtocol, user: String = "u00561") async throws -> [String: JSONValue] {
        let request = """
            {"user":"\(user)","storage":{"logicalGB":"500"},"term":{"start":"2026-12-01","months":1},\
            "redundancy":{"scheme":"replication","copies":1},"qos":{"latencyMs":60},\
            "eligibility":{"providers":{"allow":["aws","wasabi","hetzner"]}},\
            "traffic":[{"region":"\(Self.region)","egressGB":"10","reads":1000,"writes":100}]}
            """
        let response = try await client.execute(uri: "/v1/quotes", method: .post, body: ByteBuffer(string: request))
        #expect(response.status == .created, "\(String(buffer: response.body))")
        return members(members(try JSONValue(parsing: response.body.readableBytesView))["document"])
    }

    private func pins(_ quote: [String: JSONValue]) -> [String: JSONValue] { members(quote["pins"]) }

    /// The latency factor of a provider's best offer, and that offer.
    private func latency(_ quote: [String: JSONValue], _ provider: String) throws -> (offer: String, value: Double) {
        guard case .array(let providers)? = members(quote["ranking"])["providers"] else { return ("", 0) }
        let found = members(providers.first { members($0)["provider"] == .string(provider) })
        guard case .array(let factors)? = found["factors"], case .string(let offer)? = found["bestOffer"],
            case .number(let value)? = members(factors.first { members($0)["name"] == "latency" })["value"]
        else { throw InputError("ranking", []) }
        return (offer, Double(value) ?? .nan)
    }

    @Test func promotionsAndRollbacksOfQoSCountInTheNextQuote() async throws {
        let service = try Service()
        try await service.run { client in
            let told = try await quote(client)
            #expect(pins(told)["performance"] == nil)
            try service.promoteQoS("qos-1")
            let learned = try await quote(client)
            #expect(pins(learned)["performance"] == "qos-1" && pins(learned)["model"] == "none")
            #expect(members(learned["ranking"])["performanceBasis"] != nil)
            #expect(try await quote(client)["id"] == learned["id"], "the same state gives the same quote")
            try service.promoteQoS("qos-2", factors: 1)
            #expect(pins(try await quote(client))["performance"] == "qos-2")
            try service.performance.rollback(at: Date(timeIntervalSince1970: 0))
            #expect(try await quote(client)["id"] == learned["id"], "as before")
            // A version that is damaged under its pointer does not take the place of one that is served.
            try service.promoteQoS("qos-3")
            let file = service.performance.line.folder.appendingPathComponent("qos-3/latency_ms.safetensors")
            try Data(try Data(contentsOf: file).dropLast(9)).write(to: file)
            #expect(try await quote(client)["id"] == learned["id"])
        }
    }

    @Test func measurementsThatAreAcknowledgedChangeTheNextRankingAndARestartKnowsThem() async throws {
        let service = try Service()
        try service.promoteQoS("qos-1")
        try await service.run { client in
            let before = try await quote(client)
            let (offer, value) = try latency(before, "aws")
            #expect(value > 0.5)
            let rows = (0..<6).map { number in
                #"{"time":"2026-11-22T11:0\#(number):00Z","region":"\#(Self.region)","offer":"\#(offer)","#
                    + #""metric":"latency_ms","value":\#(900 + number)}"#
            }
            func post(_ rows: [String]) async throws -> TestResponse {
                try await client.execute(
                    uri: "/v1/measurements", method: .post,
                    body: ByteBuffer(string: #"{"measurements":[\#(rows.joined(separator: ","))]}"#))
            }
            // One may be chance, and hardly counts; all six are a fact.
            #expect(try await post([rows[0]]).status == .created)
            let first = try await quote(client)
            #expect(first["id"] != before["id"])
            let resisted = try latency(first, "aws")
            #expect(resisted.offer != offer || resisted.value > 0.8 * value)
            let answer = try await post(rows)
            #expect(members(try JSONValue(parsing: answer.body.readableBytesView)) == ["recorded": 5, "known": 1])
            let after = try await quote(client)
            let followed = try latency(after, "aws")
            #expect(followed.offer != offer || followed.value < 0.2)
            #expect(try service.store.measurements(from: Self.now - 86_400).count == 6)
            // Another service over the same store and models makes the same quote of the same state.
            let again = QuoteServer(
                store: service.store, models: service.folder.path, configuration: QuotingConfiguration(),
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, authentication: .open,
                clock: { Self.now })
            try await Application(router: again.router()).test(.router) { other in
                let same = try await quote(other)
                #expect(same["id"] == after["id"])
            }
        }
    }

    @Test(arguments: [
        ("{}", ""), (#"{"measurements":[]}"#, "/measurements"),
        (#"{"measurements":[{"time":"x","region":"eu-west","offer":"o","metric":"loss","value":"a","y":1}]}"#, ""),
        (
            #"{"measurements":[{"time":"2031-01-01T00:00:00Z","region":"eu-west","offer":"wasabi/eu-central-1/hot-payg","metric":"latency_ms","value":9}]}"#,
            "/measurements/0/time"
        ),
        (
            #"{"measurements":[{"time":"2026-11-01T00:00:00Z","region":"eu-vest","offer":"wasabi/eu-central-1/hot-payg","metric":"latency_ms","value":9}]}"#,
            "/measurements/0/region"
        ),
        (
            #"{"measurements":[{"time":"2026-11-01T00:00:00Z","region":"eu-west","offer":"wasabi/eu-central-1/hot-payg","metric":"availability","value":1e999}]}"#,
            "/measurements/0/value"
        ),
        (
            #"{"measurements":[{"time":"2026-11-01T00:00:00Z","region":"eu-west","offer":"wasabi/eu-central-1/hot-payg","metric":"availability","value":1.5}]}"#,
            "/measurements/0/value"
        )
    ])
    func badMeasurementsAreRefusedAsAWhole(_ body: String, _ pointer: String) async throws {
        let service = try Service()
        let count = try service.store.measurements().count
        try await service.run { client in
            let response = try await client.execute(
                uri: "/v1/measurements", method: .post, body: ByteBuffer(string: body))
            #expect(response.status == .badRequest)
            guard
                case .array(let errors)? = members(try JSONValue(parsing: response.body.readableBytesView))["errors"]
            else {
                Issue.record("no errors")
                return
            }
            if !pointer.isEmpty { #expect(members(errors.first)["pointer"] == .string(pointer)) }
            #expect(try service.store.measurements().count == count)
        }
    }

    @Test func aPreferenceModelThatIsBrokenGivesItsPlaceBack() async throws {
        let service = try Service()
        try service.promotePreferences("ials-1")
        try await service.run { client in
            // That an offer was quoted counts in the next ranking, once a day: the second quote is what repeats.
            _ = try await quote(client)
            let good = try await quote(client)
            #expect(pins(good)["model"] == "ials-1")
            await service.server.modelsVerified()
            // The user factors are mapped and read last: a bit that flipped there is found in the background.
            try service.promotePreferences("ials-2")
            let file = service.folder.appendingPathComponent("ials-2/factors.safetensors")
            var bytes = try Data(contentsOf: file)
            let tensors = try TensorFile(contentsOf: file)
            let users = try #require(tensors.entries["user_factors"])
            let total = tensors.entries.values.map(\.range.upperBound).max() ?? 0
            let place = bytes.count - total + users.range.upperBound - 4096
            bytes[place] ^= 1
            try bytes.write(to: file, options: .atomic)
            _ = try await quote(client)
            await service.server.modelsVerified()
            #expect(pins(try await quote(client))["model"] == "ials-1")
            // One that cannot be opened at all never gets there.
            try service.promotePreferences("ials-3")
            try Data(bytes.prefix(100)).write(to: service.folder.appendingPathComponent("ials-3/factors.safetensors"))
            let after = try await quote(client)
            #expect(pins(after)["model"] == "ials-1" && after["id"] == good["id"])
        }
    }

    @Test func firstPlacesOfThePastHoursCountAndTheSameHourGivesTheSameQuote() async throws {
        let service = try Service()
        try await service.run { client in
            let first = try await quote(client)
            guard case .array(let providers)? = members(first["ranking"])["providers"],
                case .string(let leader)? = members(providers.first)["provider"]
            else { throw InputError("ranking", []) }
            for number in 0..<40 {
                try service.store.save(
                    StoredQuote(
                        id: "q_\(number)", user: "crowd-\(number)", createdAt: Self.now, expiresAt: Self.now + 900,
                        inputHash: "", document: "{}", firstProvider: leader))
            }
            #expect(try await quote(client)["id"] == first["id"], "the hour has not passed")
            service.clock.seconds.withLock { $0 += 3600 }
            let later = try await quote(client)
            let text = members(later["ranking"])["providers"]?.text() ?? ""
            #expect(text.contains("100% of all first places"), "\(leader) took all of them")
            #expect(try service.store.firstPlaces(before: .max).count == 41)
        }
    }
}
