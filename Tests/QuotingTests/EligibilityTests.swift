import Marketplace
import Money
import Quoting
import Testing

@Suite struct EligibilityTests {
    private func reasons(_ request: SLARequest, _ offer: String) throws -> [RejectionReason] {
        let eligibility = Eligibility(request, try SmallMarket.catalog(), on: UTCTime.day(SmallMarket.now))
        return eligibility.rejections.first { $0.offer == offer }?.causes.map(\.reason) ?? []
    }

    @Test func everyOfferIsEligibleOrHasAReason() throws {
        let catalog = try SmallMarket.catalog()
        let eligibility = Eligibility(try SmallMarket.request(), catalog, on: UTCTime.day(SmallMarket.now))
        #expect(eligibility.offers.count + eligibility.rejections.count == catalog.offers.count)
        #expect(eligibility.rejections.allSatisfy { !$0.causes.isEmpty })
    }

    @Test func uncertifiedAndUnpublishedAreDropped() throws {
        #expect(try reasons(SmallMarket.request(), "omega/dublin/standard") == [.notCertified])
        #expect(try reasons(SmallMarket.request(), "delta/dublin/standard") == [.unpublishedPrice])
        #expect(try reasons(SmallMarket.request { $0.traffic = [] }, "delta/dublin/standard") == [])
    }

    @Test func certificationEndsWithItsPeriod() throws {
        let early = Eligibility(
            try SmallMarket.request(), try SmallMarket.catalog(), on: try CalendarDay("2025-12-31"))
        #expect(early.offers.isEmpty)
        #expect(early.rejections.allSatisfy { $0.causes.contains { $0.reason == .notCertified } })
    }

    @Test(arguments: [
        ("alpha/virginia/standard", RejectionReason.jurisdiction), ("beta/dublin/standard", .certification),
        ("gamma/virginia/standard", .denied)
    ])
    func filtersNameThemselves(_ offer: String, _ reason: RejectionReason) throws {
        let request = try SmallMarket.request {
            $0.eligibility.jurisdictions = ["EU"]
            $0.eligibility.certifications = ["ISO27001"]
            $0.eligibility.deny = ["gamma"]
        }
        #expect(try reasons(request, offer).contains(reason))
    }

    @Test func featureApiAndReputation() throws {
        let request = try SmallMarket.request {
            $0.eligibility.features = ["object-lock"]
            $0.eligibility.api = "gcs"
            $0.eligibility.minReputation = 60
        }
        #expect(try reasons(request, "alpha/dublin/standard") == [.feature, .api, .reputation])
    }
}
