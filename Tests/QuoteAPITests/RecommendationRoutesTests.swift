import Documents
import Foundation
import Marketplace
import MarketplaceStore
import QuoteAPI
import Quoting
import Recommendation
import TestSupport
import Testing

extension TestService {
    /// Stores and promotes a small model of preferences, trained on the interactions that ship and all that came since.
    func promotePreferences(_ version: String, factors: Int = 8) throws {
        let sample = ShippedData.folder.appendingPathComponent("interactions-sample.csv")
        try store.import(
            .interactions, Array(try Data(contentsOf: sample)), document: "sample", now: 1_795_348_800)
        let snapshot = InteractionSnapshot(try store.interactions(), offers: try store.catalog().offers.map(\.id))
        let matrix = try snapshot.matrix(before: 1_795_348_801, weighting: .init())
        let provenance = ModelProvenance(
            version: version, createdAt: Date(timeIntervalSince1970: 0), seed: 1, data: .init(of: matrix),
            codeVersion: "test", userIDs: snapshot.users, itemIDs: snapshot.offers)
        // Little data asks for little shrinkage.
        let settings = ImplicitALS.Hyperparameters(
            factors: factors, epochs: 10, regularization: 0.1, unobservedWeight: 0.1, frequencyExponent: 0)
        let registry = ModelRegistry(folder: models)
        try registry.save(try ImplicitALS(settings).train(matrix), provenance)
        try registry.promote(version, at: Date(timeIntervalSince1970: 0))
    }
}

extension TestCaller.Answer {
    /// The parameters and pointers of a problem's errors.
    var faults: [String] { json["errors"].elements.compactMap { $0["parameter"].content ?? $0["pointer"].content } }
}

@Suite("Recommendations over HTTP")
struct RecommendationRoutesTests {
    private func key(_ service: TestService, _ tenant: String) throws -> String {
        try service.key(tenant, "recommendations:read", "interactions:write", "quotes:write", "quotes:read")
    }

    private func ask(_ caller: TestCaller, _ key: String, _ query: String) async throws -> TestCaller.Answer {
        try await caller.call(.get, "/v1/recommendations?" + query, as: key)
    }

    /// What is told is the head of the ranking that a quote of the same question goes by, for every kind of user.
    @Test(arguments: ["u00561", "u00001", "nobody"], Recommendations.Unit.allCases)
    func recommendationsAreTheHeadOfTheRanking(_ user: String, _ unit: Recommendations.Unit) throws {
        let service = try TestService()
        defer { try? FileManager.default.removeItem(at: service.models) }
        try service.promotePreferences("ials-1")
        let market = try Market(store: service.store, models: service.models.path, now: 1_795_348_800)
        let request = try SLARequest(JSONValue(parsing: ShippedData.request("small-app")))
        let offers = Eligibility(request, market.catalog, on: UTCTime.day(1_795_348_800)).offers
        let model = try LearnedPreferences(
            model: #require(market.model), history: service.store.interactions(of: user),
            features: request.userFeatures)
        for evidence in [nil, market.evidence] {
            let ranking = Ranking(offers, request: request, catalog: market.catalog, model: model, market: evidence)
            let table = RankingTable(offers, request: request, catalog: market.catalog, market: evidence)
            for limit in [1, 7, 1000] {
                let found = Recommendations(table, for: user, model: model, limit: limit, by: unit)
                let expected = unit == .offer ? ranking.offers : ranking.providers
                #expect(found.places == Array(expected.prefix(limit)))
                #expect(found.eligible == offers.count && found.basis == ranking.basis)
                guard unit == .provider else { continue }
                // The solver's last digits depend on where its memory lies.
                for (one, other) in zip(found.evidence, ranking.evidence) {
                    #expect(one.map(\.offer) == other.map(\.offer))
                    #expect(zip(one, other).allSatisfy { abs($0.contribution - $1.contribution) < 1e-9 })
                }
            }
        }
    }

    @Test func anAcknowledgedInteractionCountsInTheNextRankingOfItsUserAlone() async throws {
        let service = try TestService()
        try service.promotePreferences("ials-1")
        let (acme, other) = (try key(service, "acme"), try key(service, "other"))
        try await service.run { caller in
            let query = "user=u1&by=offer&limit=100&regions=eu-west"
            let before = try await ask(caller, acme, query)
            #expect(before.status == 200 && before.json["model"] == "ials-1")
            #expect(before.json["recommendations"].elements.count > 20)
            #expect(try await ask(caller, acme, query).bytes == before.bytes)
            let neighbours = [
                try await ask(caller, acme, "user=u2&regions=eu-west"), try await ask(caller, other, query)
            ]
            #expect(neighbours[1].bytes == before.bytes, "nothing is known of either")
            // The last of those that others have dealt with: of what nobody has, nothing is learned until retraining.
            let last = try #require(
                before.json["recommendations"].elements.last { $0["preferenceFrom"] == "learned" })
            let offer = try #require(last["offer"].content)
            var liking = last["preference"].number
            for kind in ["viewed", "reserved", "renewed"] {
                let recorded = try await caller.call(
                    .post, "/v1/interactions", as: acme,
                    body: Array(#"{"interactions":[{"user":"u1","offer":"\#(offer)","kind":"\#(kind)"}]}"#.utf8))
                #expect(recorded.status == 201 && recorded["recorded"] == "1")
                let after = try await ask(caller, acme, query)
                let place = try #require(
                    after.json["recommendations"].elements.first { $0["offer"].content == offer })
                #expect(place["because"].elements.first?["offer"].content == offer)
                #expect(kind == "viewed" || place["preference"].number > liking, "\(kind)")
                liking = place["preference"].number
            }
            #expect(try await ask(caller, acme, "user=u2&regions=eu-west").bytes == neighbours[0].bytes)
            #expect(try await ask(caller, other, query).bytes == neighbours[1].bytes, "u1 of another tenant is another")
            // Another process that writes to the store is noticed as well.
            let known = try await ask(caller, acme, query)
            try service.store.record([
                Interaction(time: 1_795_348_801, user: "acme/u1", offer: offer, kind: .cancelled)
            ])
            let cancelled = try await ask(caller, acme, query)
            #expect(cancelled.bytes != known.bytes)
            try service.promotePreferences("ials-2", factors: 4)
            #expect(try await ask(caller, acme, query).json["model"] == "ials-2")
        }
    }

    @Test func quotingAndAcceptingAreInteractionsOfTheSameTransaction() async throws {
        let service = try TestService()
        try await service.run { caller in
            let made = try await caller.quote(key: "once")
            #expect(try await caller.quote(key: "once").bytes == made.bytes)
            let id = try #require(made["id"])
            let user = try #require(made.json["document"]["request"]["user"].content)
            let offers = made.json["document"]["legs"].elements.compactMap { $0["offer"].content }.sorted()
            func recorded(_ kind: InteractionKind) throws -> [String] {
                try service.store.interactions(of: "acme/" + user).filter { $0.kind == kind }.map(\.offer).sorted()
            }
            #expect(try recorded(.quoted) == offers && recorded(.accepted).isEmpty)
            service.time.withLock { $0 += 60 }
            _ = try await caller.quote()
            #expect(try recorded(.quoted) == offers, "once a day is enough")
            #expect(try await caller.call(.post, "/v1/quotes/\(id)/accept", as: "other").status == 404)
            #expect(try recorded(.accepted).isEmpty)
            #expect(try await caller.call(.post, "/v1/quotes/\(id)/accept").status == 200)
            #expect(try recorded(.accepted) == offers)
            #expect(try await caller.call(.post, "/v1/quotes/\(id)/accept").status == 409)
            #expect(try recorded(.accepted) == offers)
            service.time.withLock { $0 += 86_400 }
            _ = try await caller.quote()
            #expect(try recorded(.quoted).count == 2 * offers.count)
        }
    }

    @Test func filtersHold() async throws {
        let service = try TestService()
        try service.promotePreferences("ials-1")
        let acme = try key(service, "acme")
        try await service.run { caller in
            func offers(_ query: String) async throws -> [JSONValue] {
                let answer = try await ask(caller, acme, "user=u00561&limit=100&" + query)
                #expect(answer.status == 200, "\(query): \(String(decoding: answer.bytes, as: UTF8.self))")
                return answer.json["recommendations"].elements
            }
            let all = try await offers("by=offer")
            #expect(Set(all.compactMap { $0["offer"].content }).count == all.count && all.count == 100)
            let scores = try await offers("by=provider").map { $0["score"].number }
            #expect(scores.count > 8 && scores.allSatisfy { (0...1.1).contains($0) })
            let first = try #require(all.first?["offer"].content)
            let provider = try #require(all.first?["provider"].content)
            #expect(try await offers("by=offer&exclude=\(first)").allSatisfy { $0["offer"].content != first })
            #expect(try await offers("exclude=\(provider)").allSatisfy { $0["provider"].content != provider })
            let two = try await offers("by=offer&providers=wasabi,hetzner")
            #expect(Set(two.compactMap { $0["provider"].content }) == ["wasabi", "hetzner"])
            let catalog = try service.store.catalog()
            for place in try await offers("by=offer&jurisdictions=EU&certifications=ISO27001&regions=eu-west") {
                let offer = try #require(place["offer"].content.flatMap(catalog.offer))
                #expect(catalog.metros[offer.metro]?.jurisdictions.contains("EU") == true)
                #expect(catalog.providers[offer.provider]?.certifications.contains("ISO27001") == true)
                #expect(place["latencyMs"].number > 0, "who reads waits for no archive")
            }
            let far = try await offers("by=offer&regions=eu-west&latencyMs=20&availability=0.99")
            let names = Set(far.flatMap { $0["factors"].elements.compactMap { $0["name"].content } })
            #expect(names.isSuperset(of: ["preference", "latency", "availability"]))
            for place in far.prefix(5) {
                let sum = place["factors"].elements.reduce(0) { $0 + $1["contribution"].number }
                #expect(abs(sum - place["score"].number) < 1e-5, "the factors are the score")
            }
        }
    }

    @Test(arguments: [
        ("", ["user"]), ("user=", ["user"]), ("user=a&user=b", ["user"]), ("user=a%00b", ["user"]),
        ("user=" + String(repeating: "x", count: 201), ["user"]), ("user=a&limit=0", ["limit"]),
        ("user=a&limit=101", ["limit"]), ("user=a&limit=99999999999999999999", ["limit"]),
        ("user=a&limit=1e1", ["limit"]), ("user=a&by=cloud", ["by"]), ("user=a&regions=atlantis", ["regions"]),
        ("user=a&regions=eu-west,eu-west", ["regions"]), ("user=a&regions=,", ["regions"]),
        ("user=a&exclude=nobody", ["exclude"]), ("user=a&latencyMs=0", ["latencyMs"]),
        ("user=a&latencyMs=NaN", ["latencyMs"]), ("user=a&availability=1", ["availability"]),
        ("user=a&availability=-1", ["availability"]), ("user=a&storageGB=1e400", ["storageGB"]),
        ("user=a&minReputation=101", ["minReputation"]), ("user=a&api=ftp", ["api"]),
        ("user=a&sort=x&b=y", ["b", "sort"]),
        ("user=a&exclude=" + Array(repeating: "aws", count: 51).joined(separator: ","), ["exclude"])
    ])
    func badQueriesAreRefusedByParameter(_ query: String, _ parameters: [String]) async throws {
        let service = try TestService()
        let acme = try key(service, "acme")
        try await service.run { caller in
            let answer = try await ask(caller, acme, query)
            #expect(answer.status == 400 && answer.problem == "invalid-parameter")
            #expect(!answer.faults.isEmpty && answer.faults.allSatisfy(parameters.contains))
        }
    }

    @Test func whoMayAsk() async throws {
        let service = try TestService()
        try await service.run { caller in
            #expect(try await caller.call(.get, "/v1/recommendations?user=a", as: nil).status == 401)
            #expect(try await caller.call(.get, "/v1/recommendations?user=a", as: "reader").status == 403)
            #expect(try await caller.call(.post, "/v1/interactions", as: nil).status == 401)
            #expect(try await caller.call(.post, "/v1/interactions", as: "reader").status == 403)
            let acme = try key(service, "acme")
            let answer = try await ask(caller, acme, "user=a")
            #expect(answer.status == 200 && answer.json["model"] == "none", "without a model QoS ranks")
            #expect(answer.field("Cache-Control") == "private, no-cache")
        }
    }
}
