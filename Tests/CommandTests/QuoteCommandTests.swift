import Documents
import Foundation
import TestSupport
import Testing

@Suite(.serialized) struct QuoteCommandTests {
    private func members(_ text: String) throws -> [String: JSONValue] {
        guard case .object(let members) = try JSONValue(parsing: Array(text.utf8)) else { return [:] }
        return members
    }

    @Test func fromNothingToAQuoteWithReasons() throws {
        let command = try Command()
        try command.load()
        let trained = try command.run("retrain", "run")
        #expect(trained.status == 0, "\(trained.errors)")
        #expect(trained.output.contains("Promoted"))
        let again = try command.run("retrain", "run")
        #expect(again.status == 0 && again.errors.contains("nothing to do"))
        let quote = try command.run("quote-service", "quote", "--request", "%/requests/media-archive-eu.json")
        #expect(quote.status == 0, "\(quote.errors)")
        #expect(quote.output.contains("this user's dealings with"))
        let json = try command.run("quote-service", "quote", "--request", "%/requests/small-app.json", "--json")
        let document = try members(json.output)
        #expect(document["status"] == "optimal")
        #expect(document["solveMilliseconds"] != nil)
        let list = try command.run("retrain", "list")
        #expect(list.output.hasPrefix("* ials-"))
    }

    @Test func everySampleRequestIsAnswered() throws {
        let command = try Command()
        try command.load()
        for name in try ShippedData.requestNames() {
            let result = try command.run("quote-service", "quote", "--request", "%/requests/\(name).json", "--json")
            let document = try members(result.output)
            if name.hasPrefix("impossible") {
                #expect(result.status == 1, "\(name)")
                #expect(document["status"] == "infeasible")
            } else {
                #expect(result.status == 0, "\(name): \(result.errors)")
                #expect(document["status"] == "optimal")
            }
        }
    }

    @Test func theSameInputsGiveTheSameQuote() throws {
        let command = try Command()
        try command.load()
        let arguments = ["quote", "--request", "%/requests/small-app.json", "--at", "2026-11-22T12:00:00Z"]
        let one = try command.run("quote-service", arguments[0], arguments[1], arguments[2], arguments[3], arguments[4])
        let two = try command.run("quote-service", arguments[0], arguments[1], arguments[2], arguments[3], arguments[4])
        #expect(one.status == 0, "\(one.errors)")
        #expect(one.output == two.output)
    }

    @Test(arguments: [
        ("{}", "/user: is missing"), ("", "the document is empty"), ("{\"user\": \"a\"", "truncated"),
        (
            #"{"user":"a","storage":{"logicalGB":"1 TB"},"term":{"start":"2026-12-01","months":1},"redundancy":{"scheme":"auto"}}"#,
            "/storage/logicalGB: expected a decimal (GB)"
        ),
        (
            #"{"user":"a","storage":{"logicalTB":"1"},"term":{"start":"2026-12-01","months":1},"redundancy":{"scheme":"auto"}}"#,
            "/storage/logicalTB: unknown field; did you mean 'logicalGB'?"
        ),
        (
            #"{"user":"a","storage":{"logicalGB":"1"},"term":{"start":"2026-12-01","months":1},"redundancy":{"scheme":"auto"},"credits":[{"provider":"awz","amount":"1","asset":"USD","expires":"2027-01-01"}]}"#,
            "unknown provider 'awz'; did you mean 'aws'?"
        ),
        (
            #"{"user":"a","storage":{"logicalGB":"1"},"term":{"start":"2026-12-01","months":1},"redundancy":{"scheme":"auto"},"payment":{"asset":"DOGE"}}"#,
            "/payment/asset: unknown asset 'DOGE'"
        ),
        (
            #"{"user":"a","storage":{"logicalGB":"1"},"term":{"start":"2026-12-01","months":-3},"redundancy":{"scheme":"auto"}}"#,
            "/term/months: expected a whole number 1…120"
        )
    ])
    func badRequestsEndWithUsageAndNameTheField(_ request: String, _ message: String) throws {
        let command = try Command()
        try command.load()
        let result = try command.run("quote-service", "quote", "--request", "-", input: request)
        #expect(result.status == 2)
        #expect(result.errors.contains(message), "\(result.errors)")
        #expect(result.output.isEmpty)
    }

    @Test func aMissingDatabaseIsAFailureWithItsRemedy() throws {
        let command = try Command()
        for arguments in [["quote", "--request", "%/requests/small-app.json"], ["serve", "--port", "0"]] {
            let result =
                arguments.count == 3
                ? try command.run("quote-service", arguments[0], arguments[1], arguments[2])
                : try command.run("quote-service", arguments[0])
            #expect(result.status == 3)
            #expect(result.errors.contains("quote-service import"))
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: command.folder.path).isEmpty)
    }

    @Test func withoutAModelTheQuoteSaysSo() throws {
        let command = try Command()
        try command.load()
        let result = try command.run("quote-service", "quote", "--request", "%/requests/small-app.json")
        #expect(result.status == 0)
        #expect(result.errors.contains("ranking by QoS alone"))
    }

    @Test func badArgumentsAreUsage() throws {
        let command = try Command()
        #expect(try command.run("quote-service", "quote").status == 2)
        #expect(try command.run("quote-service", "import", "prices", "x.csv").status == 2)
        #expect(try command.run("retrain", "run", "--factors", "0").status == 2)
        #expect(try command.run("quote-service", "--help").status == 0)
    }

    @Test func anImportIsAllOrNothing() throws {
        let command = try Command()
        try command.load()
        try command.write(
            "date,base,quote,rate,kind,source,retrieved\n2026-11-20,EUR,USD,1.1,reference,ECB,2026-11-22\n"
                + "2026-11-20,EUR,XXX,1.1,reference,ECB,2026-11-22\n2026-11-20,EUR,GBP,-1,reference,ECB,2026-11-22\n",
            "rates.csv")
        let result = try command.run(
            "quote-service", "import", "rates", "rates.csv", "--at", "2026-11-22T12:00:00Z")
        #expect(result.status == 1)
        #expect(result.errors.contains("line 3") && result.errors.contains("line 4"))
        try command.write("date,base,quote,rate,kind,source,retrieved\n2026-11-20,EUR,USD,1.1,refer", "cut.csv")
        let cut = try command.run("quote-service", "import", "rates", "cut.csv", "--at", "2026-11-22T12:00:00Z")
        #expect(cut.status == 1)
        #expect(cut.errors.contains("truncated"))
    }

    @Test func aRefusedFirstImportLeavesNoDatabase() throws {
        let command = try Command()
        try command.write("metro,name\n", "metros.csv")
        #expect(try command.run("quote-service", "import", "metros", "metros.csv").status == 1)
        #expect(try command.run("quote-service", "import", "metros", "absent.csv").status == 3)
        #expect(try FileManager.default.contentsOfDirectory(atPath: command.folder.path) == ["metros.csv"])
    }

    @Test func theExportedModelIsReadBack() throws {
        let command = try Command()
        try command.load()
        let result = try command.run(
            "quote-service", "allocate", "--request", "%/requests/small-app.json", "--export-mps", "model.mps", "--json"
        )
        #expect(result.status == 0, "\(result.errors)")
        let text = try String(contentsOf: command.folder.appendingPathComponent("model.mps"), encoding: .utf8)
        #expect(text.contains("ROWS") && text.contains("ENDATA"))
    }

    @Test(.enabled(if: SharedData.isPresent("gowalla/train.txt"), Comment(rawValue: SharedData.absence)))
    func evaluationOfPopularityIsTheGoldenValue() throws {
        let result = try Command().run(
            "retrain", "evaluate", "--train", SharedData.url("gowalla/train.txt").path, "--test",
            SharedData.url("gowalla/test.txt").path, "--model", "popularity", "--json")
        #expect(result.output.contains("0.04163097892995"))
        #expect(result.output.contains("0.03168992927421"))
    }
}
