import Documents
import Foundation
import Marketplace
import MarketplaceStore
import Money
import TestSupport
import Testing

@Suite("The listing over HTTP")
struct ListingRoutesTests {
    private func ids(_ answer: TestCaller.Answer) -> [String] {
        answer.json["offers"].elements.compactMap { $0["offer"]["id"].content }
    }

    /// All pages of a query, in order, without and with a change of the catalogue between pages.
    private func walk(_ caller: TestCaller, _ query: String, limit: Int = 40) async throws -> [JSONValue] {
        var (seen, cursor): ([JSONValue], String?) = ([], "")
        while let next = cursor {
            let page = try await caller.call(
                .get,
                "/v1/listing?limit=\(limit)" + (query.isEmpty ? "" : "&" + query)
                    + (next.isEmpty ? "" : "&cursor=\(next)"), as: nil)
            guard page.status == 200 else { throw Missing(name: String(decoding: page.bytes, as: UTF8.self)) }
            seen += page.json["offers"].elements
            cursor = page["next"]
            guard seen.count < 2000 else { throw Missing(name: "an end") }
        }
        return seen
    }

    @Test func everybodySeesEveryOfferOfCertifiedProvidersOnce() async throws {
        let service = try TestService()
        let catalog = try service.store.catalog()
        try await service.run { caller in
            let all = try await walk(caller, "")
            #expect(all.compactMap { $0["offer"]["id"].content } == catalog.offers.map(\.id))
            let one = try #require(all.first { $0["offer"]["id"].content == "wasabi/eu-central-1/hot-payg" })
            let offer = try #require(catalog.offer("wasabi/eu-central-1/hot-payg"))
            #expect(one["offer"] == offer.json)
            #expect(!one["certifications"].elements.isEmpty && one["jurisdictions"].elements.contains("EU"))
            let bill = try offer.tariff.bill(Usage(storedBytes: 1_000_000_000_000, objects: 1_000_000))
            let monthly = try Amount.sum(bill.map(\.amount), .usd)
            #expect(one["price"]["monthly"].content == monthly.decimalText)
            let known = try service.store.measurements(from: 1_795_348_800 - 30 * 86_400, until: 1_795_348_800)
                .filter { $0.offer == offer.id && $0.metric == .latencyMs }.map(\.value).sorted()
            let measured = one["measured"]["latency_ms"]
            if known.isEmpty {
                #expect(measured == nil)
            } else {
                #expect(measured["count"] == JSONValue(known.count))
                let median = known[(known.count + 1) / 2 - 1]
                #expect(abs(measured["p50"].number - median) < 1e-5)
            }
        }
    }

    @Test(arguments: [
        "sort=price", "sort=price&order=desc", "sort=latency&from=eu-west", "order=desc",
        "sort=latency&from=ap-northeast&order=desc&q=s3"
    ])
    func pagesAreTheSortedWhole(_ query: String) async throws {
        let service = try TestService()
        try await service.run { caller in
            let paged = try await walk(caller, query, limit: 7)
            let whole = try await walk(caller, query, limit: 200)
            #expect(paged == whole && !whole.isEmpty)
            #expect(Set(whole.compactMap { $0["offer"]["id"].content }).count == whole.count)
            func value(_ one: JSONValue) -> Double? {
                query.contains("price")
                    ? one["price"]["monthly"].content.flatMap(Double.init)
                    : query.contains("latency") ? one["latencyMs"].content.flatMap(Double.init) : nil
            }
            let values = whole.compactMap(value)
            #expect(values == (query.contains("desc") ? values.sorted(by: >) : values.sorted()))
            if let last = whole.lastIndex(where: { value($0) != nil }) {
                #expect(last + 1 == values.count, "what has no value comes last")
            }
        }
    }

    @Test func filtersHold() async throws {
        let service = try TestService()
        let catalog = try service.store.catalog()
        try await service.run { caller in
            let cheap = try await walk(caller, "maxPrice=0.006&jurisdiction=EU&access=online&storageGB=10000")
            #expect(!cheap.isEmpty)
            for one in cheap {
                #expect(one["price"]["perGB"].content.flatMap(Double.init).map { $0 <= 0.006 } == true)
                #expect(one["jurisdictions"].elements.contains("EU") && one["offer"]["access"] == "online")
                let perGB = try #require(one["price"]["perGB"].content.flatMap(Double.init))
                let monthly = try #require(one["price"]["monthly"].content.flatMap(Double.init))
                #expect(abs(perGB * 10_000 - monthly) <= 0.0101)
            }
            let expected = catalog.offers.filter {
                ["wasabi", "hetzner"].contains($0.provider) && catalog.metros[$0.metro]?.continent == "EU"
            }
            let two = try await walk(caller, "provider=wasabi,hetzner&continent=EU")
            #expect(two.compactMap { $0["offer"]["id"].content } == expected.map(\.id))
            let safe = try await walk(
                caller, "certification=ISO27001,SOC2&feature=object-lock&api=s3&minAvailability=0.999")
            #expect(!safe.isEmpty)
            for one in safe {
                #expect(one["certifications"].elements.contains("ISO27001"))
                #expect(one["features"].elements.contains("object-lock"))
                #expect(one["offer"]["availability"].content.flatMap(Double.init).map { $0 >= 0.999 } == true)
            }
            let near = try await walk(caller, "from=eu-west&maxLatencyMs=15")
            #expect(!near.isEmpty && near.allSatisfy { $0["latencyMs"].number <= 15 })
            let found = try await walk(caller, "q=FRANKfurt")
            #expect(!found.isEmpty && found.allSatisfy { $0.text().lowercased().contains("frankfurt") })
            #expect(try await walk(caller, "q=no-such-thing").isEmpty)
        }
    }

    @Test func suspendedProvidersAreNotListedAndQuotedNoMore() async throws {
        let service = try TestService()
        try await service.run { caller in
            let before = try await caller.call(.get, "/v1/listing?provider=wasabi", as: nil)
            #expect(!ids(before).isEmpty)
            let same = try await caller.call(
                .get, "/v1/listing?provider=wasabi", as: nil, ["If-None-Match": before.tag])
            #expect(same.status == 304 && same.bytes.isEmpty && same.tag == before.tag)
            let register = """
                kind,participant,status,since,until,evidence
                storage-provider,wasabi,suspended,2026-11-20,,stake below the minimum

                """
            try service.store.import(.registers, Array(register.utf8), document: "test", now: 1_795_348_800)
            let after = try await caller.call(
                .get, "/v1/listing?provider=wasabi", as: nil, ["If-None-Match": before.tag])
            #expect(after.status == 200 && after.tag != before.tag && ids(after).isEmpty)
            let profile = try await caller.call(.get, "/v1/providers/wasabi", as: nil)
            #expect(profile.json["standing"]["certified"] == false && profile.json["offers"].elements.isEmpty)
            #expect(profile.json["standing"]["current"]["evidence"] == "stake below the minimum")
            #expect(profile.json["standing"]["history"].elements.count == 2)
            let quote = try await caller.quote()
            let legs = quote.json["document"]["legs"].elements
            #expect(!legs.isEmpty && legs.allSatisfy { $0["provider"] != "wasabi" })
        }
    }

    @Test func providersShowWhoTheyAreAndWhereDataLies() async throws {
        let service = try TestService()
        let catalog = try service.store.catalog()
        try await service.run { caller in
            for provider in catalog.providers.values {
                let answer = try await caller.call(.get, "/v1/providers/\(provider.id)", as: nil)
                #expect(answer.status == 200 && answer["name"] == provider.name)
                let own = catalog.offers.filter { $0.provider == provider.id }
                #expect(answer.json["offers"].elements.count == own.count)
                #expect(answer.json["standing"]["certified"] == true)
                #expect(answer.json["compliance"]["locations"].elements.count == Set(own.map(\.region)).count)
                let again = try await caller.call(
                    .get, "/v1/providers/\(provider.id)", as: nil, ["If-None-Match": answer.tag])
                #expect(again.status == 304)
            }
            for path in ["nobody", "%2e%2e", "wasabi%2Fx", "wasabi%00", String(repeating: "a", count: 5000)] {
                #expect(try await caller.call(.get, "/v1/providers/\(path)", as: nil).status == 404, "\(path)")
            }
            #expect(try await caller.call(.get, "/v1/providers/wasabi?x=1", as: nil).status == 400)
        }
    }

    @Test(arguments: [
        ("limit=0", ["limit"]), ("limit=201", ["limit"]), ("sort=size", ["sort"]), ("order=up", ["order"]),
        ("sort=latency", ["from"]), ("maxLatencyMs=9", ["from"]), ("from=atlantis", ["from"]),
        ("provider=nobody", ["provider"]), ("jurisdiction=XX", ["jurisdiction"]), ("minPrice=-1", ["minPrice"]),
        ("minPrice=2&maxPrice=1", ["minPrice"]), ("maxPrice=1e9", ["maxPrice"]), ("cursor=%21%21", ["cursor"]),
        ("cursor=WyJhIl0", ["cursor"]), ("q=" + String(repeating: "x", count: 101), ["q"]), ("q=%01", ["q"]),
        ("a=1&b=2", ["a", "b"]), ("limit=5&limit=6", ["limit"])
    ])
    func badQueriesAreRefusedByParameter(_ query: String, _ parameters: [String]) async throws {
        let service = try TestService()
        try await service.run { caller in
            let answer = try await caller.call(.get, "/v1/listing?" + query, as: nil)
            #expect(answer.status == 400)
            #expect(!answer.faults.isEmpty && answer.faults.allSatisfy(parameters.contains))
        }
    }

    @Test func aCursorFitsItsOwnOrderAlone() async throws {
        let service = try TestService()
        try await service.run { caller in
            let page = try await caller.call(.get, "/v1/listing?sort=price&limit=2", as: nil)
            let next = try #require(page["next"])
            let other = try await caller.call(.get, "/v1/listing?sort=price&order=desc&cursor=\(next)", as: nil)
            #expect(other.status == 400 && other.faults == ["cursor"])
            #expect(try await caller.call(.get, "/v1/listing?sort=price&cursor=\(next)", as: nil).status == 200)
        }
    }
}
