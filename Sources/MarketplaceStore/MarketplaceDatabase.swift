import Foundation
import GRDB
import Synchronization

/// The marketplace's memory: one SQLite database.
///
/// Readers see a consistent state while an import is written; every write is one transaction, so that a process that
/// dies leaves the state before or the state after. All calls block until SQLite has answered.
public final class MarketplaceDatabase: Sendable {
    /// What to do when there is no database at the path.
    public enum Opening: Sendable, Hashable {
        /// Refuse.
        case existing
        /// Create it.
        case creating
    }

    /// Where the database lies; `:memory:` for one that lies nowhere.
    public let path: String
    private let connection: any DatabaseWriter
    /// A connection that only looks whether anybody has written; made for whoever asks first.
    private let watch = Mutex<DatabaseQueue?>(nil)

    /// Opens the database at `path`.
    ///
    /// - Throws: ``StoreError`` when it is absent (unless `opening` creates it), is not a database, is another
    ///   application's, is of a newer schema, or must not be written. A file that is refused is not touched.
    public init(path: String, _ opening: Opening = .existing) throws(StoreError) {
        self.path = path
        let exists = FileManager.default.fileExists(atPath: path)
        guard exists || opening == .creating else { throw .missing(path: path) }
        do {
            if exists { try Self.inspect(path, opening) }
            let pool = try DatabasePool(path: path, configuration: Self.configuration)
            connection = pool
            do {
                try Self.migrate(pool)
                // A quote that was accepted is a promise: it must outlive a power cut too.
                try pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
            } catch {
                // Whoever removes a file that was refused must not find it open.
                try? pool.close()
                throw error
            }
        } catch {
            throw StoreError(error, path: path)
        }
    }

    deinit { try? watch.withLock { try $0?.close() } }

    private init(memory queue: DatabaseQueue) throws {
        path = ":memory:"
        connection = queue
        try Schema.migrator.migrate(queue)
    }

    /// A database file that is only looked at: nothing is written beside it, and its schema stays what it is.
    init(inspecting path: String) throws {
        self.path = path
        try Self.inspect(path, .existing)
        var readOnly = Self.configuration
        readOnly.readonly = true
        connection = try DatabaseQueue(path: path, configuration: readOnly)
    }

    /// Whether every migration that this version knows was made.
    func isUpToDate() throws(StoreError) -> Bool { try read(Schema.migrator.hasCompletedMigrations) }

    /// A new, empty database in memory, for tests and for one-off work.
    public static func inMemory() throws(StoreError) -> MarketplaceDatabase {
        do {
            return try MarketplaceDatabase(memory: DatabaseQueue(configuration: configuration))
        } catch {
            throw StoreError(error, path: ":memory:")
        }
    }

    private static var configuration: Configuration {
        var configuration = Configuration()
        configuration.foreignKeysEnabled = true
        configuration.busyMode = .timeout(5)
        configuration.maximumReaderCount = 8
        return configuration
    }

    /// Looks at an existing file through a connection that cannot write.
    private static func inspect(_ path: String, _ opening: Opening) throws {
        guard let file = FileHandle(forReadingAtPath: path) else {
            throw StoreError.cannotOpen(path: path, detail: "it cannot be read")
        }
        defer { try? file.close() }
        let head = try file.read(upToCount: 16) ?? Data()
        if head.isEmpty {
            guard opening == .creating else { throw StoreError.uninitialized(path: path) }
            return
        }
        guard head.elementsEqual(Array("SQLite format 3\0".utf8)) else { throw StoreError.notADatabase(path: path) }
        var readOnly = configuration
        readOnly.readonly = true
        let queue = try DatabaseQueue(path: path, configuration: readOnly)
        try queue.read { db in
            let tables = try Int.fetchOne(db, sql: "SELECT COUNT(*) FROM sqlite_master") ?? 0
            let owner = try Int.fetchOne(db, sql: "PRAGMA application_id") ?? 0
            if tables == 0 {
                guard opening == .creating else { throw StoreError.uninitialized(path: path) }
            } else if owner != Schema.applicationID {
                throw StoreError.foreign(path: path)
            } else if try Schema.migrator.hasBeenSuperseded(db) {
                throw StoreError.newerSchema(path: path)
            }
        }
        try queue.close()
    }

    /// Brings the schema up to date. Of two processes that try at once the second finds the first one's work.
    private static func migrate(_ pool: DatabasePool) throws {
        do {
            try Schema.migrator.migrate(pool)
        } catch {
            guard try pool.read(Schema.migrator.hasCompletedMigrations) else { throw error }
        }
    }

    /// Reads a consistent state.
    func read<Value>(_ body: (Database) throws -> Value) throws(StoreError) -> Value {
        do {
            return try connection.read(body)
        } catch {
            throw StoreError(error, path: path)
        }
    }

    /// Writes in one transaction, which leaves nothing behind when `body` throws.
    func write<Value>(_ body: (Database) throws -> Value) throws(StoreError) -> Value {
        do {
            return try connection.write(body)
        } catch {
            throw StoreError(error, path: path)
        }
    }

    /// A number that is another one once anybody, in this process or in another, has written to the database; nil where
    /// nothing tells. What was read after it was asked for holds as long as it stays the same. A few microseconds.
    public func changeMark() throws(StoreError) -> Int? {
        guard path != ":memory:" else { return nil }
        do {
            return try watch.withLock { watch in
                var readOnly = Self.configuration
                readOnly.readonly = true
                let queue = try watch ?? DatabaseQueue(path: path, configuration: readOnly)
                watch = queue
                return try queue.unsafeRead { try Int.fetchOne($0.cachedStatement(sql: "PRAGMA data_version")) }
            }
        } catch {
            throw StoreError(error, path: path)
        }
    }

    /// Lets the file grow no further, as on a full disk, or lets it grow again; for simulations.
    package func limitGrowth(_ isLimited: Bool) throws(StoreError) {
        do {
            try connection.writeWithoutTransaction { db in
                let pages = isLimited ? try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 1 : 4_294_967_294
                _ = try Int.fetchOne(db, sql: "PRAGMA max_page_count = \(pages)")
            }
        } catch {
            throw StoreError(error, path: path)
        }
    }

    /// Copies everything, as it is at one moment, into another database.
    func backUp(into copy: DatabaseQueue) throws { try connection.backup(to: copy) }

    /// Goes through the whole file and its references; throws ``StoreError/corrupt(path:detail:)`` on the first fault.
    ///
    /// O(size of the file).
    public func check() throws(StoreError) {
        let fault = try read { db -> String? in
            let findings = try String.fetchAll(db, sql: "PRAGMA integrity_check(1)")
            if let first = findings.first, first != "ok" { return first }
            let orphan = try Row.fetchOne(db, sql: "PRAGMA foreign_key_check")
            return orphan.map { "a row of table \($0["table"] as String? ?? "?") refers to nothing" }
        }
        if let fault { throw .corrupt(path: path, detail: fault) }
    }

    /// Brings everything into the one file and ends all connections; calls that follow fail.
    public func close() throws(StoreError) {
        do {
            // A connection that cannot write must not be the last: it would leave the write-ahead log behind.
            try watch.withLock { watch in
                try watch?.close()
                watch = nil
            }
            // The pool ends its writing connection first, after which nobody could empty the write-ahead log. A log
            // that a reader still holds stays beside the file, where the next opening finds it.
            _ = try? connection.writeWithoutTransaction { try $0.checkpoint(.truncate) }
            try connection.close()
        } catch {
            throw StoreError(error, path: path)
        }
    }
}
