import Documents
import Foundation
import MarketplaceContract
import Money
import QuoteAPI
import TestSupport
import Testing

@Suite("Settlement reports over HTTP")
struct SettlementRoutesTests {
    /// An accepted quote of one leg or more, seen from the day after its term's end.
    private func settle(
        _ body: @escaping @Sendable (TestCaller, SLA, SchemaCheck) async throws -> Void
    ) async throws {
        let service = try TestService()
        try await service.run { caller in
            let check = SchemaCheck(try await caller.call(.get, "/openapi.json", as: nil).json)
            let made = try await caller.quote()
            let id = try #require(made["id"])
            #expect(try await caller.call(.get, "/v1/slas/\(id)/settlements").status == 404)
            let accepted = try await caller.call(.post, "/v1/quotes/\(id)/accept")
            #expect(accepted.status == 200)
            let sla = try await caller.call(.get, "/v1/slas/\(id)")
            #expect(check.faults(sla.json, "SLA").isEmpty)
            let legs = sla.members["terms"]?["legs"]?.elements ?? []
            let (start, end) = (try #require(sla["start"]), try #require(sla["end"]))
            service.time.withLock { $0 += 400 * 86_400 }
            try await body(caller, SLA(id: id, start: start, end: end, legs: legs), check)
        }
    }

    struct SLA: Sendable {
        let id: String
        let start: String
        let end: String
        let legs: [JSONValue]

        var path: String { "/v1/slas/\(id)/settlements" }
        var offers: [String] { legs.compactMap { $0["offer"]?.text } }
        /// The same period for each of `offers`.
        func report(_ offers: [String]? = nil, _ from: String, _ until: String, _ rest: String = "") -> [UInt8] {
            let legs = (offers ?? self.offers).map {
                #"{"offer":"\#($0)","periods":[{"from":"\#(from)","until":"\#(until)","storageGB":"1","egressGB":"0"\#(rest)}]}"#
            }
            return Array("{\"legs\":[\(legs.joined(separator: ","))]}".utf8)
        }
    }

    private static func amount(_ value: JSONValue?) -> Int128 { value?.text.flatMap { Int128($0) } ?? -1 }

    @Test func aTermThatIsServedCompletesByTheContractsArithmetic() async throws {
        try await settle { caller, sla, check in
            let answer = try await caller.call(.post, sla.path, key: "one", body: sla.report(nil, sla.start, sla.end))
            #expect(answer.status == 200 && answer["state"] == "completed")
            #expect(check.faults(answer.json, "Settlements").isEmpty)
            let legs = answer.members["legs"]?.elements ?? []
            #expect(legs.count == sla.legs.count)
            for (leg, terms) in zip(legs, sla.legs) {
                let period = try #require(leg["periods"]?.elements.first)
                let price = Self.amount(terms["priceGuard"]?["price_per_gb_storage"])
                let payment = Self.amount(period["payment"])
                #expect(Self.amount(period["pending"]) == price, "one unit of storage at the quoted price")
                #expect(payment == price && Self.amount(period["fee"]) == price * 200 / 10_000)
                #expect(Self.amount(period["payout"]) == payment - Self.amount(period["fee"]))
                #expect(Self.amount(period["balance"]) == Self.amount(leg["funded"]) - payment)
                #expect(period["providerReputation"] == 51 && period["status"] == "Funded")
            }
            let replay = try await caller.call(.post, sla.path, key: "one", body: sla.report(nil, sla.start, sla.end))
            #expect(replay.bytes == answer.bytes)
            let again = try await caller.call(.post, sla.path, body: sla.report(nil, sla.start, sla.end))
            #expect(again.status == 200 && again.bytes == answer.bytes, "the same report changes nothing")
            #expect(try await caller.call(.get, sla.path).bytes == answer.bytes)
            #expect(try await caller.call(.get, sla.path, as: "other").status == 404)
            #expect(
                try await caller.call(.post, sla.path, as: "other", body: sla.report(nil, sla.start, sla.end)).status
                    == 404)
            #expect(try await caller.call(.post, sla.path, as: "reader").status == 403)
            let read = try await caller.call(.get, "/v1/quotes/\(sla.id)")
            let states = read.members["history"]?.elements.compactMap { $0["state"]?.text }
            #expect(states == ["open", "accepted", "active", "completed"])
        }
    }

    @Test func aProvidersBreachForfeitsAndBreachesTheSLA() async throws {
        try await settle { caller, sla, check in
            let one = [try #require(sla.offers.first)]
            let middle = try CalendarDay(sla.start).addingMonths(1).description
            let active = try await caller.call(.post, sla.path, body: sla.report(one, sla.start, middle))
            #expect(active["state"] == "active")
            let bad = sla.report(one, middle, sla.end, #","uptimePercent":"12.5""#)
            let answer = try await caller.call(.post, sla.path, body: bad)
            #expect(answer["state"] == "breached" && check.faults(answer.json, "Settlements").isEmpty)
            let periods = answer.members["legs"]?.elements.first?["periods"]?.elements ?? []
            #expect(periods.count == 2)
            let last = try #require(periods.last)
            #expect(last["forfeited"] == last["pending"] && last["payment"] == "0")
            #expect(last["breaches"]?.elements.first?["promise"] == "uptime")
            #expect(last["providerReputation"] == 50 && last["status"] == "BreachedProvider")
        }
    }

    @Test func aBalanceThatRunsOutTerminates() async throws {
        try await settle { caller, sla, _ in
            let one = try #require(sla.offers.first)
            let body = #"""
                {"legs":[{"offer":"\#(one)","periods":[{"from":"\#(sla.start)","until":"\#(sla.end)",
                "storageGB":"900000000","egressGB":"0"}]}]}
                """#
            let answer = try await caller.call(.post, sla.path, body: Array(body.utf8))
            #expect(answer["state"] == "terminated")
            let period = try #require(answer.members["legs"]?.elements.first?["periods"]?.elements.first)
            #expect(period["balance"] == "0" && Self.amount(period["shortfall"]) > 0)
        }
    }

    @Test func periodsThatDoNotFollowAreRefusedWhole() async throws {
        try await settle { caller, sla, _ in
            let middle = try CalendarDay(sla.start).addingMonths(1).description
            let gap = try await caller.call(.post, sla.path, body: sla.report(nil, middle, sla.end))
            #expect(gap.status == 409 && gap.problem == "settlement-order")
            let stranger = try await caller.call(.post, sla.path, body: sla.report(["nobody"], sla.start, middle))
            #expect(stranger.status == 400)
            #expect(stranger.members["errors"]?.elements.first?["pointer"] == "/legs/0/offer")
            #expect(
                try await caller.call(.post, sla.path, body: sla.report(nil, sla.start, "2036-01-01")).status == 400)
            #expect(try await caller.call(.post, sla.path, body: sla.report(nil, sla.end, sla.start)).status == 400)
            #expect(try await caller.call(.post, sla.path, body: Array("{}".utf8)).status == 400)
            #expect(try await caller.call(.get, "/v1/quotes/\(sla.id)")["state"] == "accepted", "nothing was kept")
            #expect(try await caller.call(.post, sla.path, body: sla.report(nil, sla.start, middle)).status == 200)
            let other = sla.report(nil, sla.start, middle, #","latencyMs":"1""#)
            #expect(try await caller.call(.post, sla.path, body: other).status == 409)
        }
    }
}
