import Documents
import Hummingbird
import Marketplace
import Money

/// Reads the parameters of a request's query by name and type, and notes everything that is wrong with them: like
/// `ObjectReader`, for queries.
///
/// Lists are separated by commas. A parameter that stands twice, is empty or that nobody asks for is refused.
final class QueryReader {
    private var values: [String: String] = [:]
    private var asked: Set<String> = []
    private(set) var issues: [InputIssue] = []

    init(_ request: Request) {
        for (name, value) in request.uri.queryParameters {
            let name = String(name)
            if values.updateValue(String(value), forKey: name) != nil {
                report(name, "stands twice", "give it once; lists are separated by commas")
            }
        }
    }

    /// Notes a fault of a parameter. Its location is the parameter's name.
    func report(_ name: String, _ problem: String, _ remedy: String = "") {
        issues.append(InputIssue("?" + name, problem, remedy: remedy))
    }

    /// A text of 1 to `limit` bytes without control characters; nil when it is absent or at fault.
    func text(_ name: String, limit: Int = 200) -> String? {
        asked.insert(name)
        guard let value = values[name] else { return nil }
        guard (1...limit).contains(value.utf8.count), !value.unicodeScalars.contains(where: { $0.value < 0x20 }) else {
            report(name, "has \(value.utf8.count) bytes, or control characters", "give 1…\(limit) bytes of text")
            return nil
        }
        return value
    }

    /// The same of a parameter that must be there.
    func required(_ name: String, _ what: String, limit: Int = 200) -> String? {
        let before = issues.count
        if let value = text(name, limit: limit) { return value }
        if issues.count == before { report(name, "is missing", "give \(what)") }
        return nil
    }

    /// Up to `limit` words; none when it is absent.
    func list(_ name: String, limit: Int = 50) -> [String] {
        guard let text = text(name, limit: 4000) else { return [] }
        let words = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        guard words.count <= limit, words.allSatisfy({ !$0.isEmpty }) else {
            report(name, "is no list of words", "give at most \(limit), separated by commas")
            return []
        }
        return words
    }

    /// Words of which each must be among `known`.
    func list(_ name: String, among known: @autoclosure () -> some Sequence<String>, _ what: String) -> [String] {
        let words = list(name)
        guard !words.isEmpty else { return [] }
        let all = Set(known())
        for word in words where !all.contains(word) {
            report(name, "unknown \(what) '\(word)'", suggestion(word, all.sorted()))
        }
        return words
    }

    /// A word out of a closed list.
    func choice(_ name: String, _ choices: [String]) -> String? {
        guard let text = text(name) else { return nil }
        if choices.contains(text) { return text }
        report(name, "unknown value '\(text)'", "use one of \(choices.joined(separator: ", "))")
        return nil
    }

    /// A whole number within a range.
    func integer(_ name: String, in range: ClosedRange<Int>) -> Int? {
        guard let text = text(name) else { return nil }
        if let number = Int(text), range.contains(number) { return number }
        report(name, "'\(text)' is no such number", "give \(range.lowerBound)…\(range.upperBound)")
        return nil
    }

    /// An exact decimal within a range.
    func decimal(_ name: String, in range: ClosedRange<ExactDecimal>, unit: String = "") -> ExactDecimal? {
        guard let text = text(name) else { return nil }
        if let number = try? ExactDecimal(text), range.contains(number) { return number }
        let suffix = unit.isEmpty ? "" : " (\(unit))"
        report(name, "'\(text)' is no such decimal\(suffix)", "give \(range.lowerBound)…\(range.upperBound)")
        return nil
    }

    /// Refuses the query if anything is wrong with it, a parameter that nobody asked for among it.
    func finish() throws(Problem) {
        for name in values.keys.sorted() where !asked.contains(name) {
            report(name, "unknown parameter", suggestion(name, asked.sorted()))
        }
        guard issues.isEmpty else {
            throw Problem(
                status: .badRequest, type: "invalid-parameter", title: "A parameter cannot be taken", errors: issues)
        }
    }
}
