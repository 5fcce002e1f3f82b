import Documents
import Marketplace
import Money
import Quoting

/// A market small enough to follow by hand: four providers, two metros, one reader region.
enum SmallMarket {
    static let now = 1_795_000_000  // 2026-11-18

    static func offer(
        _ provider: String, _ metro: String, storage: String, egress: String?, availability: String = "0.999"
    ) throws -> Offer {
        let tariff = Tariff(
            storage: [Tier(price: try ExactDecimal(storage))],
            egress: try egress.map { EgressTariff(tiers: [Tier(price: try ExactDecimal($0))]) },
            writesPer1000: .zero, readsPer1000: .zero, retrieval: .zero)
        return Offer(
            id: "\(provider)/\(metro)/standard", provider: provider, region: metro, storageClass: "Standard",
            metro: metro, tariff: tariff, availability: try ExactDecimal(availability), durabilityNines: 11)
    }

    static func catalog() throws -> Catalog {
        let offers = [
            try offer("alpha", "dublin", storage: "0.02", egress: "0.05"),
            try offer("alpha", "virginia", storage: "0.02", egress: "0.05"),
            try offer("beta", "dublin", storage: "0.01", egress: "0.09"),
            try offer("gamma", "virginia", storage: "0.005", egress: "0"),
            try offer("delta", "dublin", storage: "0.001", egress: nil),
            try offer("omega", "dublin", storage: "0.0001", egress: "0")
        ]
        let names = ["alpha", "beta", "gamma", "delta", "omega"]
        return Catalog(
            version: "test-1", offers: offers,
            providers: try names.map {
                Provider(
                    id: $0, name: $0, kind: "cloud", country: "IE", apis: ["s3"], features: ["versioning"],
                    certifications: $0 == "beta" ? [] : ["ISO27001"], assumedAvailability: try ExactDecimal("0.99"),
                    reputation: 50)
            },
            metros: [
                Metro(
                    id: "dublin", name: "Dublin", country: "IE", continent: "EU", jurisdictions: ["IE", "EU"],
                    coordinates: nil),
                Metro(
                    id: "virginia", name: "Virginia", country: "US", continent: "NA", jurisdictions: ["US"],
                    coordinates: nil)
            ],
            readerRegions: [ReaderRegion(id: "eu-west", name: "Western Europe", metro: "dublin")],
            latencies: [
                "eu-west": [
                    "dublin": Latency(milliseconds: 5, measured: true),
                    "virginia": Latency(milliseconds: 70, measured: true)
                ]
            ],
            register: try names.filter { $0 != "omega" }.map {
                RegisterEntry(
                    kind: "storage-provider", participant: $0, status: "certified",
                    since: try CalendarDay("2026-01-01"), until: nil, evidence: "audit")
            })
    }

    static func request(_ change: (inout SLARequest) throws -> Void = { _ in }) throws -> SLARequest {
        guard let copies = RedundancyScheme(data: 1, shards: 2) else { throw MoneyError.badWeights }
        var request = SLARequest(
            user: "app-1", logicalBytes: 1_000_000_000_000, start: try CalendarDay("2026-12-01"), months: 12,
            redundancy: .fixed(copies))
        request.traffic = [.init(region: "eu-west", egressBytes: 100_000_000_000, reads: 1000, writes: 10)]
        request.toleratedProviders = 1
        try change(&request)
        return request
    }

    static func engine(
        rates: [ExchangeRate] = [], configuration: QuotingConfiguration = QuotingConfiguration()
    ) throws -> QuoteEngine {
        QuoteEngine(catalog: try catalog(), model: NoPreferences(), rates: rates, configuration: configuration)
    }
}
