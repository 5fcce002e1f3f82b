import Documents
import Foundation
import MarketplaceStore
import Testing

/// A document with one fault, and words that its refusal must have.
struct Fault: Sendable, CustomTestStringConvertible {
    let kind: ImportKind
    let row: String
    let words: [String]

    init(_ kind: ImportKind, _ row: String, _ words: String...) {
        self.kind = kind
        self.row = row
        self.words = words
    }

    var testDescription: String { "\(kind.rawValue): \(row.prefix(60))" }

    static let all = [
        Fault(.metros, "x,X,DE,EU,DE|EU,91,0", "latitude", "-90"),
        Fault(.metros, "x,X,DE,EU,DE|EU,50,", "longitude"),
        Fault(.metros, "x,X,Germany,EU,DE,50,8", "country", "ISO 3166-1"),
        Fault(.metros, "x,X,DE,EUROPE,DE,50,8", "continent", "use one of"),
        Fault(.metros, "x,X,DE,EU,EU,50,8", "lacks the country DE"),
        Fault(.metros, "frankfurt,Frankfurt,DE,EU,DE,50,8", "repeats id frankfurt of line 2"),
        Fault(.providers, "x,X,shop,DE,s3,,,0.99,50,t,2026", "kind", "object-store"),
        Fault(.providers, "x,X,cloud,DE,s3,,,1.01,50,t,2026", "assumed_availability", "out of range"),
        Fault(.providers, "x,X,cloud,DE,s3,,,0.99,101,t,2026", "reputation"),
        Fault(.regions, "alpah,eu-9,frankfurt,t", "unknown provider 'alpah'", "did you mean 'alpha'?"),
        Fault(.regions, "alpha,eu-9,frankfort,t", "unknown metro 'frankfort'", "did you mean 'frankfurt'?"),
        Fault(.readerRegions, "eu-west,Western Europe,dublin", "unknown metro 'dublin'", "known are"),
        Fault(.latency, "eu-centrl,ashburn,10,measured,t,2026", "unknown reader region", "did you mean 'eu-central'?"),
        Fault(.latency, "eu-central,storj-network,0,measured,t,2026", "rtt_ms"),
        Fault(.latency, "eu-central,storj-network,5001,measured,t,2026", "rtt_ms"),
        Fault(.latency, "eu-central,storj-network,nan,measured,t,2026", "rtt_ms"),
        Fault(.latency, "eu-central,ashburn,10,measured,t,2026", "repeats region eu-central, metro ashburn of line 3"),
        Fault(.rates, "2026-11-17,EUR,USD,0,reference,t,t", "rate", "above zero"),
        Fault(.rates, "2026-11-17,EUR,USD,-1,reference,t,t", "rate"),
        Fault(.rates, "2026-11-17,EUR,USD,1e9,reference,t,t", "not a decimal"),
        Fault(.rates, "2026-11-17,EUR,EUR,1,reference,t,t", "base itself"),
        Fault(.rates, "2026-11-17,EUR,USX,1,reference,t,t", "unknown asset 'USX'", "did you mean 'USD'?"),
        Fault(.rates, "2036-11-17,EUR,USD,1,reference,t,t", "far future"),
        Fault(.rates, "2026-02-30,EUR,USD,1,reference,t,t", "not a date"),
        Fault(.registers, "storage-provider,gamma,certified,2026-01-01,,t", "unknown provider 'gamma'"),
        Fault(.registers, "storage-provider,beta,certified,2026-02-01,2026-01-01,t", "is before"),
        Fault(.interactions, "2026-11-02 00:00:00,ben,alpha/eu-1/hot,viewed", "not a time", "YYYY-MM-DDThh:mm:ssZ"),
        Fault(.interactions, "2026-11-31T00:00:00Z,ben,alpha/eu-1/hot,viewed", "not a time"),
        Fault(.interactions, "2062-11-02T00:00:00Z,ben,alpha/eu-1/hot,viewed", "out of range"),
        Fault(.interactions, "2026-11-02T00:00:00Z,,alpha/eu-1/hot,viewed", "user", "is empty"),
        Fault(.interactions, "2026-11-02T00:00:00Z,ben,alpha/eu-1/hut,viewed", "did you mean 'alpha/eu-1/hot'?"),
        Fault(.interactions, "2026-11-02T00:00:00Z,ben,alpha/eu-1/hot,bought", "kind", "reserved"),
        Fault(.measurements, "2026-11-02T00:00:00Z,eu-central,alpha/eu-1/hot,latency_ms,-3", "value"),
        Fault(.measurements, "2026-11-02T00:00:00Z,eu-central,alpha/eu-1/hot,availability,1.5", "value"),
        Fault(.measurements, "2026-11-02T00:00:00Z,eu-central,alpha/eu-1/hot,jitter,1", "metric"),
        Fault(
            .measurements, "2026-11-01T10:00:00Z,eu-central,alpha/eu-1/hot,latency_ms,13", "of line 2", "repeats time"),
        Fault(.catalog, "{\"id\":", "column"),
        Fault(.catalog, "[]", "expected an object"),
        Fault(
            .catalog, String(World.offer("a/b/c", "alhpa", "eu-1", "frankfurt", "1").dropLast()),
            "unknown provider 'alhpa'", "did you mean 'alpha'?"),
        Fault(
            .catalog, String(World.offer("a/b/c", "alpha", "eu-1", "ashburn", "1").dropLast()), "use 'frankfurt'"),
        Fault(
            .catalog, String(World.offer("a/b/c", "alpha", "eu-l", "frankfurt", "1").dropLast()),
            "unknown region 'eu-l'", "did you mean 'eu-1'?"),
        Fault(
            .catalog, String(World.offer("a/b/c", "alpha", "eu-1", "frankfurt", "-1").dropLast()),
            "/tariff/storage/0/price", "out of range"),
        Fault(
            .catalog, String(World.offer("alpha/eu-1/hot", "alpha", "eu-1", "frankfurt", "1").dropLast()),
            "repeats id alpha/eu-1/hot of line 1")
    ]
}

@Suite struct RefusalTests {
    /// The issues of a refused import.
    private func issues(of body: () throws -> Void) throws -> [InputIssue] {
        let error = try #require(throws: StoreError.self, performing: body)
        guard case .refused(let refusal) = error else { throw error }
        #expect(error.description.contains("test.csv: line "))
        return refusal.issues
    }

    @Test(arguments: Fault.all)
    func aBadRowIsNamedAndChangesNothing(_ fault: Fault) throws {
        let store = try MarketplaceDatabase.inMemory()
        try store.furnish(before: fault.kind)
        let before = try store.counts()
        let text = World.document(fault.kind) + fault.row + "\n"
        let found = try issues { try store.take(fault.kind, text) }
        #expect(found.count == 1, "\(found)")
        let message = found.map(\.description).joined()
        #expect(message.hasPrefix("line \(text.split(separator: "\n").count)"))
        for word in fault.words { #expect(message.contains(word), "\(message)") }
        #expect(try store.counts() == before)
    }

    @Test func everyBadRowIsReportedInOrder() throws {
        let store = try MarketplaceDatabase.inMemory()
        try store.furnish()
        let text = """
            time,user,offer,kind
            2026-11-05T00:00:00Z,new,alpha/eu-1/hot,viewed
            2026-11-05T00:00:00Z,new,alpha/eu-1/hat,viewed
            never,new,alpha/eu-1/hot,seen
            2026-11-06T00:00:00Z,new,alpha/eu-1/hot,viewed
            2026-11-06T00:00:00Z,,alpha/eu-1/hot,viewed

            """
        let found = try issues { try store.take(.interactions, text) }
        #expect(found.map(\.location) == ["line 3, offer", "line 4, time", "line 4, kind", "line 6, user"])
        #expect(try store.users() == ["ann", "ben"])
    }

    @Test func duplicatesAndFaultsComeInTheOrderOfTheLines() throws {
        let store = try MarketplaceDatabase.inMemory()
        let text = """
            metro,name,country,continent,jurisdictions,latitude,longitude
            a,A,DE,EU,DE,1,1
            a,A,DE,EU,DE,1,1
            b,B,DE,EU,DE,1,x

            """
        let found = try issues { try store.take(.metros, text) }
        #expect(found.map(\.location) == ["line 3", "line 4, longitude"])
    }

    @Test(arguments: [1, 40, 75, 100, 120])
    func aTruncatedFileIsRefused(_ kept: Int) throws {
        let store = try MarketplaceDatabase.inMemory()
        try store.furnish(before: .interactions)
        let whole = Array(World.interactions.utf8)
        let found = try issues {
            try store.import(.interactions, Array(whole.prefix(kept)), document: "test.csv", now: World.now)
        }
        #expect(!found.isEmpty)
        #expect(try store.interactions().isEmpty)
    }

    @Test func aTruncatedCatalogueIsRefused() throws {
        let store = try MarketplaceDatabase.inMemory()
        try store.furnish(before: .catalog)
        let found = try issues { try store.take(.catalog, String(World.catalog.dropLast(40))) }
        #expect(found.map(\.location).first?.hasPrefix("line 4") == true)
        #expect(try store.counts().offers == 0)
    }

    @Test(arguments: [ImportKind.providers, .catalog])
    func aWrongEncodingIsNamedWithItsLine(_ kind: ImportKind) throws {
        let store = try MarketplaceDatabase.inMemory()
        try store.furnish(before: kind)
        var bytes = Array(World.document(kind).utf8)
        let second = try #require(bytes.firstIndex(of: 0x0A)) + 12
        bytes[second] = 0xFC
        let found = try issues { try store.import(kind, bytes, document: "test.csv", now: World.now) }
        #expect(found.first?.location == "line 2")
        #expect(found.first?.remedy.contains("UTF-8") == true)
    }

    @Test func anEmptyCatalogueDoesNotDelistEverything() throws {
        let store = try MarketplaceDatabase.inMemory()
        try store.furnish()
        _ = try issues { try store.take(.catalog, "\n") }
        #expect(try store.counts().offers == 4)
    }

    @Test func whatMustComeFirstIsNamed() throws {
        let store = try MarketplaceDatabase.inMemory()
        let found = try issues { try store.take(.readerRegions, World.readerRegions) }
        #expect(found.allSatisfy { $0.remedy.contains("import metros first") })
    }

    @Test func aWrongHeaderNamesTheRightOne() throws {
        let store = try MarketplaceDatabase.inMemory()
        let found = try issues { try store.take(.interactions, "user,offer\n") }
        #expect(found.first?.remedy.contains("time,user,offer,kind") == true)
    }

    @Test func thousandsOfUnknownOffersAreReportedWithoutThousandsOfSearches() throws {
        let store = try MarketplaceDatabase.inMemory()
        try store.furnish(before: .interactions)
        let rows = (0..<20_000).map { "2026-11-05T00:00:00Z,ann,alpha/eu-1/no-\($0),viewed\n" }
        let found = try issues { try store.take(.interactions, "time,user,offer,kind\n" + rows.joined()) }
        #expect(found.count == 20_000)
    }
}
