import Documents
import GRDB

/// One row of a document, checked, as it will stand in its table.
struct ImportRow {
    /// The line of the document, from 1.
    let line: Int
    /// The values of the format's columns.
    let values: [DatabaseValue]
}

/// How one kind of document becomes rows of one table.
struct ImportFormat {
    /// The table.
    let table: String
    /// Its columns; the first `keyCount` are its key.
    let columns: [String]
    /// How many columns make the key.
    let keyCount: Int
    /// Whether a row may stand twice in a document, word for word. Event logs do that when they are joined.
    var allowsRepeats = false
    /// Reads the rows of a document; what is wrong goes to the log.
    let read: (_ bytes: [UInt8], _ document: String, ImportReferences, IssueLog) throws(InputError) -> [ImportRow]

    /// A format that is CSV with the given header. `row` gives the values of one row, or nil after it has reported.
    static func csv(
        table: String, columns: [String], keyCount: Int, header: [String], allowsRepeats: Bool = false,
        row: @escaping (RowReader, ImportReferences) -> [(any DatabaseValueConvertible)?]?
    ) -> ImportFormat {
        ImportFormat(table: table, columns: columns, keyCount: keyCount, allowsRepeats: allowsRepeats) {
            (bytes, document, references, log) throws(InputError) in
            let file = try CSVTable(parsing: bytes, header: header, document: document)
            return file.rows.compactMap { fields in
                row(RowReader(fields, of: file, log: log), references).map { values in
                    ImportRow(line: fields.line, values: values.map { $0?.databaseValue ?? .null })
                }
            }
        }
    }

    /// The document's rows, each key once.
    ///
    /// - Returns: the rows, and how many repeat another row of the document word for word.
    /// - Throws: ``InputError`` with everything that is wrong with the document, in the order of its lines.
    func rows(
        _ bytes: [UInt8], _ document: String, _ references: ImportReferences
    ) throws(InputError) -> (rows: [ImportRow], repeats: Int) {
        let log = IssueLog()
        let rows = try read(bytes, document, references, log)
        var positions: [[DatabaseValue]: Int] = Dictionary(minimumCapacity: rows.count)
        var distinct: [ImportRow] = []
        distinct.reserveCapacity(rows.count)
        for row in rows {
            let key = Array(row.values.prefix(keyCount))
            guard let position = positions[key] else {
                positions[key] = distinct.count
                distinct.append(row)
                continue
            }
            let first = distinct[position]
            if allowsRepeats, first.values == row.values { continue }
            let name = zip(columns, key).map { "\($0) \($1.storage.value ?? "")" }.joined(separator: ", ")
            log.report("line \(row.line)", "repeats \(name) of line \(first.line)", remedy: "keep one of the two")
        }
        if !log.issues.isEmpty { throw InputError(document, Self.byLine(log.issues)) }
        return (distinct, rows.count - distinct.count)
    }

    /// The issues in the order of their lines; those of one line keep their order.
    private static func byLine(_ issues: [InputIssue]) -> [InputIssue] {
        let numbered = issues.map { issue in
            (line: Int(issue.location.dropFirst(5).prefix { $0.isNumber }) ?? 0, issue: issue)
        }
        return numbered.enumerated().sorted { ($0.element.line, $0.offset) < ($1.element.line, $1.offset) }
            .map(\.element.issue)
    }

    /// Writes a row, or brings the row of the same key up to date; a row that is there already is left alone.
    var upsert: String {
        let key = columns.prefix(keyCount).joined(separator: ", ")
        let values = columns.dropFirst(keyCount)
        let marks = columns.map { _ in "?" }.joined(separator: ", ")
        let insert = "INSERT INTO \(table) (\(columns.joined(separator: ", "))) VALUES (\(marks)) ON CONFLICT (\(key)) "
        if values.isEmpty { return insert + "DO NOTHING" }
        let changes = values.map { "\($0) = excluded.\($0)" }.joined(separator: ", ")
        let differs = values.map { "\(table).\($0) IS NOT excluded.\($0)" }.joined(separator: " OR ")
        return insert + "DO UPDATE SET \(changes) WHERE \(differs)"
    }
}

extension ImportKind {
    /// How the kind's documents are read.
    var format: ImportFormat {
        switch self {
        case .catalog: .catalog
        case .metros: .metros
        case .regions: .providerRegions
        case .readerRegions: .readerRegions
        case .latency: .latency
        case .rates: .rates
        case .providers: .providers
        case .registers: .registers
        case .interactions: .interactions
        case .measurements: .measurements
        }
    }
}
