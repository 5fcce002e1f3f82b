import Documents
import Money
import TestSupport
import Testing

@Suite struct JSONTests {
    static func parse(_ text: String) throws -> JSONValue { try JSONValue(parsing: text.utf8) }

    static let valid: [(String, JSONValue)] = [
        ("null", JSONValue.null), ("true", true), (" false ", false), ("0", .number("0")), ("-0", .number("-0")),
        ("12.50", .number("12.50")), ("-1.5e+10", .number("-1.5e+10")), ("1E-2", .number("1E-2")),
        ("123456789012345678901234567890", .number("123456789012345678901234567890")), ("\"\"", ""),
        ("\"a\\\"b\\\\c\\/d\"", "a\"b\\c/d"), ("\"\\b\\f\\n\\r\\t\"", "\u{8}\u{C}\n\r\t"), ("\"\\u00e9\"", "é"),
        ("\"\\u00E9\"", "é"), ("\"\\ud83d\\ude00\"", "😀"), ("\"😀\"", "😀"), ("\"\\u0000\"", "\u{0}"),
        ("\"\u{7F}\"", "\u{7F}"), ("[]", []), ("[ ]", []), ("[1,2]", [1, 2]), ("[[],[[]]]", [[], [[]]]), ("{}", [:]),
        ("{ }", [:]), ("{\"a\":1}", ["a": 1]), ("\t{\r\n\"a\" : [ null , { } ] }\n", ["a": [.null, [:]]]),
        ("{\"\":0}", ["": 0]), ("\u{FEFF}1", 1), ("{\"a\":1,\"A\":2}", ["a": 1, "A": 2]), ("1e400", .number("1e400"))
    ]

    @Test(arguments: valid)
    func readsValidText(_ text: String, _ value: JSONValue) throws {
        #expect(try Self.parse(text) == value)
    }

    @Test(arguments: [
        "", " ", "nul", "nulll", "True", "'a'", "undefined", "NaN", "Infinity", "01", "-01", "-", "+1", ".5", "1.",
        "1.e2",
        "1e", "1e+", "0x1", "1 2", "[", "]", "[1", "[1,", "[1,]", "[,1]", "[1 2]", "[1,,2]", "{", "}", "{\"a\"",
        "{\"a\":",
        "{\"a\":1", "{\"a\":1,", "{\"a\":1,}", "{a:1}", "{'a':1}", "{\"a\" 1}", "{\"a\":1 \"b\":2}", "{1:2}",
        "{\"a\":1}}",
        "\"", "\"abc", "\"\\\"", "\"\\x\"", "\"\\u12\"", "\"\\u12g4\"", "\"\\u+123\"", "\"\\ud800\"", "\"\\ud800x\"",
        "\"\\ud800\\u0041\"", "\"\\udc00\"", "\"\n\"", "\"\t\"", "\"\u{0}\"", "{\"a\":1,\"a\":2}",
        "{\"a\":{\"b\":1,\"c\":2,\"b\":3}}", "{\"\\u0061\":1,\"a\":2}", "// x\n1", "1 // x", "[1]\u{0}"
    ])
    func refusesInvalidText(_ text: String) {
        let error = #expect(throws: InputError.self) { try Self.parse(text) }
        #expect(error?.issues.first?.location.hasPrefix("line ") == true)
        #expect(error?.issues.first?.problem.isEmpty == false)
    }

    @Test func refusesWhatIsNotUTF8() {
        for bytes: [UInt8] in [
            [0x22, 0xFF, 0x22], [0x22, 0xC3, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22], [0xFF, 0xFE, 0x31]
        ] {
            #expect(throws: InputError.self) { try JSONValue(parsing: bytes) }
        }
    }

    @Test func saysWhereTheFaultIs() {
        let error = #expect(throws: InputError.self) {
            try JSONValue(parsing: "{\n  \"a\": 1,\n  \"a\": 2\n}".utf8, document: "request.json")
        }
        #expect(
            error?.description.hasPrefix("request.json: line 3, column 3: ") == true, "\(String(describing: error))")
        #expect(error?.description.contains("'a' stands twice") == true)
    }

    @Test func depthIsBounded() throws {
        let deep = { (levels: Int) in String(repeating: "[", count: levels) + String(repeating: "]", count: levels) }
        #expect(throws: Never.self) { try Self.parse(deep(64)) }
        #expect(throws: InputError.self) { try Self.parse(deep(65)) }
        #expect(throws: InputError.self) { try Self.parse(String(repeating: "[", count: 1_000_000)) }
        #expect(throws: InputError.self) { try Self.parse(String(repeating: "{\"a\":", count: 100_000)) }
    }

    /// A random value of at most `depth` levels.
    static func random(_ depth: Int, _ generator: inout SeededGenerator) -> JSONValue {
        let characters: [Unicode.Scalar] = ["a", "\"", "\\", "/", "\n", "\u{0}", "\u{1F}", "é", "漢", "😀", "\u{2028}"]
        func text() -> String {
            var text = String.UnicodeScalarView()
            for _ in 0..<Int.random(in: 0...5, using: &generator) {
                text.append(characters.randomElement(using: &generator) ?? "a")
            }
            return String(text)
        }
        switch Int.random(in: 0...(depth > 0 ? 6 : 4), using: &generator) {
        case 0: return .null
        case 1: return .bool(Bool.random(using: &generator))
        case 2: return JSONValue(Int.random(in: Int.min...Int.max, using: &generator))
        case 3: return JSONValue(Double.random(in: -1e6...1e6, using: &generator))
        case 4: return .string(text())
        case 5: return .array((0..<Int.random(in: 0...3, using: &generator)).map { _ in random(depth - 1, &generator) })
        default:
            return .object(
                Dictionary(
                    (0..<Int.random(in: 0...3, using: &generator)).map { _ in (text(), random(depth - 1, &generator)) }
                ) { $1 })
        }
    }

    @Test(arguments: [false, true]) func textRoundTrips(_ indented: Bool) throws {
        var generator = SeededGenerator(seed: 5)
        for _ in 0..<2000 {
            let value = Self.random(4, &generator)
            let text = value.text(indented: indented)
            #expect(try Self.parse(text) == value, "\(text)")
            #expect(try Self.parse(text).text(indented: indented) == text)
        }
    }

    @Test func textIsInTheOrderOfTheKeys() throws {
        #expect(try Self.parse("{\"b\":1,\"a\":{\"d\":[],\"c\":{}}}").text() == "{\"a\":{\"c\":{},\"d\":[]},\"b\":1}")
        // UTF-16 order: a surrogate comes before U+FB33, though its scalar is larger.
        #expect(
            try Self.parse("{\"\u{FB33}\":1,\"😀\":2,\"\u{80}\":3}").text() == "{\"\u{80}\":3,\"😀\":2,\"\u{FB33}\":1}")
        let pretty = "{\n  \"a\": [\n    1,\n    2\n  ],\n  \"b\": {}\n}"
        #expect(try Self.parse(pretty).text(indented: true) == pretty)
    }

    @Test func doublesReadBackEqual() throws {
        for value in [0, -0.0, 1, 1e15, 123_456_789.123, 1e-7, 1e300, .pi, .leastNonzeroMagnitude, 4e15 + 1] as [Double]
        {
            let text = JSONValue(value).text()
            #expect(Double(text) == value, "\(text)")
            #expect(throws: Never.self) { try Self.parse(text) }
        }
        #expect(JSONValue(Double.nan) == .null && JSONValue(Double.infinity) == .null)
    }
}
