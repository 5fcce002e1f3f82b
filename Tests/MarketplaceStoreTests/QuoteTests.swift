import MarketplaceStore
import Testing

@Suite struct QuoteTests {
    let place: Place

    init() throws { place = try Place() }

    private func quote(
        _ id: String = "q1", user: String = "ann", created: Int = 100, first: String? = nil
    ) -> StoredQuote {
        StoredQuote(
            id: id, user: user, createdAt: created, expiresAt: created + 900, inputHash: "sha256:00",
            document: "{\"total\":\"12.50\",\"name\":\"Zürich\",\"id\":\"\(id)\"}", firstProvider: first)
    }

    @Test(arguments: Place.Kind.allCases)
    func aQuoteComesBackAsItWas(_ kind: Place.Kind) throws {
        let store = try place.open(kind)
        try store.save(quote())
        try store.save(quote())
        #expect(try store.quote(id: "q1") == quote())
        #expect(try store.quote(id: "q2") == nil)
    }

    @Test func aQuoteNeverChanges() throws {
        let store = try place.open(.memory)
        try store.save(quote())
        let error = try #require(throws: StoreError.self) { try store.save(quote(user: "ben")) }
        guard case .quoteExists("q1") = error else { throw error }
        #expect(try store.quote(id: "q1")?.user == "ann")
    }

    @Test func everyUserHasOneFirstPlaceTheNewestBeforeATime() throws {
        let store = try place.open(.memory)
        #expect(try store.firstPlaces(before: .max).isEmpty)
        for (index, (user, first)) in [
            ("ann", "aws"), ("ben", "ovh"), ("ann", "gcp"), ("eve", nil), ("ben", "ovh"), ("dan", "aws")
        ].enumerated() {
            try store.save(quote("q\(index)", user: user, created: 100 + index, first: first))
        }
        #expect(try store.firstPlaces(before: .max) == ["aws", "ovh", "gcp"])
        #expect(try store.firstPlaces(before: 104) == ["gcp", "ovh"])
        #expect(try store.firstPlaces(before: .max, limit: 2) == ["aws", "ovh"])
        #expect(try store.firstPlaces(before: .max, limit: -1).isEmpty)
        #expect(try store.quote(id: "q5")?.firstProvider == "aws")
        var latest: [String: String] = [:]
        try store.forEachLatestQuote(before: 105) { latest[$0] = $1 }
        #expect(Set(latest.keys) == ["ann", "ben", "eve"])
        #expect(latest["ann"]?.contains("q2") == true && latest["ben"]?.contains("q4") == true)
    }

    @Test func quotesAreListedNewestFirst() throws {
        let store = try place.open(.memory)
        for index in 0..<5 { try store.save(quote("q\(index)", user: index == 2 ? "ben" : "ann", created: index)) }
        #expect(try store.quotes(of: "ann").map(\.id) == ["q4", "q3", "q1", "q0"])
        #expect(try store.quotes(limit: 2).map(\.id) == ["q4", "q3"])
        #expect(try store.quotes(of: "nobody").isEmpty)
        #expect(try store.counts().quotes == [.open: 5])
    }

    /// The steps that the design's lifecycle allows, written down once more.
    private static let allowed: [QuoteStatus: Set<QuoteStatus>] = [
        .open: [.accepted, .declined, .cancelled, .expired], .accepted: [.active, .terminated],
        .active: [.completed, .terminated, .breached]
    ]

    @Test(arguments: QuoteStatus.allCases)
    func everyStepIsAllowedOnceAndInOrder(from: QuoteStatus) throws {
        for to in QuoteStatus.allCases {
            let store = try MarketplaceDatabase.inMemory()
            let start = StoredQuote(
                id: "q", user: "ann", createdAt: 0, expiresAt: 10, status: from, inputHash: "", document: "{}")
            try store.save(start)
            if Self.allowed[from]?.contains(to) ?? false {
                #expect(try store.move("q", to: to, now: 5).status == to)
                #expect(try store.quote(id: "q")?.status == to)
                #expect(try store.steps(of: "q").map(\.status) == [from, to])
            } else {
                let error = try #require(throws: StoreError.self) { try store.move("q", to: to, now: 5) }
                switch error {
                case .illegalTransition: break
                case .quoteExpired where from == .expired && to == .accepted: break
                default: throw error
                }
                #expect(try store.quote(id: "q")?.status == from)
                #expect(try store.steps(of: "q").map(\.status) == [from])
            }
        }
    }

    @Test func expiryIsJudgedWhenItIsAccepted() throws {
        let store = try place.open(.memory)
        try store.save(quote())
        #expect(quote().status(at: 999) == .open)
        #expect(quote().status(at: 1000) == .expired)
        let error = try #require(throws: StoreError.self) { try store.move("q1", to: .accepted, now: 1000) }
        guard case .quoteExpired("q1", at: 1000) = error else { throw error }
        let other = try #require(throws: StoreError.self) { try store.move("q1", to: .declined, now: 1000) }
        guard case .illegalTransition(_, from: .expired, to: .declined) = other else { throw other }
        #expect(try store.quote(id: "q1")?.status == .open, "a refusal writes nothing")
        #expect(try store.expireQuotes(now: 999) == 0)
        #expect(try store.expireQuotes(now: 1000) == 1)
        #expect(try store.quote(id: "q1")?.status == .expired)
    }

    @Test func anUnknownQuoteCannotMove() throws {
        let store = try place.open(.memory)
        let error = try #require(throws: StoreError.self) { try store.move("none", to: .accepted, now: 0) }
        guard case .unknownQuote("none") = error else { throw error }
    }

    @Test func pagesFollowOneAnother() throws {
        let store = try place.open(.memory)
        for index in 0..<7 { try store.save(quote("q\(index)", created: index / 2)) }
        var (seen, last): ([String], (createdAt: Int, id: String)?) = ([], nil)
        while let page = Optional(try store.quotes(tenant: "", after: last, limit: 2)), !page.isEmpty {
            seen += page.map(\.id)
            last = page.last.map { ($0.createdAt, $0.id) }
        }
        #expect(seen == ["q6", "q4", "q5", "q2", "q3", "q0", "q1"])
    }
}

extension MarketplaceDatabase {
    /// Moves a quote of the machine's own, which holds nothing.
    @discardableResult
    func move(_ id: String, to status: QuoteStatus, now: Int) throws -> StoredQuote {
        try transact(by: .machine, at: now) { transaction in
            status == .accepted
                ? try transaction.accept(id, holding: Commitment(capacities: [], start: 0, end: 1))
                : try transaction.advance(id, to: status)
        }
    }
}
