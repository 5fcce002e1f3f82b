import Documents
import Foundation
import Hummingbird
import Marketplace
import Money
import Quoting

/// A page of the listing as a query asks for it.
struct ListingRequest: Sendable {
    let filter: ListingQuery
    let limit: Int
    /// The last place of the page before.
    let after: Listing.Place?

    /// Reads a query; everything that it names must be in `catalog`.
    init(_ request: Request, _ catalog: Catalog) throws(Problem) {
        let query = QueryReader(request)
        let filter = Self.filter(query, catalog)
        limit = query.integer("limit", in: 1...200) ?? 50
        after = query.text("cursor", limit: 1000).flatMap { text in
            let place = Self.place(text, filter)
            if place == nil {
                query.report("cursor", "is none of this query's", "give what 'next' of the page before says")
            }
            return place
        }
        self.filter = filter
        try query.finish()
    }

    private static func filter(_ query: QueryReader, _ catalog: Catalog) -> ListingQuery {
        var filter = ListingQuery()
        let (providers, metros) = (catalog.providers.values, catalog.metros.values)
        filter.text = query.text("q", limit: 100)
        filter.providers = Set(query.list("provider", among: catalog.providers.keys, "provider"))
        filter.regions = Set(query.list("region", among: catalog.offers.lazy.map(\.region), "region"))
        filter.metros = Set(query.list("metro", among: catalog.metros.keys, "metro"))
        filter.continents = Set(query.list("continent", among: metros.lazy.map(\.continent), "continent"))
        filter.jurisdictions = Set(
            query.list("jurisdiction", among: metros.lazy.flatMap(\.jurisdictions), "jurisdiction"))
        filter.certifications = Set(
            query.list("certification", among: providers.lazy.flatMap(\.certifications), "certification"))
        filter.features = Set(query.list("feature", among: providers.lazy.flatMap(\.features), "feature"))
        filter.api = query.choice("api", Set(providers.flatMap(\.apis)).sorted())
        filter.access = query.choice("access", Access.allCases.map(\.rawValue)).flatMap(Access.init)
        filter.storageClass = query.text("storageClass")
        let volume = ExactDecimal.zero...ExactDecimal(1_000_000_000)
        if let bytes = Self.bytes(query.decimal("storageGB", in: volume, unit: "GB")) {
            filter.volumeBytes = max(1, bytes)
        }
        let price = ExactDecimal.zero...ExactDecimal(100_000)
        filter.minimumPrice = query.decimal("minPrice", in: price, unit: "USD for a GB and month")
        filter.maximumPrice = query.decimal("maxPrice", in: price, unit: "USD for a GB and month")
        filter.minimumAvailability = query.decimal("minAvailability", in: .zero ... .one)
        filter.availableBytes = Self.bytes(query.decimal("availableGB", in: volume, unit: "GB"))
        filter.readers = query.choice("from", catalog.readerRegions.keys.sorted())
        filter.maximumLatencyMs =
            query.decimal("maxLatencyMs", in: .zero...ExactDecimal(100_000), unit: "ms")?.doubleValue
        filter.order =
            query.choice("sort", ListingQuery.Order.allCases.map(\.rawValue))
            .flatMap(ListingQuery.Order.init) ?? .provider
        filter.isDescending = query.choice("order", ["asc", "desc"]) == "desc"
        if filter.readers == nil, filter.order == .latency || filter.maximumLatencyMs != nil {
            query.report("from", "is missing", "say from which region latencies count")
        }
        if let least = filter.minimumPrice, let most = filter.maximumPrice, least > most {
            query.report("minPrice", "is above maxPrice", "swap them")
        }
        return filter
    }

    private static func bytes(_ gigabytes: ExactDecimal?) -> Int? {
        (try? gigabytes?.scaled(by: 1_000_000_000, rounding: .up)).flatMap { Int(exactly: $0) }
    }

    // MARK: Cursors

    /// What `next` says behind a place: the order and the place, so that it fits no other order.
    func cursor(behind place: Listing.Place) -> String {
        let parts: JSONValue = [
            .string(Self.order(filter)), place.key.map { .string("\($0)") } ?? .null, .string(place.id)
        ]
        return Data(parts.text().utf8).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_")
            .replacing("=", with: "")
    }

    private static func place(_ text: String, _ filter: ListingQuery) -> Listing.Place? {
        let plain = text.replacing("-", with: "+").replacing("_", with: "/")
        let padded = plain + String(repeating: "=", count: (4 - plain.utf8.count % 4) % 4)
        guard let bytes = Data(base64Encoded: padded), case .array(let parts)? = try? JSONValue(parsing: bytes),
            parts.count == 3, parts[0] == .string(order(filter)), case .string(let id) = parts[2]
        else { return nil }
        switch parts[1] {
        case .null: return Listing.Place(key: nil, id: id)
        case .string(let digits): return Int128(digits).map { Listing.Place(key: $0, id: id) }
        default: return nil
        }
    }

    /// What the order of places depends on.
    private static func order(_ filter: ListingQuery) -> String {
        "\(filter.order.rawValue) \(filter.isDescending ? "desc" : "asc") \(filter.volumeBytes) \(filter.readers ?? "")"
    }
}
