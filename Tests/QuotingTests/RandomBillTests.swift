import Documents
import Marketplace
import Money
import Quoting
import TestSupport
import Testing

/// Bills of random tariffs in every asset, and quotes paid in every asset: what is listed is what is paid, to the last unit.
@Suite struct RandomBillTests {
    private func price(_ random: inout SeededGenerator) throws -> ExactDecimal {
        try ExactDecimal(significand: Int128(random.int(0...99_999)), scale: random.int(2...6))
    }

    /// A month's charges of one offer with flat prices, beside what they come to in doubles.
    private func month(
        _ asset: Asset, _ random: inout SeededGenerator
    ) throws -> (charges: [Charge], roughly: Double) {
        let (storage, egress, reads) = (try price(&random), try price(&random), try price(&random))
        let tariff = Tariff(
            asset: asset, unit: random.pick([.gigabyte, .gibibyte]), storage: [Tier(price: storage)],
            egress: EgressTariff(tiers: [Tier(price: egress)]), readsPer1000: reads, retrieval: .zero,
            monthlyFee: try price(&random))
        let largest = random.pick([1_000_000_000, 5_000_000_000_000_000])
        let usage = Usage(
            storedBytes: random.int(0...largest), egressBytes: random.int(0...largest),
            reads: random.int(0...1_000_000_000))
        let bytes =
            Double(usage.storedBytes) * storage.doubleValue + Double(usage.egressBytes) * egress.doubleValue
        let roughly =
            bytes / Double(tariff.unit.bytes) + Double(usage.reads) / 1000 * reads.doubleValue
            + tariff.monthlyFee.doubleValue
        return (try tariff.bill(usage), roughly)
    }

    /// 100,000 bills, each of a seed of its own: the lines and fees are the total, the total is what the prices say, its
    /// text reads back, and its division over the lines loses nothing. What 128 bits cannot hold is refused.
    @Test func billsOfEveryAssetAddUp() throws {
        var (billed, refused): ([String: Int], Int) = ([:], 0)
        for seed in UInt64(0)..<100_000 {
            var random = SeededGenerator(seed: seed)
            let asset = random.pick(Asset.registry)
            do {
                var (lines, roughly): ([Statement.Line], Double) = ([], 0)
                for leg in 0..<random.int(1...4) {
                    let month = try month(asset, &random)
                    lines += month.charges.map { .init(.charge, "\(leg) \($0.kind.rawValue)", $0.amount) }
                    roughly += month.roughly
                }
                let rounding = Double(lines.count + 16)
                let owed = try Amount.sum(lines.map(\.amount), asset)
                let scaled = roughly * Double(asset.unit)
                let isRight = abs(Double(owed.minor) - scaled) <= scaled * 1e-12 + rounding
                let credit = Amount(minor: -(owed.minor / Int128(random.int(2...9))), asset)
                if credit.minor < 0 { lines.append(.init(.credit, "credit", credit)) }
                var statement = try Statement(lines, asset)
                try statement.add(.fee, "platform", basisPoints: random.int(0...500))
                try statement.add(.tax, "VAT", basisPoints: random.int(0...2700))
                // By Swift's own arithmetic, which traps where it overflows.
                let sum = statement.lines.reduce(Int128(0)) { $0 + $1.amount.minor }
                let isWhole = sum == statement.total.minor && statement.lines.starts(with: lines)
                let isText = try Amount(statement.total.decimalText, asset) == statement.total
                let weights = statement.lines.map { abs($0.amount.minor) }
                var isDivided = true
                if statement.total.minor > 0 {
                    let parts = try Apportionment.largestRemainder(statement.total.minor, weights: weights)
                    isDivided = parts.reduce(Int128(0), +) == statement.total.minor && parts.allSatisfy { $0 >= 0 }
                }
                guard isRight, isWhole, isText, isDivided else {
                    Issue.record("seed \(seed): \(statement); roughly \(roughly) \(asset.code)")
                    return
                }
                billed[asset.code, default: 0] += 1
            } catch BillingError.money(.overflow), MoneyError.overflow {
                // The exact cost, in minor units and before its division, exceeds 128 bits only for the finest token.
                #expect(asset.decimals == 18, "seed \(seed)")
                refused += 1
            }
        }
        #expect(billed.count == Asset.registry.count && billed.values.allSatisfy { $0 > 100 })
        print("\(billed.values.reduce(0, +)) bills in \(billed.count) assets add up, \(refused) refused as too large")
    }

    /// Quotes of random requests, paid in each asset in turn.
    @Test func quotesPaidInEveryAssetAddUp() throws {
        let others = Asset.registry.filter { $0 != .usd }
        for seed in UInt64(0)..<230 {
            var random = SeededGenerator(seed: seed)
            let payment = Asset.registry[Int(seed) % Asset.registry.count]
            let rates = try others.map {
                let rate = try ExactDecimal(significand: Int128(random.int(1...9_999_999)), scale: random.int(2...5))
                return ExchangeRate(base: $0, quote: .usd, rate: rate, time: SmallMarket.now - 60, source: "test")
            }
            let request = try SmallMarket.request {
                $0.logicalBytes = random.int(1...9_000_000_000_000)
                $0.months = random.int(1...24)
                $0.traffic[0].egressBytes = random.int(0...900_000_000_000)
                if payment != .usd { $0.payment = payment }
            }
            guard case .quote(let quote) = try SmallMarket.engine(rates: rates).answer(request, now: SmallMarket.now)
            else {
                Issue.record("seed \(seed): no quote")
                return
            }
            let statement = try quote.payable ?? quote.statement()
            let due = quote.conversion?.to ?? quote.total
            let paid = quote.terms.payments.reduce(Int128(0)) { $0 + ($1.paid ?? $1.amount).minor }
            #expect(try quote.statement().total == quote.total, "seed \(seed)")
            #expect(statement.total == due && due.asset == payment && paid == due.minor, "seed \(seed)")
            #expect(statement.lines.reduce(Int128(0)) { $0 + $1.amount.minor } == due.minor, "seed \(seed)")
            #expect(try Statement(JSONValue(parsing: statement.json.text().utf8)) == statement, "seed \(seed)")
        }
    }
}
