extension JSONValue {
    /// The value as JSON text with keys in the order of their UTF-16 code units, so that equal values give equal bytes.
    ///
    /// - Parameter indented: two spaces a level and a line for each member; else no white space at all.
    public func text(indented: Bool = false) -> String { String(decoding: bytes(indented: indented), as: UTF8.self) }

    /// The same text in UTF-8.
    public func bytes(indented: Bool = false) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(1024)
        write(to: &output, indented: indented, level: 0) { (digits) throws(Never) in digits }
        return output
    }

    /// Writes the value, each number in the form that `number` gives it.
    func write<Failure: Error>(
        to output: inout [UInt8], indented: Bool, level: Int, number: (String) throws(Failure) -> String
    ) throws(Failure) {
        func newLine(_ level: Int) {
            guard indented else { return }
            output.append(UInt8(ascii: "\n"))
            output.append(contentsOf: repeatElement(UInt8(ascii: " "), count: 2 * level))
        }
        switch self {
        case .null: output.append(contentsOf: "null".utf8)
        case .bool(let value): output.append(contentsOf: (value ? "true" : "false").utf8)
        case .number(let digits): output.append(contentsOf: try number(digits).utf8)
        case .string(let text): Self.quote(text, into: &output)
        case .array(let elements):
            output.append(UInt8(ascii: "["))
            for (index, element) in elements.enumerated() {
                if index > 0 { output.append(UInt8(ascii: ",")) }
                newLine(level + 1)
                try element.write(to: &output, indented: indented, level: level + 1, number: number)
            }
            if !elements.isEmpty { newLine(level) }
            output.append(UInt8(ascii: "]"))
        case .object(let members):
            output.append(UInt8(ascii: "{"))
            let ordered = members.sorted { Self.precedes($0.key, $1.key) }
            for (index, member) in ordered.enumerated() {
                if index > 0 { output.append(UInt8(ascii: ",")) }
                newLine(level + 1)
                Self.quote(member.key, into: &output)
                output.append(contentsOf: (indented ? ": " : ":").utf8)
                try member.value.write(to: &output, indented: indented, level: level + 1, number: number)
            }
            if !members.isEmpty { newLine(level) }
            output.append(UInt8(ascii: "}"))
        }
    }

    /// Whether a key comes before another by UTF-16 code units: the order of UTF-8, but that characters beyond U+FFFF,
    /// whose first byte is 0xF0 or more, come before those from U+E000 on, whose first byte is 0xEE or 0xEF.
    static func precedes(_ one: String, _ other: String) -> Bool {
        for (a, b) in zip(one.utf8, other.utf8) where a != b {
            return min(a, b) >= 0xEE && (a >= 0xF0) != (b >= 0xF0) ? a >= 0xF0 : a < b
        }
        return one.utf8.count < other.utf8.count
    }

    static func quote(_ text: String, into output: inout [UInt8]) {
        output.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                output.append(UInt8(ascii: "\\"))
                output.append(byte)
            case 0x20...: output.append(byte)
            case 0x08: output.append(contentsOf: "\\b".utf8)
            case 0x0C: output.append(contentsOf: "\\f".utf8)
            case 0x0A: output.append(contentsOf: "\\n".utf8)
            case 0x0D: output.append(contentsOf: "\\r".utf8)
            case 0x09: output.append(contentsOf: "\\t".utf8)
            default:
                let digits = String(byte, radix: 16)
                output.append(contentsOf: ("\\u" + String(repeating: "0", count: 4 - digits.count) + digits).utf8)
            }
        }
        output.append(UInt8(ascii: "\""))
    }
}
