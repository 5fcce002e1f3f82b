import Documents
import GRDB
import MarketplaceStore
import Testing

@Suite("The audit log")
struct AuditTests {
    let place: Place

    init() throws { place = try Place() }

    private func filled() throws -> MarketplaceDatabase {
        let store = try place.open()
        for index in 0..<5 {
            try store.transact(by: Caller(tenant: "t\(index % 2)", actor: "a"), at: 100 + index) {
                try $0.record("did", of: "x\(index)", ["n": JSONValue(index), "name": "Zürich \"1\""])
            }
        }
        return store
    }

    /// Changes the file behind the store's back.
    private func tamper(_ sql: String) throws {
        let queue = try DatabaseQueue(path: place.path)
        try queue.write { db in
            try db.execute(sql: "DROP TRIGGER auditStays; DROP TRIGGER auditRemains;")
            try db.execute(sql: sql)
        }
        try queue.close()
    }

    @Test func theChainHolds() throws {
        let store = try filled()
        let tip = try store.verifyAudit()
        #expect(tip.count == 5 && tip.hash.count == 64)
        var seen: [String] = []
        try store.forEachAuditEntry(of: "t1") { seen.append($0.subject) }
        #expect(seen == ["x1", "x3"])
        try store.transact(by: .machine, at: 200) { try $0.record("did", of: "y") }
        #expect(try store.verifyAudit(containing: tip).count == 6)
        #expect(try store.verifyAudit(containing: AuditTip(count: 0, hash: "")).count == 6)
    }

    @Test(arguments: [
        (3, "UPDATE audit SET detail = '{}' WHERE number = 3"), (2, "UPDATE audit SET time = 1 WHERE number = 2"),
        (1, "UPDATE audit SET actor = 'b' WHERE number = 1"), (4, "UPDATE audit SET hash = previous WHERE number = 4"),
        (2, "DELETE FROM audit WHERE number = 2"), (1, "DELETE FROM audit WHERE number = 1"),
        (5, "UPDATE audit SET tenant = 't1' WHERE number = 5")
    ])
    func everyChangeIsFound(line: Int, sql: String) throws {
        let store = try filled()
        try tamper(sql)
        let error = try #require(throws: StoreError.self) { try store.verifyAudit() }
        guard case .brokenAudit(number: line, _) = error else { throw error }
    }

    /// A chain cannot tell that its end is missing; whoever kept the end can.
    @Test func aLostEndIsFoundByWhoKeptIt() throws {
        let store = try filled()
        let tip = try store.verifyAudit()
        try tamper("DELETE FROM audit WHERE number = 5")
        #expect(try store.verifyAudit().count == 4)
        #expect(throws: StoreError.self) { try store.verifyAudit(containing: tip) }
    }

    @Test func theStoreItselfCannotChangeTheLog() throws {
        let store = try filled()
        try store.close()
        let queue = try DatabaseQueue(path: place.path)
        for sql in ["UPDATE audit SET time = 0", "DELETE FROM audit", "UPDATE quote SET document = ''"] {
            if sql.contains("quote") {
                try queue.write {
                    try $0.execute(
                        sql: "INSERT INTO quote (id, user, createdAt, expiresAt, status, inputHash, document) "
                            + "VALUES ('q', 'u', 0, 1, 'open', '', '{}')")
                }
            }
            #expect(throws: DatabaseError.self) { try queue.write { try $0.execute(sql: sql) } }
        }
    }
}
