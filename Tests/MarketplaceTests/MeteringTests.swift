import Documents
import Foundation
import Marketplace
import Money
import TestSupport
import Testing

@Suite struct MeteringTests {
    /// Over the shipped catalogue: every charge of every tariff as priced quantities that add up to it.
    @Test func linesOfTheCatalogueAddUpToTheBill() throws {
        let bytes = try Data(contentsOf: ShippedData.folder.appendingPathComponent("catalog.jsonl"))
        let log = IssueLog()
        let offers = try bytes.split(separator: 0x0A).compactMap { Offer(try JSONValue(parsing: $0), log: log) }
        #expect(offers.count > 400)
        var random = SeededGenerator(seed: 53)
        var tiers = 0
        for offer in offers {
            for _ in 0..<4 {
                let tariff = offer.tariff
                let usage = Usage(
                    storedBytes: random.int(0...random.pick([5_000_000_000, 900_000_000_000_000])),
                    objects: random.int(0...1_000_000),
                    egressBytes: tariff.egress == nil || tariff.retrieval == nil
                        ? 0 : random.int(0...90_000_000_000_000),
                    reads: tariff.readsPer1000 == nil ? 0 : random.int(0...10_000_000),
                    writes: tariff.writesPer1000 == nil ? 0 : random.int(0...10_000_000))
                let lines = try tariff.metered(usage)
                for line in lines {
                    #expect(try line.quantity.multiplied(by: line.price) == line.cost)
                    // What is billed is the exact cost to a minor unit or two: one of the rounding, one of the division.
                    let difference = line.billed.doubleValue - line.cost.doubleValue
                    #expect(abs(difference) <= 0.0201, "\(offer.id): \(line)")
                    tiers += (line.tier ?? 0) > 0 ? 1 : 0
                }
                for charge in try tariff.bill(usage) {
                    let parts = lines.filter { $0.kind == charge.kind }
                    #expect(parts.reduce(Int128(0)) { $0 + $1.billed.minor } == charge.amount.minor, "\(offer.id)")
                }
                let short = try tariff.meteredMinimumDuration(usage, termDays: 10)
                let charge = try tariff.minimumDurationCharge(usage, termDays: 10)
                #expect(short.reduce(Int128(0)) { $0 + $1.billed.minor } == charge?.amount.minor ?? 0)
            }
        }
        #expect(tiers > 50, "steps beyond the first were met \(tiers) times")
    }

    /// 120 GB at 0.1 up to 100 GB and 0.05 beyond: 10 and 1.
    @Test func stepsByHand() throws {
        let tariff = Tariff(
            storage: [
                Tier(upTo: ExactDecimal(100), price: try ExactDecimal("0.1")), Tier(price: try ExactDecimal("0.05"))
            ],
            monthlyFee: try ExactDecimal("2"), monthlyMinimum: ExactDecimal(20))
        let lines = try tariff.metered(Usage(storedBytes: 120_000_000_000))
        #expect(lines.map(\.kind) == [.storage, .storage, .fee, .minimum])
        #expect(lines.map(\.quantity.description) == ["100", "20", "1", "1"])
        #expect(lines.map(\.cost.description) == ["10", "1", "2", "7"])
        #expect(lines.map(\.unit) == ["GB-Months", "GB-Months", "Months", "Months"])
        #expect(lines.map(\.billed.decimalText) == ["10.00", "1.00", "2.00", "7.00"])
    }

    @Test func absurdUsagesAreErrorsNotTraps() throws {
        let tariff = Tariff(
            storage: [Tier(price: try ExactDecimal("0.000000000000000001"))], minimumDays: 90,
            minimumObjectBytes: .max, objectOverheadBytes: .max)
        for usage in [Usage(storedBytes: .max, objects: .max), Usage(storedBytes: 1, objects: 1), Usage(storedBytes: 0)]
        {
            _ = try? tariff.metered(usage)
            _ = try? tariff.meteredMinimumDuration(usage, termDays: 1)
        }
        #expect(try tariff.metered(Usage(storedBytes: 0)).isEmpty)
    }
}
