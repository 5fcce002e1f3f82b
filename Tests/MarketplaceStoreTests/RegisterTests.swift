import Documents
import GRDB
import Marketplace
import MarketplaceStore
import Money
import Testing

@Suite("Registers of certified participants")
struct RegisterTests {
    private let operatorCaller = Caller(tenant: "operator", actor: "ada")

    private func day(_ text: String) throws -> CalendarDay { try CalendarDay(text) }

    private func store() throws -> MarketplaceDatabase {
        let store = try MarketplaceDatabase.inMemory()
        try store.import(.metros, Array(World.metros.utf8), document: "metros", now: World.now)
        try store.import(.providers, Array(World.providers.utf8), document: "providers", now: World.now)
        return store
    }

    @Test func aSuspensionOverridesCertificatesAndIsKeptWhenLifted() throws {
        let store = try store()
        try store.transact(by: operatorCaller, at: World.now) {
            try $0.certify(
                "storage-provider", "alpha", since: day("2026-11-20"), until: day("2027-11-19"), evidence: "report")
        }
        let revision = try store.revision()
        // On the very day of certification.
        try store.transact(by: operatorCaller, at: World.now + 60) {
            try $0.suspend("storage-provider", "alpha", reason: "incident")
        }
        #expect(try store.revision() > revision, "whoever holds the catalogue must read it again")
        let suspended = try #require(try store.register("storage-provider").first)
        let (today, late) = (try day("2026-11-20"), try day("2027-11-20"))
        #expect(suspended.isSuspended && !suspended.isListed(on: today))
        #expect(suspended.entries.count == 1, "the certificate stays what it was")
        try store.transact(by: operatorCaller, at: World.now + 120) {
            try $0.reinstate("storage-provider", "alpha", reason: "mended")
        }
        let back = try #require(try store.register("storage-provider").first)
        #expect(back.isListed(on: today) && !back.isListed(on: late))
        let one = try #require(back.suspensions.first)
        #expect(one.reason == "incident" && one.lifted?.reason == "mended" && one.lifted?.actor == "ada")
        #expect(try store.verifyAudit().count == 3)
        try store.check()
    }

    @Test func stepsThatTheRegisterDoesNotAllowChangeNothing() throws {
        let store = try store()
        func attempt(_ body: (MarketplaceTransaction) throws -> Void) -> (any Error)? {
            do { try store.transact(by: operatorCaller, at: World.now, body) } catch { return error }
            return nil
        }
        let unknown = attempt {
            try $0.certify("storage-provider", "nobody", since: day("2026-11-20"), until: nil, evidence: "e")
        }
        guard case StoreError.unknownParticipant? = unknown else {
            Issue.record("\(String(describing: unknown))"); return
        }
        let early = attempt { try $0.suspend("storage-provider", "alpha", reason: "r") }
        guard case StoreError.unknownParticipant? = early else { Issue.record("\(String(describing: early))"); return }
        #expect(
            attempt {
                try $0.certify("storage-provider", "alpha", since: day("2026-11-20"), until: nil, evidence: "e")
            } == nil)
        let lifted = attempt { try $0.reinstate("storage-provider", "alpha", reason: "r") }
        guard case StoreError.registerState? = lifted else { Issue.record("\(String(describing: lifted))"); return }
        #expect(try store.verifyAudit().count == 1)
    }

    /// Paid until, staked, the minimum, and whether it is good on 2026-11-20; empty for none.
    private static let standings: [(String, String, String, Bool)] = [
        ("2026-11-20", "", "", true), ("2026-11-19", "", "", false), ("", "10", "10", true),
        ("", "9.9999999", "10", false), ("2026-11-19", "10", "10", true), ("", "", "0", false), ("", "5", "", false)
    ]

    @Test(arguments: standings)
    func standingIsASubscriptionOrAStake(_ paid: String, _ stake: String, _ minimum: String, _ isGood: Bool) throws {
        let xlm = try Asset.named("XLM")
        let standing = Standing(
            subscriptionUntil: paid.isEmpty ? nil : try day(paid), stake: stake.isEmpty ? nil : try Amount(stake, xlm),
            minimumStake: minimum.isEmpty ? nil : try Amount(minimum, xlm))
        let today = try day("2026-11-20")
        #expect(standing.isGood(on: today) == isGood)
    }

    @Test func aDatabaseOfTheSchemaBeforeIsBroughtUpToDate() throws {
        let place = try Place()
        try place.open().close()
        let queue = try DatabaseQueue(path: place.path)
        try queue.write { db in
            for table in ["suspension", "standing", "settlementReport"] { try db.execute(sql: "DROP TABLE \(table)") }
            try db.execute(sql: "DELETE FROM grdb_migrations WHERE identifier = 'v4'")
        }
        try queue.close()
        let store = try place.open()
        #expect(try store.register("storage-provider").isEmpty)
        try store.check()
    }

    @Test func suspensionsAndSettlementsAreNotDeleted() throws {
        let place = try Place()
        try place.open().close()
        let queue = try DatabaseQueue(path: place.path)
        try queue.write { db in
            try db.execute(
                sql: """
                    INSERT INTO suspension (kind, participant, number, since, reason, actor, lifted, liftReason, liftActor)
                    VALUES ('storage-provider', 'a', 1, 1, 'r', 'x', 2, 'l', 'y')
                    """)
            #expect(throws: DatabaseError.self) { try db.execute(sql: "UPDATE suspension SET reason = 'other'") }
            #expect(throws: DatabaseError.self) { try db.execute(sql: "DELETE FROM suspension") }
        }
        try queue.close()
    }
}
