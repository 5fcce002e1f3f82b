/// A document that has no canonical form.
public enum CanonicalFormError: Error, Sendable, Hashable, CustomStringConvertible {
    /// A number that no IEEE double holds, or a whole number beyond 2⁵³ − 1, which readers would round.
    case number(String)

    /// What is wrong and what helps.
    public var description: String {
        switch self {
        case .number(let text): "the number \(text) is not one that every reader keeps; write it as a string"
        }
    }
}

extension JSONValue {
    /// The one text that every implementation of RFC 8785 (JSON Canonicalization Scheme) gives this value: no white
    /// space, keys by UTF-16 code units, numbers as ECMAScript writes the nearest double.
    ///
    /// - Throws: ``CanonicalFormError`` for a number out of the range of doubles, and for a whole number without
    ///   exponent beyond 2⁵³ − 1 (I-JSON, RFC 7493, section 2.2) unless it is the form that a double has. O(n log n).
    public func canonicalText() throws(CanonicalFormError) -> String {
        String(decoding: try canonicalBytes(), as: UTF8.self)
    }

    /// The same text in UTF-8.
    public func canonicalBytes() throws(CanonicalFormError) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(1024)
        try write(to: &output, indented: false, level: 0, number: Self.canonicalNumber)
        return output
    }

    /// The canonical text of an object, and where in it a member named `key`, which the object has not, would stand.
    public static func canonicalBytes(
        _ members: [String: JSONValue], placing key: String
    ) throws(CanonicalFormError) -> (bytes: [UInt8], place: Int) {
        let all = members.filter { $0.key != key }.map { (key: $0.key, value: $0.value) } + [(key, .null)]
        var output: [UInt8] = [UInt8(ascii: "{")]
        output.reserveCapacity(1024)
        var place = 1
        for member in all.sorted(by: { precedes($0.key, $1.key) }) {
            guard member.key != key else {
                place = output.count
                continue
            }
            if output.count > 1 { output.append(UInt8(ascii: ",")) }
            quote(member.key, into: &output)
            output.append(UInt8(ascii: ":"))
            try member.value.write(to: &output, indented: false, level: 1, number: canonicalNumber)
        }
        output.append(UInt8(ascii: "}"))
        return (output, place)
    }

    /// A number as ECMA-262, *Number::toString*, writes the nearest double.
    static func canonicalNumber(_ text: String) throws(CanonicalFormError) -> String {
        guard let value = Double(text), value.isFinite else { throw .number(text) }
        if text.utf8.allSatisfy({ $0 != UInt8(ascii: ".") && $0 | 0x20 != UInt8(ascii: "e") }) {
            if let whole = Int(text), whole.magnitude < 1 << 53 { return String(whole) }
            // Doubles beyond are written without exponent up to 10²¹; that form alone is read back.
            guard Self.canonical(value) == text else { throw .number(text) }
            return text
        }
        return Self.canonical(value)
    }

    private static func canonical(_ value: Double) -> String {
        if value == 0 { return "0" }
        // Swift gives the shortest digits that read back equal, as ECMAScript does; only their layout differs.
        let shortest = "\(value.magnitude)".split(separator: "e")
        let mantissa = shortest[0].split(separator: ".")
        let exponent = shortest.count > 1 ? Int(shortest[1]) ?? 0 : 0
        var digits = Array((mantissa[0] + (mantissa.count > 1 ? mantissa[1] : "")).utf8)
        var point = mantissa[0].utf8.count + exponent
        while digits.count > 1, digits.first == UInt8(ascii: "0") {
            digits.removeFirst()
            point -= 1
        }
        while digits.count > 1, digits.last == UInt8(ascii: "0") { digits.removeLast() }
        return (value < 0 ? "-" : "") + Self.layout(String(decoding: digits, as: UTF8.self), point)
    }

    /// `0.digits · 10^point` in ECMAScript's layout.
    private static func layout(_ digits: String, _ point: Int) -> String {
        func zeros(_ count: Int) -> String { String(repeating: "0", count: count) }
        switch point {
        case digits.count...21: return digits + zeros(point - digits.count)
        case 1...21: return digits.prefix(point) + "." + digits.dropFirst(point)
        case -5...0: return "0." + zeros(-point) + digits
        default:
            let exponent = point - 1
            return digits.prefix(1) + (digits.count > 1 ? "." + digits.dropFirst() : "") + "e"
                + (exponent < 0 ? "-" : "+") + String(exponent.magnitude)
        }
    }
}
