import Documents
import GRDB
import Money

extension ImportFormat {
    /// Metropolitan areas.
    static var metros: ImportFormat {
        csv(
            table: "metro",
            columns: ["id", "name", "country", "continent", "jurisdictions", "latitude", "longitude"], keyCount: 1,
            header: ["metro", "name", "country", "continent", "jurisdictions", "latitude", "longitude"]
        ) { row, _ in
            let id = row.string("metro")
            let name = row.string("name")
            let country = country(row, "country")
            let continent = row.choice("continent", ["AF", "AS", "EU", "NA", "SA", "OC", "ZZ"])
            let jurisdictions = row.list("jurisdictions")
            if jurisdictions.isEmpty {
                row.report("jurisdictions", "is empty", remedy: "name the country, or GLOBAL for a network")
            } else if let country, country != "ZZ", !jurisdictions.contains(country) {
                row.report("jurisdictions", "lacks the country \(country)")
            }
            // A network without a place has neither coordinate; everything else has both.
            let placeless = row.text("latitude").isEmpty && row.text("longitude").isEmpty
            let latitude = placeless ? nil : row.double("latitude", in: -90...90)
            let longitude = placeless ? nil : row.double("longitude", in: -180...180)
            guard let id, let name, let country, let continent, placeless || (latitude != nil && longitude != nil)
            else { return nil }
            return [id, name, country, continent, jurisdictions.joined(separator: "|"), latitude, longitude]
        }
    }

    /// Where providers' regions lie.
    static var providerRegions: ImportFormat {
        csv(
            table: "providerRegion", columns: ["provider", "region", "metro", "source"], keyCount: 2,
            header: ["provider", "region", "metro", "source"]
        ) { row, references in
            let provider = references.check(row, "provider", .provider)
            let region = row.string("region")
            let metro = references.check(row, "metro", .metro)
            guard let provider, let region, let metro else { return nil }
            return [provider, region, metro, row.text("source")]
        }
    }

    /// Reader regions.
    static var readerRegions: ImportFormat {
        csv(
            table: "readerRegion", columns: ["id", "name", "metro"], keyCount: 1, header: ["region", "name", "metro"]
        ) { row, references in
            let region = row.string("region")
            let name = row.string("name")
            let metro = references.check(row, "metro", .metro)
            guard let region, let name, let metro else { return nil }
            return [region, name, metro]
        }
    }

    /// Round-trip times between reader regions and metros.
    static var latency: ImportFormat {
        csv(
            table: "latency", columns: ["region", "metro", "milliseconds", "kind", "source", "asOf"], keyCount: 2,
            header: ["region", "metro", "rtt_ms", "kind", "source", "as_of"]
        ) { row, references in
            let region = references.check(row, "region", .readerRegion)
            let metro = references.check(row, "metro", .metro)
            // No path on Earth takes five seconds, and none takes no time.
            let milliseconds = row.double("rtt_ms", in: 0.001...5000)
            let kind = row.choice("kind", ["measured", "estimated"])
            guard let region, let metro, let milliseconds, let kind else { return nil }
            return [region, metro, milliseconds, kind, row.text("source"), row.text("as_of")]
        }
    }

    /// A country's ISO 3166-1 alpha-2 code.
    static func country(_ row: RowReader, _ field: String) -> String? {
        let code = row.text(field)
        if code.utf8.count == 2, code.utf8.allSatisfy({ (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) }) {
            return code
        }
        row.report(field, "'\(code)' is not a country", remedy: "write ISO 3166-1 alpha-2, e.g. DE")
        return nil
    }
}
