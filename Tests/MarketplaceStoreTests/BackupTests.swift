import Foundation
import MarketplaceStore
import TestSupport
import Testing

@Suite("Backups")
struct BackupTests {
    let folder: TemporaryFolder
    let path: String
    let store: MarketplaceDatabase

    init() throws {
        folder = try TemporaryFolder()
        path = folder.path("market.sqlite")
        store = try MarketplaceDatabase(path: path, .creating)
        try store.furnish()
        try keep("a")
    }

    private func keep(_ id: String) throws {
        try store.save(
            StoredQuote(id: id, user: "u", createdAt: 1, expiresAt: 9, inputHash: "", document: "{}"))
    }

    @Test func aBackupIsTheStateOfItsMoment() throws {
        let backup = folder.path("backup.sqlite")
        try store.backUp(to: backup)
        try keep("b")
        let copy = try MarketplaceDatabase(path: backup)
        #expect(try copy.quote(id: "a") != nil && copy.quote(id: "b") == nil)
        #expect(try copy.counts().offers == store.counts().offers)
        #expect(try copy.verifyAudit().count == 1)
        let error = try #require(throws: StoreError.self) { try store.backUp(to: backup) }
        guard case .fileExists = error else { throw error }
    }

    @Test func aBackupUnderWritesIsWhole() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { for index in 0..<60 { try keep("w\(index)") } }
            group.addTask {
                for index in 0..<4 {
                    let backup = folder.path("backup-\(index).sqlite")
                    try store.backUp(to: backup)
                    let copy = try MarketplaceDatabase(path: backup)
                    try copy.check()
                    #expect(try copy.counts().quotes[.open] == copy.verifyAudit().count)
                    try copy.close()
                }
            }
            try await group.waitForAll()
        }
    }

    @Test func restoringReplacesWholeDatabasesOnly() throws {
        let backup = folder.path("backup.sqlite")
        try store.backUp(to: backup)
        try keep("b")
        let kept = try #require(throws: StoreError.self) {
            try MarketplaceDatabase.restore(backup, to: path, replacing: false)
        }
        guard case .fileExists = kept else { throw kept }
        let busy = try #require(throws: StoreError.self) {
            try MarketplaceDatabase.restore(backup, to: path, replacing: true)
        }
        guard case .busy = busy else { throw busy }
        #expect(try store.quote(id: "b") != nil)
        try store.close()
        try MarketplaceDatabase.restore(backup, to: path, replacing: true)
        let restored = try MarketplaceDatabase(path: path)
        #expect(try restored.quote(id: "a") != nil && restored.quote(id: "b") == nil)
        #expect(FileManager.default.fileExists(atPath: path + ".replaced"))
    }

    @Test func aDamagedDatabaseComesBackFromItsBackup() throws {
        let backup = folder.path("backup.sqlite")
        try store.backUp(to: backup)
        try store.close()
        var bytes = try #require(FileManager.default.contents(atPath: path))
        for index in stride(from: 4_096, to: bytes.count, by: 97) { bytes[index] = 0xFF }
        try bytes.write(to: URL(fileURLWithPath: path))
        #expect(throws: StoreError.self) {
            let damaged = try MarketplaceDatabase(path: path)
            try damaged.check()
        }
        try MarketplaceDatabase.restore(backup, to: path, replacing: true)
        let restored = try MarketplaceDatabase(path: path)
        try restored.check()
        #expect(try restored.quote(id: "a") != nil)
    }

    @Test func aDamagedBackupIsRefused() throws {
        let backup = folder.path("backup.sqlite")
        try store.backUp(to: backup)
        try store.close()
        let bytes = try #require(FileManager.default.contents(atPath: backup))
        for broken in [bytes.prefix(bytes.count / 2), bytes.prefix(100), Data(), Data("nonsense".utf8)] {
            try Data(broken).write(to: URL(fileURLWithPath: backup))
            #expect(throws: StoreError.self) { try MarketplaceDatabase.restore(backup, to: path, replacing: true) }
            #expect(try MarketplaceDatabase(path: path).quote(id: "a") != nil, "the old one stays")
        }
        let left = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.contains("partial") }
        #expect(left == [])
    }
}
