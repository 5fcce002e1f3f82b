import Documents
import HTTPTypes

extension Operation {
    /// The whole description, OpenAPI 3.1.
    static func document(_ operations: [Operation]) -> JSONValue {
        var paths: [String: [String: JSONValue]] = [:]
        for operation in operations {
            paths[operation.path, default: [:]][operation.method.rawValue.lowercased()] = operation.json
        }
        let tags = Tag.allCases.filter { tag in operations.contains { $0.tag == tag } }
        return [
            "openapi": "3.1.0",
            "info": [
                "title": "Flashback quote service", "version": "1",
                "summary": "Recommends, allocates and prices storage, and keeps what was agreed.",
                "description": .string(
                    "Money and volumes are decimal strings. Errors are problem documents (RFC 9457). Unknown members and "
                        + "parameters are refused.")
            ],
            "jsonSchemaDialect": "https://json-schema.org/draft/2020-12/schema", "servers": [["url": "/"]],
            "tags": .array(tags.map { ["name": .string($0.rawValue), "description": .string($0.summary)] }),
            "paths": .object(paths.mapValues { .object($0) }),
            "components": [
                "schemas": .object(Schemas.all),
                "securitySchemes": [
                    "bearer": [
                        "type": "http", "scheme": "bearer",
                        "description": "An API key of the tenant, or a token that the operator's issuer signed."
                    ]
                ]
            ]
        ]
    }

    /// All statuses of problems.
    var problemStatuses: [HTTPResponse.Status] {
        var all = Set(problems.map(\.code)).union([408, 414, 429, 503])
        if !parameters.isEmpty || body != nil || scope != nil { all.insert(400) }
        if scope != nil { all.formUnion([401, 403]) }
        if parameters.contains(where: { $0.place == .path }) { all.insert(404) }
        if body != nil { all.formUnion([400, 413, 422]) }
        return all.sorted().map { HTTPResponse.Status(code: $0) }
    }

    private var json: JSONValue {
        var responses: [String: JSONValue] = [:]
        for status in problemStatuses {
            responses[String(status.code)] = [
                "description": .string(status.reasonPhrase),
                "content": ["application/problem+json": ["schema": Self.reference("Problem")]]
            ]
        }
        for answer in answers { responses[String(answer.status.code)] = answer.json }
        return JSONValue(members: [
            ("operationId", .string(id)), ("summary", .string(summary)), ("tags", [.string(tag.rawValue)]),
            ("parameters", parameters.isEmpty ? nil : .array(parameters.map(\.json))), ("requestBody", body?.json),
            ("responses", .object(responses)),
            ("security", scope.map { [["bearer": [.string($0.rawValue)]]] } ?? [])
        ])
    }

    /// A reference to a schema.
    static func reference(_ schema: String) -> JSONValue { ["$ref": .string("#/components/schemas/" + schema)] }
}

extension Operation.Parameter {
    fileprivate var json: JSONValue {
        [
            "name": .string(name), "in": .string(place.rawValue), "required": .bool(isRequired),
            "description": .string(summary), "schema": kind.schema
        ]
    }
}

extension Operation.Parameter.Kind {
    fileprivate var schema: JSONValue {
        switch self {
        case .text(let maximum): ["type": "string", "minLength": 1, "maxLength": JSONValue(maximum)]
        case .integer(let range):
            ["type": "integer", "minimum": JSONValue(range.lowerBound), "maximum": JSONValue(range.upperBound)]
        case .choice(let words): ["type": "string", "enum": .array(words.map { .string($0) })]
        }
    }
}

extension Operation.Body {
    fileprivate var json: JSONValue {
        let schema = schema.map(Operation.reference) ?? ["type": "string"]
        return [
            "required": .bool(isRequired), "description": .string("At most \(limit) bytes."),
            "content": .object(Dictionary(mediaTypes.map { ($0, ["schema": schema]) }) { one, _ in one })
        ]
    }
}

extension Operation.Answer {
    fileprivate var json: JSONValue {
        let content = mediaType.map { type -> JSONValue in
            .object([type: ["schema": schema.map(Operation.reference) ?? ["type": "string"]]])
        }
        let fields = headers.mapValues { text -> JSONValue in
            ["description": .string(text), "schema": ["type": "string"]]
        }
        var next: [String: JSONValue] = [:]
        for link in links {
            next[link] = ["operationId": .string(link), "parameters": ["id": "$response.body#/id"]]
        }
        return JSONValue(members: [
            ("description", .string(summary)), ("content", content),
            ("headers", fields.isEmpty ? nil : .object(fields)),
            ("links", next.isEmpty ? nil : .object(next))
        ])
    }
}
