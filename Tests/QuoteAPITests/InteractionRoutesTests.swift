import Documents
import Marketplace
import MarketplaceStore
import TestSupport
import Testing

@Suite("Interactions over HTTP")
struct InteractionRoutesTests {
    private static let offer = "wasabi/eu-central-1/hot-payg"

    private func row(_ more: String = "", user: String = "u", offer: String = offer, kind: String = "viewed") -> String
    {
        #"{"user":"\#(user)","offer":"\#(offer)","kind":"\#(kind)"\#(more)}"#
    }

    private func body(_ rows: [String]) -> [UInt8] {
        Array(#"{"interactions":[\#(rows.joined(separator: ","))]}"#.utf8)
    }

    @Test func eventsAreKeptOnceForTheTenantThatSendsThem() async throws {
        let service = try TestService()
        let (acme, other) = (
            try service.key("acme", "interactions:write"), try service.key("other", "interactions:write")
        )
        try await service.run { caller in
            let rows = InteractionKind.allCases.map { row(#","time":"2026-11-01T10:00:00Z""#, kind: $0.rawValue) }
            let first = try await caller.call(
                .post, "/v1/interactions", as: acme, key: "k", body: body(rows + [rows[0]]))
            #expect(first.status == 201 && first["recorded"] == "7" && first["known"] == "1")
            let again = try await caller.call(
                .post, "/v1/interactions", as: acme, key: "k", body: body(rows + [rows[0]]))
            #expect(again.bytes == first.bytes && again.field("Idempotency-Replayed") == "true")
            let reused = try await caller.call(.post, "/v1/interactions", as: acme, key: "k", body: body(rows))
            #expect(reused.status == 422 && reused.problem == "reused-key")
            let repeated = try await caller.call(.post, "/v1/interactions", as: acme, body: body(rows))
            #expect(repeated.status == 201 && repeated["recorded"] == "0" && repeated["known"] == "7")
            #expect(try service.store.interactions(of: "acme/u").count == 7)
            #expect(try service.store.interactions(of: "u").isEmpty)
            _ = try await caller.call(.post, "/v1/interactions", as: other, key: "k", body: body([row()]))
            let its = try service.store.interactions(of: "other/u")
            #expect(its.map(\.time) == [1_795_348_800], "without a time it is now")
            _ = try service.store.verifyAudit()
        }
    }

    @Test func whatWasListedOnceMayStillBeCancelled() async throws {
        let service = try TestService()
        let catalog = try service.store.catalog()
        let left = catalog.offers.filter { $0.id != Self.offer }.map { $0.json.text() }.joined(separator: "\n")
        try service.store.import(.catalog, Array(left.utf8), document: "test", now: 1_795_348_800)
        let acme = try service.key("acme", "interactions:write")
        try await service.run { caller in
            #expect(try service.store.catalog().offer(Self.offer) == nil)
            let answer = try await caller.call(
                .post, "/v1/interactions", as: acme, body: body([row(kind: "cancelled")]))
            #expect(answer.status == 201 && answer["recorded"] == "1")
        }
    }

    @Test(arguments: [
        ("", ""), ("[]", ""), ("{}", "/interactions"), (#"{"interactions":{}}"#, "/interactions"),
        (#"{"interactions":[]}"#, "/interactions"), (#"{"interactions":[1]}"#, "/interactions/0"),
        (#"{"interactions":[{"user":"u","offer":"x","kind":"loved"}]}"#, "/interactions/0/kind"),
        (#"{"interactions":[{"user":"","offer":"x","kind":"viewed"}]}"#, "/interactions/0/user"),
        (#"{"interactions":[{"user":7,"offer":"x","kind":"viewed"}]}"#, "/interactions/0/user"),
        (#"{"interactions":[{"user":"a\u0000b","offer":"x","kind":"viewed"}]}"#, "/interactions/0/user"),
        (#"{"interactions":[{"user":"u","offer":"x","kind":"viewed"}]}"#, "/interactions/0/offer"),
        (#"{"interactions":[{"user":"u","offer":"x","kind":"viewed","rating":5}]}"#, "/interactions/0/rating"),
        (
            #"{"interactions":[{"user":"u","offer":"x","kind":"viewed","time":"2026-11-22T12:06:00Z"}]}"#,
            "/interactions/0/time"
        ),
        (
            #"{"interactions":[{"user":"u","offer":"x","kind":"viewed","time":"1969-01-01T00:00:00Z"}]}"#,
            "/interactions/0/time"
        ),
        (
            #"{"interactions":[{"user":"u","offer":"x","kind":"viewed","time":"now"}]}"#,
            "/interactions/0/time"
        )
    ])
    func badBatchesAreRefusedAsAWhole(_ text: String, _ pointer: String) async throws {
        let service = try TestService()
        let acme = try service.key("acme", "interactions:write")
        let count = try service.store.interactions().count
        try await service.run { caller in
            let answer = try await caller.call(.post, "/v1/interactions", as: acme, body: Array(text.utf8))
            #expect(answer.status == 400)
            if !pointer.isEmpty { #expect(answer.faults.first == pointer) }
            #expect(try service.store.interactions().count == count)
        }
    }

    @Test func largeBatchesAndOneBadRowAmongMany() async throws {
        let service = try TestService()
        let acme = try service.key("acme", "interactions:write")
        try await service.run { caller in
            let many = try await caller.call(
                .post, "/v1/interactions", as: acme, body: body(Array(repeating: row(), count: 5001)))
            #expect(many.status == 400 && many.faults == ["/interactions"])
            let most = (0..<5000).map { row(user: "u\($0)") }
            let bad = try await caller.call(
                .post, "/v1/interactions", as: acme, body: body(most.dropLast() + [row(offer: "wasabi/x/y")]))
            #expect(bad.status == 400 && bad.faults == ["/interactions/4999/offer"])
            #expect(try service.store.interactions(of: "acme/u0").isEmpty)
            let good = try await caller.call(.post, "/v1/interactions", as: acme, body: body(most))
            #expect(good.status == 201 && good["recorded"] == "5000")
            let huge = try await caller.call(
                .post, "/v1/interactions", as: acme, body: Array(repeating: 0x20, count: 2_000_000))
            #expect(huge.status == 413)
        }
    }
}
