import Documents
import Foundation
import Pricing
import TestSupport

/// The discrete-choice data of the shared folder, and what others estimate from them.
enum ChoiceFixtures {
    static let isPresent = SharedData.isPresent("choice")

    /// The expected numbers of a file, by name.
    static func expected(_ name: String) throws -> Expected {
        Expected(try JSONSerialization.jsonObject(with: bytes("expected_\(name).json")))
    }

    private static func bytes(_ name: String) throws -> Data {
        try Data(contentsOf: SharedData.url("choice/" + name))
    }

    /// Quotes of 4,000 requests in 40 weeks, latency in units of 100 ms.
    static func quotes() throws -> ChoiceData {
        let data = try ChoiceData(csv: Array(bytes("synthetic_quotes_long.csv")), document: "synthetic_quotes_long.csv")
        return try data.adding("latency", data.values(of: "latency").map { $0 / 100 })
    }

    static let quoteVariables = [ChoiceData.constant, "price", "egress", "nines", "latency", "cert"]

    /// Greene's 210 travellers: air, train, bus, car.
    static func travel() throws -> ChoiceData {
        var roles = ChoiceData.Roles()
        (roles.situation, roles.chosen) = ("individual", "choice")
        var data = try ChoiceData(
            csv: Array(bytes("travelmode_long.csv")), document: "travelmode_long.csv", roles: roles)
        let (mode, income) = (try data.values(of: "mode"), try data.values(of: "hinc"))
        for (place, name) in ["air", "train", "bus"].enumerated() {
            data = try data.adding("asc_" + name, mode.map { $0 == Double(place + 1) ? 1 : 0 })
        }
        return try data.adding("hinc_air", zip(mode, income).map { $0 == 1 ? $1 : 0 })
    }

    /// 900 heating systems of Californian houses: ec, er, gc, gr, hp.
    static func heating() throws -> ChoiceData {
        let names = ["ec", "er", "gc", "gr", "hp"]
        let table = try CSVTable(
            parsing: Array(bytes("heating_wide.csv")), requiring: ["depvar"], document: "heating_wide.csv")
        func numbers(_ column: String, _ row: CSVTable.Row) -> Double {
            table.header.firstIndex(of: column).flatMap { Double(row.fields[$0]) } ?? .nan
        }
        var columns = [[Double]](repeating: [], count: 3 + 4)
        var chosen: [Int?] = []
        for row in table.rows {
            let choice = table.header.firstIndex(of: "depvar").map { row.fields[$0] }
            chosen.append(names.firstIndex { $0 == choice })
            for (place, name) in names.enumerated() {
                let (ic, oc) = (numbers("ic." + name, row), numbers("oc." + name, row))
                columns[0].append(ic)
                columns[1].append(oc)
                // Life-cycle cost at 12% a year, for ever.
                columns[2].append(ic + oc / 0.12)
                for constant in 0..<4 { columns[3 + constant].append(constant == place ? 1 : 0) }
            }
        }
        return try ChoiceData(
            variables: ["ic", "oc", "lcc"] + names.dropLast().map { "asc_" + $0 }, columns: columns,
            sizes: [Int](repeating: 5, count: table.rows.count), chosen: chosen)
    }
}

/// Numbers of a JSON document by their path.
struct Expected {
    private let value: Any

    init(_ value: Any) { self.value = value }

    /// What lies under a key.
    subscript(_ key: String) -> Expected { Expected((value as? [String: Any])?[key] ?? NSNull()) }

    var number: Double { (value as? NSNumber)?.doubleValue ?? .nan }
    var numbers: [Double] { (value as? [NSNumber])?.map(\.doubleValue) ?? [] }
}
