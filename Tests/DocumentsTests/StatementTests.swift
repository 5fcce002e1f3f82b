import Documents
import Foundation
import Money
import TestSupport
import Testing

/// Random statements over every asset; `FLASHBACK_MONEY_QUOTES` sets how many, 100,000 for a full run.
@Suite struct StatementTests {
    private static let count = ProcessInfo.processInfo.environment["FLASHBACK_MONEY_QUOTES"].flatMap { Int($0) } ?? 6000

    /// An amount whose size in whole units spreads over many powers of ten, whatever the decimals.
    private func amount(_ asset: Asset, _ random: inout SeededGenerator) throws -> Amount {
        var minor = Int128(random.int(0...999_999_999))
        for _ in 0..<random.int(0...max(0, asset.decimals - 2)) { minor = minor * 10 + Int128(random.int(0...9)) }
        return Amount(minor: minor, asset)
    }

    private func rates(_ random: inout SeededGenerator) throws -> [ExchangeRate] {
        try Asset.registry.filter { $0 != .usd }.map {
            let rate = try ExactDecimal(significand: Int128(random.int(1...99_999_999)), scale: random.int(2...6))
            return ExchangeRate(base: $0, quote: .usd, rate: rate, time: 1_795_000_000, source: "test")
        }
    }

    @Test func linesFeesAndTaxesAddUpInEveryAsset() throws {
        var random = SeededGenerator(seed: 61)
        var (converted, refused) = (0, 0)
        for index in 0..<Self.count {
            let asset = Asset.registry[index % Asset.registry.count]
            var lines: [Statement.Line] = []
            for part in 0..<random.int(1...8) {
                lines.append(.init(.charge, "leg \(part)", try amount(asset, &random)))
            }
            let gross = try Amount.sum(lines.map(\.amount), asset)
            if gross.minor > 0, random.chance(0.4) {
                let credit = gross.minor / Int128(random.int(1...5))
                lines.append(.init(.credit, "credit", Amount(minor: -credit, asset)))
            }
            var statement = try Statement(lines, asset)
            try statement.add(.fee, "platform", basisPoints: random.int(0...500))
            try statement.add(.tax, "VAT", basisPoints: random.int(0...2700))
            // By Swift's own arithmetic, which traps where it overflows.
            #expect(statement.total.minor == statement.lines.reduce(Int128(0)) { $0 + $1.amount.minor })
            let text = statement.json.text()
            #expect(try Statement(JSONValue(parsing: Array(text.utf8))) == statement)

            let other = random.pick(Asset.registry.filter { $0 != asset })
            let book = ExchangeRates(try rates(&random), at: 1_795_000_060)
            do {
                let margin = random.int(0...200)
                let (paid, conversion) = try statement.converted(
                    to: other, by: book, marginBasisPoints: margin, maximumAgeDays: 1, maximumFeedAgeSeconds: 60)
                converted += 1
                #expect(paid.total == conversion.to)
                #expect(paid.lines.reduce(Int128(0)) { $0 + $1.amount.minor } == paid.total.minor)
                #expect(conversion.withoutMargin.minor + conversion.margin.minor == conversion.to.minor)
                // Signs survive: no charge becomes a credit.
                for (old, new) in zip(statement.lines, paid.lines) {
                    #expect(old.amount.minor.signum() * new.amount.minor.signum() >= 0)
                }
                // The user funds at least what the rate says: to a double's precision, never less.
                let worth = conversion.rates.reduce(statement.total.doubleValue) {
                    $1.base == asset ? $0 * $1.rate.doubleValue : $0 / $1.rate.doubleValue
                }
                let exact = worth * (1 + Double(margin) / 10_000) * Double(other.unit)
                #expect(Double(paid.total.minor) >= exact * (1 - 1e-12))
                #expect(Double(paid.total.minor) <= exact * (1 + 1e-12) + 2)
                #expect(try Statement(JSONValue(parsing: Array(paid.json.text().utf8))) == paid)
            } catch MoneyError.overflow {
                refused += 1
            }
        }
        // What 128 bits cannot carry is refused, not wrapped; that must stay the exception.
        #expect(refused * 50 < converted, "\(refused) refused, \(converted) converted")
    }

    @Test func byHand() throws {
        var statement = try Statement(
            [
                .init(.charge, "a", try Amount("10.01", .usd)), .init(.charge, "b", try Amount("20.02", .usd)),
                .init(.credit, "c", try Amount("-5.00", .usd))
            ], .usd)
        try statement.add(.fee, "platform", basisPoints: 200)  // 2% of 25.03
        try statement.add(.tax, "VAT", basisPoints: 2300)  // 23% of 25.53
        #expect(statement.lines.map(\.amount.decimalText) == ["10.01", "20.02", "-5.00", "0.50", "5.87"])
        #expect(statement.total.decimalText == "31.40")
        let rates = ExchangeRates(
            [
                ExchangeRate(
                    base: .usd, quote: try Asset.named("JPY"), rate: try ExactDecimal("150.5"), time: 1000,
                    source: "feed")
            ], at: 1060)
        // 31.40 × 150.5 = 4725.7 up to 4726, with 0.5% 4749.33 up to 4750; charges 36.40 × 150.5 = 5478.2 up to 5479.
        let (yen, conversion) = try statement.converted(
            to: Asset.named("JPY"), by: rates, marginBasisPoints: 50, maximumAgeDays: 1, maximumFeedAgeSeconds: 60)
        #expect(yen.lines.map(\.amount.decimalText) == ["1507", "3013", "-753", "75", "884", "24"])
        #expect(yen.total.decimalText == "4750" && conversion.rates.first?.time == 1000)
        #expect(throws: MoneyError.staleFeed(base: "USD", quote: "JPY", ageSeconds: 60, maximumSeconds: 59)) {
            try statement.converted(
                to: Asset.named("JPY"), by: rates, maximumAgeDays: 1, maximumFeedAgeSeconds: 59)
        }
        #expect(throws: MoneyError.negativeMargin(-1)) {
            try statement.converted(to: Asset.named("JPY"), by: rates, marginBasisPoints: -1, maximumAgeDays: 1)
        }
    }

    @Test func whatIsTooLargeOrNegativeIsAnError() throws {
        let strk = try Asset.named("STRK")
        let most = Amount(minor: .max, strk)
        #expect(throws: MoneyError.self) { try Statement([.init(.charge, "a", most), .init(.charge, "b", most)], strk) }
        #expect(throws: MoneyError.negativeTotal) {
            try Statement([.init(.credit, "a", Amount(minor: -1, strk))], strk)
        }
        #expect(throws: MoneyError.assetMismatch("USD", "STRK")) { try Statement([.init(.charge, "a", most)], .usd) }
        var full = try Statement([.init(.charge, "a", most)], strk)
        #expect(throws: MoneyError.self) { try full.add(.fee, "f", basisPoints: 1) }
        #expect(full.total == most)
        // 9.22 STRK are what 64 bits hold.
        let ten = try Amount("10", strk)
        #expect(ten.minor > Int128(Int64.max))
        #expect(try ten.adding(ten).decimalText == "20.000000000000000000")
        for amount in [most, Amount(minor: .min, strk), Amount(minor: .max, .usd), Amount(minor: -1, strk)] {
            #expect(try Amount(amount.decimalText, amount.asset) == amount)
        }
        for text in [
            "170141183460469231731.687303715884105728", "1.0000000000000000001", "", "-", ".", "1.", ".5", "+1"
        ] {
            #expect(throws: MoneyError.self) { try Amount(text, strk) }
        }
    }

    @Test func theAssetsOfTheDesign() throws {
        for (code, decimals, network) in [
            ("USD", 2, nil), ("EUR", 2, nil), ("JPY", 0, nil), ("BTC", 8, "bitcoin"), ("XLM", 7, "stellar"),
            ("USDC", 7, "stellar"), ("STRK", 18, "starknet")
        ] {
            let asset = try Asset.named(code)
            #expect(asset.decimals == decimals && asset.network == network)
        }
        #expect(try Asset.named("USDC").issuer?.count == 56)
        #expect(try Asset.named("XLM").issuer == nil)
    }

    @Test func changedStatementsAreRefused() throws {
        let good = try Statement([.init(.charge, "a", try Amount("1.00", .usd))], .usd).json.text()
        for (old, new) in [
            ("\"1.00\",\"kind\"", "\"1.01\",\"kind\""), ("\"1.00\",\"kind\"", "\"1.001\",\"kind\""),
            ("\"USD\"", "\"XXX\""), ("charge", "gift"), ("\"1.00\",\"asset\"", "\"1e2\",\"asset\"")
        ] {
            let bad = good.replacing(old, with: new)
            #expect(bad != good)
            #expect(throws: InputError.self) { try Statement(JSONValue(parsing: Array(bad.utf8))) }
        }
    }
}
