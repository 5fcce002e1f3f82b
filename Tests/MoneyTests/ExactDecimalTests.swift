import Money
import TestSupport
import Testing

@Suite struct ExactDecimalTests {
    @Test func textRoundTrips() throws {
        var random = SeededGenerator(seed: 1)
        for _ in 0..<5000 {
            let scale = Int.random(in: 0...18, using: &random)
            let value = try ExactDecimal(significand: random.integer(digits: 18 + scale), scale: scale)
            #expect(try ExactDecimal(value.description) == value, "\(value)")
        }
    }

    @Test(arguments: [
        ("0", "0"), ("-0", "0"), ("0.0", "0"), ("1.50", "1.5"), ("-12.500", "-12.5"), ("007", "7"),
        ("0.000001", "0.000001"),
        ("999999999999999999.999999999999999999", "999999999999999999.999999999999999999"),
        ("-999999999999999999.999999999999999999", "-999999999999999999.999999999999999999"),
        ("0.000000000000000001", "0.000000000000000001"), ("100", "100"), ("1000000000000000", "1000000000000000")
    ])
    func readsPlainDecimals(_ text: String, _ canonical: String) throws {
        #expect(try ExactDecimal(text).description == canonical)
    }

    @Test(arguments: [
        "", "-", ".", "1.", ".5", "+1", "1e3", "1,5", "1 ", " 1", "1.2.3", "--1", "1-", "0x10", "NaN", "inf", "١",
        "1000000000000000000", "0.0000000000000000001", "12345678901234567890123456789012345678901234567890"
    ])
    func refusesOtherText(_ text: String) {
        #expect(throws: MoneyError.notADecimal(text)) { try ExactDecimal(text) }
    }

    @Test func equalValuesAreOne() throws {
        #expect(try decimal("1.10") == decimal("1.1"))
        #expect(try Set([decimal("2"), decimal("2.0"), decimal("2.00")]).count == 1)
        #expect(try ExactDecimal(significand: 2500, scale: 3) == decimal("2.5"))
    }

    @Test func orderAndArithmeticAgreeWithIntegers() throws {
        var random = SeededGenerator(seed: 2)
        for _ in 0..<3000 {
            let (a, b) = (random.integer(digits: 9), random.integer(digits: 9))
            let (s, t) = (Int.random(in: 0...6, using: &random), Int.random(in: 0...6, using: &random))
            let (x, y) = (try ExactDecimal(significand: a, scale: s), try ExactDecimal(significand: b, scale: t))
            let (left, right) = (a * power(12 - s), b * power(12 - t))
            #expect((x < y) == (left < right) && (x == y) == (left == right))
            #expect(try x.adding(y) == ExactDecimal(significand: left + right, scale: 12))
            #expect(try x.subtracting(y) == ExactDecimal(significand: left - right, scale: 12))
            #expect(try x.multiplied(by: y).subtracting(y.multiplied(by: x)) == .zero)
            #expect(x.isNegative == (a < 0))
        }
        #expect(try decimal("0.1").multiplied(by: decimal("0.2")) == decimal("0.02"))
        #expect(try decimal("-1.5").multiplied(by: decimal("4")) == decimal("-6"))
    }

    @Test func scaledRoundsByItsMode() throws {
        #expect(try decimal("0.023").scaled(by: 100, rounding: .halfEven) == 2)
        #expect(try decimal("0.025").scaled(by: 100, rounding: .halfEven) == 2)
        #expect(try decimal("0.035").scaled(by: 100, rounding: .halfEven) == 4)
        #expect(try decimal("0.021").scaled(by: 100, rounding: .up) == 3)
        #expect(try decimal("-0.021").scaled(by: 100, rounding: .down) == -3)
    }

    @Test func overflowIsRefused() throws {
        let large = try decimal("999999999999999999.999999999999999999")
        let small = try decimal("0.000000000000000001")
        #expect(throws: MoneyError.self) { try large.adding(small) }
        #expect(throws: MoneyError.self) { try large.adding(large) }
        #expect(throws: MoneyError.self) { try large.multiplied(by: large) }
        #expect(throws: MoneyError.self) { try small.multiplied(by: small) }
        #expect(throws: MoneyError.self) { try large.scaled(by: .max, rounding: .up) }
        #expect(throws: MoneyError.self) { try ExactDecimal(significand: 1, scale: 19) }
        #expect(throws: MoneyError.self) { try ExactDecimal(significand: 1, scale: -1) }
        #expect(throws: MoneyError.self) { try ExactDecimal(significand: .max, scale: 0) }
        #expect(throws: MoneyError.self) { try ExactDecimal(significand: .min, scale: 18) }
        #expect(try ExactDecimal(significand: 0, scale: 30) == .zero)
        #expect(try large.subtracting(large) == .zero)
    }
}

@Suite struct AmountTests {
    @Test func textAndAssets() throws {
        #expect(try Amount("12.5", .usd).description == "12.50 USD")
        #expect(try Amount("-0.05", .usd).decimalText == "-0.05")
        #expect(try Amount("3", Asset.named("JPY")).decimalText == "3")
        #expect(throws: MoneyError.self) { try Amount("1.005", .usd) }
        #expect(throws: MoneyError.self) { try Amount("0.5", Asset.named("JPY")) }
        #expect(throws: MoneyError.unknownAsset("usd")) { try Asset.named("usd") }
        for asset in Asset.registry {
            #expect(try Asset.named(asset.code) == asset)
            #expect(asset.unit == power(asset.decimals))
        }
        #expect(Set(Asset.registry.map(\.code)).count == Asset.registry.count)
    }

    @Test func arithmetic() throws {
        let (one, two) = (try Amount("1.10", .usd), try Amount("2.25", .usd))
        #expect(try one.adding(two).decimalText == "3.35")
        #expect(try one.subtracting(two).decimalText == "-1.15")
        #expect(try one.times(3).decimalText == "3.30")
        #expect(try Amount.sum([one, two, one], .usd).decimalText == "4.45")
        #expect(try two.share(basisPoints: 200, rounding: .halfEven).minor == 4)
        #expect(try Amount(minor: 25, .usd).share(basisPoints: 200, rounding: .halfEven).minor == 0)
        #expect(try Amount(minor: 75, .usd).share(basisPoints: 200, rounding: .halfEven).minor == 2)
        #expect(try Amount(minor: 25, .usd).share(basisPoints: 200, rounding: .up).minor == 1)
        #expect(one.doubleValue == 1.1)
        let euro = try Amount("1", Asset.named("EUR"))
        #expect(throws: MoneyError.assetMismatch("USD", "EUR")) { try one.adding(euro) }
        let largest = Amount(minor: .max, .usd)
        #expect(throws: MoneyError.self) { try largest.adding(one) }
        #expect(throws: MoneyError.self) { try Amount(minor: .min, .usd).subtracting(one) }
        #expect(throws: MoneyError.self) { try largest.times(2) }
    }
}
