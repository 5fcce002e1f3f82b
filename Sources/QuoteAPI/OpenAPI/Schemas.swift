import Documents
import Marketplace
import MarketplaceStore
import Money

/// The JSON Schemas (2020-12) of all bodies, by name. One refers to another as `#/components/schemas/NAME`.
enum Schemas {
    /// The documents that hold them: an object each, its members the schemas.
    private static let documents = [common, quote, records, listing, market, administration]

    /// All of them by name.
    ///
    /// What other code decides (lists of words) is filled in from there.
    static let all: [String: JSONValue] = {
        var all: [String: JSONValue] = [:]
        for document in documents { all.merge(read(document)) { one, _ in one } }
        for document in [request, marketRequests, administrationRequests] {
            all.merge(read(document).mapValues(\.withNulls)) { _, own in own }
        }
        return all.merging(words) { _, word in word }
    }()

    /// The schemas of a document. One that cannot be read leaves references open, which a test finds.
    private static func read(_ document: String) -> [String: JSONValue] {
        guard case .object(let schemas)? = try? JSONValue(parsing: document.utf8) else { return [:] }
        return schemas
    }

    /// Lists of words.
    private static var words: [String: JSONValue] {
        func words(_ list: [String]) -> JSONValue {
            ["type": "string", "enum": .array(list.map { .string($0) })]
        }
        return [
            "Asset": words(Asset.registry.map(\.code)), "QuoteState": words(QuoteStatus.allCases.map(\.rawValue)),
            "InteractionKind": words(InteractionKind.allCases.map(\.rawValue)),
            "Metric": words(MeasurementMetric.allCases.map(\.rawValue)),
            "ImportKind": words(ImportKind.allCases.map(\.rawValue))
        ]
    }
}

extension JSONValue {
    /// The schema with `null` for every property that is not required: readers take it for absence.
    fileprivate var withNulls: JSONValue {
        switch self {
        case .array(let elements): return .array(elements.map(\.withNulls))
        case .object(var members):
            members = members.mapValues(\.withNulls)
            guard case .object(let properties)? = members["properties"], members["type"] == "object" else { break }
            var required: [JSONValue] = []
            if case .array(let names)? = members["required"] { required = names }
            members["properties"] = .object(
                properties.reduce(into: [:]) { result, property in
                    result[property.key] =
                        required.contains(.string(property.key))
                        ? property.value : ["anyOf": [property.value, ["type": "null"]]]
                })
            return .object(members)
        default: return self
        }
        if case .object(let members) = self { return .object(members.mapValues(\.withNulls)) }
        return self
    }
}
