import Documents
import TestSupport
import Testing

@Suite("Frontiers of quotes over HTTP")
struct FrontierRoutesTests {
    @Test func aQuotesFrontierIsItsOwnTenantsAndIsKept() async throws {
        let service = try TestService()
        try await service.run { caller in
            let made = try await caller.quote()
            let id = try #require(made["id"])
            let path = "/v1/quotes/\(id)/frontier?points=6"
            #expect(try await caller.call(.get, path, as: "other").status == 404)
            #expect(try await caller.call(.get, path, as: nil).status == 401)
            #expect(try await caller.call(.get, "/v1/quotes/q_none/frontier").status == 404)
            let first = try await caller.call(.get, path)
            #expect(first.status == 200 && first["quote"] == id)
            let points = first.json["points"].elements
            #expect(!points.isEmpty)
            let costs = points.map { $0["cost"].number }
            #expect(costs == costs.sorted())
            for (cheap, dear) in zip(points, points.dropFirst()) {
                let worse =
                    cheap["unavailability"].number <= dear["unavailability"].number
                    && cheap["latencyMs"].number <= dear["latencyMs"].number
                #expect(!worse, "nothing that costs more is dominated")
            }
            #expect(try await caller.call(.get, path).bytes == first.bytes)
            let latency = try await caller.call(.get, "/v1/quotes/\(id)/frontier?points=6&trade=latency")
            #expect(latency.status == 200 && latency.bytes != first.bytes)
            for (query, parameter) in [
                ("points=0", "points"), ("points=201", "points"), ("trade=price", "trade"), ("trade=", "trade"),
                ("x=1", "x")
            ] {
                let bad = try await caller.call(.get, "/v1/quotes/\(id)/frontier?\(query)")
                #expect(bad.status == 400 && bad.faults == [parameter], "\(query)")
            }
        }
    }
}
