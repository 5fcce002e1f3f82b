import Money
import TestSupport
import Testing

@Suite struct ExchangeRateTests {
    static func rate(_ base: String, _ quote: String, _ rate: String, _ date: String) throws -> ExchangeRate {
        try ExchangeRate(
            base: Asset.named(base), quote: Asset.named(quote), rate: ExactDecimal(rate), date: CalendarDay(date),
            source: "test")
    }

    static func rates(asOf day: String = "2026-11-20") throws -> ExchangeRates {
        try ExchangeRates(
            [
                rate("EUR", "USD", "1.10", "2026-11-18"), rate("EUR", "USD", "1.25", "2026-11-20"),
                rate("EUR", "USD", "9.99", "2026-11-21"), rate("EUR", "JPY", "160", "2026-11-20"),
                rate("XLM", "USD", "0.4", "2026-11-20"), rate("USD", "STRK", "8.123456", "2026-11-20"),
                rate("GBP", "CHF", "1.1", "2026-11-20"), rate("EUR", "CHF", "0.9", "2026-01-02")
            ], asOf: CalendarDay(day))
    }

    static func convert(
        _ amount: String, _ from: String, _ to: String, margin: Int = 0, maximumAge: Int = 5,
        asOf: String = "2026-11-20"
    ) throws -> ExchangeRates.Conversion {
        try rates(asOf: asOf).convert(
            Amount(amount, Asset.named(from)), to: Asset.named(to), marginBasisPoints: margin,
            maximumAgeDays: maximumAge)
    }

    @Test func directInverseAndCross() throws {
        #expect(try Self.convert("100", "EUR", "USD").to.decimalText == "125.00")
        #expect(try Self.convert("100", "USD", "EUR").to.decimalText == "80.00")
        let cross = try Self.convert("100", "USD", "JPY")
        #expect(cross.to.decimalText == "12800" && cross.rates.count == 2)
        let three = try Self.convert("10", "XLM", "JPY")
        #expect(three.to.decimalText == "512" && three.rates.count == 3)
        #expect(try Self.convert("7.77", "USD", "USD").to.decimalText == "7.77")
        #expect(try Self.convert("1", "USD", "XLM").to.decimalText == "2.5000000")
    }

    @Test func roundsUpAndAddsTheMargin() throws {
        #expect(try Self.convert("0.01", "USD", "EUR").to.minor == 1)
        #expect(try Self.convert("1", "USD", "JPY").to.minor == 128)
        #expect(try Self.convert("1.01", "USD", "JPY").to.minor == 130)  // 129.28
        #expect(try Self.convert("100", "EUR", "USD", margin: 150).to.decimalText == "126.88")  // 126.875
        #expect(try Self.convert("0", "EUR", "USD", margin: 150).to.minor == 0)
        #expect(try Self.convert("3", "USD", "USD", margin: 100).to.decimalText == "3.03")
    }

    @Test func newestRateOfTheDayCounts() throws {
        #expect(try Self.convert("1", "EUR", "USD", asOf: "2026-11-19").to.decimalText == "1.10")
        #expect(try Self.convert("1", "EUR", "USD", asOf: "2026-11-21").to.decimalText == "9.99")
    }

    @Test func staleAndMissingRatesAreRefused() throws {
        #expect(throws: MoneyError.self) { try Self.convert("1", "EUR", "USD", asOf: "2026-11-27") }
        #expect(try Self.convert("1", "EUR", "USD", maximumAge: 6, asOf: "2026-11-27").to.decimalText == "9.99")
        let stale = #expect(throws: MoneyError.self) { try Self.convert("1", "EUR", "CHF") }
        guard case .staleRate(_, _, _, let age, let most)? = stale else {
            Issue.record("\(String(describing: stale))")
            return
        }
        #expect(age == 322 && most == 5)
        #expect(throws: MoneyError.noRate(from: "USD", to: "BRL")) { try Self.convert("1", "USD", "BRL") }
        #expect(throws: MoneyError.noRate(from: "EUR", to: "USD")) {
            try Self.convert("1", "EUR", "USD", asOf: "2026-01-01")
        }
    }

    @Test func zeroRatesAreNoTrap() throws {
        let rates = try ExchangeRates([Self.rate("EUR", "USD", "0", "2026-11-20")], asOf: CalendarDay("2026-11-20"))
        #expect(throws: MoneyError.self) {
            try rates.convert(Amount("1", .usd), to: Asset.named("EUR"), maximumAgeDays: 1)
        }
    }

    /// Eighteen decimals of a token leave little room: common factors must go before products are taken.
    @Test func largeAmountsOfFineTokens() throws {
        let large = try Self.convert("1000000000", "USD", "STRK", margin: 37)
        #expect(large.to.decimalText == "8153512787.200000000000000000")
        let back = try Self.convert("8123456000", "STRK", "JPY")
        #expect(back.to.decimalText == "128000000000")
    }

    /// Against fractions in lowest terms for random amounts and rates of few digits.
    @Test func agreesWithFractions() throws {
        var random = SeededGenerator(seed: 4)
        for _ in 0..<2000 {
            let minor = abs(random.integer(digits: 9))
            let up = Int.random(in: 1...99_999, using: &random)
            let margin = Int.random(in: 0...500, using: &random)
            let text = try ExactDecimal(significand: Int128(up), scale: 4).description
            let rates = try ExchangeRates(
                [Self.rate("EUR", "USD", text, "2026-11-20")], asOf: CalendarDay("2026-11-20"))
            let there = try rates.convert(
                Amount(minor: minor, Asset.named("EUR")), to: .usd, marginBasisPoints: margin, maximumAgeDays: 0)
            let numerator = minor * Int128(up) * Int128(10_000 + margin)
            #expect(there.to.minor == (numerator + 100_000_000 - 1) / 100_000_000)
            let back = try rates.convert(Amount(minor: minor, .usd), to: Asset.named("EUR"), maximumAgeDays: 0)
            #expect(back.to.minor == (minor * 10_000 + Int128(up) - 1) / Int128(up))
        }
    }
}
