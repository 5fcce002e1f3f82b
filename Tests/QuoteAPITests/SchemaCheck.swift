import Documents

/// Checks documents against the schemas of a served description, by the keywords that those use; a second reader of the
/// schemas beside the service's own.
struct SchemaCheck {
    let schemas: [String: JSONValue]

    init(_ description: JSONValue) {
        schemas = description["components"]?["schemas"]?.members ?? [:]
    }

    /// What is wrong with `value`, with its place.
    func faults(_ value: JSONValue, _ schema: String) -> [String] {
        guard let schema = schemas[schema] else { return ["no schema \(schema)"] }
        return faults(value, schema, at: "")
    }

    private func faults(_ value: JSONValue, _ schema: JSONValue, at place: String) -> [String] {
        let rules = schema.members
        var faults: [String] = []
        if let name = rules["$ref"]?.text?.split(separator: "/").last {
            guard let target = schemas[String(name)] else { return ["\(place): no schema \(name)"] }
            faults += self.faults(value, target, at: place)
        }
        let types = rules["type"].map { $0.elements.isEmpty ? [$0] : $0.elements } ?? []
        if !types.isEmpty, !types.contains(where: { value.isOf($0.text ?? "") }) {
            faults.append("\(place): is no \(types.compactMap(\.text).joined(separator: " or "))")
        }
        if let constant = rules["const"], constant != value { faults.append("\(place): is not \(constant.text ?? "")") }
        if let words = rules["enum"], !words.elements.contains(value) { faults.append("\(place): not in the list") }
        if let excluded = rules["not"], self.faults(value, excluded, at: place).isEmpty {
            faults.append("\(place): is what it must not be")
        }
        for (key, count) in [("anyOf", 1...Int.max), ("oneOf", 1...1)] {
            guard let choices = rules[key]?.elements else { continue }
            let fitting = choices.count { self.faults(value, $0, at: place).isEmpty }
            if !choices.isEmpty, !count.contains(fitting) { faults.append("\(place): fits \(fitting) of \(key)") }
        }
        switch value {
        case .string(let text):
            if let pattern = rules["pattern"]?.text, let regex = try? Regex(pattern), text.firstMatch(of: regex) == nil
            {
                faults.append("\(place): '\(text)' does not match \(pattern)")
            }
        case .number(let text):
            if let least = rules["minimum"]?.double, Double(text) ?? .nan < least { faults.append("\(place): \(text)") }
            if let most = rules["maximum"]?.double, Double(text) ?? .nan > most { faults.append("\(place): \(text)") }
        case .array(let elements):
            if let items = rules["items"] {
                for (index, element) in elements.enumerated() {
                    faults += self.faults(element, items, at: "\(place)/\(index)")
                }
            }
        case .object(let members):
            for name in rules["required"]?.elements.compactMap(\.text) ?? [] where members[name] == nil {
                faults.append("\(place)/\(name): is missing")
            }
            let properties = rules["properties"]?.members ?? [:]
            for (name, member) in members {
                if let property = properties[name] {
                    faults += self.faults(member, property, at: "\(place)/\(name)")
                } else if let rest = rules["additionalProperties"] {
                    faults += rest == false ? ["\(place)/\(name): unknown"] : self.faults(member, rest, at: place)
                }
            }
        case .bool, .null: break
        }
        return faults
    }
}

extension JSONValue {
    fileprivate var double: Double? { if case .number(let text) = self { Double(text) } else { nil } }

    fileprivate func isOf(_ type: String) -> Bool {
        switch self {
        case .null: type == "null"
        case .bool: type == "boolean"
        case .number(let text): type == "number" || type == "integer" && Int(text) != nil
        case .string: type == "string"
        case .array: type == "array"
        case .object: type == "object"
        }
    }
}
