import Marketplace
import Money
import TestSupport
import Testing

func decimal(_ text: String) -> ExactDecimal { (try? ExactDecimal(text)) ?? .zero }

@Suite struct HandWorkedBillTests {
    static let gigabyte = 1_000_000_000

    static func tariff(_ change: (inout Tariff) -> Void = { _ in }) -> Tariff {
        var tariff = Tariff(
            storage: [Tier(price: decimal("0.02"))],
            egress: EgressTariff(tiers: [Tier(price: decimal("0.09"))]), writesPer1000: decimal("0.005"),
            readsPer1000: decimal("0.0004"), retrieval: .zero)
        change(&tariff)
        return tariff
    }

    static func bill(_ tariff: Tariff, _ usage: Usage) throws -> [ChargeKind: String] {
        let charges = try tariff.bill(usage)
        #expect(Set(charges.map(\.kind)).count == charges.count)
        return Dictionary(uniqueKeysWithValues: charges.map { ($0.kind, $0.amount.decimalText) })
    }

    @Test func everyKindOfCharge() throws {
        let tariff = Self.tariff {
            $0.retrieval = decimal("0.01")
            $0.monthlyFee = decimal("4.99")
            $0.monthlyMinimum = decimal("50")
        }
        // 500 GB × 0.02 = 10; 100 GB × 0.09 = 9; 20 × 0.005 = 0.10; 3000 × 0.0004 = 1.20; 100 × 0.01 = 1.
        let usage = Usage(
            storedBytes: 500 * Self.gigabyte, objects: 1000, egressBytes: 100 * Self.gigabyte, reads: 3_000_000,
            writes: 20_000)
        #expect(
            try Self.bill(tariff, usage) == [
                .storage: "10.00", .egress: "9.00", .writes: "0.10", .reads: "1.20", .retrieval: "1.00", .fee: "4.99",
                .minimum: "23.71"
            ])
    }

    @Test func tiersAreGraduated() throws {
        let tariff = Self.tariff {
            $0.storage = [
                Tier(upTo: decimal("50"), price: decimal("0.03")), Tier(upTo: decimal("500"), price: decimal("0.02")),
                Tier(price: decimal("0.01"))
            ]
        }
        func stored(_ gigabytes: Int) throws -> String? {
            try Self.bill(tariff, Usage(storedBytes: gigabytes * Self.gigabyte))[.storage]
        }
        #expect(try stored(0) == nil)
        #expect(try stored(50) == "1.50")
        #expect(try stored(51) == "1.52")
        #expect(try stored(500) == "10.50")
        #expect(try stored(1500) == "20.50")
    }

    @Test func allowances() throws {
        let usage = Usage(storedBytes: 100 * Self.gigabyte, egressBytes: 250 * Self.gigabyte)
        func egress(_ allowance: EgressAllowance?) throws -> String? {
            let tariff = Self.tariff {
                $0.egress = EgressTariff(
                    tiers: [Tier(upTo: decimal("100"), price: decimal("0.1")), Tier(price: decimal("0.05"))],
                    allowance: allowance)
            }
            return try Self.bill(tariff, usage)[.egress]
        }
        #expect(try egress(nil) == "17.50")
        #expect(try egress(.fixed(decimal("100"))) == "12.50")
        #expect(try egress(.multipleOfStored(decimal("2"))) == "5.00")
        #expect(try egress(.multipleOfStored(decimal("3"))) == nil)
        #expect(try egress(.fixed(decimal("250"))) == nil)
    }

    @Test func unitsAreTheTariffs() throws {
        let binary = Self.tariff { $0.unit = .gibibyte }
        #expect(try Self.bill(binary, Usage(storedBytes: 1000 << 30))[.storage] == "20.00")
        // 1000 GB are 931.32 GiB.
        #expect(try Self.bill(binary, Usage(storedBytes: 1000 * Self.gigabyte))[.storage] == "18.63")
    }

    @Test func smallObjectsAndOverheads() throws {
        let tariff = Self.tariff {
            $0.minimumObjectBytes = 131_072
            $0.objectOverheadBytes = 40_960
        }
        let small = Usage(storedBytes: Self.gigabyte, objects: 1_000_000)
        #expect(tariff.billedBytes(small) == 131_072_000_000 + 40_960_000_000)
        let large = Usage(storedBytes: 1000 * Self.gigabyte, objects: 1_000_000)
        #expect(tariff.billedBytes(large) == 1_040_960_000_000)
        #expect(try Self.bill(tariff, small)[.storage] == "3.44")
    }

    @Test func minimumsTopUpAndNoMore() throws {
        let tariff = Self.tariff { $0.monthlyMinimum = decimal("6.99") }
        let little = Usage(storedBytes: 100 * Self.gigabyte)
        #expect(try Self.bill(tariff, little) == [.storage: "2.00", .minimum: "4.99"])
        #expect(try Self.bill(tariff, Usage(storedBytes: 400 * Self.gigabyte)) == [.storage: "8.00"])
        // The fee counts towards the minimum: max(minimum, the rest).
        let both = Self.tariff { ($0.monthlyMinimum, $0.monthlyFee) = (decimal("6.99"), decimal("5")) }
        #expect(try Self.bill(both, little) == [.storage: "2.00", .fee: "5.00"])
        let more = Self.tariff { ($0.monthlyMinimum, $0.monthlyFee) = (decimal("10"), decimal("5")) }
        #expect(try Self.bill(more, little) == [.storage: "2.00", .fee: "5.00", .minimum: "3.00"])
    }

    @Test func minimumDuration() throws {
        let tariff = Self.tariff { $0.minimumDays = 90 }
        let usage = Usage(storedBytes: 1000 * Self.gigabyte)
        #expect(try tariff.minimumDurationCharge(usage, termDays: 30)?.amount.decimalText == "40.00")
        #expect(try tariff.minimumDurationCharge(usage, termDays: 60)?.amount.decimalText == "20.00")
        #expect(try tariff.minimumDurationCharge(usage, termDays: 90) == nil)
        #expect(try tariff.minimumDurationCharge(usage, termDays: 120) == nil)
        #expect(try tariff.minimumDurationCharge(Usage(storedBytes: 0), termDays: 30) == nil)
        #expect(try tariff.minimumDurationCharge(usage, termDays: 30)?.kind == .minimumDuration)
    }

    @Test func linesRoundHalfToEven() throws {
        let tariff = Self.tariff { $0.storage = [Tier(price: decimal("0.005"))] }
        #expect(try Self.bill(tariff, Usage(storedBytes: Self.gigabyte))[.storage] == nil)  // 0.005
        #expect(try Self.bill(tariff, Usage(storedBytes: 3 * Self.gigabyte))[.storage] == "0.02")  // 0.015
        #expect(try Self.bill(tariff, Usage(storedBytes: 5 * Self.gigabyte))[.storage] == "0.02")  // 0.025
        #expect(try Self.bill(tariff, Usage(storedBytes: 5 * Self.gigabyte + 1))[.storage] == "0.03")
    }

    @Test func unpublishedPricesAreNoZeros() throws {
        let bare = Tariff(storage: [Tier(price: .one)])
        let usage = Usage(storedBytes: 1, egressBytes: 1, reads: 1, writes: 1)
        #expect(bare.unpublished(for: usage) == [.egress, .retrieval, .reads, .writes])
        #expect(bare.unpublished(for: Usage(storedBytes: 5)).isEmpty)
        #expect(throws: BillingError.unpublished(.egress)) { try bare.bill(usage) }
        #expect(throws: BillingError.unpublished(.writes)) { try bare.bill(Usage(storedBytes: 1, writes: 1)) }
        #expect(throws: Never.self) { try bare.bill(Usage(storedBytes: 1)) }
    }

    @Test func overflowIsRefused() {
        let price = decimal("99999.999999999999999999")
        let tariff = Self.tariff {
            $0.storage = [Tier(upTo: decimal("1.5"), price: price), Tier(price: price)]
            $0.minimumObjectBytes = 1 << 30
        }
        #expect(throws: BillingError.self) { try tariff.bill(Usage(storedBytes: .max, objects: .max)) }
        // Each tier for itself still fits into 128 bits, their sum does not.
        let steep = Self.tariff {
            $0.storage =
                (1...4).map { Tier(upTo: ExactDecimal($0), price: decimal("90000.000000000000000001")) }
                + [Tier(price: .zero)]
        }
        #expect(throws: (any Error).self) {
            for exponent in 0..<40 {
                var tariff = steep
                tariff.storage = steep.storage.map { tier in
                    Tier(
                        upTo: tier.upTo.flatMap { try? $0.multiplied(by: ExactDecimal(1 << exponent)) },
                        price: tier.price)
                }
                _ = try tariff.bill(Usage(storedBytes: .max))
            }
        }
    }
}

/// Random tariffs and usages against fractions of any size.
@Suite struct BillingOracleTests {
    struct Case {
        var tariff: Tariff
        var storage: [(end: Int?, price: String)]
        var egress: [(end: Int?, price: String)]
        var prices: [String]
        var fixed: Int?
        var halves: Int?
        var fee: String
        var minimum: String
    }

    /// A price of up to six decimals.
    static func price(_ random: inout SeededGenerator) -> String {
        let digits = String(random.int(0...999_999) % [10, 1000, 1_000_000][random.int(0...2)])
        return "0." + String(repeating: "0", count: 6 - digits.count) + digits
    }

    static func tiers(_ random: inout SeededGenerator) -> [(end: Int?, price: String)] {
        let ends = (0..<random.int(0...3)).map { _ in random.int(1...5000) }
        return Set(ends).sorted().map { ($0, price(&random)) } + [(nil, price(&random))]
    }

    static func make(_ random: inout SeededGenerator) -> Case {
        let (storage, egress) = (tiers(&random), tiers(&random))
        let prices = (0..<3).map { _ in price(&random) }
        let fixed = random.int(0...2) == 0 ? random.int(1...2000) : nil
        let halves = fixed == nil && random.int(0...1) == 0 ? random.int(1...8) : nil
        let fee = random.int(0...2) == 0 ? "\(random.int(0...9)).\(random.int(10...99))" : "0"
        let minimum = random.int(0...1) == 0 ? "\(random.int(0...200)).\(random.int(10...99))" : "0"
        func steps(_ tiers: [(end: Int?, price: String)]) -> [Tier] {
            tiers.map { Tier(upTo: $0.end.map(ExactDecimal.init), price: decimal($0.price)) }
        }
        let allowance: EgressAllowance? =
            fixed.map { .fixed(ExactDecimal($0)) }
            ?? halves.map { .multipleOfStored(decimal($0 % 2 == 0 ? "\($0 / 2)" : "\($0 / 2).5")) }
        let tariff = Tariff(
            unit: random.int(0...1) == 0 ? .gigabyte : .gibibyte, storage: steps(storage),
            egress: EgressTariff(tiers: steps(egress), allowance: allowance), writesPer1000: decimal(prices[0]),
            readsPer1000: decimal(prices[1]), retrieval: decimal(prices[2]), monthlyFee: decimal(fee),
            monthlyMinimum: decimal(minimum), minimumDays: random.int(0...180),
            minimumObjectBytes: [0, 131_072][random.int(0...1)], objectOverheadBytes: [0, 8192][random.int(0...1)])
        return Case(
            tariff: tariff, storage: storage, egress: egress, prices: prices, fixed: fixed, halves: halves, fee: fee,
            minimum: minimum)
    }

    /// The cost of `bytes` in cents: byte by byte, each tier's bytes at its price.
    static func graduated(_ bytes: Int, _ tiers: [(end: Int?, price: String)], _ unit: Int) -> BigFraction {
        var cost = BigFraction(0)
        var start = 0
        for tier in tiers {
            let end = tier.end.map { $0 * unit } ?? Int.max
            if bytes > start {
                cost =
                    cost + BigFraction(min(bytes, end) - start, over: unit) * BigFraction(tier.price)
                    * BigFraction(100)
            }
            start = end
        }
        return cost
    }

    @Test(arguments: 0..<10) func agreesWithFractions(_ seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed))
        for round in 0..<40 {
            let sample = Self.make(&random)
            let tariff = sample.tariff
            let usage = Usage(
                storedBytes: 2 * random.int(0...4_000_000_000_000), objects: random.int(0...50_000_000),
                egressBytes: random.int(0...9_000_000_000_000), reads: random.int(0...2_000_000_000),
                writes: random.int(0...100_000_000))
            let unit = Int(tariff.unit.bytes)
            let billed =
                max(usage.storedBytes, usage.objects * tariff.minimumObjectBytes)
                + usage.objects * tariff.objectOverheadBytes
            let free = (sample.fixed ?? 0) * unit + (sample.halves ?? 0) * (usage.storedBytes / 2)
            var expected: [ChargeKind: Int] = [
                .storage: Self.graduated(billed, sample.storage, unit).rounded,
                .egress: Self.graduated(max(0, usage.egressBytes - free), sample.egress, unit).rounded,
                .writes: (BigFraction(usage.writes, over: 10) * BigFraction(sample.prices[0])).rounded,
                .reads: (BigFraction(usage.reads, over: 10) * BigFraction(sample.prices[1])).rounded,
                .retrieval:
                    (BigFraction(usage.egressBytes, over: unit) * BigFraction(100)
                    * BigFraction(sample.prices[2])).rounded,
                .fee: (BigFraction(100) * BigFraction(sample.fee)).rounded
            ]
            let lacking = (BigFraction(100) * BigFraction(sample.minimum)).rounded - expected.values.reduce(0, +)
            if lacking > 0 { expected[.minimum] = lacking }
            expected = expected.filter { $0.value != 0 }
            let charges = try tariff.bill(usage)
            let found = Dictionary(uniqueKeysWithValues: charges.map { ($0.kind, Int($0.amount.minor)) })
            #expect(found == expected, "seed \(seed), round \(round): \(tariff), \(usage)")

            let term = random.int(1...6) * 30
            let early =
                Self.graduated(billed, sample.storage, unit)
                * BigFraction(max(0, tariff.minimumDays - term), over: 30)
            let charge = try tariff.minimumDurationCharge(usage, termDays: term)
            #expect(Int(charge?.amount.minor ?? 0) == early.rounded, "seed \(seed), round \(round)")
        }
    }
}
