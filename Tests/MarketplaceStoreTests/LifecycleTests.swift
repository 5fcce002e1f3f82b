import MarketplaceStore
import Money
import TestSupport
import Testing

@Suite("The life of quotes")
struct LifecycleTests {
    static let ann = Caller(tenant: "acme", actor: "ann")
    static let bob = Caller(tenant: "other", actor: "bob")
    static let hot = "alpha/eu-1/hot"

    let place: Place

    init() throws { place = try Place() }

    private func quote(_ id: String, created: Int = 100, revises: String? = nil) -> StoredQuote {
        StoredQuote(
            id: id, user: "u", createdAt: created, expiresAt: created + 900, inputHash: "00", document: "{}",
            revisionOf: revises)
    }

    /// A market whose hot offer has 100 GB.
    private func market(_ kind: Place.Kind = .memory) throws -> MarketplaceDatabase {
        let store = try place.open(kind)
        try store.furnish(before: .catalog)
        try store.take(
            .catalog, World.catalog.replacing(#""access":"online""#, with: #""access":"online","capacityGB":"100""#))
        return store
    }

    private func needs(_ gigabytes: Int, _ start: Int = 1_000, _ end: Int = 2_000) -> Commitment {
        Commitment(capacities: [.init(offer: Self.hot, bytes: gigabytes * 1_000_000_000)], start: start, end: end)
    }

    private func accept(
        _ store: MarketplaceDatabase, _ id: String, _ commitment: Commitment, by caller: Caller = Self.ann
    ) throws {
        try store.transact(by: caller, at: 100) {
            try $0.open(quote(id))
            try $0.accept(id, holding: commitment)
        }
    }

    @Test func capacityIsHeldAndFreedAgain() throws {
        let store = try market()
        try accept(store, "a", needs(60))
        #expect(try store.heldCapacity(at: 100) == [Self.hot: 60_000_000_000])
        let error = try #require(throws: StoreError.self) { try accept(store, "b", needs(41)) }
        guard case .noCapacity(Self.hot, free: 40_000_000_000, needed: 41_000_000_000) = error else { throw error }
        #expect(try store.quote(id: "b") == nil, "what fails leaves nothing")
        try accept(store, "c", needs(40))
        try store.transact(by: Self.ann, at: 1_500) {
            try $0.advance("a", to: .active)
            try $0.advance("a", to: .terminated)
        }
        #expect(try store.heldCapacity(at: 1_500) == [Self.hot: 40_000_000_000])
        try accept(store, "d", needs(60, 1_500, 3_000))
        #expect(throws: StoreError.self) { try accept(store, "e", needs(1, 1_400, 1_600)) }
    }

    @Test func holdsCountWhileTheyLast() throws {
        let store = try market()
        try accept(store, "a", needs(100, 1_000, 2_000))
        try accept(store, "b", needs(100, 2_000, 3_000))
        try accept(store, "c", needs(100, 0, 1_000))
        // Two holds that never meet do not add up.
        try accept(store, "d", needs(50, 4_000, 5_000))
        try accept(store, "e", needs(50, 5_000, 6_000))
        try accept(store, "f", needs(50, 4_000, 6_000))
        #expect(throws: StoreError.self) { try accept(store, "g", needs(1, 4_999, 5_001)) }
    }

    @Test func anOfferWithoutALimitTakesAll_AndOneThatIsGoneNothing() throws {
        let store = try place.open(.memory)
        try store.furnish()
        try accept(store, "a", needs(1_000_000))
        try store.take(
            .catalog, World.catalog.replacing(World.offer(Self.hot, "alpha", "eu-1", "frankfurt", "0.023"), with: ""))
        let error = try #require(throws: StoreError.self) { try accept(store, "b", needs(1)) }
        guard case .withdrawn(Self.hot) = error else { throw error }
    }

    /// 64 quotes for the last capacity, accepted at once through a file.
    @Test func theLastCapacityGoesToOne() async throws {
        let store = try market(.file)
        try store.transact(by: Self.ann, at: 100) { transaction in
            for index in 0..<64 { try transaction.open(quote("q\(index)")) }
        }
        let winners = await withTaskGroup(of: Int.self) { group in
            for index in 0..<64 {
                group.addTask { [store] in
                    let accepted = try? store.transact(by: Self.ann, at: 200) {
                        try $0.accept("q\(index)", holding: needs(51))
                    }
                    return accepted == nil ? 0 : 1
                }
            }
            return await group.reduce(0, +)
        }
        #expect(winners == 1)
        #expect(try store.quotes(tenant: "acme").count { $0.status == .accepted } == 1)
        #expect(try store.heldCapacity(at: 200) == [Self.hot: 51_000_000_000])
    }

    @Test func aCreditIsSpokenForOnce() throws {
        let store = try market()
        func credit(_ used: String) throws -> Commitment {
            Commitment(
                capacities: [],
                credits: [.init(provider: "alpha", used: try Amount(used, .usd), stated: try Amount("100", .usd))],
                start: 0, end: 10)
        }
        try accept(store, "a", credit("70"))
        let error = try #require(throws: StoreError.self) { try accept(store, "b", credit("30.01")) }
        guard case .noCredit("alpha", let free, _) = error else { throw error }
        #expect(free.decimalText == "30.00")
        try accept(store, "c", credit("30"))
        // Another tenant's user of the same name is another user.
        try accept(store, "d", credit("100"), by: Self.bob)
        try store.transact(by: Self.ann, at: 200) { try $0.advance("a", to: .terminated) }
        try accept(store, "e", credit("70"))
    }

    @Test func tenantsDoNotSeeOneAnother() throws {
        let store = try market()
        try store.transact(by: Self.ann, at: 100) { try $0.open(quote("a")) }
        for step in [QuoteStatus.declined, .cancelled, .accepted] {
            let error = try #require(throws: StoreError.self) {
                try store.transact(by: Self.bob, at: 100) {
                    if step == .accepted {
                        try $0.accept("a", holding: needs(1))
                    } else {
                        try $0.advance("a", to: step)
                    }
                }
            }
            guard case .unknownQuote("a") = error else { throw error }
        }
        #expect(throws: StoreError.self) { try store.transact(by: Self.bob, at: 100) { try $0.open(quote("a")) } }
        #expect(throws: StoreError.self) {
            try store.transact(by: Self.bob, at: 100) { try $0.open(quote("b", revises: "a")) }
        }
        #expect(try store.quotes(tenant: "other").isEmpty)
    }

    @Test func aRevisionFollowsItsQuote() throws {
        let store = try market()
        try store.transact(by: Self.ann, at: 100) {
            try $0.open(quote("a"))
            try $0.open(quote("b", revises: "a"))
        }
        #expect(try store.quote(id: "a")?.status == .cancelled)
        let revision = try #require(try store.quote(id: "b"))
        #expect(revision.version == 2 && revision.revisionOf == "a" && revision.status == .open)
        let error = try #require(throws: StoreError.self) {
            try store.transact(by: Self.ann, at: 100) { try $0.open(quote("c", revises: "a")) }
        }
        guard case .revised("a") = error else { throw error }
        try store.transact(by: Self.ann, at: 100) { try $0.accept("b", holding: needs(1)) }
        #expect(throws: StoreError.self, "an SLA is not revised") {
            try store.transact(by: Self.ann, at: 100) { try $0.open(quote("d", revises: "b")) }
        }
    }
}

@Suite("Calls that are repeated")
struct IdempotentCallTests {
    let caller = Caller(tenant: "acme", actor: "ann")
    let call = IdempotentCall(key: "k", fingerprint: "f")

    @Test func aCallHasOneEffect() throws {
        let store = try MarketplaceDatabase.inMemory()
        var effects = 0
        func send(_ call: IdempotentCall?, _ caller: Caller) throws -> StoredResponse {
            try store.answer(call, by: caller, at: 5) { _ in
                effects += 1
                return StoredResponse(status: 201, headers: ["Location": "/\(effects)"], body: Array("\(effects)".utf8))
            }
        }
        let first = try send(call, caller)
        let second = try send(call, caller)
        #expect(effects == 1 && !first.isRepeated && second.isRepeated)
        #expect(second.body == first.body && second.headers == first.headers && second.status == first.status)
        #expect(try store.answer(to: call, by: caller) == second)
        // Keys are a tenant's own; without a key every call counts.
        _ = try send(call, Caller(tenant: "other", actor: "bob"))
        _ = try send(nil, caller)
        #expect(effects == 3)
        let error = try #require(throws: StoreError.self) {
            try send(IdempotentCall(key: "k", fingerprint: "g"), caller)
        }
        guard case .reusedKey("k") = error else { throw error }
        #expect(try store.forgetCalls(before: 6) == 2)
        #expect(try store.answer(to: call, by: caller) == nil)
    }

    @Test func aCallThatFailsIsNotRemembered() throws {
        let store = try MarketplaceDatabase.inMemory()
        #expect(throws: StoreError.self) {
            try store.answer(call, by: caller, at: 5) { transaction in
                try transaction.record("lost", of: "x")
                throw StoreError.unknownQuote(id: "x")
            }
        }
        #expect(try store.answer(to: call, by: caller) == nil)
        #expect(try store.verifyAudit().count == 0)
    }
}
