import Documents
import Foundation
import TestSupport
import Testing

@Suite struct CanonicalTests {
    private func canonical(_ text: String) throws -> String {
        String(decoding: try JSONValue(parsing: Array(text.utf8)).canonicalBytes(), as: UTF8.self)
    }

    /// RFC 8785, §3.2.2 and §3.2.3: literals, escapes, numbers, and keys in the order of UTF-16 code units.
    @Test func vectorsOfTheSpecification() throws {
        let sample = #"""
            {"numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
             "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
             "literals": [null, true, false]}
            """#
        #expect(
            try canonical(sample)
                == #"{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"#
                + #""string":"€$\u000f\nA'B\"\\\\\"/"}"#)
        let keys = #"""
            {"\u20ac": "Euro Sign", "\r": "Carriage Return", "\ufb33": "Hebrew Letter Dalet With Dagesh", "1": "One",
             "\ud83d\ude00": "Emoji: Grinning Face", "\u0080": "Control", "\u00f6": "Latin Small Letter O With Diaeresis"}
            """#
        #expect(
            try canonical(keys)
                == "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\u{80}\":\"Control\","
                + "\"ö\":\"Latin Small Letter O With Diaeresis\",\"€\":\"Euro Sign\",\"😀\":\"Emoji: Grinning Face\","
                + "\"\u{FB33}\":\"Hebrew Letter Dalet With Dagesh\"}")
    }

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
    func numbersOfAppendixB(bits: UInt64, text: String) throws {
        #expect(try canonical("\(Double(bitPattern: bits))") == text)
    }

    @Test func whatNoDoubleHoldsIsRefused() throws {
        #expect(throws: CanonicalError.self) { try canonical("[1e400]") }
        #expect(throws: CanonicalError.self) { try canonical("{\"a\": -1e999}") }
        #expect(try canonical("[1e-400, -0, -0.0]") == "[0,0,0]")
    }

    @Test func canonicalTextReadsBackAndIsStable() throws {
        var random = SeededGenerator(seed: 71)
        for _ in 0..<3000 {
            let double = Double(bitPattern: random.next())
            guard double.isFinite else { continue }
            let text = try canonical("\(double)")
            #expect(Double(text) == double || double == 0)
            #expect(try canonical(text) == text)
        }
        for _ in 0..<500 {
            let once = try CanonicalSample.value(&random, depth: 4).canonicalBytes()
            #expect(try JSONValue(parsing: once).canonicalBytes() == once)
        }
    }

    /// Writes random documents beside their canonical bytes for `check_canonical.py`, which holds them against the PyPI
    /// package `rfc8785`: set `FLASHBACK_CANONICAL_OUT` to a folder, and `FLASHBACK_CANONICAL_COUNT` for how many.
    @Test(.enabled(if: ProcessInfo.processInfo.environment["FLASHBACK_CANONICAL_OUT"] != nil))
    func documentsForAPeer() throws {
        let environment = ProcessInfo.processInfo.environment
        let folder = URL(fileURLWithPath: try #require(environment["FLASHBACK_CANONICAL_OUT"]))
        let count = environment["FLASHBACK_CANONICAL_COUNT"].flatMap { Int($0) } ?? 10_000
        var random = SeededGenerator(seed: 73)
        var lines = ""
        for _ in 0..<count {
            let value = CanonicalSample.value(&random, depth: 5)
            let canonical = Data(try value.canonicalBytes()).base64EncodedString()
            lines += Data(value.text(indented: true).utf8).base64EncodedString() + " " + canonical + "\n"
        }
        try Data(lines.utf8).write(to: folder.appendingPathComponent("canonical.txt"))
    }
}

/// Random JSON with what serialisers get wrong: surrogate pairs, controls, doubles of all sizes, empty containers.
enum CanonicalSample {
    static func value(_ random: inout SeededGenerator, depth: Int) -> JSONValue {
        switch random.int(0...(depth > 0 ? 7 : 4)) {
        case 0: return random.pick([.null, true, false])
        case 1: return .string(text(&random))
        case 2: return .number("\(random.int(-1_000_000...1_000_000))")
        case 3:
            // Integers of more digits than a double keeps are not JSON that both sides may read alike.
            let double = Double(bitPattern: random.next())
            return .number(double.isFinite ? "\(double)" : "0")
        case 4: return .number("\(Double(random.int(-99_999_999...99_999_999)) / pow(10, Double(random.int(0...12))))")
        case 5, 6:
            return .object(
                Dictionary(
                    (0..<random.int(0...6)).map { _ in (text(&random), value(&random, depth: depth - 1)) }
                ) { $1 })
        default: return .array((0..<random.int(0...5)).map { _ in value(&random, depth: depth - 1) })
        }
    }

    private static func text(_ random: inout SeededGenerator) -> String {
        var text = ""
        for _ in 0..<random.int(0...8) {
            let range = random.pick([
                0...0x1F, 0x20...0x7E, 0x7F...0x7FF, 0x800...0xD7FF, 0xE000...0xFFFD, 0x10000...0x10FFFF
            ])
            if let scalar = Unicode.Scalar(UInt32(random.int(range))) { text.unicodeScalars.append(scalar) }
        }
        return text
    }
}
