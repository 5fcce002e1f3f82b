import Documents
import Foundation
import Hummingbird
import Marketplace

/// A request as somebody fills it in, and the faults that were found, by field.
struct ConsoleForm: Sendable {
    /// The names of the fields, with what they hold before anybody has written anything.
    static let fields: [(name: String, standard: String)] = [
        ("volume", "200"), ("unit", "GB"), ("growth", ""), ("months", "6"), ("egress", "20"), ("reads", "400000"),
        ("writes", "40000"), ("scheme", "auto"), ("tolerate", "1"), ("availability", "0.9999"), ("latency", ""),
        ("budget", ""), ("jurisdiction", ""), ("recommended", "0.05")
    ]

    /// What each field holds.
    var values: [String: String]
    /// The regions that are ticked.
    var regions: [String]
    /// What is wrong, by field; under the empty name what belongs to none.
    var faults: [String: [String]] = [:]

    /// The form as the query says; with the standards where it says nothing.
    init(_ request: Request) {
        let query = request.uri.queryParameters
        values = Dictionary(
            uniqueKeysWithValues: Self.fields.map { name, standard in
                (name, query[Substring(name)].map { String($0.prefix(60)) } ?? standard)
            })
        regions = query.getAll("region").prefix(64).map { String($0.prefix(60)) }
        if query.isEmpty { regions = ["eu-west"] }
    }

    /// The form that a request fills, as far as it has fields for it.
    init(_ request: SLARequest) {
        var values = Dictionary(uniqueKeysWithValues: Self.fields.map { ($0.name, $0.standard) })
        let json = request.json
        func text(_ path: String...) -> String? {
            var value: JSONValue? = json
            for name in path { value = if case .object(let members)? = value { members[name] } else { nil } }
            return switch value {
            case .string(let text), .number(let text): text
            default: nil
            }
        }
        values["volume"] = text("storage", "logicalGB") ?? ""
        values["growth"] = text("storage", "monthlyGrowth").flatMap { Self.times($0, 100) } ?? ""
        values["months"] = text("term", "months") ?? "12"
        values["tolerate"] = text("redundancy", "tolerate", "providers") ?? "0"
        values["availability"] = text("qos", "availability") ?? ""
        values["latency"] = text("qos", "latencyMs") ?? ""
        values["budget"] = text("budget", "amount") ?? ""
        values["recommended"] = text("preference", "recommended") ?? "0"
        regions = request.traffic.map(\.region)
        let sum = { (value: (SLARequest.Traffic) -> Int) in request.traffic.reduce(0) { $0 + value($1) } }
        values["egress"] = "\(sum { $0.egressBytes } / 1_000_000_000)"
        values["reads"] = "\(sum { $0.reads })"
        values["writes"] = "\(sum { $0.writes })"
        self.values = values
    }

    /// The query that fills the form again.
    var query: String {
        var components = URLComponents()
        components.queryItems =
            Self.fields.map { URLQueryItem(name: $0.name, value: values[$0.name] ?? "") }
            + regions.map { URLQueryItem(name: "region", value: $0) }
        return components.percentEncodedQuery ?? ""
    }

    private static func times(_ text: String, _ factor: Decimal) -> String? {
        Decimal(string: text, locale: Locale(identifier: "en_US_POSIX")).map { "\($0 * factor)" }
    }

    /// The request document for a term that begins on the day `start`.
    func document(from start: String) -> JSONValue {
        func value(_ name: String) -> String { (values[name] ?? "").trimmingCharacters(in: .whitespaces) }
        func text(_ name: String) -> JSONValue? { value(name).isEmpty ? nil : .string(value(name)) }
        func number(_ name: String) -> JSONValue { .number(Int(value(name)).map(String.init) ?? "-1") }
        let count = max(1, regions.count)
        func share(_ name: String, _ index: Int) -> JSONValue {
            // What does not divide goes to the first.
            let whole = Int(value(name)) ?? -1
            return JSONValue(whole < 0 ? -1 : whole / count + (index == 0 ? whole % count : 0))
        }
        let volume = value("unit") == "TB" ? Self.times(value("volume"), 1000) ?? value("volume") : value("volume")
        let traffic = regions.enumerated().map { index, region -> JSONValue in
            [
                "region": .string(region),
                "egressGB": .string(
                    Self.times(value("egress"), 1 / Decimal(count)).map { String($0.prefix(20)) } ?? value("egress")),
                "reads": share("reads", index), "writes": share("writes", index)
            ]
        }
        var tolerate: [(String, JSONValue?)] = []
        if value("tolerate") != "0" { tolerate.append(("providers", number("tolerate"))) }
        return JSONValue(members: [
            ("user", "console"),
            (
                "storage",
                JSONValue(members: [
                    ("logicalGB", .string(volume)),
                    ("monthlyGrowth", text("growth").map { _ in .string(Self.times(value("growth"), 0.01) ?? "?") })
                ])
            ),
            ("term", ["start": .string(start), "months": number("months")]),
            ("traffic", traffic.isEmpty ? nil : .array(traffic)),
            (
                "redundancy",
                JSONValue(members: [
                    ("scheme", .string(value("scheme"))),
                    ("tolerate", tolerate.isEmpty ? nil : JSONValue(members: tolerate))
                ])
            ),
            (
                "qos",
                value("availability").isEmpty && value("latency").isEmpty
                    ? nil
                    : JSONValue(members: [
                        ("availability", text("availability")),
                        ("latencyMs", text("latency").map { _ in number("latency") })
                    ])
            ),
            ("budget", text("budget").map { ["amount": $0, "asset": "USD", "per": "month"] }),
            ("eligibility", text("jurisdiction").map { ["jurisdictions": .array([$0])] }),
            ("preference", text("recommended").map { ["recommended": $0] })
        ])
    }

    /// Takes in what is wrong with the document, at the fields that it was made of.
    mutating func take(_ error: InputError) {
        for issue in error.issues {
            let name =
                Self.places.first { issue.location.hasPrefix($0.prefix) }?.field ?? ""
            faults[name, default: []].append(
                issue.problem + (issue.remedy.isEmpty ? "" : "; " + issue.remedy))
        }
    }

    private static let places: [(prefix: String, field: String)] = [
        ("/storage/logicalGB", "volume"), ("/storage/monthlyGrowth", "growth"), ("/term", "months"),
        ("/traffic", "egress"), ("/redundancy/scheme", "scheme"), ("/redundancy", "tolerate"),
        ("/qos/availability", "availability"), ("/qos/latencyMs", "latency"), ("/budget", "budget"),
        ("/eligibility", "jurisdiction"), ("/preference", "recommended")
    ]
}
