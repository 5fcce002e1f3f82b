import Documents
import Foundation
import TestSupport
import Testing

@Suite(.serialized) struct PricingCommandTests {
    private static let at = "2026-11-22T12:00:00Z"
    private static let request = "%/requests/small-app.json"

    private func members(_ value: JSONValue?) -> [String: JSONValue] {
        guard case .object(let members) = value else { return [:] }
        return members
    }

    /// A folder with the database, and the costs and quotes that ship.
    private func prepared() throws -> Command {
        let command = try Command()
        try command.load()
        return command
    }

    private func advise(_ command: Command, _ more: String...) throws -> Command.Result {
        try command.run(
            "pricing-advisor", "advise", "--provider", "hetzner", "--offer", "hetzner/fsn1/object-storage",
            "--requests",
            Self.request, "--costs", "%/costs/hetzner.json", "--quotes", "%/quotes-sample.csv", "--at", Self.at,
            arguments: more)
    }

    @Test func adviceIsATableADocumentAndARecord() throws {
        let command = try prepared()
        let text = try advise(command)
        #expect(text.status == 0, "\(text.errors)")
        #expect(text.output.split(separator: "\n").allSatisfy { $0.count <= 80 })
        for part in [
            "ADVICE for hetzner/fsn1/object-storage", "aim: the most profit", "POSITION among comparable offers",
            "BREAKPOINTS of hetzner/fsn1/object-storage", "REQUESTS (volume: mean over the term)",
            "own quotes", "These costs are ASSUMED by"
        ] { #expect(text.output.contains(part), "\(part)\n\(text.output)") }
        let json = try advise(command, "--json")
        let document = members(try JSONValue(parsing: Array(json.output.utf8)))
        #expect(
            Set(document.keys) == [
                "provider", "day", "catalog", "comparable", "positions", "breakpoints", "advice", "inputs"
            ])
        let advice = members(document["advice"])
        #expect(advice["offer"] == "hetzner/fsn1/object-storage" && advice["objective"] == "profit")
        #expect(advice["status"] == "recommended" || advice["status"] == "abstained")
        // What was printed is what was recorded, and the earlier document is taken back.
        try command.write(json.output, "before.json")
        let again = try advise(command, "--json", "--previous", "before.json")
        #expect(again.status == 0, "\(again.errors)")
        let verified = try command.run("pricing-advisor", "audit", "verify")
        #expect(
            verified.status == 0 && verified.output.hasPrefix("3 records, each follows the one before\nhead sha256:"))
    }

    @Test func choicesFromTheListingReplaceTheReplay() throws {
        let command = try prepared()
        func advise(_ more: String...) throws -> Command.Result {
            try command.run(
                "pricing-advisor", "advise", "--provider", "wasabi", "--requests", Self.request, "--costs",
                "%/costs/wasabi.json", "--choices", "%/choices-sample.csv", "--at", Self.at, arguments: more)
        }
        let unnamed = try advise()
        #expect(unnamed.status == 2 && unnamed.errors.contains("--offer"), "\(unnamed.errors)")
        let offer = ["--offer", "wasabi/eu-central-1/hot-payg"]
        let text = try advise(offer[0], offer[1])
        #expect(text.status == 0, "\(text.errors)")
        #expect(text.output.split(separator: "\n").allSatisfy { $0.count <= 80 })
        for part in ["CHOICES from the listing that showed \(offer[1])", "own choices", "log odds of being taken"] {
            #expect(text.output.contains(part), "\(part)\n\(text.output)")
        }
        let json = try advise(offer[0], offer[1], "--json")
        let document = members(try JSONValue(parsing: Array(json.output.utf8)))
        #expect(
            Set(document.keys) == [
                "provider", "day", "catalog", "comparable", "positions", "choices", "advice"
            ])
        #expect(members(document["choices"])["shown"] == .number("3407"))
        let both = try advise(offer[0], offer[1], "--quotes", "%/quotes-sample.csv")
        #expect(both.status == 2 && both.errors.contains("--quotes says nothing"), "\(both.errors)")
        try command.write("request,chosen\n1,1\n", "bad.csv")
        let bad = try command.run(
            "pricing-advisor", "advise", "--provider", "wasabi", "--offer", offer[1], "--requests", Self.request,
            "--choices", "bad.csv", "--at", Self.at)
        #expect(bad.status == 2 && bad.errors.contains("the column 'week' is missing"), "\(bad.errors)")
    }

    @Test func aChangedTrailIsFoundAndEndsAdvice() throws {
        let command = try prepared()
        #expect(try advise(command).status == 0)
        let path = command.folder.appendingPathComponent("pricing-audit.jsonl")
        let trail = try String(contentsOf: path, encoding: .utf8)
        try command.write(trail.replacingOccurrences(of: "\"hetzner\"", with: "\"wasabi\""), "pricing-audit.jsonl")
        let verified = try command.run("pricing-advisor", "audit", "verify")
        #expect(verified.status == 1 && verified.errors.contains("line 1: its hash is not that of its contents"))
        let refused = try advise(command)
        #expect(refused.status == 1 && refused.output.isEmpty)
        try command.write(trail, "pricing-audit.jsonl")
        let head = "sha256:" + String(repeating: "1", count: 64)
        #expect(try command.run("pricing-advisor", "audit", "verify", "--head", head).status == 1)
    }

    @Test func whatIfQuestionsAreAnsweredRecordedAndLimited() throws {
        let command = try prepared()
        let asked = try advise(command, "--what-if", "0.006", "--what-if", "0.007")
        #expect(asked.status == 0 && asked.output.contains("at 0.006000: profit"), "\(asked.output)\(asked.errors)")
        #expect(try command.run("pricing-advisor", "audit", "verify").output.hasPrefix("3 records"))
        let many = try command.run(
            "pricing-advisor", "advise", "--provider", "hetzner", "--requests", Self.request, "--at", Self.at,
            arguments: (1...19).flatMap { ["--what-if", "0.0\($0 + 10)"] })
        #expect(many.status == 1 && many.errors.contains("at most 20 prices may be asked about in any hour"))
        #expect(many.output.isEmpty)
    }

    @Test func theReportIsOneFileOrNamesItsPackage() throws {
        let command = try prepared()
        let result = try command.run(
            "pricing-advisor", "report", "--provider", "hetzner", "--requests", Self.request, "--costs",
            "%/costs/hetzner.json", "--quotes", "%/quotes-sample.csv", "--at", Self.at, "--out", "page.html")
        let page = command.folder.appendingPathComponent("page.html")
        if result.status == 0 {
            let text = try String(contentsOf: page, encoding: .utf8)
            #expect(text.hasPrefix("<!DOCTYPE html>") && text.contains("new Chart("))
            #expect(!text.contains("<script src") && text.components(separatedBy: "</script>").count == 3)
        } else {
            #expect(result.status == 3 && result.errors.contains("libjs-chart.js"), "\(result.errors)")
            #expect(!FileManager.default.fileExists(atPath: page.path))
        }
    }

    @Test func faultsNameWhatIsWrong() throws {
        let command = try prepared()
        try command.write(
            String(
                decoding: try Data(contentsOf: ShippedData.folder.appendingPathComponent("costs/hetzner.json")),
                as: UTF8.self
            ).replacingOccurrences(of: "\"800 W\"", with: "\"800\""), "costs.json")
        for (arguments, status, message) in [
            (["--provider", "hetzer"], Int32(1), "did you mean 'hetzner'?"),
            (["--provider", "hetzner", "--offer", "nowhere"], 1, "'hetzner' lists no offer 'nowhere'"),
            (["--provider", "hetzner", "--costs", "costs.json"], 2, "/power: '800' has no unit; write e.g. \"720 W\""),
            (["--provider", "hetzner", "--costs", "%/costs/wasabi.json"], 2, "has the costs of 'wasabi'"),
            (["--provider", "hetzner", "--quotes", "absent.csv"], 2, "'absent.csv' cannot be read"),
            (["--provider", "hetzner", "--maximum-price", "0"], 2, "--maximum-price must lie between"),
            (["--provider", "hetzner", "--objective", "fame"], 2, "objective"),
            (["--provider", "hetzner", "--largest-change", "0"], 2, "--largest-change must lie between")
        ] {
            let result = try command.run(
                "pricing-advisor", "advise", "--requests", Self.request, "--at", Self.at, arguments: arguments)
            #expect(result.status == status && result.errors.contains(message), "\(arguments): \(result.errors)")
            #expect(result.output.isEmpty)
        }
    }

    @Test func helpNamesEveryOption() throws {
        let help = try Command().run("pricing-advisor", "advise", "--help").output
        let options = help.split(separator: "\n").compactMap { line -> String? in
            let text = line.drop { $0 == " " }
            return line.hasPrefix("  -") ? String(text.prefix { $0 != " " }) : nil
        }
        #expect(
            options == [
                "--provider", "--offer", "--requests", "--monthly-requests", "--costs", "--quotes", "--choices",
                "--week-zero",
                "--objective", "--free-capacity", "--largest-change", "--floor", "--rival-spread", "--uptime",
                "--what-if", "--maximum-price", "--bucket", "--previous", "--audit", "--database", "--at", "--json",
                "-h,"
            ])
        let words = help.split { $0.isWhitespace }.joined(separator: " ")
        #expect(words.contains("Every advice is recorded; nothing is applied by itself."))
    }
}
