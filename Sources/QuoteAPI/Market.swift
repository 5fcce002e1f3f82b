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
    /// The exchange rates.
    public let rates: [ExchangeRate]
    /// The champion model; nil when none was trained yet.
    public let model: ServingModel?
    /// What the providers' dealings are, at the time of loading.
    public let evidence: MarketEvidence
    /// Why there is no model, for the log.
    public let modelAbsence: String?

    /// Loads the market.
    ///
    /// A missing or broken model does not stop quotes: the ranking then goes by QoS alone, and says so.
    public init(store: MarketplaceDatabase, models: String) throws(StoreError) {
        self.store = store
        catalog = try store.catalog()
        table = OfferTable(catalog.offers)
        rates = try store.exchangeRates()
        var deals: [String: Int] = [:]
        for (offer, count) in try store.commitments() {
            if let provider = catalog.offer(offer)?.provider { deals[provider, default: 0] += count }
        }
        evidence = MarketEvidence(deals: deals)
        do {
            model = try ServingModel(championIn: models, catalog: catalog)
            modelAbsence = nil
        } catch {
            model = nil
            modelAbsence = "\(error)"
        }
    }

    /// An engine for the user of a request, whose history is read from the store as it is now.
    /// - Throws: ``StoreError``; `RecommendationError` when the user cannot be folded in.
    public func engine(for request: SLARequest, configuration: QuotingConfiguration) throws -> QuoteEngine {
        var preferences: any PreferenceModel = NoPreferences()
        if let model {
            preferences = try LearnedPreferences(
                model: model, history: try store.interactions(of: request.user), features: request.userFeatures)
        }
        return QuoteEngine(
            catalog: catalog, model: preferences, rates: rates, configuration: configuration, table: table,
            market: evidence)
    }
}

extension Quote {
    /// The quote as the store keeps it.
    public var stored: StoredQuote {
        StoredQuote(
            id: id, user: request.user, createdAt: createdAt, expiresAt: validUntil, inputHash: pins.inputHash,
            document: json.text())
    }
}
