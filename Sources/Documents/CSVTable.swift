import Money

/// A CSV file (RFC 4180) with a header, read strictly, each row with the line that it starts on.
///
/// Nothing is guessed: a row with a field too few, a quote without an end, or bytes that are not UTF-8 are issues with
/// their line. Lenient readers lose the line numbers and do not notice a file that was cut off.
public struct CSVTable: Sendable {
    /// A row and where it starts.
    public struct Row: Sendable {
        /// The line of the file, from 1.
        public let line: Int
        /// The fields in the order of the header.
        public let fields: [String]
    }

    /// The names of the columns.
    public let header: [String]
    /// The rows after the header.
    public let rows: [Row]

    /// Reads `bytes` and demands exactly the columns of `header`, in that order.
    ///
    /// - Throws: ``InputError`` with every malformed row. O(n).
    public init(parsing bytes: [UInt8], header: [String], document: String) throws(InputError) {
        try self.init(bytes, document, remedy: "it must be '\(header.joined(separator: ","))'") { $0 == header }
    }

    /// Reads `bytes` with whatever columns the header names, each once, those of `required` among them.
    ///
    /// - Throws: ``InputError`` with every malformed row. O(n).
    public init(parsing bytes: [UInt8], requiring required: [String], document: String) throws(InputError) {
        let remedy = "it must name each column once, \(required.joined(separator: ", ")) among them"
        try self.init(bytes, document, remedy: remedy) { header in
            Set(header).count == header.count && !header.contains("") && Set(header).isSuperset(of: required)
        }
    }

    private init(
        _ bytes: [UInt8], _ document: String, remedy: String, accepts: ([String]) -> Bool
    ) throws(InputError) {
        guard String(validating: bytes, as: UTF8.self) != nil else {
            let line = Self.firstInvalidLine(bytes)
            throw InputError(
                document, [InputIssue("line \(line)", "is not valid UTF-8", remedy: "save the file as UTF-8")])
        }
        let log = IssueLog()
        var records = Self.records(bytes, log)
        guard let header = records.first?.fields else {
            throw InputError(
                document, [InputIssue("line 1", "the file is empty", remedy: "as to its header, \(remedy)")])
        }
        records.removeFirst()
        guard accepts(header) else {
            throw InputError(
                document,
                [InputIssue("line 1", "the header is '\(header.joined(separator: ","))'", remedy: remedy)])
        }
        for record in records where record.fields.count != header.count {
            log.report(
                "line \(record.line)", "has \(record.fields.count) fields, not \(header.count)",
                remedy: "the file may be truncated, or a comma may need quotes")
        }
        if let last = bytes.last, last != 0x0A {
            log.report(
                "line \(records.last?.line ?? 1)", "the last line has no end",
                remedy: "the file may be truncated; end it with a newline")
        }
        try log.check(document)
        self.header = header
        rows = records
    }

    private static func firstInvalidLine(_ bytes: [UInt8]) -> Int {
        let lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
        return (lines.firstIndex { String(validating: $0, as: UTF8.self) == nil } ?? 0) + 1
    }

    private static func records(_ bytes: [UInt8], _ log: IssueLog) -> [Row] {
        var rows: [Row] = []
        var fields: [String] = []
        var field: [UInt8] = []
        var quoted = false
        var wasQuoted = false
        var line = 1
        var start = 1
        var index = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        func endField() {
            fields.append(String(decoding: field, as: UTF8.self))
            field.removeAll(keepingCapacity: true)
            wasQuoted = false
        }
        func endRow() {
            let isBlank = fields.isEmpty && field.isEmpty && !wasQuoted
            endField()
            if !isBlank { rows.append(Row(line: start, fields: fields)) }
            fields.removeAll(keepingCapacity: true)
        }
        while index < bytes.count {
            let byte = bytes[index]
            index += 1
            if quoted {
                if byte == UInt8(ascii: "\"") {
                    if index < bytes.count, bytes[index] == byte {
                        field.append(byte)
                        index += 1
                    } else {
                        (quoted, wasQuoted) = (false, true)
                    }
                } else {
                    if byte == 0x0A { line += 1 }
                    field.append(byte)
                }
                continue
            }
            switch byte {
            case UInt8(ascii: "\"") where field.isEmpty && !wasQuoted: quoted = true
            case UInt8(ascii: ","): endField()
            case 0x0D where index < bytes.count && bytes[index] == 0x0A: continue
            case 0x0A:
                endRow()
                line += 1
                start = line
            default:
                if wasQuoted || byte == UInt8(ascii: "\"") {
                    log.report(
                        "line \(line)", "a quote stands within a field",
                        remedy: "put the whole field into quotes and double those within it")
                }
                field.append(byte)
            }
        }
        if quoted { log.report("line \(start)", "a quote has no end", remedy: "the file may be truncated") }
        if !field.isEmpty || !fields.isEmpty || wasQuoted { endRow() }
        return rows
    }
}

/// Reads the fields of one CSV row by name and type, and notes what is wrong with them.
public struct RowReader {
    /// The line of the row.
    public let line: Int
    /// Where issues go.
    public let log: IssueLog
    private let values: [String: String]

    /// A reader of `row` of `table`.
    public init(_ row: CSVTable.Row, of table: CSVTable, log: IssueLog) {
        line = row.line
        self.log = log
        values = Dictionary(zip(table.header, row.fields)) { $1 }
    }

    /// Notes an issue with a field.
    public func report(_ field: String, _ problem: String, remedy: String = "") {
        log.report("line \(line), \(field)", problem, remedy: remedy)
    }

    /// The field's text, possibly empty.
    public func text(_ field: String) -> String { values[field] ?? "" }

    /// A field that must not be empty.
    public func string(_ field: String) -> String? {
        let text = text(field)
        if text.isEmpty { report(field, "is empty") }
        return text.isEmpty ? nil : text
    }

    /// A field out of a closed list.
    public func choice(_ field: String, _ choices: [String]) -> String? {
        let text = text(field)
        if choices.contains(text) { return text }
        report(field, "unknown value '\(text)'", remedy: "use one of \(choices.joined(separator: ", "))")
        return nil
    }

    /// The parts of a field separated by `|`.
    public func list(_ field: String) -> [String] {
        text(field).split(separator: "|").map(String.init)
    }

    /// An exact decimal within `range`.
    public func decimal(_ field: String, in range: ClosedRange<ExactDecimal>) -> ExactDecimal? {
        let text = text(field)
        guard let value = try? ExactDecimal(text) else {
            report(field, "'\(text)' is not a decimal number")
            return nil
        }
        guard range.contains(value) else {
            report(field, "\(value) is out of range", remedy: "use \(range.lowerBound)…\(range.upperBound)")
            return nil
        }
        return value
    }

    /// A finite double within `range`.
    public func double(_ field: String, in range: ClosedRange<Double>) -> Double? {
        let text = text(field)
        guard let value = Double(text), range.contains(value) else {
            report(field, "'\(text)' is not a number within \(range.lowerBound)…\(range.upperBound)")
            return nil
        }
        return value
    }

    /// A whole number within `range`.
    public func integer(_ field: String, in range: ClosedRange<Int>) -> Int? {
        let text = text(field)
        guard let value = Int(text), range.contains(value) else {
            report(field, "'\(text)' is not a whole number within \(range.lowerBound)…\(range.upperBound)")
            return nil
        }
        return value
    }

    /// A day.
    public func day(_ field: String) -> CalendarDay? {
        let text = text(field)
        if let day = try? CalendarDay(text) { return day }
        report(field, "'\(text)' is not a date", remedy: "write YYYY-MM-DD")
        return nil
    }
}
