import Documents
import Foundation
import Marketplace
import MarketplaceStore
import Money
import Pricing
import QuoteAPI
import TestSupport
import Testing

@Suite("Pricing advice over HTTP")
struct AdviceRoutesTests {
    private static let offer = "wasabi/eu-central-1/hot-payg"
    private static let now = 1_795_348_800

    private func settings() throws -> AdviceSettings {
        AdviceSettings(requests: [("small-app", try request())])
    }

    private func request() throws -> SLARequest { try SLARequest(JSONValue(parsing: ShippedData.request("small-app"))) }

    private func costs(_ name: String = "wasabi") throws -> [UInt8] {
        Array(try Data(contentsOf: ShippedData.folder.appendingPathComponent("costs/\(name).json")))
    }

    private func keys(_ service: TestService) throws -> (wasabi: String, hetzner: String, nobody: String) {
        (
            try service.key("w", "advice:read", "costs:write", provider: "wasabi"),
            try service.key("h", "advice:read", "costs:write", provider: "hetzner"),
            try service.key("n", "advice:read", "costs:write")
        )
    }

    @Test func adviceIsThatOfThePricingModuleForTheOwnProviderAlone() async throws {
        let service = try TestService()
        let keys = try keys(service)
        try await service.run(advice: try settings()) { caller in
            let path = "/v1/providers/wasabi/advice?offer=\(Self.offer)"
            for key in [keys.hetzner, keys.nobody] {
                let other = try await caller.call(.get, path, as: key)
                let unknown = try await caller.call(.get, "/v1/providers/nobody/advice", as: key)
                #expect(other.status == 404 && other.bytes == unknown.bytes, "to others it does not exist")
                let stated = try await caller.call(.put, "/v1/providers/wasabi/costs", as: key, body: try costs())
                #expect(stated.status == 404 && stated.bytes == unknown.bytes)
            }
            #expect(try service.store.costs(of: "wasabi") == nil)
            #expect(try await caller.call(.get, path, as: nil).status == 401)
            #expect(try await caller.call(.get, path, as: "reader").status == 403)

            let plain = try await caller.call(.get, path, as: keys.wasabi)
            #expect(plain.status == 200 && plain.field("Cache-Control") == "private, no-store")
            let stated = try await caller.call(.put, "/v1/providers/wasabi/costs", as: keys.wasabi, body: try costs())
            #expect(stated.status == 204)
            let priced = try await caller.call(.get, path, as: keys.wasabi)
            #expect(priced.status == 200 && priced.json["advice"] != plain.json["advice"], "costs make a price")

            // The same inputs, given to the module itself, give the same document.
            let catalog = try service.store.catalog()
            let file = try CostFile(parsing: try costs(), document: "")
            var terms = AdviceTerms()
            terms.platformFee = 0.02
            let rate =
                try file.currency == .usd
                ? 1
                : ExchangeRates(
                    service.store.exchangeRates(), asOf: UTCTime.day(Self.now)
                ).convert(Amount(minor: 1_000_000 * file.currency.unit, file.currency), to: .usd, maximumAgeDays: 91)
                    .to.doubleValue / 1e6
            let end = Self.now / 3600 * 3600
            let own = OwnRecords(
                provider: "wasabi",
                costs: .init(
                    try file.costs(usdPerUnit: rate, platformFee: 0.02),
                    source: "what the provider stated for \(file.asOf)", isAssumption: file.isAssumption),
                measurements: try service.store.measurements(from: end - 400 * 86_400, until: end))
            let expected = try PriceAdvice(
                provider: "wasabi", offer: Self.offer,
                requests: [NamedRequest(name: "small-app", request: try request())], catalog: catalog,
                day: UTCTime.day(Self.now), own: own, terms: terms)
            // The benchmark's last digits depend on where the solver's memory lies.
            func exact(_ document: JSONValue) -> JSONValue {
                guard case .object(var members) = document, case .object(var advice) = document["advice"] else {
                    return document
                }
                advice["benchmark"] = nil
                members["advice"] = .object(advice)
                return .object(members)
            }
            #expect(exact(priced.json) == exact(expected.json))
            let benchmarks = [priced.json, expected.json].map { $0["advice"]["benchmark"]["price"].number }
            #expect(abs(benchmarks[0] - benchmarks[1]) < 1e-9)

            let again = try await caller.call(.get, path, as: keys.wasabi)
            #expect(again.bytes == priced.bytes)
            var given = 0
            try service.store.forEachAuditEntry {
                if $0.action == "advice.given" {
                    given += 1
                    #expect($0.subject == "wasabi" && $0.tenant == "w" && $0.detail.contains("sha256:"))
                    #expect(!$0.detail.contains("hardware"), "the log keeps hashes, not costs")
                }
            }
            #expect(given == 3, "every advice is recorded, a repeated one too")
            _ = try service.store.verifyAudit()
        }
    }

    @Test func questionsAreLimitedByTheRecordWhoeverAsks() async throws {
        let service = try TestService()
        let keys = try keys(service)
        let second = try service.key("w2", "advice:read", provider: "wasabi")
        try await service.run(advice: try settings()) { caller in
            func ask(_ key: String, _ prices: [String]) async throws -> TestCaller.Answer {
                try await caller.call(
                    .get, "/v1/providers/wasabi/advice?offer=\(Self.offer)&whatIf=" + prices.joined(separator: ","),
                    as: key)
            }
            let many = (1...15).map { "0.00\(9 + $0)" }
            #expect(try await ask(keys.wasabi, many).status == 200)
            let more = try await ask(second, Array(many.prefix(6)))
            #expect(more.status == 429 && more.problem == "too-many-questions", "fifteen and six are more than twenty")
            #expect(more.field("Retry-After") == "3600")
            #expect(try await ask(second, Array(many.prefix(5))).status == 200)
            #expect(try await ask(keys.wasabi, ["0.01"]).status == 429)
            #expect(
                try await caller.call(
                    .get, "/v1/providers/wasabi/advice?offer=\(Self.offer)", as: keys.wasabi
                ).status == 200)
            service.time.withLock { $0 += 3601 }
            #expect(try await ask(keys.wasabi, ["0.01"]).status == 200)
        }
    }

    @Test(arguments: [
        ("offer=hetzner/nbg1/object-storage", "offer"), ("offer=wasabi/x", "offer"), ("objective=fame", "objective"),
        ("largestChange=0", "largestChange"), ("floor=-1", "floor"), ("uptime=100", "uptime"),
        ("uptime=90,91,92,93,94", "uptime"), ("whatIf=0", "whatIf"), ("whatIf=NaN", "whatIf"),
        ("rivalSpread=51", "rivalSpread"), ("maximumPrice=0", "maximumPrice"), ("costs=1", "costs"),
        ("whatIf=" + Array(repeating: "1", count: 21).joined(separator: ","), "whatIf")
    ])
    func badQuestionsAreRefusedByParameter(_ query: String, _ parameter: String) async throws {
        let service = try TestService()
        let keys = try keys(service)
        try await service.run(advice: try settings()) { caller in
            let answer = try await caller.call(.get, "/v1/providers/wasabi/advice?\(query)", as: keys.wasabi)
            #expect(answer.status == 400 && answer.faults == [parameter])
        }
    }

    @Test func badCostsAreRefusedWithPointers() async throws {
        let service = try TestService()
        let keys = try keys(service)
        try await service.run { caller in
            func put(_ body: [UInt8]) async throws -> TestCaller.Answer {
                try await caller.call(.put, "/v1/providers/wasabi/costs", as: keys.wasabi, body: body)
            }
            let other = try await put(try costs("hetzner"))
            #expect(other.status == 400 && other.faults == ["/provider"])
            let text = String(decoding: try costs(), as: UTF8.self)
            let noUnit = try await put(Array(text.replacing(" W\"", with: "\"").utf8))
            #expect(noUnit.status == 400 && noUnit.faults == ["/power"])
            #expect(try await put([]).status == 400)
            #expect(try await put(Array(repeating: 0x5B, count: 70_000)).status == 413)
            #expect(try service.store.costs(of: "wasabi") == nil)
            let none = try await caller.call(.get, "/v1/providers/wasabi/advice", as: keys.wasabi)
            #expect(none.status == 503 && none.problem == "not-configured")
        }
    }

    @Test func keysSpeakForProvidersThatThereAre() throws {
        let service = try TestService()
        #expect(throws: StoreError.self) { try service.key("x", "advice:read", provider: "nobody") }
        let key = try service.key("x", "advice:read", provider: "wasabi")
        #expect(try service.store.key(key)?.provider == "wasabi")
    }
}
