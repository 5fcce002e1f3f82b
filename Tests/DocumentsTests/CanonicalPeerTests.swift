import Documents
import Foundation
import TestSupport
import Testing

@Suite struct CanonicalPeerTests {
    @Test func canonicalDocumentsAreStable() throws {
        var random = SeededGenerator(seed: 71)
        for _ in 0..<500 {
            let once = try Self.value(&random, depth: 4).canonicalText()
            #expect(try JSONValue(parsing: Array(once.utf8)).canonicalText() == once)
        }
    }

    /// Writes random documents beside their canonical bytes for `Tests/Peers/check_canonical.py`, which holds them against
    /// the PyPI package `rfc8785`: set `FLASHBACK_CANONICAL_OUT` to a folder, `FLASHBACK_CANONICAL_COUNT` to how many.
    @Test(.enabled(if: ProcessInfo.processInfo.environment["FLASHBACK_CANONICAL_OUT"] != nil))
    func documentsForAPeer() throws {
        let environment = ProcessInfo.processInfo.environment
        let folder = URL(fileURLWithPath: try #require(environment["FLASHBACK_CANONICAL_OUT"]))
        let count = environment["FLASHBACK_CANONICAL_COUNT"].flatMap { Int($0) } ?? 10_000
        var random = SeededGenerator(seed: 73)
        var lines = ""
        for _ in 0..<count {
            let value = Self.value(&random, depth: 5)
            let canonical = Data(try value.canonicalText().utf8).base64EncodedString()
            lines += Data(value.text(indented: true).utf8).base64EncodedString() + " " + canonical + "\n"
        }
        try Data(lines.utf8).write(to: folder.appendingPathComponent("canonical.txt"))
    }

    /// Random JSON with what serialisers get wrong: surrogate pairs, controls, doubles of all sizes, empty containers.
    private static func value(_ random: inout SeededGenerator, depth: Int) -> JSONValue {
        switch random.int(0...(depth > 0 ? 7 : 4)) {
        case 0: return random.pick([.null, true, false])
        case 1: return .string(text(&random))
        case 2: return .number("\(random.int(-1_000_000...1_000_000))")
        case 3:
            let double = Double(bitPattern: random.next())
            // Between 2⁵³ and 10²¹ canonical digits are whole, and whole numbers of that size are refused when read.
            let isKept = double.isFinite && !(0x1p53..<1e21).contains(double.magnitude)
            return .number(isKept ? "\(double)" : "0")
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
        let ranges = [0...0x1F, 0x20...0x7E, 0x7F...0x7FF, 0x800...0xD7FF, 0xE000...0xFFFD, 0x10000...0x10FFFF]
        var text = ""
        for _ in 0..<random.int(0...8) {
            if let scalar = Unicode.Scalar(UInt32(random.int(random.pick(ranges)))) {
                text.unicodeScalars.append(scalar)
            }
        }
        return text
    }
}
