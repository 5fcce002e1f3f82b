/// A JSON document as it was written: numbers keep their digits, objects refuse a key that stands twice.
///
/// Foundation's decoder turns numbers into doubles and keeps the last of two equal keys; a request that is billed and
/// signed can afford neither.
public enum JSONValue: Sendable, Hashable {
    /// `null`
    case null
    /// `true` or `false`
    case bool(Bool)
    /// A number, as the text it was written in.
    case number(String)
    /// A string.
    case string(String)
    /// An array.
    case array([JSONValue])
    /// An object.
    case object([String: JSONValue])

    /// What kind of value it is, for messages.
    public var kind: String {
        switch self {
        case .null: "null"
        case .bool: "a boolean"
        case .number: "a number"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral
{
    /// A string.
    public init(stringLiteral value: String) { self = .string(value) }
    /// An array.
    public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    /// An object; of two equal keys the last stands.
    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(Dictionary(elements, uniquingKeysWith: { $1 }))
    }
    /// A boolean.
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    /// A whole number.
    public init(integerLiteral value: Int) { self = .number(String(value)) }

    /// A whole number.
    public init(_ value: Int) { self = .number(String(value)) }
    /// A finite double in its shortest form that reads back equal; `null` for what JSON cannot write.
    public init(_ value: Double) {
        if !value.isFinite {
            self = .null
        } else if value == value.rounded(), value.magnitude < 1e15 {
            self = .number(String(Int(value)))
        } else {
            self = .number("\(value)")
        }
    }
    /// A string, or `null`.
    public init(_ value: String?) { self = value.map { .string($0) } ?? .null }
    /// An object of the members that are present.
    public init(members: [(String, JSONValue?)]) {
        self = .object(Dictionary(members.compactMap { key, value in value.map { (key, $0) } }) { $1 })
    }
}
