/// Why a value has no canonical form.
public enum CanonicalError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A number that a double cannot hold: too large for one.
    case number(String)

    /// What is wrong and what helps.
    public var description: String {
        switch self {
        case .number(let text): "the number \(text.prefix(40)) is beyond a double; write it as a string"
        }
    }
}

extension JSONValue {
    /// The value by the JSON Canonicalization Scheme (RFC 8785), the bytes that are hashed and signed: no white space, keys
    /// in the order of their UTF-16 code units, numbers as ECMAScript writes doubles, the shortest escapes.
    ///
    /// Numbers are read as doubles, as the scheme demands; what must keep more digits is a string, as amounts are. O(n).
    /// - Throws: ``CanonicalError`` for a number that no finite double is near to.
    public func canonicalBytes() throws(CanonicalError) -> [UInt8] {
        var output = ""
        try writeCanonical(to: &output)
        return Array(output.utf8)
    }

    private func writeCanonical(to output: inout String) throws(CanonicalError) {
        switch self {
        case .number(let text):
            guard let value = Double(text), value.isFinite else { throw .number(text) }
            output += Self.ecmaScript(value)
        case .array(let elements):
            output += "["
            for (index, element) in elements.enumerated() {
                if index > 0 { output += "," }
                try element.writeCanonical(to: &output)
            }
            output += "]"
        case .object(let members):
            output += "{"
            let ordered = members.sorted { $0.key.utf16.lexicographicallyPrecedes($1.key.utf16) }
            for (index, member) in ordered.enumerated() {
                if index > 0 { output += "," }
                output += JSONValue.string(member.key).text() + ":"
                try member.value.writeCanonical(to: &output)
            }
            output += "}"
        case .null, .bool, .string: output += text()
        }
    }

    /// A finite double as ECMAScript's `Number::toString` writes it (ECMA-262, §6.1.6.1.20): the shortest digits that read
    /// back equal, plain between 10⁻⁶ and 10²¹, with an exponent beyond.
    static func ecmaScript(_ value: Double) -> String {
        if value == 0 { return "0" }
        // Swift writes the shortest digits as well, closest to the value; only their layout differs.
        var digits: [Character] = []
        var point: Int?
        var exponent = 0
        let parts = "\(value.magnitude)".split(separator: "e", maxSplits: 1)
        for character in parts.first ?? "" {
            if character == "." { point = digits.count } else { digits.append(character) }
        }
        if parts.count == 2 { exponent = Int(parts[1]) ?? 0 }
        // value = 0.d₁d₂… × 10ⁿ
        var n = (point ?? digits.count) + exponent
        while digits.count > 1, digits.first == "0" {
            digits.removeFirst()
            n -= 1
        }
        while digits.count > 1, digits.last == "0" { digits.removeLast() }
        let (k, all) = (digits.count, String(digits))
        let sign = value < 0 ? "-" : ""
        if k <= n, n <= 21 { return sign + all + String(repeating: "0", count: n - k) }
        if 0 < n, n <= 21 { return sign + String(digits[..<n]) + "." + String(digits[n...]) }
        if -6 < n, n <= 0 { return sign + "0." + String(repeating: "0", count: -n) + all }
        let power = (n > 0 ? "e+" : "e-") + String((n - 1).magnitude)
        return sign + String(digits[0]) + (k > 1 ? "." + String(digits[1...]) : "") + power
    }
}
