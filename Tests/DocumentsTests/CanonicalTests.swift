import Documents
import Testing
import TestSupport

@Suite("The canonical form of RFC 8785")
struct CanonicalTests {
    /// RFC 8785, appendix B: doubles by their bits.
    @Test(
        arguments: [
            (0x0000_0000_0000_0000, "0"), (0x8000_0000_0000_0000, "0"), (0x0000_0000_0000_0001, "5e-324"),
            (0x8000_0000_0000_0001, "-5e-324"), (0x7FEF_FFFF_FFFF_FFFF, "1.7976931348623157e+308"),
            (0xFFEF_FFFF_FFFF_FFFF, "-1.7976931348623157e+308"), (0x4340_0000_0000_0000, "9007199254740992"),
            (0xC340_0000_0000_0000, "-9007199254740992"), (0x4430_0000_0000_0000, "295147905179352830000"),
            (0x44B5_2D02_C7E1_4AF5, "9.999999999999997e+22"), (0x44B5_2D02_C7E1_4AF6, "1e+23"),
            (0x44B5_2D02_C7E1_4AF7, "1.0000000000000001e+23"), (0x444B_1AE4_D6E2_EF4E, "999999999999999700000"),
            (0x444B_1AE4_D6E2_EF4F, "999999999999999900000"), (0x444B_1AE4_D6E2_EF50, "1e+21"),
            (0x3EB0_C6F7_A0B5_ED8C, "9.999999999999997e-7"), (0x3EB0_C6F7_A0B5_ED8D, "0.000001"),
            (0x41B3_DE43_5555_5553, "333333333.3333332"), (0x41B3_DE43_5555_5554, "333333333.33333325"),
            (0x41B3_DE43_5555_5555, "333333333.3333333"), (0x41B3_DE43_5555_5556, "333333333.3333334"),
            (0x41B3_DE43_5555_5557, "333333333.33333343"), (0xBECB_F647_612F_3696, "-0.0000033333333333333333"),
            (0x4314_3FF3_C1CB_0959, "1424953923781206.2")
        ] as [(UInt64, String)])
    func numbersOfTheStandard(bits: UInt64, text: String) throws {
        let value = Double(bitPattern: bits)
        #expect(try JSONValue.number("\(value)").canonicalText() == text)
    }

    /// RFC 8785, sections 3.2.2 and 3.2.3.
    @Test func documentsOfTheStandard() throws {
        let first = #"""
            { "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
              "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/", "literals": [null, true, false] }
            """#
        #expect(
            try JSONValue(parsing: first.utf8).canonicalText()
                == #"{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"#
                + #""string":"€$\u000f\nA'B\"\\\\\"/"}"#)
        let second = #"""
            { "\u20ac": "Euro Sign", "\r": "Carriage Return", "\ufb33": "Hebrew Letter Dalet With Dagesh", "1": "One",
              "\ud83d\ude00": "Emoji: Grinning Face", "\u0080": "Control", "\u00f6": "Latin Small Letter O With Diaeresis" }
            """#
        let text = try JSONValue(parsing: second.utf8).canonicalText()
        let order = ["Carriage Return", "One", "Control", "Latin", "Euro", "Emoji", "Hebrew"]
        let places = order.compactMap { text.range(of: $0)?.lowerBound }
        #expect(places.count == order.count && places == places.sorted())
    }

    @Test(arguments: ["1e400", "-1e309", "9007199254740993", "-9007199254740993", "123456789012345678901234567890"])
    func whatReadersWouldRoundIsRefused(text: String) {
        #expect(throws: CanonicalFormError.number(text)) { try JSONValue.number(text).canonicalText() }
    }

    /// Canonical texts are read back as the same doubles, and are their own canonical form.
    @Test func isStable() throws {
        var generator = SeededGenerator(seed: 8785)
        for _ in 0..<20_000 {
            let value = Double(bitPattern: generator.next())
            guard value.isFinite else { continue }
            let text = try JSONValue.number("\(value)").canonicalText()
            #expect(Double(text) == value)
            #expect(try JSONValue.number(text).canonicalText() == text)
        }
    }
}
