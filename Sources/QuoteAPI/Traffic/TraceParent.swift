/// Which trace a request belongs to (W3C Trace Context, level 1, §3.2).
struct TraceParent: Sendable, Hashable {
    /// 32 hexadecimal digits.
    let trace: String
    /// The service's own step in it, 16 hexadecimal digits.
    let span: String
    /// Two hexadecimal digits; the last bit says that the trace is recorded.
    let flags: String

    /// A step in the trace that `field` names or, if it names none, in a new one.
    init(continuing field: String?, using generator: inout some RandomNumberGenerator) {
        span = Self.hexadecimal(1, &generator)
        let parts = (field ?? "").split(separator: "-", omittingEmptySubsequences: false)
        // Later versions may add parts behind the four.
        if parts.count >= 4, Self.isHexadecimal(parts[0], 2), parts[0] != "ff", parts[0] != "00" || parts.count == 4,
            Self.isHexadecimal(parts[1], 32), Self.isHexadecimal(parts[2], 16), Self.isHexadecimal(parts[3], 2),
            parts[1].contains(where: { $0 != "0" }), parts[2].contains(where: { $0 != "0" })
        {
            (trace, flags) = (String(parts[1]), String(parts[3]))
        } else {
            (trace, flags) = (Self.hexadecimal(2, &generator), "00")
        }
    }

    /// The header field that goes on.
    var field: String { "00-\(trace)-\(span)-\(flags)" }

    private static func isHexadecimal(_ text: Substring, _ count: Int) -> Bool {
        text.utf8.count == count && text.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
    }

    /// `words` times 16 digits, never all 0.
    private static func hexadecimal(_ words: Int, _ generator: inout some RandomNumberGenerator) -> String {
        (0..<words).map { _ in
            let digits = String(UInt64.random(in: 1 ... .max, using: &generator), radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }
}
