import Documents
import Foundation
import MarketplaceStore
import QuoteAPI
import TestSupport
import Testing

@Suite("Catalogue and registers over HTTP")
struct AdministrationRoutesTests {
    private func operate(
        _ body: @escaping @Sendable (TestService, TestCaller, _ key: String, SchemaCheck) async throws -> Void
    ) async throws {
        let service = try TestService()
        let key = try service.key(of: "operator", ["catalog:write", "registers:write", "quotes:read"])
        try await service.run { caller in
            let description = try await caller.call(.get, "/openapi.json", as: nil).json
            try await body(service, caller, key, SchemaCheck(description))
        }
    }

    @Test func importsAreTakenWholeOrNotAtAll() async throws {
        try await operate { service, caller, key, check in
            let header = "date,base,quote,rate,kind,source,retrieved\n"
            let bad = header + "2026-11-20,EUR,USD,1.1,reference,test,2026\n2026-11-21,EUR,EUR,x,reference,test,2026\n"
            let revision = try service.store.revision()
            let refused = try await caller.call(.post, "/v1/imports/rates", as: key, body: Array(bad.utf8))
            #expect(refused.status == 400 && check.faults(refused.json, "Problem").isEmpty)
            let places = refused.members["errors"]?.elements.compactMap { $0["pointer"]?.text } ?? []
            #expect(!places.isEmpty && places.allSatisfy { $0.hasPrefix("line 3") })
            #expect(try service.store.revision() == revision, "nothing of it was stored")

            let good = Array((header + "2026-11-21,EUR,USD,1.1,reference,test,2026\n").utf8)
            let taken = try await caller.call(.post, "/v1/imports/rates", as: key, key: "i", body: good)
            #expect(taken.status == 200 && taken["added"] == "1" && check.faults(taken.json, "ImportReport").isEmpty)
            let replayed = try await caller.call(.post, "/v1/imports/rates", as: key, key: "i", body: good)
            #expect(replayed.bytes == taken.bytes && replayed.field("Idempotency-Replayed") == "true")
            let again = try await caller.call(.post, "/v1/imports/rates", as: key, body: good)
            #expect(again["unchanged"] == "1" && again["added"] == "0")
            var actions: [String] = []
            try service.store.forEachAuditEntry(of: "operator") { actions.append($0.action) }
            #expect(actions == ["import.rates"])
            #expect(try await caller.call(.post, "/v1/imports/interactions", as: key, body: good).status == 404)
        }
    }

    @Test func aCatalogueThatWasImportedIsWhatIsQuotedNext() async throws {
        try await operate { _, caller, key, _ in
            let before = try await caller.quote()
            let catalog = try Data(contentsOf: ShippedData.folder.appendingPathComponent("catalog.jsonl"))
            let lines = String(decoding: catalog, as: UTF8.self).split(separator: "\n")
            let chosen = try offers(before)
            let kept = lines.filter { line in !chosen.contains { line.contains("\"\($0)\"") } }
            #expect(kept.count < lines.count)
            let body = Array(kept.joined(separator: "\n").utf8)
            let report = try await caller.call(.post, "/v1/imports/catalog", as: key, body: body)
            #expect(report.status == 200 && report["delisted"] == String(lines.count - kept.count))
            let after = try await caller.quote()
            let others = try offers(after)
            #expect(after.status == 201 && chosen.isDisjoint(with: others))
        }
    }

    private func offers(_ quote: TestCaller.Answer) throws -> Set<String> {
        guard let legs = quote.members["document"]?["legs"]?.elements else { throw Missing(name: "legs") }
        return Set(legs.compactMap { $0["offer"]?.text })
    }

    private func providers(_ quote: TestCaller.Answer) throws -> Set<String> {
        guard let legs = quote.members["document"]?["legs"]?.elements else { throw Missing(name: "legs") }
        return Set(legs.compactMap { $0["provider"]?.text })
    }

    /// The providers of a new quote.
    private func quoted(_ caller: TestCaller) async throws -> Set<String> { try providers(try await caller.quote()) }

    @Test func whoeverIsSuspendedIsNotQuotedUntilReinstated() async throws {
        try await operate { service, caller, key, check in
            func step(_ id: String, _ name: String, _ body: String) async throws -> TestCaller.Answer {
                try await caller.call(
                    .post, "/v1/registers/storage-provider/\(id)/\(name)", as: key, body: Array(body.utf8))
            }
            let first = try await caller.quote()
            let quoteID = try #require(first["id"])
            let provider = try #require(try providers(first).min())
            let suspended = try await step(provider, "suspend", #"{"reason":"audit overdue"}"#)
            #expect(suspended.status == 200 && suspended.members["listed"] == false)
            #expect(check.faults(suspended.json, "Participant").isEmpty)
            #expect(try await step(provider, "suspend", #"{"reason":"again"}"#).problem == "register-state")
            #expect(try await step(provider, "certify", #"{"since":"2026-11-01","evidence":"x"}"#).status == 409)
            let without = try await caller.quote()
            #expect(try !providers(without).contains(provider))
            let accepted = try await caller.call(.post, "/v1/quotes/\(quoteID)/accept")
            #expect(accepted.problem == "no-longer-eligible")

            let back = try await step(provider, "reinstate", #"{"reason":"audit passed"}"#)
            #expect(back.members["listed"] == true && check.faults(back.json, "Participant").isEmpty)
            #expect(try await step(provider, "reinstate", #"{"reason":"again"}"#).status == 409)
            #expect(try await quoted(caller).contains(provider))
            let history = back.members["suspensions"]?.elements.first?["lifted"]?["reason"]
            #expect(history == "audit passed")
            #expect(try service.store.verifyAudit().count > 0)
            var actions: [String] = []
            try service.store.forEachAuditEntry(of: "operator") { actions.append("\($0.action) \($0.subject)") }
            let subject = "storage-provider/\(provider)"
            #expect(actions == ["register.suspended \(subject)", "register.reinstated \(subject)"])
        }
    }

    @Test func onlyThoseInGoodStandingAreListed() async throws {
        try await operate { service, caller, key, check in
            let provider = try #require(try await quoted(caller).min())
            let path = "/v1/registers/storage-provider/\(provider)"
            func judge(_ body: String) async throws -> TestCaller.Answer {
                try await caller.call(.post, path + "/standing", as: key, body: Array(body.utf8))
            }
            let stake =
                #""minimumStake":{"amount":"1000","asset":"XLM"},"stake":{"amount":"999.9999999","asset":"XLM"}"#
            let short = try await judge("{\(stake)}")
            #expect(short.members["listed"] == false && check.faults(short.json, "Participant").isEmpty)
            #expect(try await quoted(caller).contains(provider) == false)
            let paid = try await judge(#"{"subscriptionUntil":"2026-11-22",\#(stake)}"#)
            #expect(paid.members["listed"] == true)
            #expect(try await quoted(caller).contains(provider))
            service.time.withLock { $0 += 86_400 }
            #expect(try await quoted(caller).contains(provider) == false, "the subscription ended yesterday")
            #expect(try await caller.call(.get, path, as: key).members["listed"] == false)
            let enough = try await judge(stakes("1000", "1000"))
            #expect(enough.members["listed"] == true && enough.members["standings"]?.elements.count == 3)
            #expect(try await quoted(caller).contains(provider))
            #expect(try await judge(stakes("-1", "0")).status == 400)
        }
    }

    private func stakes(_ stake: String, _ minimum: String) -> String {
        #"{"stake":{"amount":"\#(stake)","asset":"XLM"},"minimumStake":{"amount":"\#(minimum)","asset":"XLM"}}"#
    }

    @Test func certifyingIsForProvidersThatAreKnown() async throws {
        try await operate { _, caller, key, check in
            func certify(_ participant: String, _ body: String) async throws -> TestCaller.Answer {
                try await caller.call(
                    .post, "/v1/registers/\(participant)/certify", as: key, body: Array(body.utf8))
            }
            let body = #"{"since":"2026-11-01","until":"2027-10-31","evidence":"report 7"}"#
            #expect(try await certify("storage-provider/nobody", body).status == 404)
            #expect(try await certify("gardeners/aws", body).status == 404)
            let made = try await certify("service-provider/migrators-gmbh", body)
            #expect(made.status == 200 && made.members["listed"] == true)
            #expect(try await certify("service-provider/migrators-gmbh", body).bytes == made.bytes)
            let turned = try await certify(
                "service-provider/x", #"{"since":"2026-11-02","until":"2026-11-01","evidence":"e"}"#)
            #expect(turned.status == 400)
            #expect(turned.members["errors"]?.elements.first?["pointer"] == "/until")
            let register = try await caller.call(.get, "/v1/registers/service-provider", as: key)
            #expect(check.faults(register.json, "Register").isEmpty)
            let names = register.members["participants"]?.elements.compactMap { $0["participant"]?.text } ?? []
            #expect(names.contains("migrators-gmbh") && !names.contains("x") && names == names.sorted())
        }
    }
}
