import Foundation
import GRDB
import MarketplaceStore
import Testing

@Suite struct OpeningTests {
    let place: Place

    init() throws { place = try Place() }

    @Test func aMissingDatabaseNamesItsRemedyAndIsNotCreated() throws {
        let error = try #require(throws: StoreError.self) { try MarketplaceDatabase(path: place.path) }
        guard case .missing = error else { throw error }
        #expect(error.description.contains("quote-service import catalog"))
        #expect(!FileManager.default.fileExists(atPath: place.path))
    }

    @Test func aDatabaseOutlivesItsConnection() throws {
        let first = try place.open()
        try first.furnish()
        let version = try first.catalog().version
        try first.close()
        let second = try MarketplaceDatabase(path: place.path)
        #expect(try second.catalog().version == version)
        #expect(try second.counts().interactions == 3)
        try second.check()
    }

    @Test func creatingAnExistingDatabaseKeepsIt() throws {
        try place.open().furnish()
        #expect(try place.open().counts().offers == 4)
    }

    @Test func whoeverWritesIsNoticed() throws {
        let (one, other) = (try place.open(), try place.open())
        try one.furnish()
        let mark = try #require(try one.changeMark())
        _ = try one.catalog()
        #expect(try one.changeMark() == mark)
        try one.expireQuotes(now: 0)
        #expect(try one.changeMark() == mark, "nothing had expired")
        try one.forgetCalls(before: 0)
        let own = try one.changeMark()
        try other.transact(by: .machine, at: 1) { try $0.setCosts("{}", of: "alpha") }
        #expect(try one.changeMark() != own && own != nil)
        #expect(try MarketplaceDatabase.inMemory().changeMark() == nil)
    }

    @Test func aDatabaseThatCannotGrowKeepsWhatItHas() throws {
        let store = try place.open()
        try store.furnish()
        try store.limitGrowth(true)
        let text = String(repeating: "x", count: 100_000)
        let error = #expect(throws: StoreError.self) {
            try store.transact(by: .machine, at: 1) { try $0.setCosts(text, of: "alpha") }
        }
        guard case .diskFull? = error else { Issue.record("\(String(describing: error))"); return }
        #expect(try store.costs(of: "alpha") == nil && store.catalog().offers.count == 4)
        try store.limitGrowth(false)
        try store.transact(by: .machine, at: 1) { try $0.setCosts(text, of: "alpha") }
        #expect(try store.costs(of: "alpha") == text)
    }

    @Test func aDatabaseWithoutOffersSaysSo() throws {
        let store = try place.open()
        let error = try #require(throws: StoreError.self) { try store.catalog() }
        guard case .noCatalog = error else { throw error }
        #expect(error.description.contains("quote-service import catalog"))
        #expect(try store.revision() == 0)
    }

    @Test(arguments: [MarketplaceDatabase.Opening.existing, .creating])
    func aFileThatIsNoDatabaseIsLeftAlone(_ opening: MarketplaceDatabase.Opening) throws {
        let text = Data("time,user,offer,kind\n".utf8)
        try text.write(to: URL(fileURLWithPath: place.path))
        let error = try #require(throws: StoreError.self) { try MarketplaceDatabase(path: place.path, opening) }
        guard case .notADatabase = error else { throw error }
        #expect(try Data(contentsOf: URL(fileURLWithPath: place.path)) == text)
        #expect(try FileManager.default.contentsOfDirectory(atPath: place.folder.path) == ["market.sqlite"])
    }

    @Test func anEmptyFileIsMigratedOnlyWhenCreating() throws {
        try Data().write(to: URL(fileURLWithPath: place.path))
        let error = try #require(throws: StoreError.self) { try MarketplaceDatabase(path: place.path) }
        guard case .uninitialized = error else { throw error }
        try place.open().furnish()
        #expect(try MarketplaceDatabase(path: place.path).counts().metros == 3)
    }

    @Test func anotherApplicationsDatabaseIsLeftAlone() throws {
        try DatabaseQueue(path: place.path).write { try $0.execute(sql: "CREATE TABLE song (title TEXT)") }
        let before = try Data(contentsOf: URL(fileURLWithPath: place.path))
        let error = try #require(throws: StoreError.self) { try place.open() }
        guard case .foreign = error else { throw error }
        #expect(try Data(contentsOf: URL(fileURLWithPath: place.path)) == before)
    }

    @Test func aNewerSchemaIsRefused() throws {
        try place.open().close()
        try DatabaseQueue(path: place.path).write {
            try $0.execute(sql: "INSERT INTO grdb_migrations (identifier) VALUES ('v999')")
        }
        let error = try #require(throws: StoreError.self) { try MarketplaceDatabase(path: place.path) }
        guard case .newerSchema = error else { throw error }
        #expect(error.description.contains("update this program"))
    }

    @Test func aMissingFolderIsReported() throws {
        let path = place.folder.appendingPathComponent("absent/market.sqlite").path
        let error = try #require(throws: StoreError.self) { try MarketplaceDatabase(path: path, .creating) }
        guard case .cannotOpen = error else { throw error }
    }

    @Test func aFolderIsNoDatabase() throws {
        #expect(throws: StoreError.self) { try MarketplaceDatabase(path: place.folder.path) }
    }

    @Test func damagedPagesAreReported() throws {
        let store = try place.open()
        try store.furnish()
        try store.close()
        // The header stays; every page after the first loses its content.
        var bytes = try Data(contentsOf: URL(fileURLWithPath: place.path))
        #expect(bytes.count > 8192)
        for index in 4096..<bytes.count { bytes[index] = 0xA5 }
        try bytes.write(to: URL(fileURLWithPath: place.path))
        let error = try #require(throws: StoreError.self) {
            let damaged = try MarketplaceDatabase(path: place.path)
            _ = try damaged.catalog()
        }
        guard case .corrupt = error else { throw error }
    }

    @Test func aRowThatCannotBeRightIsReported() throws {
        let store = try place.open()
        try store.furnish()
        try DatabaseQueue(path: place.path).write {
            try $0.execute(sql: "UPDATE offer SET document = '{\"id\":' WHERE id = 'alpha/eu-1/hot'")
        }
        let error = try #require(throws: StoreError.self) { try store.catalog() }
        guard case .corrupt(_, let detail) = error else { throw error }
        #expect(detail.contains("alpha/eu-1/hot"))
    }

    @Test func checkFindsWhatRefersToNothing() throws {
        let store = try place.open()
        try store.furnish()
        try store.check()
        try DatabaseQueue(path: place.path).writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA foreign_keys = OFF; DELETE FROM offer WHERE id = 'beta/global/only'")
        }
        let error = try #require(throws: StoreError.self) { try store.check() }
        guard case .corrupt(_, let detail) = error else { throw error }
        #expect(detail.contains("interaction"))
    }

    @Test func whatSQLiteReportsHasANameAndARemedy() {
        let named: [(ResultCode, String)] = [
            (.SQLITE_FULL, "disk is full"), (.SQLITE_CORRUPT, "damaged"), (.SQLITE_BUSY, "another process"),
            (.SQLITE_READONLY, "permissions"), (.SQLITE_NOTADB, "not an SQLite database"),
            (.SQLITE_CANTOPEN, "folder exists"), (.SQLITE_CONSTRAINT_FOREIGNKEY, "unknown offer")
        ]
        for (code, phrase) in named {
            let error = StoreError(DatabaseError(resultCode: code, message: "as SQLite says"), path: "some.sqlite")
            #expect(error.description.contains(phrase), "\(code): \(error)")
        }
    }

    @Test func anotherProcessThatWritesIsWaitedForAndNamed() throws {
        let store = try place.open()
        let other = try DatabaseQueue(path: place.path)
        try other.inDatabase { db in
            try db.beginTransaction(.immediate)
            let error = try #require(throws: StoreError.self) { try store.take(.metros, World.metros) }
            guard case .busy = error else { throw error }
            try db.rollback()
        }
        #expect(try store.take(.metros, World.metros).added == 3)
    }
}
