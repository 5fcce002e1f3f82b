import Foundation
import Marketplace
import MarketplaceStore
import Money
import TestSupport
import Testing

/// The data that ships with the package.
@Suite struct DatasetTests {
    static let folder = SharedData.packageRoot.appendingPathComponent("datasets")

    @Test(arguments: Place.Kind.allCases)
    func theShippedFolderIsTakenWholeAndOnce(_ kind: Place.Kind) throws {
        let place = try Place()
        let store = try place.open(kind)
        let reports = try store.importFolder(Self.folder.path, now: World.now)
        #expect(reports.allSatisfy { $0.added == $0.rows && $0.rows > 0 })
        let catalog = try store.catalog()
        #expect(catalog.offers.count > 400)
        #expect(Set(catalog.offers.map(\.provider)).count >= 10)
        for offer in catalog.offers {
            #expect(catalog.providers[offer.provider] != nil && catalog.metros[offer.metro] != nil)
            _ = try offer.tariff.bill(Usage(storedBytes: 1_000_000_000_000))
        }
        for region in catalog.readerRegions.keys {
            for metro in catalog.metros.values where metro.coordinates != nil {
                #expect(catalog.latency(from: region, to: metro.id) != nil, "\(region) – \(metro.id)")
            }
        }
        #expect(try !store.exchangeRates().isEmpty)
        try store.check()
        let again = try store.importFolder(Self.folder.path, now: World.now)
        #expect(again.allSatisfy { !$0.changed })
    }

    @Test func aFolderWithABadFileChangesNothing() throws {
        let place = try Place()
        let copy = place.folder.appendingPathComponent("datasets")
        try FileManager.default.createDirectory(at: copy, withIntermediateDirectories: true)
        for (kind, text) in World.documents {
            let name: String
            switch kind {
            case .catalog: name = "catalog.jsonl"
            case .regions: name = "provider-regions.csv"
            case .rates: name = "exchange-rates.csv"
            case .interactions: name = "interactions-b.csv"
            default: name = kind.rawValue + ".csv"
            }
            try Data(text.utf8).write(to: copy.appendingPathComponent(name))
        }
        let bad = copy.appendingPathComponent("interactions-a.csv")
        try Data("time,user,offer,kind\n2026-11-02T00:00:00Z,ben,nothing,viewed\n".utf8).write(to: bad)
        let store = try place.open()
        let error = try #require(throws: StoreError.self) { try store.importFolder(copy.path, now: World.now) }
        #expect(error.description.contains("interactions-a.csv: line 2, offer"))
        #expect(try store.counts().metros == 0)
        try FileManager.default.removeItem(at: bad)
        #expect(try store.importFolder(copy.path, now: World.now).count == 10)
        try FileManager.default.removeItem(at: copy.appendingPathComponent("metros.csv"))
        let incomplete = try #require(throws: StoreError.self) { try store.importFolder(copy.path, now: World.now) }
        #expect(incomplete.description.contains("lacks metros.csv"))
    }

    @Test func aMissingFileIsNamed() throws {
        let store = try MarketplaceDatabase.inMemory()
        let error = try #require(throws: StoreError.self) {
            try store.import(.catalog, file: "/nowhere/catalog.jsonl", now: World.now)
        }
        #expect(error.description.contains("no such file"))
        #expect(throws: StoreError.self) { try store.importFolder("/nowhere", now: World.now) }
    }
}
