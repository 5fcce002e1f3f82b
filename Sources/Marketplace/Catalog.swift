/// Everything that is for sale on a day, with the geography it refers to. Immutable; shared by all requests.
public struct Catalog: Sendable {
    /// A name of this state of the catalogue: equal contents have equal versions.
    public private(set) var version: String
    /// The offers, by ID ascending.
    public private(set) var offers: [Offer]
    /// Providers by ID.
    public let providers: [String: Provider]
    /// Metros by ID.
    public let metros: [String: Metro]
    /// Reader regions by ID.
    public let readerRegions: [String: ReaderRegion]
    /// The register of certified participants.
    public let register: [RegisterEntry]
    private let latencies: [String: [String: Latency]]
    private let positions: [String: Int]

    /// A catalogue of given parts.
    ///
    /// - Parameter latencies: by reader region, then by metro.
    public init(
        version: String, offers: [Offer], providers: [Provider], metros: [Metro], readerRegions: [ReaderRegion],
        latencies: [String: [String: Latency]], register: [RegisterEntry]
    ) {
        self.version = version
        self.offers = offers.sorted { $0.id < $1.id }
        self.providers = Dictionary(providers.map { ($0.id, $0) }) { $1 }
        self.metros = Dictionary(metros.map { ($0.id, $0) }) { $1 }
        self.readerRegions = Dictionary(readerRegions.map { ($0.id, $0) }) { $1 }
        self.latencies = latencies
        self.register = register
        positions = Dictionary(self.offers.enumerated().map { ($1.id, $0) }) { $1 }
    }

    /// The same geography, providers and register with other offers for sale.
    public func listing(_ offers: [Offer], version: String) -> Catalog {
        Catalog(
            version: version, offers: offers, providers: Array(providers.values), metros: Array(metros.values),
            readerRegions: Array(readerRegions.values), latencies: latencies, register: register)
    }

    /// The same catalogue where `held` bytes of offers with a published capacity are spoken for; O(offers held of).
    ///
    /// - Parameter held: bytes by offer; offers without a published capacity have room for all.
    public func holding(_ held: [String: Int]) -> Catalog {
        var result = self
        var marks: [String] = []
        for (id, bytes) in held.sorted(by: { $0.key < $1.key }) {
            guard let position = positions[id], let capacity = offers[position].capacityBytes else { continue }
            result.offers[position].capacityBytes = max(0, capacity - bytes)
            marks.append("\(id) \(bytes)")
        }
        if !marks.isEmpty { result.version += "; held: " + marks.joined(separator: ", ") }
        return result
    }

    /// The offer of that ID. O(1).
    public func offer(_ id: String) -> Offer? { positions[id].map { offers[$0] } }

    /// The round trip between readers in `region` and `metro`; nil when unknown. O(1).
    public func latency(from region: String, to metro: String) -> Latency? { latencies[region]?[metro] }
}
