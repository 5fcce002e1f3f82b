import Documents

/// Shorthand for looking into answers.
extension JSONValue {
    /// The members of an object; none of anything else.
    var members: [String: JSONValue] { if case .object(let members) = self { members } else { [:] } }
    /// The elements of an array; none of anything else.
    var elements: [JSONValue] { if case .array(let elements) = self { elements } else { [] } }
    /// The text of a string.
    var text: String? { if case .string(let text) = self { text } else { nil } }
    /// The text of a string or a number.
    var content: String? { if case .number(let text) = self { text } else { text } }
    /// The value of a number; NaN of anything else.
    var number: Double { if case .number(let text) = self { Double(text) ?? .nan } else { .nan } }
    /// The member of that name; nil when there is none.
    subscript(_ name: String) -> JSONValue? { members[name] }
}

extension JSONValue? {
    /// The elements of an array; none of anything else.
    var elements: [JSONValue] { self?.elements ?? [] }
    /// The text of a string or a number.
    var content: String? { self?.content }
    /// The value of a number; NaN of anything else.
    var number: Double { self?.number ?? .nan }
    /// The member of that name; nil when there is none.
    subscript(_ name: String) -> JSONValue? { self?[name] }
}

extension TestCaller.Answer {
    /// The body.
    var json: JSONValue { (try? JSONValue(parsing: bytes)) ?? .null }
}
