import Documents

/// The records of an audit file (JSON Lines, one record a line), with every hash and link verified.
///
/// What a chain cannot show is that its end was cut off; whoever keeps ``head`` elsewhere can.
public struct AuditTrail: Sendable {
    /// The records, oldest first.
    public let records: [AuditRecord]

    /// The hash of the newest record, which stands for all of them; ``AuditRecord/genesis`` when there is none.
    public var head: String { records.last?.hash ?? AuditRecord.genesis }

    /// Reads and verifies a file.
    ///
    /// - Throws: `InputError` with the first line that breaks the chain and what is wrong with it. O(n).
    public init(verifying bytes: [UInt8], document: String) throws(InputError) {
        var records: [AuditRecord] = []
        let lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
        guard lines.last?.isEmpty ?? true else {
            throw InputError(
                document,
                [
                    InputIssue(
                        "line \(lines.count)", "has no end: the last record was cut off",
                        remedy: "move the file away as evidence, and begin a new one")
                ])
        }
        for (index, line) in lines.dropLast().enumerated() {
            let place = "line \(index + 1)"
            let value = try JSONValue(parsing: Array(line), document: "\(document), \(place)")
            let record = try AuditRecord(value, document: "\(document), \(place)")
            let fault: String? =
                if !record.isIntact {
                    "its hash is not that of its contents: it was changed after it was written"
                } else if record.sequence != index + 1 || record.previous != records.last?.hash ?? AuditRecord.genesis {
                    "does not follow the line before: a record was left out, moved or put in"
                } else {
                    nil
                }
            if let fault {
                throw InputError(
                    document, [InputIssue(place, fault, remedy: "nothing from here on can be relied on")])
            }
            records.append(record)
        }
        self.records = records
    }
}
