import Documents
import TestSupport
import Testing

@Suite("Why offers may not serve a quote, over HTTP")
struct EligibilityRouteTests {
    @Test func everyOfferIsEligibleOrRejectedWithItsReasonsAndAgreesWithTheQuote() async throws {
        try await TestService().run { caller in
            let made = try await caller.quote()
            let path = "/v1/quotes/\(try #require(made["id"]))/eligibility"
            #expect(try await caller.call(.get, path, as: "other").status == 404)
            #expect(try await caller.call(.get, path, as: nil).status == 401)
            let answer = try await caller.call(.get, path)
            #expect(answer.status == 200)
            let (eligible, rejections) = (answer.json["eligible"].elements, answer.json["rejections"].elements)
            let told = made.json["document"]["eligibility"]
            #expect(
                Double(eligible.count) == told["eligible"].number && Double(rejections.count) == told["dropped"].number)
            #expect(eligible.count + rejections.count == 471)
            var counts: [String: JSONValue] = [:]
            for rejection in rejections {
                #expect(!rejection["causes"].elements.isEmpty)
                for reason in Set(rejection["causes"].elements.compactMap { $0["reason"].content }) {
                    let before: Int = if case .number(let text)? = counts[reason] { Int(text) ?? 0 } else { 0 }
                    counts[reason] = JSONValue(before + 1)
                }
            }
            #expect(.object(counts) == told["droppedByReason"])
            #expect(told["rejections"] == nil, "a quote carries counts, not hundreds of offers")
        }
    }
}
