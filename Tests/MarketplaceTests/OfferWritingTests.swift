import Documents
import Foundation
import Marketplace
import Money
import TestSupport
import Testing

@Suite struct OfferWritingTests {
    /// Every offer of the shipped catalogue reads back from what is written of it.
    @Test func theCatalogueSurvivesItsJSON() throws {
        let bytes = try Data(contentsOf: ShippedData.folder.appendingPathComponent("catalog.jsonl"))
        let log = IssueLog()
        let offers = try bytes.split(separator: 0x0A).compactMap { Offer(try JSONValue(parsing: $0), log: log) }
        #expect(offers.count > 400)
        for offer in offers {
            let text = offer.json.text()
            #expect(try Offer(JSONValue(parsing: Array(text.utf8)), log: log) == offer, "\(offer.id)")
        }
        #expect(log.issues.isEmpty)
    }

    @Test func everyPartIsWritten() throws {
        let tariff = Tariff(
            unit: .gibibyte,
            storage: [Tier(upTo: ExactDecimal(10), price: .zero), Tier(price: try ExactDecimal("0.02"))],
            egress: EgressTariff(
                tiers: [Tier(price: try ExactDecimal("0.09"))], allowance: .multipleOfStored(ExactDecimal(3)),
                limitMultipleOfStored: ExactDecimal(1)),
            writesPer1000: try ExactDecimal("0.005"), retrieval: .zero, monthlyFee: ExactDecimal(5),
            monthlyMinimum: ExactDecimal(6), minimumDays: 30, minimumObjectBytes: 131_072, objectOverheadBytes: 32)
        let offer = Offer(
            id: "a/b/c", provider: "a", region: "b", storageClass: "c", metro: "m", tariff: tariff,
            changes: [PriceChange(from: try CalendarDay("2027-01-01"), tariff: tariff.withoutFreeVolumes)],
            availability: try ExactDecimal("0.9999"), durabilityNines: 11, access: .archive, zones: .single,
            capacityBytes: 5_000_000_000_000,
            provenance: Provenance(source: "s", asOf: "2026-11", verified: "v", notes: "n"))
        let log = IssueLog()
        #expect(Offer(offer.json, log: log) == offer, "\(log.issues)")
    }
}
