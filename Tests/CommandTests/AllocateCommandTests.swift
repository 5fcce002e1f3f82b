import Documents
import Foundation
import TestSupport
import Testing

@Suite(.serialized) struct AllocateCommandTests {
    private func members(_ value: JSONValue?) -> [String: JSONValue] {
        guard case .object(let members) = value else { return [:] }
        return members
    }

    private func elements(_ value: JSONValue?) -> [JSONValue] {
        guard case .array(let elements) = value else { return [] }
        return elements
    }

    private func number(_ value: JSONValue?) -> Double? {
        guard case .number(let text) = value else { return nil }
        return Double(text)
    }

    @Test func theDocumentHasLegsAchievementsAndTimes() throws {
        let command = try Command()
        try command.load()
        let result = try command.run(
            "quote-service", "allocate", "--request", "%/requests/regulated-data.json", "--json", "--at",
            "2026-11-22T12:00:00Z")
        #expect(result.status == 0, "\(result.errors)")
        let document = members(try JSONValue(parsing: Array(result.output.utf8)))
        #expect(document["status"] == "optimal")
        let (objective, bound) = (try #require(number(document["objective"])), try #require(number(document["bound"])))
        #expect(bound <= objective + 1e-9 && bound >= objective * (1 - 1e-6))
        let legs = elements(document["legs"]).map(members)
        let held = elements(document["placements"]).flatMap { elements(members($0)["offers"]) }
        #expect(!legs.isEmpty && Set(legs.compactMap { $0["offer"] }) == Set(held))
        for leg in legs {
            for field in ["storedGB", "egressGB", "reads", "writes", "cost"] { #expect(leg[field] != nil, "\(field)") }
        }
        #expect(members(document["achieved"])["latencyMs"] != nil && members(document["asked"])["tolerate"] != nil)
        #expect(number(members(document["solveMilliseconds"])["searching"]) != nil)
    }

    @Test func theFrontierStandsBesideAllocationsAndQuotes() throws {
        let command = try Command()
        try command.load()
        for name in ["allocate", "quote"] {
            let result = try command.run(
                "quote-service", name, "--request", "%/requests/regulated-data.json", "--frontier", "--json", "--at",
                "2026-11-22T12:00:00Z")
            #expect(result.status == 0, "\(result.errors)")
            let frontier = members(members(try JSONValue(parsing: Array(result.output.utf8)))["frontier"])
            #expect(frontier["complete"] == true)
            let points = elements(frontier["points"]).map(members)
            let costs = points.compactMap { number($0["cost"]) }
            #expect(costs.count > 1 && costs.count == points.count && costs == costs.sorted())
            #expect(points.allSatisfy { !elements($0["placements"]).isEmpty })
        }
    }

    @Test func theChartIsOneFileOrNamesItsPackage() throws {
        let command = try Command()
        try command.load()
        let result = try command.run(
            "quote-service", "allocate", "--request", "%/requests/regulated-data.json", "--chart", "page.html",
            "--frontier-points", "2")
        let page = command.folder.appendingPathComponent("page.html")
        if result.status == 0 {
            let text = try String(contentsOf: page, encoding: .utf8)
            #expect(text.hasPrefix("<!DOCTYPE html>") && text.contains("new Chart("))
            // Nothing is fetched from elsewhere, and the library ends no script early.
            #expect(!text.contains("<script src") && !text.contains("<link"))
            #expect(text.components(separatedBy: "</script>").count == 3)
        } else {
            #expect(result.status == 3 && result.errors.contains("libjs-chart.js"), "\(result.errors)")
            #expect(!FileManager.default.fileExists(atPath: page.path))
        }
    }

    @Test func aCatalogueFileStandsInForTheDatabase() throws {
        let command = try Command()
        try command.load()
        let all = try String(contentsOf: ShippedData.folder.appendingPathComponent("catalog.jsonl"), encoding: .utf8)
        let lines = all.split(separator: "\n").filter { $0.contains(#""provider":"ovh""#) }
        try command.write(lines.joined(separator: "\n\n"), "few.jsonl")
        let request = """
            {"user": "u", "storage": {"logicalGB": "1000"}, "term": {"start": "2026-12-01", "months": 3},
             "redundancy": {"scheme": "replication", "copies": 2}}
            """
        let result = try command.run(
            "quote-service", "allocate", "--request", "-", "--catalog", "few.jsonl", "--reference", "--at",
            "2026-11-22T12:00:00Z", input: request)
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.errors.contains("the enumeration agrees"))
        #expect(result.output.contains("ovh/") && !result.output.contains("wasabi/"))

        let first = try #require(lines.first)
        let bad = [first, first, "{", first.replacing(#""provider":"ovh""#, with: #""provider":"ovi""#)]
        try command.write(bad.joined(separator: "\n"), "bad.jsonl")
        let refused = try command.run(
            "quote-service", "allocate", "--request", "-", "--catalog", "bad.jsonl", input: request)
        #expect(refused.status == 2 && refused.output.isEmpty)
        #expect(refused.errors.contains("line 2, /id") && refused.errors.contains("line 3"))
        #expect(refused.errors.contains("unknown provider 'ovi'"), "\(refused.errors)")
        try command.write("\n", "empty.jsonl")
        let empty = try command.run(
            "quote-service", "allocate", "--request", "-", "--catalog", "empty.jsonl", input: request)
        #expect(empty.status == 2 && empty.errors.contains("no offer"))
    }
}
