import Documents

/// A part of an answer that was asked for by a flag of its own.
struct AnswerSection {
    /// Its name in the JSON document.
    let name: String
    /// The part as JSON.
    let json: JSONValue
    /// The part for people, its own heading included.
    let text: String
}

extension Sequence<AnswerSection> {
    /// The parts as members of a document.
    var members: [(String, JSONValue?)] { map { ($0.name, $0.json) } }

    /// The parts for people, an empty line before each.
    var text: String { map { "\n" + $0.text }.joined() }
}
