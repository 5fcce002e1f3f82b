import Foundation
import MarketplaceStore

/// A small marketplace for tests: two providers, three metros, four offers.
enum World {
    /// 2026-11-20T00:00:00Z, the time of every test.
    static let now = 1_795_132_800

    static let metros = """
        metro,name,country,continent,jurisdictions,latitude,longitude
        frankfurt,Frankfurt,DE,EU,DE|EU,50.1,8.7
        ashburn,Ashburn,US,NA,US,39,-77.5
        storj-network,"Storj, everywhere",ZZ,ZZ,GLOBAL,,

        """
    static let providers = """
        provider,name,kind,country,apis,features,certifications,assumed_availability,reputation,source,as_of
        alpha,Alpha Cloud,cloud,DE,s3,versioning|object-lock,ISO27001,0.995,50,test,2026
        beta,Beta Net,decentralized,US,s3|native,,,0.99,60,test,2026

        """
    static let regions = """
        provider,region,metro,source
        alpha,eu-1,frankfurt,test
        alpha,us-1,ashburn,test
        beta,global,storj-network,test

        """
    static let readerRegions = """
        region,name,metro
        eu-central,Central Europe,frankfurt
        na-east,Eastern North America,ashburn

        """
    static let latency = """
        region,metro,rtt_ms,kind,source,as_of
        eu-central,frankfurt,1.5,measured,test,2026
        eu-central,ashburn,92.25,measured,test,2026
        na-east,frankfurt,93,estimated,test,2026
        na-east,ashburn,2,measured,test,2026

        """
    static let rates = """
        date,base,quote,rate,kind,source,retrieved
        2026-11-19,EUR,USD,1.0923,reference,ECB,2026-11-20
        2026-11-18,EUR,USD,1.09,reference,ECB,2026-11-20
        2026-11-18,USD,XLM,9.123456789012345678,operator,operator example,2026-11-20

        """
    static let registers = """
        kind,participant,status,since,until,evidence
        storage-provider,alpha,certified,2026-01-01,,test
        service-provider,movers,suspended,2026-01-01,2026-06-30,test

        """
    static let interactions = """
        time,user,offer,kind
        2026-11-02T00:00:00Z,ben,alpha/eu-1/hot,viewed
        2026-11-01T10:00:00Z,ann,beta/global/only,viewed
        2026-11-01T10:05:00Z,ann,beta/global/only,reserved

        """
    static let measurements = """
        time,region,offer,metric,value
        2026-11-01T10:00:00Z,eu-central,alpha/eu-1/hot,latency_ms,12.5
        2026-11-01T10:00:00Z,eu-central,alpha/eu-1/hot,availability,0.9995

        """
    static let catalog = [
        offer("alpha/eu-1/hot", "alpha", "eu-1", "frankfurt", "0.023"),
        offer("alpha/eu-1/cold", "alpha", "eu-1", "frankfurt", "0.004"),
        offer("alpha/us-1/hot", "alpha", "us-1", "ashburn", "0.021"),
        offer("beta/global/only", "beta", "global", "storj-network", "0.006")
    ].joined()

    /// A line of a catalogue.
    static func offer(
        _ id: String, _ provider: String, _ region: String, _ metro: String, _ price: String
    ) -> String {
        """
        {"id":"\(id)","provider":"\(provider)","region":"\(region)","storageClass":"Hot","metro":"\(metro)",\
        "tariff":{"asset":"USD","unit":"GB","storage":[{"upTo":"50000","price":"\(price)"},{"price":"0.001"}],\
        "egress":{"tiers":[{"price":"0.09"}],"allowance":{"fixed":"100"}},"retrieval":"0"},"availability":"0.999",\
        "access":"online","zones":"multi","provenance":{"source":"test","asOf":"2026","verified":"test"}}

        """
    }

    /// Every document in the order of import.
    static let documents: [(kind: ImportKind, text: String)] = [
        (.metros, metros), (.providers, providers), (.regions, regions), (.readerRegions, readerRegions),
        (.latency, latency), (.rates, rates), (.catalog, catalog), (.registers, registers),
        (.interactions, interactions), (.measurements, measurements)
    ]

    /// A document of each kind.
    static func document(_ kind: ImportKind) -> String { documents.first { $0.kind == kind }?.text ?? "" }
}

extension MarketplaceDatabase {
    /// Imports a text.
    @discardableResult
    func take(_ kind: ImportKind, _ text: String, now: Int = World.now) throws(StoreError) -> ImportReport {
        try self.import(kind, Array(text.utf8), document: "test.csv", now: now)
    }

    /// Imports everything of ``World`` up to, and without, `last`.
    func furnish(before last: ImportKind? = nil) throws(StoreError) {
        for (kind, text) in World.documents {
            if kind == last { return }
            try take(kind, text)
        }
    }
}

/// Where a test's database lies: in memory, or in a folder of its own that goes with the value.
final class Place: Sendable {
    enum Kind: String, CaseIterable, Sendable { case memory, file }

    let folder: URL
    let path: String

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("store-test-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        path = folder.appendingPathComponent("market.sqlite").path
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    func open(_ kind: Kind = .file) throws(StoreError) -> MarketplaceDatabase {
        kind == .memory ? try .inMemory() : try MarketplaceDatabase(path: path, .creating)
    }
}
