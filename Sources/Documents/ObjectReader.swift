import Money

/// Reads the members of a JSON object by name and type, and notes everything that is wrong with them.
///
/// Each getter returns the value, or nil after it has noted why there is none. ``finish()`` refuses the members that
/// nobody asked for.
public final class ObjectReader {
    /// Where the object stands in the document, as a JSON pointer.
    public let pointer: String
    /// Where issues go.
    public let log: IssueLog
    private let members: [String: JSONValue]
    private var asked: Set<String> = []

    /// A reader of `value`, which must be an object; else the fault is noted and the reader is empty.
    public init(_ value: JSONValue, at pointer: String = "", log: IssueLog) {
        self.pointer = pointer
        self.log = log
        if case .object(let members) = value {
            self.members = members
        } else {
            members = [:]
            log.report(pointer, "expected an object, found \(value.kind)")
        }
    }

    /// The pointer of a member.
    public func location(_ key: String) -> String { pointer + "/" + key }

    /// Whether the member is there and is not null.
    public func has(_ key: String) -> Bool {
        asked.insert(key)
        guard let value = members[key] else { return false }
        return value != .null
    }

    /// The member as it is; nil when absent or null.
    public func value(_ key: String) -> JSONValue? { has(key) ? members[key] : nil }

    /// Notes that a required member is absent, and returns nil.
    private func required(_ key: String, _ what: String) -> JSONValue? {
        if let value = value(key) { return value }
        log.report(location(key), "is missing", remedy: "give \(what)")
        return nil
    }

    private func mismatch(_ key: String, _ value: JSONValue, _ what: String) {
        log.report(location(key), "expected \(what), found \(value.kind)")
    }

    /// A required string that is not empty.
    public func string(_ key: String) -> String? {
        guard let value = required(key, "a string") else { return nil }
        guard case .string(let text) = value, !text.isEmpty else {
            mismatch(key, value, "a string that is not empty")
            return nil
        }
        return text
    }

    /// A required string out of a closed list.
    public func choice(_ key: String, _ choices: [String]) -> String? {
        guard let text = string(key) else { return nil }
        if choices.contains(text) { return text }
        log.report(location(key), "unknown value '\(text)'", remedy: "use one of \(choices.joined(separator: ", "))")
        return nil
    }

    /// A required whole number within `range`; a string of digits is taken too.
    public func integer(_ key: String, in range: ClosedRange<Int>) -> Int? {
        guard let value = required(key, "a whole number \(range.lowerBound)…\(range.upperBound)") else { return nil }
        let number: Int? =
            switch value {
            case .number(let digits), .string(let digits): Int(digits)
            default: nil
            }
        guard let number, range.contains(number) else {
            log.report(
                location(key), "expected a whole number \(range.lowerBound)…\(range.upperBound), found \(found(value))")
            return nil
        }
        return number
    }

    /// A required exact decimal within `range`, written as a string or as a number without exponent.
    public func decimal(_ key: String, in range: ClosedRange<ExactDecimal>, unit: String = "") -> ExactDecimal? {
        let suffix = unit.isEmpty ? "" : " (\(unit))"
        guard let value = required(key, "a decimal\(suffix), e.g. \"\(range.lowerBound)\"") else { return nil }
        switch value {
        case .number(let digits), .string(let digits):
            guard let decimal = try? ExactDecimal(digits) else {
                log.report(
                    location(key), "expected a decimal\(suffix), found \(found(value))",
                    remedy: "write plain digits such as \"12.5\"")
                return nil
            }
            guard range.contains(decimal) else {
                log.report(
                    location(key), "\(decimal) is out of range\(suffix)",
                    remedy: "use \(range.lowerBound)…\(range.upperBound)")
                return nil
            }
            return decimal
        default:
            mismatch(key, value, "a decimal\(suffix)")
            return nil
        }
    }

    /// A required day.
    public func day(_ key: String) -> CalendarDay? {
        guard let text = string(key) else { return nil }
        if let day = try? CalendarDay(text) { return day }
        log.report(location(key), "'\(text)' is not a date", remedy: "write YYYY-MM-DD")
        return nil
    }

    /// A required asset of the registry.
    public func asset(_ key: String) -> Asset? {
        guard let text = string(key) else { return nil }
        if let asset = try? Asset.named(text) { return asset }
        let codes = Asset.registry.map(\.code)
        log.report(location(key), "unknown asset '\(text)'", remedy: suggestion(text, codes))
        return nil
    }

    /// An optional list of strings; empty when absent.
    public func strings(_ key: String) -> [String] {
        guard let value = value(key) else { return [] }
        guard case .array(let elements) = value else {
            mismatch(key, value, "an array of strings")
            return []
        }
        return elements.enumerated().compactMap { index, element in
            if case .string(let text) = element, !text.isEmpty { return text }
            log.report("\(location(key))/\(index)", "expected a string that is not empty, found \(element.kind)")
            return nil
        }
    }

    /// A reader of an optional member that is an object.
    public func object(_ key: String) -> ObjectReader? {
        value(key).map { ObjectReader($0, at: location(key), log: log) }
    }

    /// A reader of a required member that is an object.
    public func requiredObject(_ key: String) -> ObjectReader? {
        required(key, "an object").map { ObjectReader($0, at: location(key), log: log) }
    }

    /// Readers of the elements of an optional array of objects; none when absent.
    public func objects(_ key: String) -> [ObjectReader] {
        guard let value = value(key) else { return [] }
        guard case .array(let elements) = value else {
            mismatch(key, value, "an array of objects")
            return []
        }
        return elements.enumerated().map { ObjectReader($1, at: "\(location(key))/\($0)", log: log) }
    }

    /// Notes every member that no getter has asked for.
    public func finish() {
        for key in members.keys.sorted() where !asked.contains(key) {
            log.report(location(key), "unknown field", remedy: suggestion(key, asked.sorted()))
        }
    }

    private func found(_ value: JSONValue) -> String {
        switch value {
        case .number(let text): text
        case .string(let text): "'\(text)'"
        default: value.kind
        }
    }
}

/// A remedy for an unknown word: the nearest known one, or the whole list when it is short.
public func suggestion(_ word: String, _ known: [String]) -> String {
    if let near = word.nearest(among: known) { return "did you mean '\(near)'?" }
    return known.count <= 24 ? "known are \(known.joined(separator: ", "))" : ""
}
