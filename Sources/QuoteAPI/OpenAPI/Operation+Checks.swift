import HTTPTypes
import Hummingbird

extension Operation {
    /// Passes if the caller has the scope, every query parameter is known, stands once and can be taken, and the header
    /// fields that the operation knows can be taken.
    func check(_ request: Request, _ context: APIContext) throws(Problem) {
        if let scope { _ = try context.require(scope) }
        let known = parameters.filter { $0.place == .query }
        var seen: Set<Substring> = []
        if request.uri.query != nil {
            for (name, value) in request.uri.queryParameters {
                guard let parameter = known.first(where: { $0.name == name }) else {
                    let names = known.map(\.name).sorted().joined(separator: ", ")
                    throw .parameter(String(name), "is unknown", names.isEmpty ? "none" : names)
                }
                guard seen.insert(name).inserted else { throw .parameter(String(name), "stands twice", "once") }
                try parameter.check(String(value))
            }
        }
        for parameter in parameters {
            switch parameter.place {
            case .query:
                if parameter.isRequired, !seen.contains(parameter.name[...]) {
                    throw .parameter(parameter.name, "is missing", parameter.kind.allowed)
                }
            case .header:
                if let name = HTTPField.Name(parameter.name), let value = request.headers[name] {
                    try parameter.check(value)
                }
            case .path:
                // What is too long is no ID of ours.
                if let value = context.parameters.get(parameter.name) { try parameter.check(value) }
            }
        }
    }
}

extension Operation.Parameter {
    fileprivate func check(_ value: String) throws(Problem) {
        let fits =
            switch kind {
            case .text(let maximum): (1...maximum).contains(value.unicodeScalars.count)
            case .integer(let range): Int(value).map(range.contains) ?? false
            case .choice(let words): words.contains(value)
            }
        guard !fits else { return }
        switch place {
        case .path: throw Problem(status: .notFound, type: "not-found", title: "There is nothing at this path")
        case .query: throw .parameter(name, "cannot be '\(value.prefix(100))'", kind.allowed)
        case .header:
            throw Problem(
                status: .badRequest, type: "invalid-header", title: "The \(name) cannot be taken",
                detail: "allowed: \(kind.allowed)")
        }
    }
}

extension Operation.Parameter.Kind {
    /// What may be sent, for messages.
    fileprivate var allowed: String {
        switch self {
        case .text(let maximum): "1…\(maximum) characters"
        case .integer(let range): "\(range.lowerBound)…\(range.upperBound)"
        case .choice(let words): words.joined(separator: ", ")
        }
    }
}
