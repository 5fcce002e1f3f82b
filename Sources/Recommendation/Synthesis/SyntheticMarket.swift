import Foundation
import Marketplace
import Money

/// Users and qualities of service that are known because they are made up, over a real catalogue.
///
/// A user u that is shown a list S chooses offer o with the probability of a conditional logit (McFadden, *Conditional
/// logit analysis of qualitative choice behavior*, 1974):
/// `P(o | S) = exp V(u,o) / (exp V₀ + Σ_{j∈S} exp V(u,j))`, where V₀ is the utility of choosing nothing and
///
/// `V(u,o) = α_o − β_p ln(price/reference) − β_l ln(latency/60 ms) + β_a (nines − 3) − β_j [outside jurisdiction]
/// − 4 [archive, but reads at once] + τ_u·φ_o`.
///
/// Prices are the exact bills of the user's month. Everything follows from the seed: user n is the same however many
/// users there are. Counts below zero are taken as zero; a catalogue without offers or regions gives no events.
public struct SyntheticMarket: Sendable {
    /// The seed of everything.
    public let seed: UInt64
    /// How many days before ``SyntheticSettings/end`` the events begin.
    public let days: Int
    /// How the market behaves.
    public let settings: SyntheticSettings
    /// The catalogue; its offers are meant by position.
    public let catalog: Catalog
    /// The users.
    public let users: [SyntheticUser]
    /// α_o: what every user sees in the offer's provider.
    public let appeal: [Double]
    /// φ_o: what tastes are for, one vector for each offer.
    public let traits: [[Double]]
    /// The hidden quality of service.
    public let quality: SyntheticQuality
    /// The logarithm of each offer's monthly price over the reference, by archetype and volume; nil: not for sale.
    let prices: [Profile: PriceList]
    /// The catalogue's geography.
    let terrain: SyntheticTerrain

    /// What the month's bill depends on.
    struct Profile: Hashable, Sendable {
        let archetype: SyntheticArchetype
        let volumeGB: Int
    }

    /// Monthly prices of one profile.
    struct PriceList: Sendable {
        /// US dollars; nil where a price that the profile needs is unpublished.
        let dollars: [Double?]
        /// The median.
        let reference: Double
    }

    /// Streams of randomness: one for each user and purpose, so that none depends on how far another was read.
    enum Stream {
        static let traits: UInt64 = 1
        static let quality: UInt64 = 2
        static let measurements: UInt64 = 3
        static func user(_ index: Int) -> UInt64 { 1000 + 2 * UInt64(index) }
        static func history(_ index: Int) -> UInt64 { 1001 + 2 * UInt64(index) }
    }

    /// A market of that many users over that many days.
    ///
    /// - Parameter settings: nil for the defaults, ending at 2026-11-15T00:00:00Z.
    /// - Complexity: O(offers · profiles + users).
    public init(seed: UInt64, users: Int, days: Int, catalog: Catalog, settings: SyntheticSettings? = nil) {
        self.seed = seed
        self.days = max(0, days)
        self.catalog = catalog
        let settings = settings ?? SyntheticSettings(end: 1_794_700_800)
        self.settings = settings
        let dimension = max(1, settings.tasteDimension)
        var random = SyntheticRandom(seed: seed, stream: Stream.traits)
        var providerTraits: [String: (appeal: Double, vector: [Double])] = [:]
        for provider in Set(catalog.offers.map(\.provider)).sorted() {
            let deviation = settings.providerTaste / Double(dimension).squareRoot()
            providerTraits[provider] = (0.6 * random.normal(), random.vector(dimension, deviation: deviation))
        }
        var classTraits: [String: [Double]] = [:]
        for name in Set(catalog.offers.map(\.className)).sorted() {
            let deviation = settings.classTaste / Double(dimension).squareRoot()
            classTraits[name] = random.vector(dimension, deviation: deviation)
        }
        let none = [Double](repeating: 0, count: dimension)
        appeal = catalog.offers.map { providerTraits[$0.provider]?.appeal ?? 0 }
        traits = catalog.offers.map { offer in
            zip(providerTraits[offer.provider]?.vector ?? none, classTraits[offer.className] ?? none).map(+)
        }
        terrain = SyntheticTerrain(catalog)
        quality = SyntheticQuality(seed: seed, catalog: catalog)
        var prices: [Profile: PriceList] = [:]
        for archetype in SyntheticArchetype.allCases {
            for volume in archetype.volumesGB {
                prices[Profile(archetype: archetype, volumeGB: volume)] = PriceList(
                    archetype.usage(volumeGB: volume), catalog.offers)
            }
        }
        self.prices = prices
        let population = Population(catalog: catalog, dimension: dimension)
        self.users = (0..<max(0, users)).compactMap { index in
            var own = SyntheticRandom(seed: seed, stream: Stream.user(index))
            return population.user(index, &own)
        }
    }
}

extension SyntheticMarket.PriceList {
    /// The bills of one month of `usage` at every offer.
    init(_ usage: Usage, _ offers: [Offer]) {
        dollars = offers.map { offer in
            guard let charges = try? offer.tariff.bill(usage),
                let total = try? Amount.sum(charges.map(\.amount), offer.tariff.asset)
            else { return nil }
            // A month that is free still costs somebody's time; without a floor its logarithm would be infinite.
            return max(0.01, total.doubleValue)
        }
        let sorted = dollars.compactMap { $0 }.sorted()
        reference = sorted.isEmpty ? 1 : sorted[sorted.count / 2]
    }
}

extension Offer {
    /// The provider's storage class, wherever it is sold.
    var className: String { provider + "/" + storageClass }
}

/// Draws users.
struct Population {
    private let regions: [ReaderRegion]
    private let weights: [Double]
    private let homes: [String: Metro]
    private let leanings: [SyntheticArchetype: [Double]]
    private let dimension: Int

    init(catalog: Catalog, dimension: Int) {
        regions = catalog.readerRegions.values.sorted { $0.id < $1.id }
        homes = catalog.metros
        self.dimension = dimension
        // Where customers of such marketplaces are, by continent, evenly within each.
        let shares = ["NA": 0.36, "EU": 0.36, "AS": 0.18]
        let continents = regions.map { catalog.metros[$0.metro]?.continent ?? "" }
        weights = continents.map { continent in
            (shares[continent] ?? 0.04) / Double(continents.count { $0 == continent })
        }
        // Users of one archetype lean the same way: tastes come in clusters.
        leanings = Dictionary(
            uniqueKeysWithValues: SyntheticArchetype.allCases.enumerated().map { position, archetype in
                var random = SyntheticRandom(seed: 0x1EA_41A6, stream: UInt64(position))
                return (archetype, random.vector(dimension, deviation: 0.6))
            })
    }

    /// The user at `index`; nil when the catalogue has no reader region.
    func user(_ index: Int, _ random: inout SyntheticRandom) -> SyntheticUser? {
        let archetypes = SyntheticArchetype.allCases
        guard let place = random.index(weights: weights),
            let kind = random.index(weights: archetypes.map(\.share))
        else { return nil }
        let (region, archetype) = (regions[place], archetypes[kind])
        let volumes = archetype.volumesGB
        let volume = volumes[Int(random.uniform() * Double(volumes.count))]
        let means = archetype.weights
        let bound = archetype == .regulated || random.uniform() < 0.15
        let jurisdictions = homes[region.metro]?.jurisdictions ?? []
        let lean = leanings[archetype] ?? []
        let number = String(index + 1)
        return SyntheticUser(
            id: "u" + String(repeating: "0", count: max(0, 5 - number.count)) + number, archetype: archetype,
            region: region.id, volumeGB: volume,
            priceWeight: random.logNormal(median: means.price, sigma: 0.35),
            latencyWeight: random.logNormal(median: means.latency, sigma: 0.35),
            availabilityWeight: random.logNormal(median: means.availability, sigma: 0.35),
            jurisdictionWeight: random.logNormal(median: means.jurisdiction, sigma: 0.25),
            jurisdiction: bound ? (jurisdictions.contains("EU") ? "EU" : jurisdictions.first) : nil,
            taste: (0..<dimension).map { (lean.indices.contains($0) ? lean[$0] : 0) + 0.8 * random.normal() })
    }
}
