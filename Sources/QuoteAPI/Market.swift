import Allocation
import Foundation
import Marketplace
import MarketplaceStore
import Money
import Quoting
import Recommendation

/// One state of the market, loaded from the store and the model registry: what quotes are made from.
public struct Market: Sendable {
    /// The store that it was loaded from.
    public let store: MarketplaceDatabase
    /// The catalogue.
    public let catalog: Catalog
    /// The catalogue's offers, compiled for the optimizer.
    public let table: OfferTable
    /// Whether any offer publishes a capacity, of which accepted quotes hold parts.
    let hasCapacities: Bool
    /// The exchange rates.
    public let rates: [ExchangeRate]
    /// The champion model; nil when none was trained yet.
    public let model: ServingModel?
    /// Performance as models of it predict, which know what was measured since they were trained; nil without such models:
    /// then the catalogue tells it.
    public private(set) var qos: LearnedQoS?
    /// What the providers' dealings are, before the hour of loading.
    public private(set) var evidence: MarketEvidence
    /// Why there is no preference model, or another than the champion, for the log.
    public let modelAbsence: String?
    /// The same of models of performance.
    public let qosAbsence: String?
    /// The champion as it was opened, to be verified in the background; nil when it was not opened for this state.
    let opened: OpenModel?

    /// Loads the market as it is at `now`, seconds since 1970.
    ///
    /// A missing or broken model does not stop quotes: what was in service in `previous` stays; without that, ranking goes
    /// by what is left, and says so.
    /// - Parameter refused: versions of preference models that verification has found broken.
    public init(
        store: MarketplaceDatabase, models: String, now: Int, previous: Market? = nil, refused: Set<String> = []
    ) throws(StoreError) {
        self.store = store
        let catalog = try store.catalog()
        self.catalog = catalog
        table = OfferTable(catalog.offers)
        hasCapacities = catalog.offers.contains { $0.capacityBytes != nil }
        rates = try store.exchangeRates()
        evidence = try Self.evidence(store, catalog, now: now)
        let folder = URL(fileURLWithPath: models, isDirectory: true)
        do throws(RecommendationError) {
            let registry = ModelRegistry(folder: folder)
            if let version = try registry.championVersion(), refused.contains(version) {
                throw .brokenModel(version: version, reason: "its file does not have the hashes that it names")
            }
            let opened = try registry.openChampion()
            model = try ServingModel(opened, catalog: catalog)
            (modelAbsence, self.opened) = (nil, opened)
        } catch {
            // The old model over the new catalogue.
            model = previous?.model.flatMap { try? $0.withOffers(of: catalog) }
            (modelAbsence, opened) = ("\(error)", nil)
        }
        let stored: StoredQoS
        do throws(RecommendationError) {
            stored = try QoSRegistry(models: folder).champion()
        } catch {
            // Models keep what they have taken in; the catalogue's paths and round trips are those of before.
            (qos, qosAbsence) = (previous?.qos, "\(error)")
            return
        }
        var learned = LearnedQoS(version: stored.manifest.version, models: stored.models, catalog: catalog)
        let end = Int(stored.manifest.data.end.timeIntervalSince1970)
        for one in try store.measurements(from: end) { try? learned.record(one) }
        (qos, qosAbsence) = (learned, nil)
    }

    /// What the providers' dealings and first places are, by all that happened before the hour of `now`: a state that the
    /// same hour always gives again.
    private static func evidence(
        _ store: MarketplaceDatabase, _ catalog: Catalog, now: Int
    ) throws(StoreError) -> MarketEvidence {
        let start = hour(now) * 3600
        var deals: [String: Int] = [:]
        for (offer, count) in try store.commitments(before: start) {
            if let provider = catalog.offer(offer)?.provider { deals[provider, default: 0] += count }
        }
        return MarketEvidence(deals: deals, firstPlaces: try store.firstPlaces(before: start))
    }

    /// The hour that a time belongs to, since 1970.
    static func hour(_ now: Int) -> Int { Int((Double(now) / 3600).rounded(.down)) }

    /// The same market in the hour of `now`.
    func inHour(of now: Int) throws(StoreError) -> Market {
        var result = self
        result.evidence = try Self.evidence(store, catalog, now: now)
        return result
    }

    /// The market that knows `measurements`, and those that its models could not take in.
    func recording(_ measurements: [Marketplace.Measurement]) -> (market: Market, refused: [Marketplace.Measurement]) {
        var result = self
        guard var learned = qos else { return (self, []) }
        result.qos = nil
        var refused: [Marketplace.Measurement] = []
        for one in measurements {
            do { try learned.record(one) } catch { refused.append(one) }
        }
        result.qos = learned
        return (result, refused)
    }

    /// An engine for the user of a request, with the history and the free capacities that the store has at `now`.
    ///
    /// - Parameter caller: whose user it is: users of different tenants are strangers, whatever they are called.
    /// - Throws: ``StoreError``; `RecommendationError` when the user cannot be folded in.
    public func engine(
        for request: SLARequest, by caller: Caller = .machine, now: Int, configuration: QuotingConfiguration
    ) throws -> QuoteEngine {
        let preferences = try preferences(
            history: model == nil ? [] : try store.interactions(of: caller.user(request.user)),
            features: request.userFeatures)
        let held = try heldCapacity(at: now)
        return QuoteEngine(
            catalog: held.isEmpty ? catalog : catalog.holding(held), model: preferences, rates: rates,
            configuration: configuration, table: table, qos: qos?.with(spread: configuration.ranking.spread),
            market: evidence, tenant: caller.tenant)
    }

    /// What the model in service predicts of a user.
    func preferences(
        history: [Interaction], features: [String: Double]
    ) throws(RecommendationError) -> any PreferenceModel {
        guard let model else { return NoPreferences() }
        return try LearnedPreferences(model: model, history: history, features: features)
    }

    /// Bytes of offers with a published capacity that accepted quotes hold at `now`, by offer.
    func heldCapacity(at now: Int) throws(StoreError) -> [String: Int] {
        hasCapacities ? try store.heldCapacity(at: now) : [:]
    }
}

extension Quote {
    /// The quote as the store keeps it.
    ///
    /// - Parameters:
    ///   - document: its text, signed or not.
    ///   - revising: the ID of the quote that it revises.
    public func stored(
        _ document: String, by caller: Caller = .machine, revising: String? = nil
    ) -> StoredQuote {
        StoredQuote(
            id: id, user: caller.user(request.user), createdAt: createdAt, expiresAt: validUntil,
            inputHash: pins.inputHash, document: document, tenant: caller.tenant, revisionOf: revising,
            firstProvider: ranking.providers.first?.offer.provider)
    }
}
