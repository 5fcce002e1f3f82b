extension JSONValue {
    /// The value as JSON text with keys in the order of their UTF-16 code units, so that equal values give equal bytes.
    ///
    /// - Parameter indented: two spaces a level and a line for each member; else no white space at all.
    public func text(indented: Bool = false) -> String {
        var output = ""
        write(to: &output, indented: indented, level: 0)
        return output
    }

    private func write(to output: inout String, indented: Bool, level: Int) {
        func newLine(_ level: Int) { if indented { output += "\n" + String(repeating: "  ", count: level) } }
        switch self {
        case .null: output += "null"
        case .bool(let value): output += value ? "true" : "false"
        case .number(let digits): output += digits
        case .string(let text): Self.quote(text, into: &output)
        case .array(let elements):
            if elements.isEmpty { output += "[]"; return }
            output += "["
            for (index, element) in elements.enumerated() {
                if index > 0 { output += "," }
                newLine(level + 1)
                element.write(to: &output, indented: indented, level: level + 1)
            }
            newLine(level)
            output += "]"
        case .object(let members):
            if members.isEmpty { output += "{}"; return }
            output += "{"
            let ordered = members.sorted { $0.key.utf16.lexicographicallyPrecedes($1.key.utf16) }
            for (index, member) in ordered.enumerated() {
                if index > 0 { output += "," }
                newLine(level + 1)
                Self.quote(member.key, into: &output)
                output += indented ? ": " : ":"
                member.value.write(to: &output, indented: indented, level: level + 1)
            }
            newLine(level)
            output += "}"
        }
    }

    private static func quote(_ text: String, into output: inout String) {
        output += "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": output += "\\\""
            case "\\": output += "\\\\"
            case "\u{08}": output += "\\b"
            case "\u{0C}": output += "\\f"
            case "\n": output += "\\n"
            case "\r": output += "\\r"
            case "\t": output += "\\t"
            case "\u{00}"..<"\u{20}":
                let digits = String(scalar.value, radix: 16)
                output += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: output.unicodeScalars.append(scalar)
            }
        }
        output += "\""
    }
}
