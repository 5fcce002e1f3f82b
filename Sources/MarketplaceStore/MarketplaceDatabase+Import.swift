import Crypto
import Documents
import Foundation
import GRDB

extension MarketplaceDatabase {
    /// Imports a document, whole or not at all.
    ///
    /// Every row is checked before any is written, and all that is wrong is reported at once. Importing the same
    /// document again changes nothing. Time and memory are linear in the document's length.
    ///
    /// - Parameters:
    ///   - document: the document's name, for messages.
    ///   - now: seconds since 1970-01-01T00:00:00Z; dates far beyond it are refused.
    /// - Throws: ``StoreError/refused(_:)`` with every issue of the document; other ``StoreError`` when the store fails.
    @discardableResult
    public func `import`(
        _ kind: ImportKind, _ bytes: [UInt8], document: String, now: Int
    ) throws(StoreError) -> ImportReport {
        let prepared = try prepare(kind, bytes, document: document, now: now)
        return try write { db in try prepared.write(db, now: now) }
    }

    /// Checks a document that is to be imported, on a snapshot: other writers wait for the writing only.
    /// - Throws: ``StoreError/refused(_:)`` with every issue of the document.
    public func prepare(
        _ kind: ImportKind, _ bytes: [UInt8], document: String, now: Int
    ) throws(StoreError) -> PreparedImport {
        try read { db in try PreparedImport(kind, bytes, document, ImportReferences(db, now: now)) }
    }

    /// Imports the file at `path` under its own name.
    @discardableResult
    public func `import`(_ kind: ImportKind, file path: String, now: Int) throws(StoreError) -> ImportReport {
        let name = URL(fileURLWithPath: path).lastPathComponent
        return try self.import(kind, try Self.contents(of: path), document: name, now: now)
    }

    /// The bytes of a file.
    static func contents(of path: String) throws(StoreError) -> [UInt8] {
        do {
            return Array(try Data(contentsOf: URL(fileURLWithPath: path)))
        } catch {
            let absent = !FileManager.default.fileExists(atPath: path)
            throw .unreadableFile(
                path: path, detail: absent ? "there is no such file" : "it is a folder, or may not be read")
        }
    }
}

extension MarketplaceTransaction {
    /// Writes a document that was checked, and a line into the audit log if it changed anything.
    public func write(_ prepared: PreparedImport) throws(StoreError) -> ImportReport {
        try named { () throws in
            let report = try prepared.write(db, now: time)
            if report.changed {
                try record(
                    "import." + report.kind.rawValue, of: report.document,
                    [
                        "added": JSONValue(report.added), "replaced": JSONValue(report.replaced),
                        "removed": JSONValue(report.removed), "fingerprint": .string(prepared.fingerprint)
                    ])
            }
            return report
        }
    }
}

/// A document that has been checked and can be written.
public struct PreparedImport {
    private let kind: ImportKind
    private let document: String
    private let format: ImportFormat
    private let rows: [ImportRow]
    private let repeats: Int
    fileprivate let fingerprint: String

    /// Checks the document.
    init(
        _ kind: ImportKind, _ bytes: [UInt8], _ document: String, _ references: ImportReferences
    ) throws(InputError) {
        self.kind = kind
        self.document = document
        format = kind.format
        (rows, repeats) = try format.rows(bytes, document, references)
        fingerprint = Fingerprint.of(bytes)
    }

    /// Writes the rows within the caller's transaction, and a line into the log if anything changed.
    func write(_ db: Database, now: Int) throws -> ImportReport {
        let removed = kind == .catalog ? try delistAbsent(db) : 0
        let count = "SELECT COUNT(*) FROM \(format.table)"
        let before = try Int.fetchOne(db, sql: count) ?? 0
        var changes = 0
        let statement = try db.makeStatement(sql: format.upsert)
        for row in rows {
            try statement.execute(arguments: StatementArguments(row.values))
            // The total would count what triggers write as well.
            changes += db.changesCount
        }
        let added = (try Int.fetchOne(db, sql: count) ?? 0) - before
        let report = ImportReport(
            kind: kind, document: document, added: added, replaced: changes - added,
            unchanged: rows.count - changes + repeats, removed: removed)
        if report.changed {
            try db.execute(
                sql: """
                    INSERT INTO importLog (kind, document, rows, added, replaced, removed, fingerprint, time)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    kind.rawValue, document, report.rows, added, report.replaced, removed, fingerprint, now
                ])
        }
        return report
    }

    /// Delists the offers that the document no longer has. They stay known: interactions and quotes refer to them.
    private func delistAbsent(_ db: Database) throws -> Int {
        let listed = try Set(DatabaseValue.fetchAll(db, sql: "SELECT id FROM offer WHERE listed = 1"))
        let absent = listed.subtracting(rows.map { $0.values[0] })
        for id in absent {
            try db.execute(sql: "UPDATE offer SET listed = 0 WHERE id = ?", arguments: [id])
        }
        return absent.count
    }
}

/// SHA-256 as text.
enum Fingerprint {
    /// `sha256:` and the digest of `bytes` in hexadecimal digits.
    static func of(_ bytes: [UInt8]) -> String { text(SHA256.hash(data: bytes)) }

    /// `sha256:` and `digest` in hexadecimal digits.
    static func text(_ digest: SHA256.Digest) -> String {
        "sha256:" + digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
