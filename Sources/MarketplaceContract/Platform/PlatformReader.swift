import Documents
import Marketplace
import Money

/// Reads the platform's own JSON: integers come as numbers or strings, variants as text or as `{"tag": …}`, and fields
/// that are not known are passed over. What a field lacks is noted with its place and remedy.
struct PlatformReader {
    private let reader: ObjectReader

    init(_ json: JSONValue, at pointer: String = "", log: IssueLog) {
        reader = ObjectReader(json, at: pointer, log: log)
    }

    func has(_ key: String) -> Bool { reader.has(key) }

    func report(_ key: String, _ problem: String, remedy: String) {
        reader.log.report(reader.location(key), problem, remedy: remedy)
    }

    /// The first of `keys` that is there, else the first.
    func first(_ keys: [String]) -> String { keys.first(where: reader.has) ?? keys.first ?? "" }

    func text(_ key: String) -> String? {
        // IDs are numbers in some views.
        if case .number(let digits) = reader.value(key) { return digits }
        return reader.string(key)
    }

    func optionalText(_ key: String) -> String? {
        switch reader.value(key) {
        case .number(let text), .string(let text): text.isEmpty ? nil : text
        default: nil
        }
    }

    func integer(_ key: String, in range: ClosedRange<Int>) -> Int? { reader.integer(key, in: range) }

    func optionalInteger(_ key: String, in range: ClosedRange<Int>) -> Int? {
        has(key) ? reader.integer(key, in: range) : nil
    }

    /// A `u128`: of what fits, up to 10¹⁷ is taken, which is ten thousand million USD.
    func amount(_ key: String) -> Int128? {
        guard let most = try? ExactDecimal("100000000000000000"),
            let value = reader.decimal(key, in: .zero...most, unit: "USD × 10⁷")
        else { return nil }
        guard value.scale == 0 else {
            report(key, "\(value) is no whole number", remedy: "write USD × 10⁷, e.g. 230000 for 0.023 USD")
            return nil
        }
        return value.significand
    }

    func optionalAmount(_ key: String) -> Int128? { has(key) ? amount(key) : nil }

    func decimal(_ key: String, in range: ClosedRange<Int>) -> ExactDecimal? {
        reader.decimal(key, in: ExactDecimal(range.lowerBound)...ExactDecimal(range.upperBound))
    }

    func uptime(_ key: String, _ scale: UptimeScale?) -> Uptime? {
        guard let value = decimal(key, in: 0...100_000_000) else { return nil }
        if let uptime = Uptime(value, scale: scale) { return uptime }
        report(key, "\(value) is above 100%", remedy: "100% is \(scale?.full ?? 100_000_000) on its scale")
        return nil
    }

    func flag(_ key: String) -> Bool? {
        switch reader.value(key) {
        case .bool(let value): return value
        case .string("true"): return true
        case .string("false"): return false
        case nil: return nil
        case let value?:
            report(key, "expected true or false, found \(value.kind)", remedy: "write a boolean")
            return nil
        }
    }

    func variant<Variant: RawRepresentable & CaseIterable>(_ key: String, _ type: Variant.Type) -> Variant?
    where Variant.RawValue == String {
        let names = Variant.allCases.map(\.rawValue)
        var found: String?
        switch reader.value(key) {
        case .string(let text): found = text
        case .object(let members):
            if case .string(let tag) = members["tag"] { found = tag }
        case .array(let elements):
            if case .string(let tag) = elements.first { found = tag }
        default: break
        }
        if let found, let variant = Variant(rawValue: found) { return variant }
        report(
            key, found.map { "unknown value '\($0)'" } ?? "is missing or no name",
            remedy: "use one of \(names.joined(separator: ", "))")
        return nil
    }

    /// Seconds since 1970, written as such, in milliseconds, or as UTC text.
    func time(_ key: String) -> Int? {
        if case .string(let text) = reader.value(key), text.contains("T") {
            var plain = text
            if let point = plain.firstIndex(of: "."), plain.hasSuffix("Z") { plain = plain[..<point] + "Z" }
            if let seconds = UTCTime.seconds(plain) { return seconds }
            report(key, "'\(text.prefix(40))' is no time", remedy: "write YYYY-MM-DDThh:mm:ssZ, or seconds since 1970")
            return nil
        }
        guard let value = integer(key, in: 0...100_000_000_000_000) else { return nil }
        // The year 5138 in seconds is 1973 in milliseconds.
        return value >= 100_000_000_000 ? value / 1000 : value
    }
}
