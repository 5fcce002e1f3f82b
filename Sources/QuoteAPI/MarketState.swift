import Dispatch
import Foundation
import Logging
import MarketplaceStore

/// The market that the service quotes from: loaded once, and again when an import or a promotion has changed it.
actor MarketState {
    /// The store.
    nonisolated let store: MarketplaceDatabase
    private let models: String
    private let logger: Logger
    private var loaded: (market: Market, revision: Int, champion: String)?
    private nonisolated let workers = DispatchQueue(label: "quotes", attributes: .concurrent)

    init(store: MarketplaceDatabase, models: String, logger: Logger) {
        self.store = store
        self.models = models
        self.logger = logger
    }

    /// The market as it is now. A state that cannot be loaded never replaces one that could.
    func market() throws -> Market {
        let revision = try store.revision()
        let champion = championMark()
        if let loaded, loaded.revision == revision, loaded.champion == champion { return loaded.market }
        do {
            let market = try Market(store: store, models: models)
            if let absence = market.modelAbsence {
                logger.warning("no model: ranking by QoS alone", metadata: ["reason": "\(absence)"])
            }
            logger.info(
                "market loaded",
                metadata: [
                    "offers": "\(market.catalog.offers.count)", "catalog": "\(market.catalog.version)",
                    "model": "\(market.model?.version ?? "none")"
                ])
            loaded = (market, revision, champion)
            return market
        } catch {
            guard let loaded else { throw error }
            logger.error("the new state cannot be loaded; the old one stays", metadata: ["reason": "\(error)"])
            return loaded.market
        }
    }

    /// Runs blocking work away from the event loops.
    nonisolated func compute<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            workers.async { continuation.resume(with: Result { try body() }) }
        }
    }

    /// What the champion pointer says, to notice a promotion.
    private func championMark() -> String {
        let path = URL(fileURLWithPath: models).appendingPathComponent("champion").path
        return FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }
}
