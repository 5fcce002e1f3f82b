import Dispatch
import Foundation
import Logging
import Marketplace
import MarketplaceStore
import Recommendation
import Synchronization

/// The market that the service quotes from: loaded once, and again when an import or a promotion has changed it.
///
/// Whoever finds it unchanged reads it without a lock; whoever notices a change waits for its loading, so that what was
/// acknowledged counts in the next request.
final class MarketState: Sendable {
    /// What a state was loaded from.
    struct Mark: Sendable, Equatable {
        var revision: Int
        var champion: FileStamp?
        var qosChampion: FileStamp?
        var hour: Int
    }

    /// A state in service.
    final class Loaded: Sendable {
        /// The market.
        let market: Market
        let mark: Mark
        /// Another number for every state that has been in service.
        let generation: Int

        init(_ market: Market, _ mark: Mark, after before: Loaded?) {
            self.market = market
            self.mark = mark
            generation = (before?.generation ?? 0) + 1
        }
    }

    /// The store.
    let store: MarketplaceDatabase
    private let models: String
    private let logger: Logger
    private let published = Published<Loaded?>(nil)
    /// Held by whoever changes the state: the versions that verification refused.
    private let changing = Mutex<Set<String>>([])
    private let workers = DispatchQueue(label: "quotes", attributes: .concurrent)
    private let checks = DispatchQueue(label: "model checks", qos: .background)

    init(store: MarketplaceDatabase, models: String, logger: Logger) {
        self.store = store
        self.models = models
        self.logger = logger
    }

    /// The market as it is at `now`, seconds since 1970. A state that cannot be loaded never replaces one that could.
    ///
    /// Blocks while it reads the store; for workers.
    func market(now: Int) throws -> Market { try loaded(now: now).market }

    /// The same with its number.
    func loaded(now: Int) throws -> Loaded {
        let mark = mark(now, try store.revision())
        if let loaded = published.value, loaded.mark == mark { return loaded }
        return try changing.withLock { refused in try load(mark, now, &refused) }
    }

    /// The state in service, if it is still that of the store whose imports stand at `imports`; nil when one must be
    /// loaded. A few microseconds; blocks on nothing.
    func current(now: Int, imports: Int) -> Loaded? {
        guard let loaded = published.value, loaded.mark == mark(now, imports) else { return nil }
        return loaded
    }

    /// The state in service, however old; nil before the first. Blocks on nothing.
    var inService: Loaded? { published.value }

    /// Keeps measurements, and makes the next ranking know them. Returns how many were new.
    func record(_ measurements: [Marketplace.Measurement]) throws -> Int {
        try changing.withLock { _ in
            let new = try store.record(measurements)
            if let loaded = published.value, !new.isEmpty {
                let (market, refused) = loaded.market.recording(new)
                if !refused.isEmpty {
                    logger.warning("measurements that models cannot take in", metadata: ["count": "\(refused.count)"])
                }
                published.publish(Loaded(market, loaded.mark, after: loaded))
            }
            return new.count
        }
    }

    /// Runs blocking work away from the event loops.
    func compute<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            workers.async { continuation.resume(with: Result { try body() }) }
        }
    }

    private func load(_ mark: Mark, _ now: Int, _ refused: inout Set<String>) throws -> Loaded {
        let before = published.value
        if let before {
            if before.mark == mark { return before }
            var sameHour = before.mark
            sameHour.hour = mark.hour
            if sameHour == mark {
                let loaded = Loaded(try before.market.inHour(of: now), mark, after: before)
                published.publish(loaded)
                return loaded
            }
            // A pointer that was set anew may name a version that has been mended.
            if before.mark.champion != mark.champion { refused = [] }
        }
        do {
            let market = try Market(
                store: store, models: models, now: now, previous: before?.market, refused: refused)
            report(market)
            let loaded = Loaded(market, mark, after: before)
            published.publish(loaded)
            if let opened = market.opened { verify(opened, before?.market, now) }
            return loaded
        } catch {
            guard let before else { throw error }
            logger.error("the new state cannot be loaded; the old one stays", metadata: ["reason": "\(error)"])
            return before
        }
    }

    private func report(_ market: Market) {
        if let absence = market.modelAbsence {
            logger.warning(
                market.model == nil ? "no preference model" : "the preference model before stays",
                metadata: ["reason": "\(absence)"])
        }
        if let absence = market.qosAbsence {
            logger.warning(
                market.qos == nil ? "no model of performance: the catalogue tells it" : "the QoS models before stay",
                metadata: ["reason": "\(absence)"])
        }
        logger.info(
            "market loaded",
            metadata: [
                "offers": "\(market.catalog.offers.count)", "catalog": "\(market.catalog.version)",
                "model": "\(market.model?.version ?? "none")", "qos": "\(market.qos?.fingerprint ?? "none")"
            ])
    }

    /// Reads a model that was opened in full, in the background; one that is broken gives its place back.
    private func verify(_ opened: OpenModel, _ before: Market?, _ now: Int) {
        checks.async { [self] in
            do {
                try opened.verify()
            } catch {
                let version = opened.manifest.version
                logger.error("the champion is broken and taken out of service", metadata: ["reason": "\(error)"])
                changing.withLock { refused in
                    refused.insert(version)
                    guard let loaded = published.value, loaded.market.model?.version == version,
                        let market = try? Market(
                            store: store, models: models, now: now, previous: before, refused: refused)
                    else { return }
                    report(market)
                    published.publish(Loaded(market, loaded.mark, after: loaded))
                }
            }
        }
    }

    /// Waits until every model that was opened has been read in full.
    func verified() async { await withCheckedContinuation { done in checks.async { done.resume() } } }

    /// What decides whether a state is still the latest.
    private func mark(_ now: Int, _ revision: Int) -> Mark {
        Mark(
            revision: revision, champion: FileStamp(path: models + "/champion"),
            qosChampion: FileStamp(path: models + "/qos/champion"), hour: Market.hour(now))
    }
}
