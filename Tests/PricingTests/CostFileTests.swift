import Documents
import Foundation
import Pricing
import TestSupport
import Testing

/// Cost files: units, refusals with remedies, and the files that ship.
@Suite struct CostFileTests {
    private static let sample: [String: JSONValue] = [
        "provider": "own", "asOf": "2026-11-01", "currency": "EUR", "hardware": "15500 EUR", "life": "5 years",
        "capacity": "1.2 PB", "utilisation": "75 %", "power": "0.72 kW", "pue": "1.3", "electricity": "140 EUR/MWh",
        "bandwidth": "0.8 EUR/TB"
    ]

    private func file(_ changes: [String: JSONValue?] = [:]) throws -> CostFile {
        var members = Self.sample.mapValues { Optional($0) }
        members.merge(changes) { $1 }
        let text = JSONValue(members: members.map { ($0.key, $0.value) }).text()
        return try CostFile(parsing: Array(text.utf8), document: "costs.json")
    }

    @Test func unitsAreConverted() throws {
        let file = try file(["operations": "0.5 EUR/TB/month", "life": "60 months"])
        #expect(file.hardware == 15_500 && abs(file.lifeYears - 5) < 1e-12 && file.capacityGB == 1.2e6)
        #expect(file.watts == 720 && abs(file.electricity - 0.14) < 1e-15 && abs(file.bandwidth - 0.0008) < 1e-15)
        #expect(file.utilisation == 0.75 && file.operations == 0.0005 && file.capital == 0)
        #expect(abs(try self.file(["capacity": "1 TiB"]).capacityGB - 1099.511627776) < 1e-9)
    }

    @Test(arguments: [
        ("power", JSONValue.string("720"), "/power: '720' has no unit; write e.g. \"720 W\""),
        ("power", 720, "/power: 720 has no unit; write e.g. \"720 W\""),
        ("power", "720 V", "/power: unknown unit 'V'; use MW, W, kW"),
        ("electricity", "0.14 USD/kWh", "/electricity: unknown unit 'USD/kWh'; use EUR/MWh, EUR/kWh"),
        ("hardware", .null, "/hardware: is missing; write e.g. \"15500 EUR\""),
        ("hardware", "many EUR", "is not a number with a unit"), ("hardware", "-1 EUR", "out of range"),
        ("capacity", "0 TB", "/capacity: is zero"), ("utilisation", "0 %", "/utilisation: is zero"),
        ("utilisation", "120 %", "out of range"), ("pue", "0.9", "/pue: '0.9' is no number"),
        ("currency", "EURO", "/currency: unknown asset"), ("powr", "720 W", "did you mean 'power'?"),
        ("life", "1e3 years", "is not a number with a unit"), ("asOf", "yesterday", "is not a date"),
        ("sources", "a book", "/sources: expected an object"), ("assumption", "yes", "/assumption")
    ])
    func faultsNameTheFieldAndTheRemedy(field: String, value: JSONValue, message: String) {
        do {
            _ = try file([field: value])
            Issue.record("not refused")
        } catch {
            #expect("\(error)".contains(message), "\(error)")
        }
    }

    @Test func shippedFilesAreReadAndMarkedAsAssumptions() throws {
        let folder = ShippedData.folder.appendingPathComponent("costs")
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".json") }
        #expect(names.count >= 3)
        for name in names {
            let bytes = Array(try Data(contentsOf: folder.appendingPathComponent(name)))
            let file = try CostFile(parsing: bytes, document: name)
            #expect(file.isAssumption && file.provider + ".json" == name)
            for field in ["hardware", "power", "electricity", "bandwidth"] { #expect(file.sources[field] != nil) }
        }
    }
}
