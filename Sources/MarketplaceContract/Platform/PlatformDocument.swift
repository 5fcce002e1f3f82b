import Documents

/// The platform's lists, as its API answers them: an array, or an object with the array as its one known member.
public enum PlatformDocument {
    /// The buckets of a document, with every fault of every bucket in the error.
    /// - Throws: `InputError`; a bucket that stands twice is a fault.
    public static func buckets(
        _ json: JSONValue, profile: ContractProfile = .version16, scale: UptimeScale? = nil, document: String = ""
    ) throws(InputError) -> [PlatformBucket] {
        try read(json, "buckets", document, id: { "\($0.id)" }) { PlatformBucket($0, profile, scale) }
    }

    /// The deals of a document.
    /// - Throws: `InputError` with every fault of every deal.
    public static func deals(
        _ json: JSONValue, scale: UptimeScale? = nil, document: String = ""
    ) throws(InputError) -> [PlatformDeal] {
        // Deals count within a pair of parties.
        try read(
            json, "deals", document,
            id: { "\($0.id) of \($0.parties.consumer ?? "") and \($0.parties.provider ?? "")" },
            { PlatformDeal($0, scale) })
    }

    /// The providers of a document.
    /// - Throws: `InputError` with every fault of every provider.
    public static func providers(_ json: JSONValue, document: String = "") throws(InputError) -> [PlatformProvider] {
        try read(json, "providers", document, id: \.id) { PlatformProvider($0) }
    }

    static func read<Value>(
        _ json: JSONValue, _ name: String, _ document: String, id: ((Value) -> String)?,
        _ make: (PlatformReader) -> Value?
    ) throws(InputError) -> [Value] {
        let log = IssueLog()
        var elements: [JSONValue] = []
        var place = ""
        switch json {
        case .array(let list): elements = list
        case .object(let members):
            let key = [name, "data", "items"].first { members[$0] != nil }
            if let key, case .array(let list)? = members[key] {
                (elements, place) = (list, "/" + key)
            } else {
                log.report("", "has no list of \(name)", remedy: "give an array, or an object with '\(name)'")
            }
        default: log.report("", "expected a list of \(name), found \(json.kind)", remedy: "give an array")
        }
        var values: [Value] = []
        var seen: Set<String> = []
        for (index, element) in elements.enumerated() {
            guard let value = make(PlatformReader(element, at: "\(place)/\(index)", log: log)) else { continue }
            if let id, !seen.insert(id(value)).inserted {
                log.report("\(place)/\(index)", "\(id(value)) stands twice", remedy: "keep one of them")
            }
            values.append(value)
        }
        try log.check(document)
        return values
    }
}
