import Pricing
import Testing

@Suite struct ChoiceDataTests {
    static let csv = """
        request,week,user,provider,chosen,price,nines
        r1,3,ann,b,0,4.5,3
        r1,3,ann,a,1,4.25,2
        r2,4,bob,a,0,5,2

        """

    static func message(_ body: () throws -> ChoiceData) -> String {
        do { return "accepted \(try body().rows) rows" } catch { return "\(error)" }
    }

    @Test func quoteHistoryIsRead() throws {
        let data = try ChoiceData(csv: Array(Self.csv.utf8), document: "quotes.csv")
        #expect(data.variables == ["price", "nines"])
        #expect(data.starts == [0, 2, 3])
        #expect(data.chosen == [1, -1])
        #expect(data.providers == ["a", "b"])
        #expect(data.providerOfRow == [1, 0, 0])
        #expect(data.groupings == ["week": [3, 4], "user": [0, 1]])
        #expect(try data.values(of: "price") == [4.5, 4.25, 5])
        #expect(try data.values(of: ChoiceData.constant) == [1, 1, 1])
        #expect(data.outsideChoices == 1)
    }

    @Test(arguments: [
        ("r1,3,ann,a,1,4.25,2", "r1,3,ann,a,1,nan,2", "line 3, price"),
        ("r1,3,ann,a,1,4.25,2", "r1,3,ann,a,2,4.25,2", "line 3, chosen"),
        ("r1,3,ann,b,0,4.5,3", "r1,3,ann,b,1,4.5,3", "line 3, chosen: a second row"),
        ("r1,3,ann,a,1,4.25,2", "r1,5,ann,a,1,4.25,2", "line 3, week"),
        ("r1,3,ann,a,1,4.25,2", "r1,3,ann,a,1,4.25", "line 3: has 6 fields"),
        ("r2,4,bob,a,0,5,2", "r2,4,bob,a,0,5,2\nr1,4,bob,a,0,5,2", "line 5, request"),
        ("price,nines", "price,price", "line 1"), ("chosen,price", "picked,price", "line 1")
    ])
    func mistakesOfAFileAreLocated(_ text: String, _ replacement: String, _ location: String) {
        let csv = Self.csv.replacing(text, with: replacement)
        let message = Self.message { try ChoiceData(csv: Array(csv.utf8), document: "quotes.csv") }
        #expect(message.contains(location), "\(message)")
    }

    @Test func emptyFilesAreRefused() {
        #expect(Self.message { try ChoiceData(csv: [], document: "q.csv") }.contains("the file is empty"))
        let header = Array("request,chosen,price\n".utf8)
        #expect(Self.message { try ChoiceData(csv: header, document: "q.csv") }.contains("there is no row"))
    }

    @Test func mistakesOfColumnsAreLocated() {
        func data(
            _ columns: [[Double]] = [[1, 2, 3]], sizes: [Int] = [2, 1], chosen: [Int?] = [0, nil],
            names: [String] = ["x"],
            providers: [String] = [], groupings: [String: [Int]] = [:]
        ) -> String {
            Self.message {
                try ChoiceData(
                    variables: names, columns: columns, sizes: sizes, chosen: chosen, providers: providers,
                    groupings: groupings)
            }
        }
        #expect(data() == "accepted 3 rows")
        #expect(data([[1, .nan, 3]]).contains("row 1, x: nan"))
        #expect(data([[1, 2]]).contains("x: has 2 numbers"))
        #expect(data(sizes: [3, 0]).contains("situation 1: has 0 rows"))
        #expect(data(sizes: [.max, .max]).contains("x: has 3 numbers"))
        #expect(data(chosen: [2, nil]).contains("situation 0, chosen: 2 is none of its rows"))
        #expect(data(chosen: [-1, nil]).contains("situation 0, chosen"))
        #expect(data(chosen: [0]).contains("chosen: has 1 entries"))
        #expect(data([[1, 2, 3], [1, 2, 3]], names: ["x", "x"]).contains("names two columns"))
        #expect(data(names: []).contains("0 names for 1 columns"))
        #expect(data(names: [ChoiceData.constant]).contains("the name is taken"))
        #expect(data(providers: ["a"]).contains("provider: has 1 entries"))
        #expect(data(groupings: ["week": [1]]).contains("week: has 1 entries"))
        #expect(data([[]], sizes: [], chosen: []).contains("there is none"))
        #expect(
            Self.message {
                try ChoiceData(
                    variables: ["x"], columns: [[1, 2, 3]], situations: [1, 1, 2], chosen: [true, true, false])
            }.contains("row 1, chosen: a second row"))
        #expect(
            Self.message {
                try ChoiceData(
                    variables: ["x"], columns: [[1, 2, 3]], situations: [1, 2, 1], chosen: [true, true, false])
            }.contains("row 2: situation 1 has rows elsewhere"))
    }

    @Test func partsKeepTheirChoices() throws {
        let data = try ChoiceData(csv: Array(Self.csv.utf8), document: "quotes.csv")
        let (earlier, later) = try data.split(by: "week", at: 4)
        #expect(earlier.chosen == [1] && later.chosen == [-1])
        #expect(try later.values(of: "price") == [5])
        #expect(later.groupings["user"] == [1])
        #expect(throws: PricingError.self) { try data.split(by: "week", at: 9) }
        #expect(throws: PricingError.self) { try data.split(by: "month", at: 4) }
        #expect(throws: PricingError.self) { try data.adding("price", [1]) }
        #expect(throws: PricingError.self) { try data.adding("price", [1, 2, .infinity]) }
    }
}
