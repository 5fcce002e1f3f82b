import Documents
import Foundation
import Marketplace
import MarketplaceStore
import Testing

@Suite struct ImportTests {
    let place: Place

    init() throws { place = try Place() }

    @Test(arguments: Place.Kind.allCases)
    func everyDocumentComesBackAsItWas(_ kind: Place.Kind) throws {
        let store = try place.open(kind)
        try store.furnish()
        let catalog = try store.catalog()
        #expect(catalog.offers.map(\.id) == ["alpha/eu-1/cold", "alpha/eu-1/hot", "alpha/us-1/hot", "beta/global/only"])
        let offer = try #require(catalog.offer("alpha/eu-1/hot"))
        #expect(offer.tariff.storage.map(\.price.description) == ["0.023", "0.001"])
        #expect(offer.availability?.description == "0.999")
        #expect(catalog.metros["frankfurt"]?.jurisdictions == ["DE", "EU"])
        #expect(catalog.metros["frankfurt"]?.coordinates?.longitude == 8.7)
        #expect(catalog.metros["storj-network"]?.name == "Storj, everywhere")
        #expect(catalog.metros["storj-network"]?.coordinates == nil)
        #expect(catalog.latency(from: "eu-central", to: "ashburn")?.milliseconds == 92.25)
        #expect(catalog.latency(from: "na-east", to: "frankfurt")?.measured == false)
        #expect(catalog.latency(from: "na-east", to: "storj-network") == nil)
        #expect(catalog.readerRegions["na-east"]?.metro == "ashburn")
        let provider = try #require(catalog.providers["alpha"])
        #expect(provider.features == ["versioning", "object-lock"])
        #expect(provider.assumedAvailability.description == "0.995")
        #expect(catalog.providers["beta"]?.certifications == [])
        #expect(catalog.register.map(\.participant) == ["movers", "alpha"])
        #expect(catalog.register.first?.until?.description == "2026-06-30")
        let rates = try store.exchangeRates()
        #expect(
            rates.map { "\($0.date) \($0.base.code)/\($0.quote.code) \($0.rate)" } == [
                "2026-11-18 EUR/USD 1.09", "2026-11-18 USD/XLM 9.123456789012345678", "2026-11-19 EUR/USD 1.0923"
            ])
        let events = try store.interactions()
        #expect(events.map { "\($0.user) \($0.kind)" } == ["ann viewed", "ann reserved", "ben viewed"])
        #expect(events.first?.time == 1_793_527_200)
        #expect(try store.measurements().map(\.value) == [0.9995, 12.5])
        #expect(try store.users() == ["ann", "ben"])
    }

    @Test(arguments: Place.Kind.allCases)
    func importingAgainChangesNothing(_ kind: Place.Kind) throws {
        let store = try place.open(kind)
        try store.furnish()
        let (counts, version, revision) = (try store.counts(), try store.catalog().version, try store.revision())
        for (kind, text) in World.documents {
            let report = try store.take(kind, text, now: World.now + 1)
            #expect(!report.changed, "\(report)")
            #expect(report.unchanged == report.rows && report.rows > 0)
        }
        #expect(try store.counts() == counts)
        #expect(try store.catalog().version == version)
        #expect(try store.revision() == revision)
        #expect(try store.latestImports().values.allSatisfy { $0.time == World.now })
    }

    @Test func aChangedRowIsReplaced() throws {
        let store = try place.open(.memory)
        try store.furnish()
        let text = World.latency.replacingOccurrences(of: "92.25", with: "95")
        let report = try store.take(.latency, text)
        #expect((report.added, report.replaced, report.unchanged) == (0, 1, 3))
        #expect(try store.catalog().latency(from: "eu-central", to: "ashburn")?.milliseconds == 95)
    }

    @Test func theVersionIsOfTheContentsAlone() throws {
        let (one, other) = (try place.open(.memory), try place.open(.file))
        try one.furnish()
        try other.furnish()
        try other.take(.latency, World.latency.replacingOccurrences(of: "92.25", with: "95"))
        #expect(try one.catalog().version != other.catalog().version)
        try other.take(.latency, World.latency)
        #expect(try one.catalog().version == other.catalog().version)
        #expect(try one.catalog().version.wholeMatch(of: /sha256:[0-9a-f]{64}/) != nil)
    }

    @Test func aCatalogueReplacesTheListingAndKeepsHistory() throws {
        let store = try place.open(.memory)
        try store.furnish()
        let lines = World.catalog.split(separator: "\n").filter { !$0.contains("beta/global/only") }
        let added = World.offer("alpha/us-1/cold", "alpha", "us-1", "ashburn", "0.002")
        let report = try store.take(.catalog, lines.joined(separator: "\n") + "\n" + added)
        #expect((report.added, report.replaced, report.unchanged, report.removed) == (1, 0, 3, 1))
        #expect(try store.catalog().offer("beta/global/only") == nil)
        #expect(try store.counts().delistedOffers == 1)
        // Events of an offer that was once listed are still true, and may still arrive.
        #expect(try store.interactions(of: "ann").count == 2)
        let late = "time,user,offer,kind\n2026-11-03T00:00:00Z,ann,beta/global/only,cancelled\n"
        #expect(try store.take(.interactions, late).added == 1)
        let back = try store.take(.catalog, World.catalog)
        #expect((back.added, back.replaced, back.unchanged, back.removed) == (0, 1, 3, 1))
    }

    @Test func repeatedEventsAreCountedOnce() throws {
        let store = try place.open(.memory)
        try store.furnish(before: .interactions)
        let rows = World.interactions.split(separator: "\n")
        let report = try store.take(.interactions, (rows + rows.dropFirst()).joined(separator: "\n") + "\n")
        #expect((report.added, report.unchanged) == (3, 3))
        #expect(try store.interactions().count == 3)
    }

    @Test func eventsAreReadUpToATime() throws {
        let store = try place.open(.memory)
        try store.furnish()
        #expect(try store.interactions(until: 1_793_527_200).isEmpty)
        #expect(try store.interactions(until: 1_793_527_201).map(\.kind) == [.viewed])
        var count = 0
        try store.forEachInteraction { _ in count += 1 }
        #expect(count == 3)
        #expect(try store.measurements(until: 0).isEmpty)
    }

    @Test func recordingMeasurementsTellsTheNewOnesAndRefusesUnknownPlaces() throws {
        let store = try place.open(.memory)
        try store.furnish()
        let known = try store.measurements()
        func one(_ time: Int, _ offer: String = "alpha/eu-1/hot", region: String = "eu-central")
            -> Marketplace.Measurement
        {
            Marketplace.Measurement(time: time, region: region, offer: offer, metric: .latencyMs, value: 14)
        }
        let new = [one(World.now + 5), one(World.now)]
        #expect(try store.record(known + new + new) == new)
        #expect(try store.measurements(from: World.now) == new.reversed())
        #expect(try store.measurements(from: World.now, until: World.now + 1) == [one(World.now)])
        let repeated = Marketplace.Measurement(
            time: World.now, region: "eu-central", offer: "alpha/eu-1/hot", metric: .latencyMs, value: 900)
        #expect(try store.record([repeated]).isEmpty && store.measurements().count == known.count + 2)
        for stray in [one(World.now + 9, "alpha/eu-9/hot"), one(World.now + 9, region: "atlantis")] {
            let error = try #require(throws: StoreError.self) { try store.record([one(World.now + 8), stray]) }
            guard case .unknownReference = error else { throw error }
        }
        #expect(try store.measurements().count == known.count + 2, "all or nothing")
        let times = try store.interactions().filter { $0.kind == .reserved }.map(\.time)
        let first = try #require(times.min())
        #expect(try store.commitments(before: first).isEmpty && !store.commitments(before: first + 1).isEmpty)
        for kind in InteractionKind.allCases {
            let before = try store.commitments()["alpha/eu-1/hot"] ?? 0
            try store.record([Interaction(time: World.now + 50, user: "new", offer: "alpha/eu-1/hot", kind: kind)])
            let after = try store.commitments()["alpha/eu-1/hot"] ?? 0
            #expect(after - before == (kind.isCommitment ? 1 : 0), "\(kind)")
        }
    }

    @Test func recordingAddsEventsOnceAndRefusesUnknownOffers() throws {
        let store = try place.open(.memory)
        try store.furnish()
        let known = try store.interactions()
        let event = Interaction(time: World.now, user: "cid", offer: "alpha/eu-1/hot", kind: .quoted)
        #expect(try store.record(known + [event, event]) == 1)
        let stray = Interaction(time: World.now, user: "cid", offer: "nobody/nowhere/none", kind: .viewed)
        let other = Interaction(time: World.now, user: "dan", offer: "alpha/eu-1/hot", kind: .viewed)
        let error = try #require(throws: StoreError.self) { try store.record([other, stray]) }
        guard case .unknownReference = error else { throw error }
        #expect(try store.users() == ["ann", "ben", "cid"])
    }

    @Test func countsAndTheLogTellWhatIsThere() throws {
        let store = try place.open(.memory)
        try store.furnish()
        let counts = try store.counts()
        #expect(counts.metros == 3 && counts.providerRegions == 3 && counts.readerRegions == 2)
        #expect(counts.latencies == 4 && counts.exchangeRates == 3 && counts.providers == 2)
        #expect(counts.registerEntries == 2 && counts.offers == 4 && counts.delistedOffers == 0)
        #expect(counts.interactions == 3 && counts.users == 2 && counts.measurements == 2)
        let log = try store.latestImports()
        #expect(log.count == ImportKind.allCases.count)
        #expect(log[.catalog]?.rows == 4)
        #expect(log[.catalog]?.fingerprint.hasPrefix("sha256:") == true)
    }

    @Test func readersSeeTheStateBeforeOrAfterAnImport() async throws {
        let store = try place.open(.file)
        try store.furnish(before: .interactions)
        let batches = (0..<6).map { batch in
            "time,user,offer,kind\n"
                + (0..<2000).map { index in
                    let text = UTCTime.text(World.now - 86_400 + index)
                    return "\(text),user-\(batch),alpha/eu-1/hot,viewed\n"
                }.joined()
        }
        let seen = try await withThrowingTaskGroup(of: [Int].self) { group in
            group.addTask {
                for batch in batches { try store.take(.interactions, batch) }
                return []
            }
            for _ in 0..<2 {
                group.addTask {
                    var sizes: [Int] = []
                    repeat { sizes.append(try store.interactions().count) } while (sizes.last ?? 0) < 12_000
                    return sizes
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(seen.allSatisfy { $0 % 2000 == 0 }, "a reader saw half an import: \(Set(seen))")
        #expect(try store.interactions().count == 12_000)
    }

    @Test func aHundredThousandEventsAreTakenWhole() throws {
        let store = try place.open(.file)
        try store.furnish(before: .interactions)
        let offers = try store.catalog().offers.map(\.id)
        var text = "time,user,offer,kind\n"
        for index in 0..<100_000 {
            text += "\(UTCTime.text(World.now - 100_000 + index)),user-\(index * 7919 % 5003),"
            text += "\(offers[index % offers.count]),viewed\n"
        }
        #expect(try store.take(.interactions, text).added == 100_000)
        #expect(try store.take(.interactions, text).unchanged == 100_000)
        let events = try store.interactions()
        #expect(events.count == 100_000)
        #expect(zip(events, events.dropFirst()).allSatisfy { $0.time < $1.time })
    }
}
