import Documents
import Foundation
import Hummingbird
import Marketplace
import MarketplaceStore
import Money
import Pricing
import Quoting

extension ConsoleRoutes {
    /// Offers on a page.
    private static let pageSize = 25

    /// The listing: searched, filtered, sorted, by pages.
    func listing(_ request: Request) async throws -> Shown {
        let query = request.uri.queryParameters
        let asked = Dictionary(
            uniqueKeysWithValues: ["q", "continent", "provider", "sort", "from"].map { name in
                (name, query[Substring(name)].map { String($0.prefix(60)) } ?? "")
            })
        @Sendable func value(_ name: String) -> String { asked[name] ?? "" }
        let moment = clock()
        let from = max(0, Int(value("from")) ?? 0)
        let found = try await state.compute {
            let now = try view.now(moment)
            var filter = ListingQuery()
            filter.text = value("q").isEmpty ? nil : value("q")
            if !value("continent").isEmpty { filter.continents = [value("continent")] }
            if !value("provider").isEmpty { filter.providers = [value("provider")] }
            filter.order = value("sort") == "price" ? .price : .provider
            let listing = Listing(now.catalog, on: now.day, measured: try view.performance(moment), qos: now.qos)
            return (catalog: now.catalog, offers: listing.offers(filter).map(\.listed))
        }
        func link(_ from: Int) -> String {
            var components = URLComponents()
            components.queryItems =
                ["q", "continent", "provider", "sort"].map { URLQueryItem(name: $0, value: value($0)) }
                + [URLQueryItem(name: "from", value: "\(from)")]
            return components.percentEncodedQuery ?? ""
        }
        func options(_ name: String, _ all: some Sequence<String>) -> [[String: Any]] {
            Set(all).sorted().map { ["value": $0, "chosen": $0 == value(name)] }
        }
        let shown = found.offers.dropFirst(from).prefix(Self.pageSize)
        let values: [String: Any] = [
            "q": value("q"), "count": found.offers.count, "from": shown.isEmpty ? 0 : from + 1,
            "to": from + shown.count, "hasBefore": from > 0, "before": link(max(0, from - Self.pageSize)),
            "hasNext": from + shown.count < found.offers.count, "next": link(from + Self.pageSize),
            "continents": options("continent", found.catalog.metros.values.map(\.continent)),
            "providers": options("provider", found.catalog.providers.keys),
            "orders": [("provider", "by provider"), ("price", "cheapest first")].map { order -> [String: Any] in
                ["value": order.0, "text": order.1, "chosen": order.0 == value("sort")]
            },
            "offers": shown.map(Self.row)
        ]
        return (.ok, pages.html("listing", title: "Listing", catalog: found.catalog.version, values))
    }

    /// One provider: who it is, what it offers, and where its prices stand.
    func provider(_ id: String) async throws -> Shown {
        let (catalog, provider, offers) = try await listed(of: id, clock())
        let positions = offers.map { MarketPosition(of: $0.offer, in: catalog) }
        let rows = zip(offers, positions).map { listed, position -> [String: Any] in
            var row = Self.row(listed)
            row["rank"] = "\(position.rank - 1) of \(position.rivals.count)"
            return row
        }
        let shown = Array(zip(offers, positions).prefix(20))
        let values: [String: Any] = [
            "provider": id, "isListed": !offers.isEmpty, "kind": provider.kind, "country": provider.country,
            "certifications": provider.certifications.isEmpty
                ? "none known" : provider.certifications.sorted().joined(separator: ", "),
            "standing": offers.isEmpty ? "Nothing of it is listed." : "\(offers.count) offers are listed.",
            "offers": rows,
            "chart": ConsoleChart.series(
                "bar", title: "Price of a GB and month beside comparable offers", unit: "USD",
                labels: shown.map(\.0.offer.id),
                [
                    ("this offer", shown.map { $0.1.price }),
                    ("half of the comparable cost at most", shown.map { $0.1.quantiles?.median })
                ], isHorizontal: true)
        ]
        return (.ok, pages.html("provider", title: provider.name, catalog: catalog.version, hasCharts: true, values))
    }

    /// A provider and what it lists, the cheapest first.
    func listed(of id: String, _ moment: Int) async throws -> (Catalog, Provider, [ListedOffer]) {
        try await state.compute {
            let now = try view.now(moment)
            guard let provider = now.catalog.providers[id] else { throw Problem.unknownProvider }
            var filter = ListingQuery()
            (filter.providers, filter.order) = ([id], .price)
            let listing = Listing(now.catalog, on: now.day, measured: try view.performance(moment), qos: now.qos)
            return (now.catalog, provider, listing.offers(filter).map(\.listed))
        }
    }

    private static func row(_ listed: ListedOffer) -> [String: Any] {
        [
            "id": listed.offer.id, "provider": listed.offer.provider, "metro": listed.metro.name,
            "monthly": listed.monthly.map { "\($0)" } ?? "not published",
            "availability": listed.offer.availability.map { fixed(100 * $0.doubleValue, 3) + "%" } ?? "–",
            "certifications": listed.provider.certifications.sorted().joined(separator: ", ")
        ]
    }
}
