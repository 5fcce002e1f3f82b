import Foundation
import GRDB

extension MarketplaceDatabase {
    /// Copies the database, as it is at one moment, into the new file `target`, while others read and write.
    ///
    /// The copy is checked before it takes its name: a process that dies, or a disk that fills up, leaves no file there
    /// that looks like a backup.
    ///
    /// - Throws: ``StoreError/fileExists(path:)`` when there is a file; what ``check()`` finds in the copy.
    public func backUp(to target: String) throws(StoreError) {
        guard !FileManager.default.fileExists(atPath: target) else { throw .fileExists(path: target) }
        let partial = target + ".partial"
        Self.remove(partial)
        do {
            let copy = try DatabaseQueue(path: partial)
            defer { try? copy.close() }
            try backUp(into: copy)
            // A write-ahead log belongs to the running database; the copy is one file, complete in itself.
            _ = try copy.writeWithoutTransaction { try String.fetchOne($0, sql: "PRAGMA journal_mode = DELETE") }
            try copy.close()
            try MarketplaceDatabase.inspectWhole(partial)
            try FileManager.default.moveItem(atPath: partial, toPath: target)
        } catch {
            Self.remove(partial)
            throw StoreError(error, path: target)
        }
    }

    /// Puts a backup in the place of the database `target`, whole or not at all.
    ///
    /// - Parameter replacing: whether a database that is there already may go; it is kept beside as `….replaced`.
    /// - Throws: ``StoreError/fileExists(path:)``, ``StoreError/busy(path:)`` while a process uses `target`; whatever is wrong
    ///   with the backup.
    public static func restore(_ backup: String, to target: String, replacing: Bool) throws(StoreError) {
        let files = FileManager.default
        guard files.fileExists(atPath: backup) else { throw .missing(path: backup) }
        let exists = files.fileExists(atPath: target)
        guard replacing || !exists else { throw .fileExists(path: target) }
        let partial = target + ".partial"
        remove(partial)
        do {
            try files.copyItem(atPath: backup, toPath: partial)
            try inspectWhole(partial)
            if exists {
                try requireUnused(target)
                let old = target + ".replaced"
                remove(old)
                for suffix in ["", "-wal", "-shm"] where files.fileExists(atPath: target + suffix) {
                    try files.moveItem(atPath: target + suffix, toPath: old + suffix)
                }
            }
            try files.moveItem(atPath: partial, toPath: target)
        } catch {
            remove(partial)
            throw StoreError(error, path: target)
        }
    }

    /// Checks a file that is nobody's yet. The audit log of an older schema is verified once it was brought up to date.
    private static func inspectWhole(_ path: String) throws {
        let database = try MarketplaceDatabase(inspecting: path)
        defer {
            try? database.close()
            for suffix in ["-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + suffix) }
        }
        try database.check()
        if try database.isUpToDate() { _ = try database.verifyAudit() }
    }

    /// Passes if no process has the database open. A file that is no database any more has no users.
    private static func requireUnused(_ path: String) throws {
        var configuration = Configuration()
        configuration.busyMode = .immediateError
        do {
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            defer { try? queue.close() }
            try queue.writeWithoutTransaction { db in
                // An exclusive lock on a database in WAL mode is refused while anyone else is connected.
                _ = try String.fetchOne(db, sql: "PRAGMA locking_mode = EXCLUSIVE")
                try db.execute(sql: "BEGIN EXCLUSIVE; COMMIT;")
            }
        } catch let error as DatabaseError where [.SQLITE_BUSY, .SQLITE_LOCKED].contains(error.resultCode) {
            throw StoreError.busy(path: path)
        } catch {}
    }

    private static func remove(_ path: String) {
        for suffix in ["", "-wal", "-shm", "-journal"] { try? FileManager.default.removeItem(atPath: path + suffix) }
    }
}
