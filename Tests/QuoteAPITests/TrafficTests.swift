import Documents
import Foundation
import Hummingbird
import HummingbirdTesting
import QuoteAPI
import TestSupport
import Testing

@Suite("Limits, traces and metrics")
struct TrafficTests {
    @Test func whoeverCallsTooOftenIsToldWhenToComeBackAndOthersAreNotHeld() async throws {
        var limits = TrafficLimits()
        // Room comes back while a busy machine waits: of so long a window none does.
        (limits.requestsPerWindow, limits.window) = (3, 864_000)
        try await TestService().run(limits: limits) { [limits] caller in
            for left in [2, 1, 0] {
                let answer = try await caller.call(.get, "/v1/quotes/q_none")
                #expect(answer.status == 404)
                #expect(answer.field("RateLimit-Policy") == "\"tenant\";q=3;w=864000")
                #expect(answer.field("RateLimit")?.hasPrefix("\"tenant\";r=\(left);t=") == true)
            }
            let refused = try await caller.call(.get, "/v1/quotes/q_none")
            #expect(refused.status == 429 && refused.problem == "rate")
            let wait = try #require(refused.field("Retry-After").flatMap { Int($0) })
            #expect((1...limits.window / 3 + 1).contains(wait))
            #expect(try await caller.call(.get, "/v1/quotes/q_none", as: "other").status == 404)
            #expect(try await caller.call(.get, "/v1/quotes/q_none", as: nil).problem == "unauthenticated")
            for _ in 0..<5 { #expect(try await caller.call(.get, "/livez", as: nil).status == 200) }
            let metrics = try await caller.call(.get, "/metrics", as: nil)
            let lines = String(decoding: metrics.bytes, as: UTF8.self).split(separator: "\n")
            #expect(lines.contains("flashback_refused_requests_total{reason=\"rate\"} 1"))
        }
    }

    @Test func whoeverTriesKeysIsToldToWaitAndValidKeysOfTheSameAddressAreNot() async throws {
        var limits = TrafficLimits()
        // Room comes back while a busy machine waits: of so long a window none does.
        (limits.requestsPerWindow, limits.window) = (3, 864_000)
        try await TestService().run(limits: limits) { caller in
            for left in [2, 1, 0] {
                let answer = try await caller.call(.get, "/v1/quotes/q_none", as: "fbk_guess_\(left)")
                #expect(answer.status == 401 && answer.problem == "unauthenticated")
                #expect(answer.field("RateLimit")?.hasPrefix("\"address\";r=\(left);t=") == true)
            }
            let refused = try await caller.call(.get, "/v1/quotes/q_none", as: "fbk_guess_more")
            #expect(refused.status == 429 && refused.problem == "rate" && refused.field("Retry-After") != nil)
            #expect(try await caller.call(.get, "/v1/quotes/q_none").status == 404)
            #expect(try await caller.call(.get, "/livez", as: "fbk_guess_more").status == 401)
        }
    }

    @Test func aTargetThatIsTooLongIsAProblem() async throws {
        var limits = TrafficLimits()
        limits.targetBytes = 100
        try await TestService().run(limits: limits) { caller in
            let path = "/v1/listing?q=" + String(repeating: "a", count: 86)
            #expect(try await caller.call(.get, path, as: nil).status == 200)
            let refused = try await caller.call(.get, path + "x", as: nil)
            #expect(refused.status == 414 && refused.problem == "target-too-long")
            #expect(refused.headers[.contentType] == "application/problem+json")
        }
    }

    @Test func whatIsTooMuchAtOnceIsShedAndHealthIsAnsweredStill() async throws {
        var limits = TrafficLimits()
        limits.concurrentRequests = 1
        try await TestService().run(limits: limits) { caller in
            let statuses = try await withThrowingTaskGroup(of: TestCaller.Answer.self) { group in
                for _ in 0..<32 { group.addTask { try await caller.call(.get, "/v1/listing", as: nil) } }
                var all: [TestCaller.Answer] = []
                for try await answer in group {
                    all.append(answer)
                    if answer.status != 200 {
                        #expect(answer.status == 503 && answer.problem == "overload")
                        #expect(answer.field("Retry-After") == "1")
                    }
                }
                return all.map(\.status)
            }
            #expect(statuses.contains(200))
            let text = String(decoding: try await caller.call(.get, "/metrics", as: nil).bytes, as: UTF8.self)
            let shed = statuses.count { $0 == 503 }
            #expect(text.contains("flashback_refused_requests_total{reason=\"overload\"} \(shed)\n"))
            #expect(try await caller.call(.get, "/livez", as: nil).status == 200)
            #expect(try await caller.call(.get, "/v1/listing", as: nil).status == 200, "places are given back")
        }
    }

    @Test func withNoPlaceEveryRequestIsShedButHealth() async throws {
        var limits = TrafficLimits()
        limits.concurrentRequests = 0
        try await TestService().run(limits: limits) { caller in
            for path in ["/v1/listing", "/v1/quotes", "/nowhere"] {
                let answer = try await caller.call(.get, path)
                #expect(answer.status == 503 && answer.problem == "overload")
            }
            for path in ["/livez", "/readyz", "/metrics"] {
                let answer = try await caller.call(.get, path, as: nil)
                #expect(answer.status == 200)
            }
        }
    }

    @Test func readinessSaysWhetherTheMarketCanBeRead() async throws {
        try await TestService().run { caller in
            let ready = try await caller.call(.get, "/readyz", as: nil)
            #expect(ready.status == 200 && String(decoding: ready.bytes, as: UTF8.self) == "ready\n")
        }
    }

    @Test(arguments: [
        ("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", true),
        ("01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more", true),
        ("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more", false),
        ("00-00000000000000000000000000000000-b7ad6b7169203331-01", false),
        ("00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01", false),
        ("ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", false),
        ("00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01", false), ("", false)
    ])
    func tracesGoOnWhereTheyAreWellFormed(_ field: String, _ goesOn: Bool) async throws {
        try await TestService().run { caller in
            let answer = try await caller.call(.get, "/nowhere", as: nil, ["traceparent": field])
            let parts = try #require(answer.field("traceparent")).split(separator: "-")
            #expect(parts.map(\.count) == [2, 32, 16, 2])
            #expect((parts[1] == "0af7651916cd43dd8448eb211c80319c") == goesOn)
            #expect(parts[2] != "b7ad6b7169203331", "the step is the service's own")
        }
    }

    @Test func metricsCountByTemplateAndAddUp() async throws {
        try await TestService().run { caller in
            _ = try await caller.call(.get, "/readyz", as: nil)
            for id in 0..<7 { _ = try await caller.call(.get, "/v1/quotes/q_\(id)") }
            _ = try await caller.call(.get, "/nowhere/\(UUID())", as: nil)
            _ = try await caller.quote()
            let text = String(decoding: try await caller.call(.get, "/metrics", as: nil).bytes, as: UTF8.self)
            let labels = "{method=\"GET\",route=\"/v1/quotes/{id}\",status=\"404\""
            #expect(text.contains("http_server_request_duration_seconds_count\(labels)} 7\n"))
            #expect(text.contains("http_server_request_duration_seconds_bucket\(labels),le=\"+Inf\"} 7\n"))
            for part in ["quote", "optimizer", "signing", "storing"] {
                #expect(text.contains("flashback_work_duration_seconds_count{part=\"\(part)\"} 1\n"))
            }
            #expect(text.contains("route=\"none\",status=\"404\"") && !text.contains("nowhere"))
            #expect(
                text.contains("flashback_model_info{catalog=\"") && text.contains("http_server_active_requests 0\n"))
        }
    }
}
