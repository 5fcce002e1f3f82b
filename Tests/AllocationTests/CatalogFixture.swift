import Allocation
import Documents
import Foundation
import Marketplace
import Money
import TestSupport

/// The catalogue and the sample requests that ship, read from their files.
struct CatalogFixture {
    static let folder = SharedData.packageRoot.appendingPathComponent("datasets")

    static func bytes(_ path: String) throws -> [UInt8] {
        Array(try Data(contentsOf: folder.appendingPathComponent(path)))
    }

    static func request(_ name: String) throws -> SLARequest {
        try SLARequest(JSONValue(parsing: bytes("requests/\(name).json"), document: name), document: name)
    }

    private static func rows(_ path: String, _ header: String, _ log: IssueLog) throws -> [RowReader] {
        let columns = header.split(separator: ",").map(String.init)
        let table = try CSVTable(parsing: bytes(path), header: columns, document: path)
        return table.rows.map { RowReader($0, of: table, log: log) }
    }

    /// The whole catalogue, its register aside.
    static func catalog() throws -> Catalog {
        let log = IssueLog()
        let lines = try bytes("catalog.jsonl").split(separator: 0x0A)
        let offers = try lines.compactMap { Offer(try JSONValue(parsing: $0), log: log) }
        let degrees = -180.0...180.0
        let metros = try rows("metros.csv", "metro,name,country,continent,jurisdictions,latitude,longitude", log).map {
            row in
            var place: Coordinates?
            if !row.text("latitude").isEmpty, let north = row.double("latitude", in: -90...90),
                let east = row.double("longitude", in: degrees)
            {
                place = Coordinates(latitude: north, longitude: east)
            }
            return Metro(
                id: row.text("metro"), name: row.text("name"), country: row.text("country"),
                continent: row.text("continent"), jurisdictions: row.list("jurisdictions"), coordinates: place)
        }
        let readers = try rows("reader-regions.csv", "region,name,metro", log).map {
            ReaderRegion(id: $0.text("region"), name: $0.text("name"), metro: $0.text("metro"))
        }
        var latencies: [String: [String: Latency]] = [:]
        for row in try rows("latency.csv", "region,metro,rtt_ms,kind,source,as_of", log) {
            guard let milliseconds = row.double("rtt_ms", in: 0...10_000) else { continue }
            latencies[row.text("region"), default: [:]][row.text("metro")] = Latency(
                milliseconds: milliseconds, measured: row.text("kind") == "measured")
        }
        let header =
            "provider,name,kind,country,apis,features,certifications,assumed_availability,reputation,source,as_of"
        let providers = try rows("providers.csv", header, log).map {
            Provider(
                id: $0.text("provider"), name: $0.text("name"), kind: $0.text("kind"), country: $0.text("country"),
                apis: $0.list("apis"), features: $0.list("features"), certifications: $0.list("certifications"),
                assumedAvailability: $0.decimal("assumed_availability", in: .zero ... .one) ?? .zero,
                reputation: $0.integer("reputation", in: 0...100) ?? 0)
        }
        try log.check("catalogue")
        return Catalog(
            version: "datasets", offers: offers, providers: providers, metros: metros, readerRegions: readers,
            latencies: latencies, register: [])
    }

    /// The offers that the filters of a request leave, archives aside where something is read; the register and
    /// unpublished prices are not looked at.
    static func eligible(_ request: SLARequest, _ catalog: Catalog) -> [Offer] {
        let asked = request.eligibility
        let isRead = request.traffic.contains { $0.reads > 0 || $0.egressBytes > 0 }
        return catalog.offers.filter { offer in
            guard let provider = catalog.providers[offer.provider] else { return false }
            let jurisdictions = catalog.metros[offer.metro]?.jurisdictions ?? []
            return !(isRead && offer.access == .archive)
                && (asked.allow.isEmpty || asked.allow.contains(provider.id)) && !asked.deny.contains(provider.id)
                && (asked.jurisdictions.isEmpty || asked.jurisdictions.contains { jurisdictions.contains($0) })
                && asked.certifications.allSatisfy { provider.certifications.contains($0) }
                && asked.features.allSatisfy { provider.features.contains($0) }
                && asked.api.map { provider.apis.contains($0) } ?? true
                && provider.reputation >= asked.minReputation ?? 0
        }
    }

    static func problem(_ request: SLARequest, _ catalog: Catalog) throws -> AllocationProblem {
        // A liking that is fixed and uneven: enough to move choices where a preference is asked for.
        let liking = Dictionary(
            uniqueKeysWithValues: catalog.offers.enumerated().map {
                ($1.id, Double($0 * 37 % 101) / 100)
            })
        return try AllocationProblem(
            request: request, offers: eligible(request, catalog), catalog: catalog, preferences: liking)
    }
}
