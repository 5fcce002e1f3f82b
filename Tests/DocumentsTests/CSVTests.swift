import Documents
import Money
import Testing

@Suite struct CSVTests {
    static func table(_ text: String, _ header: [String] = ["a", "b"]) throws -> CSVTable {
        try CSVTable(parsing: Array(text.utf8), header: header, document: "file.csv")
    }

    @Test(arguments: [
        ("a,b\n1,2\n", [["1", "2"]]), ("a,b\r\n1,2\r\n", [["1", "2"]]), ("\u{FEFF}a,b\n1,2\n", [["1", "2"]]),
        ("a,b\n", []), ("a,b\n,\n", [["", ""]]), ("a,b\n\n1,2\n\n", [["1", "2"]]), ("a,b\n\"1,5\",2\n", [["1,5", "2"]]),
        ("a,b\n\"say \"\"hi\"\"\",2\n", [["say \"hi\"", "2"]]), ("a,b\n\"two\nlines\",2\n", [["two\nlines", "2"]]),
        ("a,b\n\"\",\"\"\n", [["", ""]]), ("a,b\n 1 ,é\n", [[" 1 ", "é"]]), ("\"a\",\"b\"\n1,2\n", [["1", "2"]])
    ])
    func readsRows(_ text: String, _ rows: [[String]]) throws {
        #expect(try Self.table(text).rows.map(\.fields) == rows)
    }

    @Test func anEmptyQuotedFieldIsARow() throws {
        #expect(try Self.table("a\n\"\"\n\nx\n", ["a"]).rows.map(\.fields) == [[""], ["x"]])
    }

    @Test func rowsKnowTheirLines() throws {
        #expect(try Self.table("a,b\n1,2\n\"x\ny\nz\",3\n\n4,5\n").rows.map(\.line) == [2, 3, 7])
    }

    @Test(arguments: [
        ("", "line 1"), ("a,c\n1,2\n", "line 1"), ("a\n1\n", "line 1"), ("b,a\n1,2\n", "line 1"),
        ("a,b\n1\n", "line 2"), ("a,b\n1,2,3\n", "line 2"), ("a,b\n1,2\n3,4", "line 3"), ("a,b\n1,2\n3", "line 3"),
        ("a,b\n1,\"2\n3,4\n", "line 2"), ("a,b\n1,2\n\"", "line 3"), ("a,b\n1,\"2\"x\n", "line 2"),
        ("a,b\n1,2\"x\"\n", "line 2"), ("a,b", "line 1")
    ])
    func refusesMalformedFiles(_ text: String, _ line: String) {
        let error = #expect(throws: InputError.self) { try Self.table(text) }
        #expect(error?.issues.contains { $0.location == line } == true, "\(String(describing: error))")
        #expect(error?.issues.allSatisfy { !$0.remedy.isEmpty } == true)
    }

    @Test func namesTheLineThatIsNotUTF8() {
        let bytes = Array("a,b\n1,2\n".utf8) + [0xFF] + Array(",4\n".utf8)
        let error = #expect(throws: InputError.self) {
            try CSVTable(parsing: bytes, header: ["a", "b"], document: "file.csv")
        }
        #expect(error?.issues.first?.location == "line 3")
    }

    @Test func everyTruncationIsNoticed() throws {
        let whole = Array("a,b\n1,\"x,\"\"y\"\"\"\n22,33\n".utf8)
        for length in 0..<whole.count {
            let part = Array(whole.prefix(length))
            let complete = length == 4 || part.last == 0x0A
            let table = try? CSVTable(parsing: part, header: ["a", "b"], document: "")
            #expect((table != nil) == complete, "cut at \(length)")
        }
    }

    @Test func fieldsByTypeWithTheirLine() throws {
        let header = ["name", "price", "count", "share", "day", "tags"]
        let table = try Self.table(
            "name,price,count,share,day,tags\nx,1.50,3,0.25,2026-11-22,a|b\n,1e3,-1,2,2026-02-30,\n", header)
        let log = IssueLog()
        let good = RowReader(table.rows[0], of: table, log: log)
        #expect(good.string("name") == "x" && good.integer("count", in: 0...9) == 3)
        #expect(try good.decimal("price", in: .zero...ExactDecimal(2)) == ExactDecimal("1.5"))
        #expect(good.double("share", in: 0...1) == 0.25 && good.list("tags") == ["a", "b"])
        #expect(good.day("day")?.description == "2026-11-22" && good.choice("name", ["x", "y"]) == "x")
        #expect(log.issues.isEmpty)
        let bad = RowReader(table.rows[1], of: table, log: log)
        #expect(bad.string("name") == nil && bad.decimal("price", in: .zero...ExactDecimal(2)) == nil)
        #expect(bad.integer("count", in: 0...9) == nil && bad.double("share", in: 0...1) == nil)
        #expect(bad.day("day") == nil && bad.choice("name", ["x"]) == nil && bad.list("tags").isEmpty)
        #expect(log.issues.count == 6 && log.issues.allSatisfy { $0.location.hasPrefix("line 3, ") })
        #expect(throws: InputError.self) { try log.check("file.csv") }
    }

    @Test(arguments: ["nan", "inf", "1e999", "", " 1", "0x1p3"]) func doublesAreFinite(_ text: String) throws {
        let table = try Self.table("a,b\n\"\(text)\",1\n")
        let log = IssueLog()
        let value = RowReader(table.rows[0], of: table, log: log).double("a", in: 0...100)
        #expect(value == nil || text == "0x1p3")
        #expect((value == nil) == !log.issues.isEmpty)
    }
}

@Suite struct ObjectReaderTests {
    static func reader(_ value: JSONValue) -> (ObjectReader, IssueLog) {
        let log = IssueLog()
        return (ObjectReader(value, log: log), log)
    }

    @Test func readsMembersByType() throws {
        let (reader, log) = Self.reader([
            "s": "x", "i": 5, "j": "6", "d": "1.50", "e": .number("2.5"), "day": "2026-11-22", "asset": "USD",
            "list": ["a", "b"], "o": ["x": 1], "os": [["x": 1], ["x": 2]], "none": .null
        ])
        #expect(reader.string("s") == "x" && reader.choice("s", ["x"]) == "x")
        #expect(reader.integer("i", in: 0...9) == 5 && reader.integer("j", in: 0...9) == 6)
        #expect(try reader.decimal("d", in: .zero...ExactDecimal(9)) == ExactDecimal("1.5"))
        #expect(try reader.decimal("e", in: .zero...ExactDecimal(9)) == ExactDecimal("2.5"))
        #expect(reader.day("day")?.year == 2026 && reader.asset("asset") == .usd)
        #expect(reader.strings("list") == ["a", "b"] && reader.strings("absent").isEmpty)
        #expect(!reader.has("none") && !reader.has("absent") && reader.value("none") == nil)
        let inner = reader.object("o")
        #expect(inner?.integer("x", in: 0...9) == 1 && inner?.pointer == "/o")
        let all = reader.objects("os")
        #expect(all.map { $0.integer("x", in: 0...9) } == [1, 2] && all.last?.pointer == "/os/1")
        reader.finish()
        inner?.finish()
        #expect(log.issues.isEmpty)
    }

    @Test func notesWhatIsWrongWithItsPointer() {
        let (reader, log) = Self.reader([
            "s": 1, "empty": "", "i": .number("1.5"), "big": 11, "d": "1e3", "far": "100", "day": "tomorrow",
            "asset": "USDD", "list": "a", "mixed": ["a", 1], "o": [], "colour": 1
        ])
        #expect(reader.string("s") == nil && reader.string("empty") == nil && reader.string("missing") == nil)
        #expect(reader.integer("i", in: 0...9) == nil && reader.integer("big", in: 0...9) == nil)
        #expect(reader.decimal("d", in: .zero...ExactDecimal(9)) == nil)
        #expect(reader.decimal("far", in: .zero...ExactDecimal(9), unit: "GB") == nil)
        #expect(reader.day("day") == nil && reader.asset("asset") == nil && reader.strings("list").isEmpty)
        #expect(reader.strings("mixed") == ["a"])
        _ = reader.object("o")
        _ = reader.has("color")
        reader.finish()
        #expect(
            log.issues.map(\.location) == [
                "/s", "/empty", "/missing", "/i", "/big", "/d", "/far", "/day", "/asset", "/list", "/mixed/1", "/o",
                "/colour"
            ])
        #expect(log.issues.last?.remedy == "did you mean 'color'?")
        #expect(log.issues.first { $0.location == "/asset" }?.remedy.contains("USD") == true)
    }

    @Test func aValueThatIsNoObject() {
        let (reader, log) = Self.reader([1])
        #expect(reader.string("a") == nil && log.issues.first?.problem == "expected an object, found an array")
    }

    @Test func nearWords() {
        #expect("egresGB".nearest(among: ["egressGB", "reads"]) == "egressGB")
        #expect("xyz".nearest(among: ["egressGB", "reads"]) == nil)
        #expect("".nearest(among: ["a"]) == nil)
        #expect(suggestion("q", ["a", "b"]) == "known are a, b")
    }
}
