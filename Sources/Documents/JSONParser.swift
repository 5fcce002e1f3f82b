extension JSONValue {
    /// Reads one JSON text (RFC 8259), strictly: UTF-8, no duplicate keys, at most 64 levels deep.
    ///
    /// - Throws: ``InputError`` with the line and column of the first fault. O(n).
    public init(parsing bytes: some Sequence<UInt8>, document: String = "") throws(InputError) {
        var parser = JSONParser(bytes: Array(bytes))
        do {
            self = try parser.document()
        } catch {
            let (line, column) = parser.position
            throw InputError(document, [InputIssue("line \(line), column \(column)", error.problem)])
        }
    }
}

/// A recursive-descent reader over UTF-8 bytes.
private struct JSONParser {
    struct Fault: Error { let problem: String }

    let bytes: [UInt8]
    var index = 0
    var depth = 0

    init(bytes: [UInt8]) {
        self.bytes = bytes
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { index = 3 }
    }

    /// Line and column of the byte that is read next, both from 1.
    var position: (line: Int, column: Int) {
        var line = 1
        var column = 1
        for byte in bytes.prefix(index) {
            if byte == 0x0A { (line, column) = (line + 1, 1) } else { column += 1 }
        }
        return (line, column)
    }

    var next: UInt8? { index < bytes.count ? bytes[index] : nil }

    mutating func skipSpace() {
        while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { index += 1 }
    }

    mutating func take(_ byte: UInt8) -> Bool {
        guard next == byte else { return false }
        index += 1
        return true
    }

    mutating func document() throws(Fault) -> JSONValue {
        skipSpace()
        guard next != nil else { throw Fault(problem: "the document is empty") }
        let value = try value()
        skipSpace()
        guard next == nil else { throw Fault(problem: "something follows the end of the document") }
        return value
    }

    mutating func value() throws(Fault) -> JSONValue {
        guard let byte = next else { throw Fault(problem: "the document ends in mid-value; it may be truncated") }
        switch byte {
        case UInt8(ascii: "{"): return try nested { (self: inout JSONParser) throws(Fault) in try self.object() }
        case UInt8(ascii: "["): return try nested { (self: inout JSONParser) throws(Fault) in try self.array() }
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try literal("true", .bool(true))
        case UInt8(ascii: "f"): return try literal("false", .bool(false))
        case UInt8(ascii: "n"): return try literal("null", .null)
        default: return try number()
        }
    }

    mutating func nested(_ body: (inout JSONParser) throws(Fault) -> JSONValue) throws(Fault) -> JSONValue {
        depth += 1
        guard depth <= 64 else { throw Fault(problem: "values are nested more than 64 levels deep") }
        index += 1
        let value = try body(&self)
        depth -= 1
        return value
    }

    mutating func literal(_ text: StaticString, _ value: JSONValue) throws(Fault) -> JSONValue {
        let expected = UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
        guard bytes[index...].starts(with: expected) else { throw Fault(problem: "expected a JSON value") }
        index += expected.count
        return value
    }

    mutating func object() throws(Fault) -> JSONValue {
        var members: [String: JSONValue] = [:]
        skipSpace()
        if take(UInt8(ascii: "}")) { return .object(members) }
        while true {
            skipSpace()
            guard next == UInt8(ascii: "\"") else { throw Fault(problem: "expected a key in double quotes") }
            let start = index
            let key = try string()
            skipSpace()
            guard take(UInt8(ascii: ":")) else { throw Fault(problem: "expected ':' after the key '\(key)'") }
            skipSpace()
            guard members.updateValue(try value(), forKey: key) == nil else {
                index = start
                throw Fault(problem: "the key '\(key)' stands twice in one object")
            }
            skipSpace()
            if take(UInt8(ascii: "}")) { return .object(members) }
            guard take(UInt8(ascii: ",")) else {
                throw Fault(
                    problem: next == nil
                        ? "the document ends in mid-object; it may be truncated" : "expected ',' or '}'")
            }
        }
    }

    mutating func array() throws(Fault) -> JSONValue {
        var elements: [JSONValue] = []
        skipSpace()
        if take(UInt8(ascii: "]")) { return .array(elements) }
        while true {
            skipSpace()
            elements.append(try value())
            skipSpace()
            if take(UInt8(ascii: "]")) { return .array(elements) }
            guard take(UInt8(ascii: ",")) else {
                throw Fault(
                    problem: next == nil ? "the document ends in mid-array; it may be truncated" : "expected ',' or ']'"
                )
            }
        }
    }

    mutating func number() throws(Fault) -> JSONValue {
        let start = index
        func isDigit(_ byte: UInt8?) -> Bool {
            byte.map { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ?? false
        }
        _ = take(UInt8(ascii: "-"))
        guard isDigit(next) else { throw Fault(problem: "expected a JSON value") }
        if !take(UInt8(ascii: "0")) { while isDigit(next) { index += 1 } }
        if isDigit(next) { throw Fault(problem: "a number must not start with 0") }
        if take(UInt8(ascii: ".")) {
            guard isDigit(next) else { throw Fault(problem: "expected a digit after the point") }
            while isDigit(next) { index += 1 }
        }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            guard isDigit(next) else { throw Fault(problem: "expected a digit in the exponent") }
            while isDigit(next) { index += 1 }
        }
        return .number(String(decoding: bytes[start..<index], as: UTF8.self))
    }

    mutating func string() throws(Fault) -> String {
        index += 1
        var content: [UInt8] = []
        while let byte = next {
            index += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let text = String(validating: content, as: UTF8.self) else {
                    throw Fault(problem: "a string is not valid UTF-8; save the file as UTF-8")
                }
                return text
            case UInt8(ascii: "\\"): try escape(into: &content)
            case 0..<0x20: throw Fault(problem: "a control character in a string must be escaped")
            default: content.append(byte)
            }
        }
        throw Fault(problem: "a string has no end; the document may be truncated")
    }

    mutating func escape(into content: inout [UInt8]) throws(Fault) {
        guard let byte = next else { throw Fault(problem: "a string has no end; the document may be truncated") }
        index += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): content.append(byte)
        case UInt8(ascii: "b"): content.append(0x08)
        case UInt8(ascii: "f"): content.append(0x0C)
        case UInt8(ascii: "n"): content.append(0x0A)
        case UInt8(ascii: "r"): content.append(0x0D)
        case UInt8(ascii: "t"): content.append(0x09)
        case UInt8(ascii: "u"):
            var scalar = try codeUnit()
            if (0xD800..<0xDC00).contains(scalar), take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) {
                let low = try codeUnit()
                guard (0xDC00..<0xE000).contains(low) else { throw Fault(problem: "a lone surrogate in a string") }
                scalar = 0x10000 + (scalar - 0xD800) << 10 + (low - 0xDC00)
            }
            guard let character = Unicode.Scalar(scalar) else { throw Fault(problem: "a lone surrogate in a string") }
            content.append(contentsOf: Array(String(character).utf8))
        default: throw Fault(problem: "unknown escape in a string")
        }
    }

    mutating func codeUnit() throws(Fault) -> UInt32 {
        guard index + 4 <= bytes.count,
            let text = String(validating: bytes[index..<index + 4], as: UTF8.self), !text.hasPrefix("+"),
            !text.hasPrefix("-"),
            let unit = UInt32(text, radix: 16)
        else { throw Fault(problem: "expected four hexadecimal digits after \\u") }
        index += 4
        return unit
    }
}
